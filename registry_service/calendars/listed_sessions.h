// The sessions of a calendar's dates, page by page.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "common/calendar/calendar.h"
#include "common/time/iso8601.h"

namespace metricstore::registry {

// Where a session stands in a list of sessions.
struct SessionPosition {
  absl::CivilDay date;  // the trade date
  size_t before = 0;    // sessions of the date that are listed before it
};

// A session on its trade date. Names are valid as long as the calendar.
struct SessionOnDate {
  SessionPosition position;
  calendar::Session session;
  std::vector<TimeRange> breaks;        // between its pieces
  std::vector<std::string_view> notes;  // why the date is not an ordinary one
};

struct SessionPage {
  std::vector<SessionOnDate> sessions;
  std::optional<SessionPosition> next;  // of the first session of the next page, if there is one
};

// At most `limit` sessions of `dates` from `from` on (from the first if unset), by date and open;
// only those of that name if `name` is not empty. INVALID_ARGUMENT: FIELD_INVALID "dates" as
// CheckKnownDates; FIELD_INVALID "session" (metadata suggestion if one is near) for a name that no
// session has; PAGE_TOKEN_INVALID if `from` lies outside of `dates`.
absl::StatusOr<SessionPage> ListSessions(const calendar::Calendar& calendar, const DateRange& dates,
                                         std::string_view name,
                                         const std::optional<SessionPosition>& from, size_t limit);

}  // namespace metricstore::registry
