#include "registry_service/calendars/calendar_rows.h"

#include <algorithm>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "registry_service/calendars/calendar_json.h"
#include "registry_service/calendars/calendar_statements.h"

namespace metricstore::registry {

absl::StatusOr<std::vector<StoredCalendar>> LoadNewestCalendars(
    pg::Transaction& transaction, int32_t project_id, const std::vector<std::string>& names) {
  const pg::Params params = pg::Params().Add(project_id).AddArray(names);
  ASSIGN_OR_RETURN(const pg::Result rows, transaction.Execute(kSelectNewestCalendars, params));
  std::vector<StoredCalendar> calendars;
  for (const pg::Row row : rows) {
    ASSIGN_OR_RETURN(StoredCalendar stored,
                     StoredCalendarFrom(row.Text(2), row.Int32(1), row.Time(3)));
    calendars.push_back(std::move(stored));
  }
  std::sort(calendars.begin(), calendars.end(), [](const auto& a, const auto& b) {
    return a.calendar->spec().name < b.calendar->spec().name;
  });
  return calendars;
}

absl::StatusOr<StoredCalendar> StoredCalendarFrom(std::string_view definition, int version,
                                                  absl::Time create_time) {
  ASSIGN_OR_RETURN(calendar::CalendarSpec spec, CalendarFromJson(definition));
  auto calendar = calendar::Calendar::Create(std::move(spec), version);
  if (!calendar.ok()) {
    return status::InternalError(
        absl::StrCat("stored calendar cannot be used: ", calendar.status().message()));
  }
  return StoredCalendar{*std::move(calendar), create_time};
}

absl::Status SaveCalendarVersion(pg::Transaction& transaction, int32_t project_id,
                                 const calendar::CalendarSpec& spec, int version) {
  pg::Params params;
  params.Add(project_id).Add(spec.name).Add(version).Add(CalendarToJson(spec));
  return transaction.Execute(kInsertCalendarVersion, params).status();
}

}  // namespace metricstore::registry
