// The bucket that an offset such as '1 month' reaches.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "common/calendar/calendar.h"
#include "common/time/grain.h"
#include "common/time/iso8601.h"

namespace metricstore::compute {

// Goes back from buckets of one grain. Civil arithmetic on trade dates: from the bucket's first
// date so many days, weeks, months, quarters or years back, cut to the month's end, and then the
// bucket that holds that date; of an hourly bucket the one that holds the same time of the local
// clock. Hours go back in time as it passes. Immutable and thread-safe. The calendar must outlive
// it.
class BucketShift {
 public:
  // `offset` is canonical: "1 month", "36 hours". INVALID_ARGUMENT (NOT_SUPPORTED) for hours from
  // buckets that are longer.
  static absl::StatusOr<BucketShift> Create(const calendar::Calendar& calendar, Grain grain,
                                            std::string_view offset);

  // Start of the bucket so long before the one that starts at `start`, both in microseconds;
  // nullopt where the calendar does not know it.
  std::optional<int64_t> Of(int64_t start_micros) const;
  // The dates, in whole buckets, of all buckets that those of `dates` reach, as far as the calendar
  // knows them; empty at its first date if it knows none.
  DateRange Of(DateRange dates) const;

 private:
  enum class Unit { kHours, kDays, kMonths };

  BucketShift(const calendar::Calendar& calendar, Grain grain, Unit unit, int32_t count)
      : calendar_(&calendar), grain_(grain), unit_(unit), count_(count) {}

  absl::CivilDay Back(absl::CivilDay date) const;
  // Start of the hourly bucket that holds the instant.
  std::optional<int64_t> HourAt(absl::Time instant) const;

  const calendar::Calendar* calendar_;
  Grain grain_;
  Unit unit_;
  int32_t count_;
};

}  // namespace metricstore::compute
