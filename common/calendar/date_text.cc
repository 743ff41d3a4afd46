#include "common/calendar/date_text.h"

#include "absl/strings/str_cat.h"

namespace metricstore::calendar {

std::string DatesText(DateRange dates) {
  if (dates.start >= dates.end) {
    return absl::StrCat(FormatDate(dates.start), "/", FormatDate(dates.end));
  }
  const absl::CivilDay last = dates.end - 1;
  if (last == dates.start) return FormatDate(last);
  return absl::StrCat(FormatDate(dates.start), " to ", FormatDate(last));
}

std::string KnownDatesText(const Calendar& calendar) {
  const CalendarSpec& spec = calendar.spec();
  return absl::StrCat("calendar ", spec.name, " knows ", FormatDate(spec.first_date), " to ",
                      FormatDate(spec.last_date));
}

}  // namespace metricstore::calendar
