#include "common/calendar/window.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/calendar/spec_check.h"
#include "common/status/error.h"
#include "common/status/macros.h"

namespace metricstore::calendar {
namespace {

constexpr int32_t kDaySeconds = 86400;
constexpr std::string_view kFullDay = "full_day";
constexpr std::string_view kFirst = "first_";
constexpr std::string_view kLast = "last_";
// The session that first_30m and last_1h mean.
constexpr std::string_view kMainSession = "rth";

absl::StatusOr<Window> EdgeWindow(WindowKind kind, std::string_view span) {
  Window window;
  window.kind = kind;
  window.session = kMainSession;
  ASSIGN_OR_RETURN(window.length, ParseSpan("window", span));
  return window;
}

std::string ClockText(int32_t second) {
  const std::string minutes = absl::StrFormat("%02d:%02d", second / 3600, second / 60 % 60);
  return second % 60 == 0 ? minutes : absl::StrFormat("%s:%02d", minutes, second % 60);
}

std::string EdgeText(std::string_view edge, const Window& window) {
  const std::string name = std::string(edge) + FormatSpan(window.length);
  return window.session == kMainSession ? name : absl::StrCat(name, " of ", window.session);
}

absl::Status WindowInvalid(const std::string& field, const std::string& description) {
  return status::ErrorBuilder(absl::StatusCode::kInvalidArgument, "DEFINITION_INVALID",
                              absl::StrCat(field, ": ", description))
      .Metadata("field", field)
      .Field(field, description)
      .Build();
}

absl::Status CheckSessionName(const std::string& session, const Calendar& calendar) {
  if (calendar.HasSession(session)) return absl::OkStatus();
  std::vector<std::string> names;
  for (const SessionRule& rule : calendar.spec().sessions) names.push_back(rule.name);
  const std::string closest = status::ClosestMatch(session, names);
  std::string description =
      absl::StrCat("calendar ", calendar.spec().name, " has no session \"", session, "\"");
  if (!closest.empty()) absl::StrAppend(&description, "; did you mean \"", closest, "\"?");
  return WindowInvalid("window.session", description);
}

// The part of `range` inside `bounds` goes to `out`, unless it is empty.
void AppendCut(const TimeRange& range, const TimeRange& bounds, std::vector<TimeRange>& out) {
  const TimeRange cut{std::max(range.start, bounds.start), std::min(range.end, bounds.end)};
  if (cut.start < cut.end) out.push_back(cut);
}

// Where the trade date starts on the evening before, its clock shows 19:00 on that evening: the
// neighbouring civil days are asked too.
std::vector<TimeRange> ClockRange(const Calendar& calendar, const Window& window,
                                  absl::CivilDay date, const TimeRange& bounds) {
  std::vector<TimeRange> slices;
  for (absl::CivilDay day = date - 1; day <= date + 1; ++day) {
    const absl::CivilSecond midnight(day);
    AppendCut({absl::FromCivil(midnight + window.from_second, calendar.zone()),
               absl::FromCivil(midnight + window.to_second, calendar.zone())},
              bounds, slices);
  }
  return slices;
}

}  // namespace

absl::StatusOr<Window> ParseWindowName(std::string_view name) {
  if (name == kFullDay) return Window{};
  if (name.substr(0, kFirst.size()) == kFirst) {
    return EdgeWindow(WindowKind::kFirst, name.substr(kFirst.size()));
  }
  if (name.substr(0, kLast.size()) == kLast) {
    return EdgeWindow(WindowKind::kLast, name.substr(kLast.size()));
  }
  if (!IsSessionName(name)) {
    return status::FieldInvalid("window", name,
                                "expected full_day, first_30m, last_1h or a session's name");
  }
  Window window;
  window.kind = WindowKind::kSession;
  window.session = name;
  return window;
}

std::string WindowText(const Window& window) {
  switch (window.kind) {
    case WindowKind::kFullDay:
      return std::string(kFullDay);
    case WindowKind::kSession:
      return window.session;
    case WindowKind::kFirst:
      return EdgeText(kFirst, window);
    case WindowKind::kLast:
      return EdgeText(kLast, window);
    case WindowKind::kRange:
      break;
  }
  const std::string range =
      absl::StrCat(ClockText(window.from_second), "-", ClockText(window.to_second));
  return window.session.empty() ? range : absl::StrCat(range, " of ", window.session);
}

absl::Status CheckWindow(const Window& window, const Calendar& calendar) {
  if (window.kind == WindowKind::kFullDay) return absl::OkStatus();
  if (window.kind == WindowKind::kRange) {
    if (window.from_second < 0 || window.to_second > kDaySeconds ||
        window.from_second >= window.to_second) {
      return WindowInvalid("window.from", "local times are 00:00 to 24:00, from before to");
    }
    return window.session.empty() ? absl::OkStatus() : CheckSessionName(window.session, calendar);
  }
  const bool edge = window.kind == WindowKind::kFirst || window.kind == WindowKind::kLast;
  if (edge && (window.length < absl::Seconds(1) || window.length > absl::Hours(24))) {
    return WindowInvalid("window.length", "is 1s to 24h");
  }
  return CheckSessionName(window.session, calendar);
}

std::vector<TimeRange> ResolveWindow(const Calendar& calendar, const Window& window,
                                     absl::CivilDay date) {
  TimeRange range = calendar.ExtentOf(date);
  if (window.kind != WindowKind::kFullDay && !window.session.empty()) {
    const auto session = calendar.SessionOn(date, window.session);
    if (!session) return {};
    range = *session;
  }
  if (window.kind == WindowKind::kRange) return ClockRange(calendar, window, date, range);
  if (window.kind == WindowKind::kFirst)
    range.end = std::min(range.end, range.start + window.length);
  if (window.kind == WindowKind::kLast)
    range.start = std::max(range.start, range.end - window.length);
  // A civil day that the zone skipped is empty.
  if (range.start >= range.end) return {};
  return {range};
}

}  // namespace metricstore::calendar
