// Tells what windows show the long way, bucket by bucket and date by date: the judge of the
// library.
#pragma once

#include <vector>

#include "common/calendar/buckets.h"

namespace metricstore::calendar {

// Adds a slice after those there are; it becomes one with the last if they touch.
void AppendSlice(TimeRange slice, std::vector<TimeRange>& slices);
// All of `slices` inside `bounds`.
std::vector<TimeRange> CutTo(const std::vector<TimeRange>& slices, TimeRange bounds);
// What the base shows of the dates that the calendar knows.
std::vector<TimeRange> BaseOf(const Calendar& calendar, const Window& window, DateRange dates);

// Follows the words of buckets.h. Keeps references to calendar and window.
class WindowTeller {
 public:
  WindowTeller(const Calendar& calendar, const Window& window, Grain grain);

  // The buckets whose dates lie in `dates`.
  std::vector<Bucket> Tell(DateRange dates) const;

 private:
  // A bucket of whose own dates the base shows something.
  struct Own {
    DateRange dates;
    absl::Time start;
    std::vector<TimeRange> slices;
  };

  void AddHours(DateRange dates, const std::vector<TimeRange>& slices);
  absl::Time RollingStart(absl::Time end) const;
  std::vector<TimeRange> Shown(size_t i) const;

  const Calendar& calendar_;
  const Window& window_;
  std::vector<Own> own_;
  std::vector<absl::CivilDay> shown_dates_;
  std::vector<TimeRange> all_;
};

}  // namespace metricstore::calendar
