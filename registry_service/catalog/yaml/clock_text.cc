#include "registry_service/catalog/yaml/clock_text.h"

#include "absl/strings/str_format.h"

namespace metricstore::registry {
namespace {

constexpr int kSecondsPerDay = 86'400;

// The two digits at `place`, or nullopt.
std::optional<int> TwoDigits(std::string_view text, size_t place) {
  if (place + 2 > text.size()) return std::nullopt;
  const auto digit = [&](size_t i) { return text[i] - '0'; };
  for (size_t i = place; i < place + 2; ++i) {
    if (digit(i) < 0 || digit(i) > 9) return std::nullopt;
  }
  return digit(place) * 10 + digit(place + 1);
}

}  // namespace

std::optional<calendar::LocalTime> ParseLocalTime(std::string_view text) {
  calendar::LocalTime time;
  const std::string_view suffix = text.size() > 3 ? text.substr(text.size() - 3) : "";
  if (suffix == "-1d" || suffix == "+1d") {
    time.day_offset = suffix[0] == '-' ? -1 : 1;
    text.remove_suffix(3);
  }
  const bool with_seconds = text.size() == 8;
  if (text.size() != 5 && !with_seconds) return std::nullopt;
  if (text[2] != ':' || (with_seconds && text[5] != ':')) return std::nullopt;
  const auto hour = TwoDigits(text, 0);
  const auto minute = TwoDigits(text, 3);
  const auto second = with_seconds ? TwoDigits(text, 6) : std::optional<int>(0);
  if (!hour || !minute || !second || *minute > 59 || *second > 59) return std::nullopt;
  time.second_of_day = *hour * 3600 + *minute * 60 + *second;
  if (time.second_of_day > kSecondsPerDay) return std::nullopt;
  return time;
}

std::string FormatLocalTime(const calendar::LocalTime& time) {
  const int32_t second = time.second_of_day;
  std::string text = absl::StrFormat("%02d:%02d", second / 3600, second / 60 % 60);
  if (second % 60 != 0) absl::StrAppendFormat(&text, ":%02d", second % 60);
  if (time.day_offset != 0) text.append(time.day_offset < 0 ? "-1d" : "+1d");
  return text;
}

const std::vector<std::string>& ObservanceNames() {
  static const auto* const names = new std::vector<std::string>{
      "nearest_weekday", "sunday_to_monday", "weekend_to_monday", "weekend_to_friday"};
  return *names;
}

const std::vector<std::string>& WeekdayNames() {
  static const auto* const names =
      new std::vector<std::string>{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
  return *names;
}

}  // namespace metricstore::registry
