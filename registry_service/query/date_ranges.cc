#include "registry_service/query/date_ranges.h"

#include <algorithm>

namespace metricstore::registry {

DateRanges Merged(std::vector<DateRange> ranges) {
  std::sort(ranges.begin(), ranges.end(),
            [](const DateRange& a, const DateRange& b) { return a.start < b.start; });
  DateRanges merged;
  for (const DateRange& range : ranges) {
    if (range.start >= range.end) continue;
    if (merged.empty() || merged.back().end < range.start) {
      merged.push_back(range);
    } else {
      merged.back().end = std::max(merged.back().end, range.end);
    }
  }
  return merged;
}

DateRanges Without(const DateRanges& dates, const DateRanges& others) {
  DateRanges left;
  auto other = others.begin();
  for (const DateRange& range : dates) {
    absl::CivilDay from = range.start;
    while (other != others.end() && other->end <= from) ++other;
    for (auto cut = other; cut != others.end() && cut->start < range.end; ++cut) {
      if (from < cut->start) left.push_back({from, cut->start});
      from = std::max(from, cut->end);
    }
    if (from < range.end) left.push_back({from, range.end});
  }
  return left;
}

DateRange Shared(const DateRange& a, const DateRange& b) {
  const absl::CivilDay start = std::max(a.start, b.start);
  return {start, std::max(start, std::min(a.end, b.end))};
}

DateRanges Within(const DateRanges& dates, const DateRange& bounds) {
  DateRanges within;
  for (const DateRange& range : dates) {
    const DateRange shared = Shared(range, bounds);
    if (shared.start < shared.end) within.push_back(shared);
  }
  return within;
}

}  // namespace metricstore::registry
