#include "common/calendar/window.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/calendar/window_bounds.h"
#include "common/status/error.h"
#include "common/status/macros.h"

namespace metricstore::calendar {
namespace {

constexpr int32_t kDaySeconds = 86400;

absl::Status WindowInvalid(const std::string& field, const std::string& description) {
  return status::ErrorBuilder(absl::StatusCode::kInvalidArgument, "DEFINITION_INVALID",
                              absl::StrCat(field, ": ", description))
      .Metadata("field", field)
      .Field(field, description)
      .Build();
}

absl::Status CheckSessionName(const std::string& session, const Calendar& calendar) {
  if (calendar.HasSession(session)) return absl::OkStatus();
  return WindowInvalid("window.session", UnknownSessionText(calendar, session));
}

absl::Status CheckEdge(const Window& window) {
  if (window.length < absl::Seconds(1) || window.length > absl::Hours(24)) {
    return WindowInvalid("window.length", kEdgeBounds);
  }
  if (window.length != absl::Floor(window.length, absl::Seconds(1))) {
    return WindowInvalid("window.length", "the length of a first or last window is whole seconds");
  }
  return absl::OkStatus();
}

absl::Status CheckRange(const Window& window) {
  if (window.from_second < 0 || window.from_second >= kDaySeconds) {
    return WindowInvalid("window.from", "is 00:00 to 23:59:59");
  }
  if (window.to_second < 1 || window.to_second > kDaySeconds) {
    return WindowInvalid("window.to", "is 00:00:01 to 24:00");
  }
  if (window.from_second == window.to_second) {
    return WindowInvalid("window.to", "is not equal to from");
  }
  return absl::OkStatus();
}

absl::Status CheckBase(const Window& window, const Calendar& calendar) {
  switch (window.kind) {
    case WindowKind::kFullDay:
      return absl::OkStatus();
    case WindowKind::kSession:
      return CheckSessionName(window.session, calendar);
    case WindowKind::kFirst:
    case WindowKind::kLast:
      RETURN_IF_ERROR(CheckEdge(window));
      return CheckSessionName(window.session, calendar);
    case WindowKind::kRange:
      RETURN_IF_ERROR(CheckRange(window));
      return window.session.empty() ? absl::OkStatus() : CheckSessionName(window.session, calendar);
  }
  return WindowInvalid("window.kind", "is not known");
}

absl::Status CheckCount(int32_t count, int32_t most, const std::string& field,
                        const std::string& bounds) {
  if (count >= 1 && count <= most) return absl::OkStatus();
  return WindowInvalid(field, bounds);
}

absl::Status CheckRolling(const Window& window) {
  const std::string bounds = RollingBounds(window.unit);
  switch (window.unit) {
    case RollingUnit::kSessions:
      return CheckCount(window.count, kMaxRollingSessions, "window.rolling", bounds);
    case RollingUnit::kDays:
      return CheckCount(window.count, kMaxRollingDays, "window.rolling", bounds);
    case RollingUnit::kHours:
      return CheckCount(window.count, kMaxRollingHours, "window.rolling", bounds);
  }
  return WindowInvalid("window.rolling", "counts sessions, days or hours");
}

absl::Status CheckPeriod(Grain period, Grain grain) {
  if (period < Grain::kDay || period > Grain::kYear) {
    return WindowInvalid("window.to_date", "is day, week, month, quarter or year");
  }
  if (period < grain) {
    return WindowInvalid("window.to_date", absl::StrCat("a ", std::string(GrainName(period)),
                                                        " is shorter than a bucket of grain ",
                                                        std::string(GrainName(grain))));
  }
  return absl::OkStatus();
}

}  // namespace

std::string UnknownSessionText(const Calendar& calendar, std::string_view name) {
  constexpr size_t kMostNamed = 12;
  std::vector<std::string> names;
  for (const std::string_view known : calendar.SessionNames()) names.emplace_back(known);
  const std::string closest = status::ClosestMatch(name, names);
  const size_t others = names.size() - std::min(names.size(), kMostNamed);
  if (others > 0) names.resize(kMostNamed);
  return absl::StrCat(
      "calendar ", calendar.spec().name, " has no session \"", std::string(name), "\"; ",
      closest.empty() ? "its sessions: "
                      : absl::StrCat("did you mean \"", closest, "\"? Its sessions: "),
      absl::StrJoin(names, ", "), others > 0 ? absl::StrCat(" and ", others, " more") : "");
}

absl::Status CheckWindow(const Window& window, const Calendar& calendar, Grain grain) {
  RETURN_IF_ERROR(CheckBase(window, calendar));
  switch (window.reach) {
    case WindowReach::kBucket:
      return absl::OkStatus();
    case WindowReach::kRolling:
      return CheckRolling(window);
    case WindowReach::kToDate:
      return CheckPeriod(window.period, grain);
    case WindowReach::kPrevious:
      return CheckCount(window.count, kMaxPrevious, "window.previous", PreviousBounds());
  }
  return WindowInvalid("window.reach", "is not known");
}

}  // namespace metricstore::calendar
