// Calendars as rows of the table `calendars`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/calendar/calendar.h"
#include "common/pg/pool.h"
#include "registry_service/calendars/calendar_store.h"

namespace metricstore::registry {

// The newest versions of the stored ones of these calendars, by name. INTERNAL for rows that no
// release wrote; errors of Transaction::Execute.
absl::StatusOr<std::vector<StoredCalendar>> LoadNewestCalendars(
    pg::Transaction& transaction, int32_t project_id, const std::vector<std::string>& names);

// A calendar made of its stored definition. INTERNAL for one that no release wrote.
absl::StatusOr<StoredCalendar> StoredCalendarFrom(std::string_view definition, int version,
                                                  absl::Time create_time);

// Stores a new version. Errors of Transaction::Execute.
absl::Status SaveCalendarVersion(pg::Transaction& transaction, int32_t project_id,
                                 const calendar::CalendarSpec& spec, int version);

}  // namespace metricstore::registry
