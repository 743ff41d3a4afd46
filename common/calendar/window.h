// Windows: which rows a metric sees for each step of its grain, as people write them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/calendar/calendar.h"
#include "common/time/grain.h"

namespace metricstore::calendar {

// What a window shows of one trade date, its base. Values equal those of the proto enum
// metricstore.registry.v1.Window.Kind.
enum class WindowKind { kFullDay = 1, kSession = 2, kFirst = 3, kLast = 4, kRange = 5 };

// Of which dates, seen from a bucket, the base is shown.
enum class WindowReach {
  kBucket = 0,   // of the bucket's own
  kRolling = 1,  // of the last `count` sessions, days or hours, up to the bucket's end
  kToDate = 2,   // from the start of the period that holds the last date shown of the bucket
  kPrevious = 3  // of the `count`-th bucket before, among those in which the base shows something
};

// Values equal those of the proto enum metricstore.registry.v1.Window.RollingUnit.
enum class RollingUnit { kSessions = 1, kDays = 2, kHours = 3 };

// See proto metricstore.registry.v1.Window.
struct Window {
  WindowKind kind = WindowKind::kFullDay;
  std::string session;      // kSession, kFirst, kLast; optional for kRange
  absl::Duration length;    // kFirst, kLast: by the clock; a break inside counts, but is not shown
  int32_t from_second = 0;  // kRange
  int32_t to_second = 0;    // kRange, exclusive; before from_second: of the next civil day

  WindowReach reach = WindowReach::kBucket;
  int32_t count = 0;                          // kRolling, kPrevious: from 1
  RollingUnit unit = RollingUnit::kSessions;  // kRolling
  Grain period = Grain::kDay;                 // kToDate: day, week, month, quarter, year
  friend bool operator==(const Window&, const Window&) = default;
};

inline constexpr int32_t kMaxRollingSessions = 5000;
inline constexpr int32_t kMaxRollingDays = 7400;  // 20 years
inline constexpr int32_t kMaxRollingHours = 24 * 400;
inline constexpr int32_t kMaxPrevious = 1000;

// Reads the text of a window:
//   base    full_day, a session's name, first_30m or last_1h [of SESSION] (else of "rth"),
//           09:30-10:00 [of SESSION]; 18:00-02:00 crosses midnight
//   window  BASE, rolling_20_sessions, rolling_30d, rolling_24h, day_to_date, week_to_date,
//           month_to_date, quarter_to_date, year_to_date, previous or previous_2, each [of BASE]
//           (else of full_day)
// "rolling_20_sessions of first_30m of globex". INVALID_ARGUMENT (FIELD_INVALID "window") for any
// other text, with what was most likely meant (metadata suggestion), or with the forms.
absl::StatusOr<Window> ParseWindow(std::string_view text);
// The shortest text that ParseWindow reads as this window.
std::string WindowText(const Window& window);

// What is wrong with the name of a session that the calendar does not have, with what it has:
//   calendar XNYS has no session "rht"; did you mean "rth"? Its sessions: pre, rth, post
std::string UnknownSessionText(const Calendar& calendar, std::string_view name);

// INVALID_ARGUMENT (DEFINITION_INVALID, field "window...") if the window names a session that the
// calendar has not (with a suggestion), makes no sense, or is to date of a period that is shorter
// than `grain`.
absl::Status CheckWindow(const Window& window, const Calendar& calendar, Grain grain);

}  // namespace metricstore::calendar
