#include "registry_service/query/freshness_findings.h"

#include <algorithm>
#include <deque>
#include <set>
#include <utility>

#include "common/calendar/buckets.h"
#include "common/calendar/window.h"

namespace metricstore::registry {

const std::vector<Change>& StaleDates::ChangesOf(const MetricDefinition& metric,
                                                 const HistoryQuestion& question,
                                                 const Shape& shape) {
  const auto [place, fresh] = changes_.try_emplace(shape);
  const auto rows = history_.rows.find(question.dataset);
  if (!fresh || rows == history_.rows.end()) return place->second;
  std::map<std::pair<absl::CivilDay, absl::CivilDay>, DateRange> wanted;
  for (const AcceptedRows& accepted : rows->second) {
    DateRange dates = question.wanted;
    if (accepted.dates.has_value()) {
      const auto [known, first] =
          wanted.try_emplace({accepted.dates->start, accepted.dates->end}, dates);
      if (first) {
        known->second =
            WantedDates(*question.calendar, metric.window, metric.grain, *accepted.dates);
      }
      dates = known->second;
    }
    if (dates.start < dates.end) place->second.push_back({dates, accepted.accepted});
  }
  return place->second;
}

const StaleDates::Rows& StaleDates::RowsOf(const MetricDefinition& metric,
                                           const HistoryQuestion& question, const Covers& covers) {
  const Shape shape{question.dataset, calendar::WindowText(metric.window), metric.grain};
  const auto [place, fresh] = rows_.try_emplace({shape, covers.get()});
  if (!fresh) return place->second;
  const auto shown = [&](std::vector<DateRange> dates) {
    return ShownDates(*question.calendar, metric.window, metric.grain, Merged(std::move(dates)));
  };
  Rows& rows = place->second;
  if (covers->empty()) {
    rows.stale = rows.never_computed = shown({question.wanted});
    return rows;
  }
  UnmetDates unmet = FindUnmet(ChangesOf(metric, question, shape), *covers);
  rows.never_computed = shown(unmet.never_computed);
  std::vector<DateRange> all = std::move(unmet.computed_before);
  all.insert(all.end(), unmet.never_computed.begin(), unmet.never_computed.end());
  rows.stale = shown(std::move(all));
  return rows;
}

void StaleDates::AddTo(const MetricDefinition& metric, const HistoryQuestion& question,
                       const MetricHistory& known, FreshnessFacts& facts) {
  const Rows& rows = RowsOf(metric, question, known.covers);
  facts.stale_rows = rows.stale;
  facts.never_computed = rows.never_computed;
  if (known.covers->empty()) return;
  facts.computed_end = known.covers->back().dates.end;
  if (facts.newest_bucket.has_value()) {
    const absl::CivilDay date = question.calendar->DateAt(*facts.newest_bucket);
    const DateRange newest =
        calendar::AlignToGrain(*question.calendar, metric.grain, {date, date + 1});
    facts.computed_end = std::min(*facts.computed_end, newest.end);
  }
  // What the calendar no longer knows cannot be computed again.
  const DateRange computable = ComputableDates(*question.calendar, metric.grain);
  std::vector<DateRange> marked;
  for (const CalendarMark& mark : known.marks) {
    const UnmetDates unmet = FindUnmet({mark.change}, *known.covers);
    for (const DateRanges* dates : {&unmet.computed_before, &unmet.never_computed}) {
      const DateRanges added = Within(*dates, computable);
      marked.insert(marked.end(), added.begin(), added.end());
      if (!added.empty()) facts.mark = mark.detail;
    }
  }
  facts.marked = Merged(std::move(marked));
}

std::map<std::string, std::string> NearestStale(const std::vector<CatalogEntryPtr>& entries,
                                                const std::vector<std::string>& stale) {
  std::map<std::string, std::vector<std::string>> readers;
  for (const CatalogEntryPtr& entry : entries) {
    for (const std::string& id : entry->active.depends_on)
      readers[id].push_back(entry->active.id());
  }
  std::map<std::string, std::string> nearest;
  std::deque<std::pair<std::string, std::string>> waiting;  // a metric, and the stale one it reads
  for (const std::string& id : stale) waiting.push_back({id, id});
  const std::set<std::string> own(stale.begin(), stale.end());
  while (!waiting.empty()) {
    const auto [id, cause] = std::move(waiting.front());
    waiting.pop_front();
    for (const std::string& reader : readers[id]) {
      if (!nearest.emplace(reader, cause).second || own.contains(reader)) continue;
      waiting.push_back({reader, cause});
    }
  }
  return nearest;
}

}  // namespace metricstore::registry
