#include "registry_service/catalog/effects/bucket_changes.h"

#include <algorithm>

#include "common/calendar/buckets.h"
#include "common/calendar/window.h"
#include "registry_service/catalog/sources/row_sources.h"

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

std::optional<calendar::BarCut> BarsOf(const MetricDefinition& metric, const Dataset& dataset) {
  if (!metric.timeframe.has_value() || metric.timeframe == dataset.timeframe) return std::nullopt;
  return calendar::BarCut{*metric.timeframe, metric.timeframe_alignment};
}

bool BarsDiffer(const MetricDefinition& metric, const DatasetChange& dataset) {
  const bool has_bars = BarsOf(metric, dataset.after).has_value();
  if (BarsOf(metric, dataset.before).has_value() != has_bars) return true;
  return has_bars &&
         std::any_of(metric.columns.begin(), metric.columns.end(), [&](const std::string& name) {
           const DatasetColumn* const before = dataset.before.Find(name);
           const DatasetColumn* const after = dataset.after.Find(name);
           return before != nullptr && after != nullptr && before->rollup != after->rollup;
         });
}

// What differs in the rows that the metric sees, and in those that the metrics it reads see. Points
// that are folded from those of the metric's own grain differ where any of these does, or where the
// coarser buckets themselves are of other dates.
std::vector<DateRange> BucketChanges::Of(const MetricDefinition& metric, Grain grain) {
  const MetricSources& sources = sources_.Of(metric);
  // It has no results, and may read itself.
  if (!sources.why_not.empty()) return {};
  const calendar::Calendar& after = *change_.after;
  const Grain evaluated = GrainOfWindow(metric, grain);
  std::vector<DateRange> changed;
  if (change_.datasets.contains(metric.dataset)) changed = OwnChanges(metric, evaluated);
  for (const MetricCall& call : sources.calls) {
    for (const DateRange& read : OfRead(*sources_.Find(call.id), evaluated)) {
      // What only the calendar of before knows is NULL for readers on dates that both know.
      changed.push_back(DatesOfReaders(after, evaluated, call.offset, read));
    }
  }
  if (evaluated != grain) {
    for (DateRange& range : changed) range = calendar::AlignToGrain(after, grain, range);
    if (change_.datasets.contains(sources.home)) {
      const auto cuts = calendar::ChangedSteps(*change_.before, after, grain, dates_);
      changed.insert(changed.end(), cuts.begin(), cuts.end());
    }
  }
  std::erase_if(changed, [](const DateRange& range) { return range.start >= range.end; });
  return Joined(std::move(changed));
}

const std::vector<DateRange>& BucketChanges::OfRead(const MetricDefinition& metric, Grain grain) {
  const std::pair<std::string, Grain> key(metric.id(), grain);
  if (const auto found = of_read_.find(key); found != of_read_.end()) return found->second;
  std::vector<DateRange> changed = Of(metric, grain);
  return of_read_[key] = std::move(changed);
}

std::vector<DateRange> BucketChanges::OwnChanges(const MetricDefinition& metric, Grain grain) {
  const DatasetChange& dataset = change_.datasets.at(metric.dataset);
  if (BarsDiffer(metric, dataset)) return {dates_};
  if (change_.before == change_.after) return {};
  return Compare(metric.window, grain, BarsOf(metric, dataset.after));
}

const std::vector<DateRange>& BucketChanges::Compare(const calendar::Window& window, Grain grain,
                                                     const std::optional<calendar::BarCut>& bars) {
  const calendar::BarCut cut = bars.value_or(calendar::BarCut());
  const Comparison key{calendar::WindowText(window), grain, absl::ToInt64Seconds(cut.timeframe),
                       cut.alignment};
  const auto [place, is_new] = compared_.try_emplace(key);
  if (is_new) {
    place->second =
        calendar::ChangedBuckets(*change_.before, *change_.after, window, grain, dates_, bars);
  }
  return place->second;
}

}  // namespace metricstore::registry
