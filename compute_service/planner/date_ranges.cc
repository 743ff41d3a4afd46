#include "compute_service/planner/date_ranges.h"

#include <algorithm>

namespace metricstore::compute {

void Unite(DateRange range, Dates* dates) {
  if (range.start >= range.end) return;
  Dates united;
  for (const DateRange& one : *dates) {
    if (one.end < range.start || one.start > range.end) {
      united.push_back(one);
    } else {
      range = {std::min(one.start, range.start), std::max(one.end, range.end)};
    }
  }
  const auto after = std::find_if(united.begin(), united.end(), [&range](const DateRange& one) {
    return one.start > range.start;
  });
  united.insert(after, range);
  *dates = std::move(united);
}

std::vector<StartRange> StartsWithin(const calendar::Calendar& calendar, const Dates& dates) {
  std::vector<StartRange> ranges;
  for (const DateRange& range : dates) {
    const TimeRange extent = calendar.ExtentOf(range);
    ranges.push_back({ToMicros(extent.start), ToMicros(extent.end)});
  }
  return ranges;
}

}  // namespace metricstore::compute
