#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "common/calendar/spec_check.h"
#include "common/calendar/window.h"
#include "common/calendar/window_bounds.h"
#include "common/status/error.h"

namespace metricstore::calendar {
namespace {

constexpr int32_t kDaySeconds = 86400;
constexpr char kFullDay[] = "full_day";
constexpr char kOf[] = " of ";
// The session that first_30m and last_1h mean.
constexpr std::string_view kMainSession = "rth";
constexpr size_t kMaxDigits = 6;
// A reach of an edge of a session with the longest name has less.
constexpr size_t kMaxTextBytes = 200;
constexpr std::string_view kForms =
    "expected full_day, a session's name, first_30m or last_1h [of SESSION], or 09:30-10:00 [of "
    "SESSION]; or rolling_20_sessions, rolling_30d, rolling_24h, month_to_date (day, week, "
    "quarter, year), previous or previous_2, each [of one of the former]";

using Parts = std::vector<std::string_view>;

bool ConsumePrefix(std::string_view* text, std::string_view prefix) {
  if (!text->starts_with(prefix)) return false;
  text->remove_prefix(prefix.size());
  return true;
}

bool ConsumeSuffix(std::string_view* text, std::string_view suffix) {
  if (!text->ends_with(suffix)) return false;
  text->remove_suffix(suffix.size());
  return true;
}

Parts Split(std::string_view text, std::string_view separator) {
  Parts parts;
  for (size_t end = text.find(separator); end != text.npos; end = text.find(separator)) {
    parts.push_back(text.substr(0, end));
    text.remove_prefix(end + separator.size());
  }
  parts.push_back(text);
  return parts;
}

// Digits alone, without a leading zero.
std::optional<int32_t> Count(std::string_view digits) {
  if (digits.empty() || digits.size() > kMaxDigits || digits[0] < '1' || digits[0] > '9') {
    return std::nullopt;
  }
  int32_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

// Two digits, less than `bound`.
std::optional<int32_t> TwoDigits(std::string_view text, int32_t bound) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (text.size() != 2 || !digit(text[0]) || !digit(text[1])) return std::nullopt;
  const int32_t value = (text[0] - '0') * 10 + (text[1] - '0');
  if (value >= bound) return std::nullopt;
  return value;
}

// "09:30", "09:30:05", "24:00".
std::optional<int32_t> ClockSecond(std::string_view text) {
  if (text == "24:00") return kDaySeconds;
  if ((text.size() != 5 && text.size() != 8) || text[2] != ':') return std::nullopt;
  if (text.size() == 8 && text[5] != ':') return std::nullopt;
  const auto hours = TwoDigits(text.substr(0, 2), 24);
  const auto minutes = TwoDigits(text.substr(3, 2), 60);
  const auto seconds = text.size() == 8 ? TwoDigits(text.substr(6), 60) : 0;
  if (!hours || !minutes || !seconds) return std::nullopt;
  return *hours * 3600 + *minutes * 60 + *seconds;
}

std::string ClockText(int32_t second) {
  const std::string minutes = absl::StrFormat("%02d:%02d", second / 3600, second / 60 % 60);
  return second % 60 == 0 ? minutes : absl::StrFormat("%s:%02d", minutes, second % 60);
}

// "first_30m", "last_1h".
bool ReadEdge(std::string_view text, Window& window) {
  window.kind = text.starts_with("first_") ? WindowKind::kFirst : WindowKind::kLast;
  if (!ConsumePrefix(&text, "first_") && !ConsumePrefix(&text, "last_")) return false;
  const auto length = ParseSpan("window", text);
  if (!length.ok()) return false;
  window.session = kMainSession;
  window.length = *length;
  return true;
}

// "09:30-10:00".
bool ReadRange(std::string_view text, Window& window) {
  const Parts ends = Split(text, "-");
  if (ends.size() != 2) return false;
  const auto from = ClockSecond(ends[0]);
  const auto to = ClockSecond(ends[1]);
  if (!from || !to || *from == kDaySeconds || *to == 0 || *from == *to) return false;
  window.kind = WindowKind::kRange;
  window.from_second = *from;
  window.to_second = *to;
  return true;
}

bool ReadBase(const Parts& parts, Window& window) {
  if (parts.empty()) return true;
  if (ReadEdge(parts[0], window) || ReadRange(parts[0], window)) {
    if (parts.size() == 2) window.session = parts[1];
    return parts.size() == 1 ||
           (parts.size() == 2 && IsSessionName(parts[1]) && !IsReservedName(parts[1]));
  }
  window.kind = WindowKind::kFullDay;
  if (parts.size() != 1 || parts[0] == kFullDay) return parts.size() == 1;
  window.kind = WindowKind::kSession;
  window.session = parts[0];
  return IsSessionName(parts[0]) && !IsReservedName(parts[0]);
}

// "20_sessions", "30d", "24h".
bool ReadRolling(std::string_view text, Window& window) {
  window.reach = WindowReach::kRolling;
  if (ConsumeSuffix(&text, "_sessions")) {
    window.unit = RollingUnit::kSessions;
  } else if (ConsumeSuffix(&text, "d")) {
    window.unit = RollingUnit::kDays;
  } else if (ConsumeSuffix(&text, "h")) {
    window.unit = RollingUnit::kHours;
  } else {
    return false;
  }
  const auto count = Count(text);
  window.count = count.value_or(0);
  return count.has_value();
}

bool ReadPrevious(std::string_view text, Window& window) {
  window.reach = WindowReach::kPrevious;
  window.count = 1;
  if (text.empty()) return true;
  if (!ConsumePrefix(&text, "_")) return false;
  const auto count = Count(text);
  window.count = count.value_or(0);
  return count.has_value();
}

// False for a text that is no reach.
bool ReadReach(std::string_view text, Window& window) {
  if (ConsumePrefix(&text, "rolling_")) return ReadRolling(text, window);
  if (ConsumePrefix(&text, "previous")) return ReadPrevious(text, window);
  if (!ConsumeSuffix(&text, "_to_date")) return false;
  const auto period = ParseGrain(text);
  window.reach = WindowReach::kToDate;
  window.period = period.value_or(Grain::kHour);
  return window.period != Grain::kHour;
}

std::optional<Window> Read(std::string_view text) {
  if (text.size() > kMaxTextBytes) return std::nullopt;
  Parts parts = Split(text, kOf);
  Window window;
  if (ReadReach(parts[0], window)) {
    parts.erase(parts.begin());
  } else {
    window = Window{};
  }
  if (!ReadBase(parts, window)) return std::nullopt;
  return window;
}

// The unit of "20_session", "30 Days", "45min" as windows write it behind such a word; "" for none.
std::string UnitFor(std::string_view word, std::string_view unit) {
  if (word == "rolling" && unit.starts_with("sess")) return "_sessions";
  const bool month = unit.starts_with("mo");
  const std::string_view letters = word == "rolling" ? "dh" : "hms";
  if (unit.empty() || month || letters.find(unit[0]) == letters.npos) return "";
  return std::string(unit.substr(0, 1));
}

// "rolling_20_session" -> "rolling_20_sessions", "first 30min" -> "first_30m"; "" for other parts.
std::string CountedForm(std::string_view part) {
  for (const std::string_view word : {"rolling", "first", "last", "previous"}) {
    std::string_view rest = part;
    if (!ConsumePrefix(&rest, word)) continue;
    std::string letters(rest);
    std::erase_if(letters, [](char c) { return c == '_' || c == '-' || c == ' '; });
    const size_t digits = std::min(letters.find_first_not_of("0123456789"), letters.size());
    if (digits == 0) return "";
    const std::string unit = UnitFor(word, std::string_view(letters).substr(digits));
    return absl::StrCat(std::string(word), "_", letters.substr(0, digits), unit);
  }
  return "";
}

// "9:30-16:00" -> "09:30-16:00"; "" for other parts.
std::string ClockForm(std::string_view part) {
  if (part.find(':') == part.npos) return "";
  std::string form;
  for (const std::string_view end : Split(part, "-")) {
    absl::StrAppend(&form, form.empty() ? "" : "-", end.find(':') == 1 ? "0" : "",
                    std::string(end));
  }
  return form;
}

// What a text that is no window was most likely meant to be: another case, other separators,
// another form of a unit. It may be none either.
std::string LikelyForm(std::string_view text) {
  if (text.size() > kMaxTextBytes) return "";
  const std::string lower = absl::AsciiStrToLower(
      absl::StripAsciiWhitespace(absl::string_view(text.data(), text.size())));
  std::string form;
  for (const std::string_view part : Split(lower, kOf)) {
    std::string likely = CountedForm(part);
    if (likely.empty()) likely = ClockForm(part);
    if (likely.empty()) likely = absl::StrReplaceAll(std::string(part), {{"-", "_"}, {" ", "_"}});
    absl::StrAppend(&form, form.empty() ? "" : kOf, likely);
  }
  return form;
}

// A number that no window has, though it is written as one: all zeros, or too long.
bool IsOutOfBounds(std::string_view digits) {
  if (digits.empty() || digits.find_first_not_of("0123456789") != digits.npos) return false;
  return digits.size() > kMaxDigits || digits.find_first_not_of('0') == digits.npos;
}

// "first_0m" -> what a first window's length may be; "" for what is otherwise wrong, or right.
std::string BoundsOf(std::string_view part) {
  if (ConsumePrefix(&part, "previous_")) return IsOutOfBounds(part) ? PreviousBounds() : "";
  if (ConsumePrefix(&part, "rolling_")) {
    RollingUnit unit = RollingUnit::kHours;
    if (ConsumeSuffix(&part, "_sessions")) {
      unit = RollingUnit::kSessions;
    } else if (ConsumeSuffix(&part, "d")) {
      unit = RollingUnit::kDays;
    } else if (!ConsumeSuffix(&part, "h")) {
      return "";
    }
    return IsOutOfBounds(part) ? RollingBounds(unit) : "";
  }
  if (!ConsumePrefix(&part, "first_") && !ConsumePrefix(&part, "last_")) return "";
  if (part.empty() || std::string_view("dhms").find(part.back()) == std::string_view::npos) {
    return "";
  }
  return IsOutOfBounds(part.substr(0, part.size() - 1)) ? kEdgeBounds : "";
}

absl::Status WithSuggestion(std::string_view text, const std::string& meant) {
  const std::string why = absl::StrCat("is no window; did you mean \"", meant, "\"?");
  return status::ErrorBuilder(absl::StatusCode::kInvalidArgument, "FIELD_INVALID",
                              absl::StrCat("window \"", std::string(text), "\" ", why))
      .Metadata("field", "window")
      .Metadata("value", text)
      .Metadata("suggestion", meant)
      .Field("window", why)
      .Build();
}

std::string BaseText(const Window& window) {
  std::string text;
  switch (window.kind) {
    case WindowKind::kFullDay:
      return kFullDay;
    case WindowKind::kSession:
      return window.session;
    case WindowKind::kFirst:
    case WindowKind::kLast:
      text = absl::StrCat(window.kind == WindowKind::kFirst ? "first_" : "last_",
                          FormatSpan(window.length));
      if (window.session == kMainSession) return text;
      break;
    case WindowKind::kRange:
      text = absl::StrCat(ClockText(window.from_second), "-", ClockText(window.to_second));
      if (window.session.empty()) return text;
      break;
  }
  return absl::StrCat(text, kOf, window.session);
}

std::string RollingText(const Window& window) {
  switch (window.unit) {
    case RollingUnit::kSessions:
      return absl::StrCat("rolling_", window.count, "_sessions");
    case RollingUnit::kDays:
      return absl::StrCat("rolling_", window.count, "d");
    case RollingUnit::kHours:
      break;
  }
  return absl::StrCat("rolling_", window.count, "h");
}

// A window that CheckWindow has not seen may hold any number.
std::string_view PeriodName(Grain period) {
  return period < Grain::kHour || period > Grain::kYear ? "unknown" : GrainName(period);
}

std::string ReachText(const Window& window) {
  switch (window.reach) {
    case WindowReach::kBucket:
      break;
    case WindowReach::kRolling:
      return RollingText(window);
    case WindowReach::kToDate:
      return std::string(PeriodName(window.period)) + "_to_date";
    case WindowReach::kPrevious:
      return window.count == 1 ? "previous" : absl::StrCat("previous_", window.count);
  }
  return "";
}

}  // namespace

absl::StatusOr<Window> ParseWindow(std::string_view text) {
  if (const auto window = Read(text)) return *window;
  if (text.size() <= kMaxTextBytes) {
    for (const std::string_view part : Split(text, kOf)) {
      const std::string bounds = BoundsOf(part);
      if (!bounds.empty()) return status::FieldInvalid("window", text, bounds);
    }
  }
  const std::string meant = LikelyForm(text);
  if (meant.empty() || !Read(meant)) return status::FieldInvalid("window", text, kForms);
  return WithSuggestion(text, meant);
}

std::string WindowText(const Window& window) {
  const std::string reach = ReachText(window);
  if (reach.empty()) return BaseText(window);
  if (window.kind == WindowKind::kFullDay) return reach;
  return absl::StrCat(reach, kOf, BaseText(window));
}

}  // namespace metricstore::calendar
