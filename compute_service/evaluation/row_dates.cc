#include "compute_service/evaluation/row_dates.h"

#include <optional>
#include <set>

#include "absl/strings/str_cat.h"
#include "common/calendar/buckets.h"
#include "common/status/error.h"
#include "common/status/macros.h"

namespace metricstore::compute {
namespace {

bool Contains(const TimeRange& range, absl::Time time) {
  return time >= range.start && time < range.end;
}

absl::Status Unknown(const std::string& time_column, absl::Time time,
                     const calendar::Calendar& calendar) {
  const calendar::CalendarSpec& spec = calendar.spec();
  return status::ErrorBuilder(
             absl::StatusCode::kInvalidArgument, "BATCH_INVALID",
             absl::StrCat("column \"", time_column, "\": the bucket of ", FormatInstant(time),
                          " is outside of what calendar ", spec.name, " knows, ",
                          FormatDate(spec.first_date), " to ", FormatDate(spec.last_date)))
      .Metadata("column", time_column)
      .Build();
}

// Ranges that touch become one.
std::vector<DateRange> Merged(const std::set<absl::CivilDay>& dates,
                              const calendar::Calendar& calendar, Grain grain) {
  std::vector<DateRange> ranges;
  for (const absl::CivilDay date : dates) {
    const DateRange bucket = calendar::AlignToGrain(calendar, grain, {date, date + 1});
    if (!ranges.empty() && bucket.start <= ranges.back().end) {
      ranges.back().end = bucket.end;
    } else {
      ranges.push_back(bucket);
    }
  }
  return ranges;
}

}  // namespace

absl::StatusOr<std::vector<DateRange>> DatesOfRows(std::span<const int64_t> instants,
                                                   const std::string& time_column,
                                                   const calendar::Calendar& calendar,
                                                   Grain grain) {
  std::set<absl::CivilDay> dates;
  std::optional<TimeRange> extent;  // of the last row's date: most rows are of the same
  for (const int64_t micros : instants) {
    const absl::Time time = FromMicros(micros);
    if (extent.has_value() && Contains(*extent, time)) continue;
    const absl::CivilDay date = calendar.DateAt(time);
    const DateRange bucket = calendar::AlignToGrain(calendar, grain, {date, date + 1});
    if (!calendar.Knows(bucket.start) || !calendar.Knows(bucket.end - 1)) {
      return Unknown(time_column, time, calendar);
    }
    extent = calendar.ExtentOf(date);
    dates.insert(date);
  }
  return Merged(dates, calendar, grain);
}

}  // namespace metricstore::compute
