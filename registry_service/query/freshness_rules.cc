#include "registry_service/query/freshness_rules.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/calendar/buckets.h"

namespace metricstore::registry {
namespace {

using calendar::Calendar;
using calendar::Window;

DateRange BucketOf(const Calendar& calendar, Grain grain, absl::CivilDay date) {
  return calendar::AlignToGrain(calendar, grain, {date, date + 1});
}

bool IsEmpty(const DateRange& dates) { return dates.start >= dates.end; }

// From the first of them to the last.
DateRange Span(const DateRanges& dates) { return {dates.front().start, dates.back().end}; }

std::string BackfillCommand(const CatalogEntry& entry, const DateRange& dates, bool latest) {
  std::string command = absl::StrCat("metricctl backfill --metrics ", entry.active.id());
  if (latest) absl::StrAppend(&command, " --latest");
  if (!IsEmpty(dates)) {
    absl::StrAppend(&command, " --from ", FormatDate(dates.start), " --to ",
                    FormatDate(dates.end - 1));
  }
  return command;
}

// What to do about a newer version; "" if there is none.
std::string PendingNote(const CatalogEntry& entry, const FreshnessFacts& facts) {
  if (entry.pending == nullptr) return "";
  const std::string promote = absl::StrCat("metricctl metrics promote ", entry.active.id());
  const std::string version = absl::StrCat("version ", entry.pending->version);
  if (const std::string why = WhyNotComputed(*entry.pending); !why.empty()) {
    return absl::StrCat(version, " is not computed by this release (", why, "): ", promote);
  }
  const auto& pending = facts.newest_pending_bucket;
  if (!facts.has_rows || (pending.has_value() && pending >= facts.newest_bucket)) {
    return absl::StrCat(version, " waits to be promoted: ", promote);
  }
  return absl::StrCat(version, pending.has_value() ? " has fewer points" : " has no points", ": ",
                      BackfillCommand(entry, facts.wanted, true), "; ", promote);
}

std::string StaleUpstream(const FreshnessFacts& facts) {
  return absl::StrCat(facts.stale_upstream, ", which it reads, is stale: metricctl freshness ",
                      facts.stale_upstream);
}

struct Verdict {
  FreshnessState state;
  std::string reason;
  DateRanges stale;
};

Verdict NothingToCompute(const CatalogEntry& entry, const FreshnessFacts& facts) {
  const std::string& dataset = entry.active.dataset;
  if (!facts.has_rows) {
    return {FreshnessState::kNoRows,
            absl::StrCat("dataset ", dataset, " has no rows: metricctl ingest ", dataset, " FILE"),
            {}};
  }
  return {FreshnessState::kNoRows,
          absl::StrCat("no row of dataset ", dataset, " lies in buckets that calendar ",
                       facts.calendar, " knows"),
          {}};
}

Verdict NeverComputed(const CatalogEntry& entry, const FreshnessFacts& facts) {
  if (facts.stale_rows.empty()) {
    return {FreshnessState::kFresh, "its window shows none of the rows: nothing to compute", {}};
  }
  return {FreshnessState::kNeverComputed,
          absl::StrCat("version ", entry.active.active_version,
                       facts.newest_bucket.has_value() ? " was never computed for all entities: "
                                                       : " was never computed: ",
                       BackfillCommand(entry, Span(facts.stale_rows), false)),
          facts.stale_rows};
}

// Some dates are stale, of rows or marks.
Verdict Stale(const CatalogEntry& entry, const FreshnessFacts& facts) {
  std::vector<DateRange> dates = facts.stale_rows;
  dates.insert(dates.end(), facts.marked.begin(), facts.marked.end());
  Verdict verdict{.state = FreshnessState::kRowsChanged, .reason = "", .stale = Merged(dates)};
  const bool newer =
      !facts.stale_rows.empty() && facts.stale_rows.front().start >= facts.computed_end;
  const std::string calendar =
      absl::StrCat("the calendar changed after buckets were computed (", facts.mark, ")");
  if (!facts.stale_rows.empty() && !newer) {
    verdict.reason = facts.stale_rows == facts.never_computed
                         ? "rows lie in dates that were never computed"
                         : "rows were accepted after their buckets were computed";
    if (!facts.marked.empty()) absl::StrAppend(&verdict.reason, ", and ", calendar);
  } else if (!facts.marked.empty()) {
    verdict.state = FreshnessState::kCalendarChanged;
    verdict.reason = calendar;
    if (newer) absl::StrAppend(&verdict.reason, ", and newer rows came");
  } else {
    verdict.state = FreshnessState::kNewerRows;
    verdict.reason = "rows came after the dates that were computed";
  }
  absl::StrAppend(&verdict.reason, ": ", BackfillCommand(entry, Span(verdict.stale), false));
  return verdict;
}

Verdict Judge(const CatalogEntry& entry, const FreshnessFacts& facts) {
  const MetricDefinition& metric = entry.active;
  if (const std::string why = WhyNotComputed(metric); !why.empty()) {
    std::string reason = absl::StrCat("this release does not compute it: ", why);
    if (!facts.stale_upstream.empty()) absl::StrAppend(&reason, "; ", StaleUpstream(facts));
    return {FreshnessState::kNotComputed, reason, {}};
  }
  if (!facts.has_rows || IsEmpty(facts.wanted)) return NothingToCompute(entry, facts);
  if (!facts.computed_end.has_value()) return NeverComputed(entry, facts);
  if (!facts.stale_rows.empty() || !facts.marked.empty()) return Stale(entry, facts);
  if (!facts.stale_upstream.empty()) {
    return {FreshnessState::kUpstreamStale, StaleUpstream(facts), {}};
  }
  return {FreshnessState::kFresh, "every row was accepted before its buckets were computed", {}};
}

// At most kMaxStaleRanges, the last covers the rest.
DateRanges Capped(DateRanges dates) {
  if (dates.size() <= kMaxStaleRanges) return dates;
  const absl::CivilDay end = dates.back().end;
  dates.resize(kMaxStaleRanges);
  dates.back().end = end;
  return dates;
}

}  // namespace

DateRange ComputableDates(const Calendar& calendar, Grain grain) {
  const DateRange first = BucketOf(calendar, grain, calendar.spec().first_date);
  const DateRange last = BucketOf(calendar, grain, calendar.spec().last_date);
  const absl::CivilDay start = calendar.Knows(first.start) ? first.start : first.end;
  const absl::CivilDay end = calendar.Knows(last.end - 1) ? last.end : last.start;
  return {start, std::max(start, end)};
}

DateRange WantedDates(const Calendar& calendar, const Window& window, Grain grain, DateRange rows) {
  const DateRange known = {calendar.spec().first_date, calendar.spec().last_date + 1};
  const DateRange shared = Shared(rows, known);
  if (IsEmpty(shared)) return shared;
  return Shared(calendar::DatesThatShow(calendar, window, grain, shared),
                ComputableDates(calendar, grain));
}

DateRanges ShownDates(const Calendar& calendar, const Window& window, Grain grain,
                      const DateRanges& dates) {
  if (dates.empty()) return {};
  const Grain step = grain == Grain::kHour ? Grain::kDay : grain;
  const auto buckets = calendar::ResolveBuckets(calendar, window, step, Span(dates));
  if (!buckets.ok()) return dates;  // the backfill will say why it cannot be computed
  DateRanges shown;
  auto wanted = dates.begin();
  bool joins = false;  // the bucket before is among the shown
  for (const auto& span : buckets->spans) {
    const DateRange bucket = BucketOf(calendar, step, calendar.DateAt(span.start));
    while (wanted != dates.end() && wanted->end <= bucket.start) ++wanted;
    const bool among = wanted != dates.end() && wanted->start < bucket.end;
    if (among && joins) {
      shown.back().end = bucket.end;
    } else if (among) {
      shown.push_back(bucket);
    }
    joins = among;
  }
  return shown;
}

bool IsStale(const CatalogEntry& entry, const FreshnessFacts& facts) {
  switch (Judge(entry, facts).state) {
    case FreshnessState::kNeverComputed:
    case FreshnessState::kNewerRows:
    case FreshnessState::kRowsChanged:
    case FreshnessState::kCalendarChanged:
      return true;
    case FreshnessState::kFresh:
    case FreshnessState::kNoRows:
    case FreshnessState::kNotComputed:
    case FreshnessState::kUpstreamStale:
      break;
  }
  return false;
}

MetricFreshness JudgeFreshness(const CatalogEntry& entry, const FreshnessFacts& facts) {
  const MetricDefinition& metric = entry.active;
  Verdict verdict = Judge(entry, facts);
  if (const std::string note = PendingNote(entry, facts); !note.empty()) {
    absl::StrAppend(&verdict.reason, "; ", note);
  }
  return {.metric = metric.id(),
          .active_version = metric.active_version,
          .latest_version = metric.latest_version,
          .newest_bucket = facts.newest_bucket,
          .newest_row = facts.newest_row,
          .state = verdict.state,
          .reason = std::move(verdict.reason),
          .stale_dates = Capped(std::move(verdict.stale))};
}

}  // namespace metricstore::registry
