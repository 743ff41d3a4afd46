#include "registry_service/query/freshness_findings.h"

#include <algorithm>
#include <deque>
#include <set>
#include <utility>

#include "common/calendar/buckets.h"
#include "common/calendar/window.h"

namespace metricstore::registry {

namespace {

// The dates on which a window may show rows of stretches of time, found once for each stretch.
class ShownStretches {
 public:
  ShownStretches(const calendar::Calendar& calendar, const calendar::Window& window)
      : calendar_(calendar), window_(window) {}

  DateRanges Of(const AcceptedRows& rows) {
    if (window_.kind == calendar::WindowKind::kFullDay) return {*rows.dates};
    std::vector<DateRange> dates;
    for (const TimeRange& stretch : rows.stretches) {
      const auto [place, fresh] = known_.try_emplace({stretch.start, stretch.end});
      if (fresh) place->second = DatesOfShown(calendar_, window_, stretch);
      dates.push_back(place->second);
    }
    return Merged(std::move(dates));
  }

 private:
  const calendar::Calendar& calendar_;
  const calendar::Window& window_;
  std::map<std::pair<absl::Time, absl::Time>, DateRange> known_;
};

// Of the buckets of `dates` those that show anything, as far as that is simply told.
DateRanges ShownOf(const HistoryQuestion& question, std::vector<DateRange> dates) {
  DateRanges merged = Merged(std::move(dates));
  const std::vector<RowSource>& sources = question.rows.sources;
  if (sources.size() != 1 || !sources[0].steps.empty() || sources[0].grain != question.grain) {
    return merged;
  }
  return ShownDates(*question.calendar, sources[0].window, question.grain, merged);
}

UnmetMarks FindUnmetMarks(const std::vector<ResultMark>& marks, const std::vector<Cover>& covers,
                          const DateRange& computable) {
  UnmetMarks found;
  std::vector<DateRange> marked;
  for (const ResultMark& mark : marks) {
    const UnmetDates unmet = FindUnmet({mark.change}, covers);
    for (const DateRanges* dates : {&unmet.computed_before, &unmet.never_computed}) {
      const DateRanges added = Within(*dates, computable);
      if (added.empty()) continue;
      marked.insert(marked.end(), added.begin(), added.end());
      found.cause = mark.cause;
      found.detail = mark.detail;
    }
  }
  found.dates = Merged(std::move(marked));
  return found;
}

// The end of what was computed, or of the newest bucket where that ends before.
absl::CivilDay ComputedEnd(const HistoryQuestion& question, const std::vector<Cover>& covers,
                           const std::optional<absl::Time>& newest_bucket) {
  const absl::CivilDay end = covers.back().dates.end;
  if (!newest_bucket.has_value()) return end;
  const absl::CivilDay date = question.calendar->DateAt(*newest_bucket);
  const DateRange newest =
      calendar::AlignToGrain(*question.calendar, question.grain, {date, date + 1});
  return std::min(end, newest.end);
}

}  // namespace

void StaleDates::AddChanges(const HistoryQuestion& question, const RowSource& source,
                            std::vector<Change>& changes) {
  const auto rows = history_.rows.find(source.dataset);
  if (rows == history_.rows.end()) return;
  ShownStretches shown(*question.calendar, source.window);
  std::map<std::pair<absl::CivilDay, absl::CivilDay>, DateRange> wanted;
  for (const AcceptedRows& accepted : rows->second) {
    if (!accepted.dates.has_value() || question.rows.is_cut) {
      changes.push_back({question.shown, accepted.accepted});
      continue;
    }
    for (const DateRange& dates : shown.Of(accepted)) {
      const auto [known, first] = wanted.try_emplace({dates.start, dates.end});
      if (first) {
        known->second = WantedDates(*question.calendar, source, question.grain, dates);
      }
      const DateRange& changed = known->second;
      if (changed.start < changed.end) changes.push_back({changed, accepted.accepted});
    }
  }
}

const std::vector<Change>& StaleDates::ChangesOf(const HistoryQuestion& question) {
  const auto [place, fresh] = changes_.try_emplace(question.shape);
  if (!fresh) return place->second;
  for (const RowSource& source : question.rows.sources) {
    AddChanges(question, source, place->second);
  }
  return place->second;
}

const StaleDates::Rows& StaleDates::RowsOf(const HistoryQuestion& question, const Covers& covers) {
  const auto [place, fresh] = rows_.try_emplace({question.shape, covers.get(), question.is_own});
  if (!fresh) return place->second;
  Rows& rows = place->second;
  const DateRange to_newest = {absl::CivilDay::min(), question.rows_end};
  if (covers->empty()) {
    const DateRange shown = question.is_own ? Shared(question.shown, to_newest) : question.shown;
    rows.stale = rows.never_computed = ShownOf(question, {shown});
    return rows;
  }
  UnmetDates unmet = FindUnmet(ChangesOf(question), *covers);
  if (question.is_own) unmet.never_computed = Within(unmet.never_computed, to_newest);
  rows.never_computed = ShownOf(question, unmet.never_computed);
  std::vector<DateRange> all = std::move(unmet.computed_before);
  all.insert(all.end(), unmet.never_computed.begin(), unmet.never_computed.end());
  rows.stale = ShownOf(question, std::move(all));
  return rows;
}

void StaleDates::AddTo(const HistoryQuestion& question, const MetricHistory& known,
                       FreshnessFacts& facts) {
  const Rows& rows = RowsOf(question, known.covers);
  const std::vector<Cover>& covers = *known.covers;
  // What the calendar no longer knows cannot be computed again.
  const DateRange computable = ComputableDates(*question.calendar, question.grain);
  if (question.is_own) {
    facts.stale_rows = rows.stale;
    facts.never_computed = rows.never_computed;
    if (covers.empty()) return;
    facts.computed_end = ComputedEnd(question, covers, facts.newest_bucket);
    facts.marked = FindUnmetMarks(known.marks, covers, computable);
    return;
  }
  GrainFacts& other = facts.others.emplace_back();
  other.grain = question.grain;
  other.computed = !covers.empty();
  std::vector<DateRange> stale = Without(rows.stale, rows.never_computed);
  // Of dates that no backfill of all entities computed only those matter that have points.
  if (question.stored.has_value()) {
    const DateRanges stored = Within(rows.never_computed, *question.stored);
    stale.insert(stale.end(), stored.begin(), stored.end());
  }
  other.stale_rows = Merged(std::move(stale));
  other.marked = FindUnmetMarks(known.marks, covers, computable);
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
