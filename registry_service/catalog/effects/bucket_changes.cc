#include "registry_service/catalog/effects/bucket_changes.h"

#include <algorithm>

#include "common/calendar/calendar_diff.h"

namespace metricstore::registry {
std::vector<DateRange> Joined(std::vector<DateRange> ranges) {
  std::sort(ranges.begin(), ranges.end(), [](const DateRange& a, const DateRange& b) {
    return std::pair(a.start, a.end) < std::pair(b.start, b.end);
  });
  std::vector<DateRange> joined;
  for (const DateRange& range : ranges) {
    if (!joined.empty() && range.start <= joined.back().end) {
      joined.back().end = std::max(joined.back().end, range.end);
    } else {
      joined.push_back(range);
    }
  }
  return joined;
}

std::vector<DateRange> BucketChanges::Of(const MetricDefinition& metric, Grain grain) {
  std::set<std::string> seen;
  std::vector<DateRange> changed;
  AddRows(metric, grain, seen, changed);
  return Joined(std::move(changed));
}

// What differs in the rows that the metric sees, and in those that the metrics it reads see. Points
// that are folded from those of the metric's own grain differ where any of these does, or where the
// coarser buckets themselves are cut in another way.
void BucketChanges::AddRows(const MetricDefinition& metric, Grain grain,
                            std::set<std::string>& seen, std::vector<DateRange>& changed) {
  if (!seen.insert(metric.id()).second) return;
  const bool folds = !metric.rollup.empty() && grain > metric.grain;
  const Grain computed = folds ? metric.grain : grain;
  std::vector<DateRange> rows;
  if (change_.datasets.contains(metric.dataset)) {
    rows = Compare(metric.window, computed);
    if (folds) {
      const std::vector<DateRange>& cuts = Compare(calendar::Window(), grain);
      rows.insert(rows.end(), cuts.begin(), cuts.end());
    }
  }
  for (const std::string& id : metric.depends_on) {
    const MetricDefinition* const read = served_(id);
    if (read != nullptr) AddRows(*read, computed, seen, rows);
  }
  for (DateRange& range : rows) {
    if (folds) range = calendar::AlignToGrain(*change_.after, grain, range);
    changed.push_back(range);
  }
}

const std::vector<DateRange>& BucketChanges::Compare(const calendar::Window& window, Grain grain) {
  const auto [place, is_new] =
      compared_.try_emplace({calendar::WindowText(window), grain}, std::vector<DateRange>());
  if (is_new) {
    place->second =
        calendar::ChangedBuckets(*change_.before, *change_.after, window, grain, dates_);
  }
  return place->second;
}

}  // namespace metricstore::registry
