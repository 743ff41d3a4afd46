#include "registry_service/query/freshness_rules.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
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

struct Command {
  DateRange dates;                  // empty: none are named
  bool latest = false;              // the newest version
  std::optional<Grain> grain = {};  // another than the metric's own
};

std::string BackfillCommand(const CatalogEntry& entry, const Command& wanted) {
  const DateRange& dates = wanted.dates;
  std::string command = absl::StrCat("metricctl backfill --metrics ", entry.active.id());
  if (wanted.latest) absl::StrAppend(&command, " --latest");
  if (wanted.grain.has_value()) {
    absl::StrAppend(&command, " --grain ", std::string(GrainName(*wanted.grain)));
  }
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
                      BackfillCommand(entry, {.dates = facts.wanted, .latest = true}), "; ",
                      promote);
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

Verdict NothingToCompute(const FreshnessFacts& facts) {
  const std::string& dataset = facts.dataset;
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
                       BackfillCommand(entry, {.dates = Span(facts.stale_rows)})),
          facts.stale_rows};
}

// "the calendar changed after buckets were computed (XNYS version 3)".
std::string MarksText(const UnmetMarks& marks) {
  const std::string what =
      marks.cause == "upstream"
          ? "a metric that it reads"
          : absl::StrCat("the ", marks.cause.empty() ? "calendar" : marks.cause);
  return absl::StrCat(what, " changed after buckets were computed (", marks.detail, ")");
}

FreshnessState StateOf(const UnmetMarks& marks) {
  if (marks.cause == "upstream") return FreshnessState::kUpstreamChanged;
  return marks.cause == "dataset" ? FreshnessState::kDatasetChanged
                                  : FreshnessState::kCalendarChanged;
}

constexpr char kRowsAccepted[] = "rows were accepted after their buckets were computed";

// Some dates are stale, of rows or marks.
Verdict Stale(const CatalogEntry& entry, const FreshnessFacts& facts) {
  std::vector<DateRange> dates = facts.stale_rows;
  dates.insert(dates.end(), facts.marked.dates.begin(), facts.marked.dates.end());
  Verdict verdict{.state = FreshnessState::kRowsChanged, .reason = "", .stale = Merged(dates)};
  const bool newer =
      !facts.stale_rows.empty() && facts.stale_rows.front().start >= facts.computed_end;
  const bool marked = !facts.marked.dates.empty();
  if (!facts.stale_rows.empty() && !newer) {
    verdict.reason = facts.stale_rows == facts.never_computed
                         ? "rows lie in dates that were never computed"
                         : kRowsAccepted;
    if (marked) absl::StrAppend(&verdict.reason, ", and ", MarksText(facts.marked));
  } else if (marked) {
    verdict.state = StateOf(facts.marked);
    verdict.reason = MarksText(facts.marked);
    if (newer) absl::StrAppend(&verdict.reason, ", and newer rows came");
  } else {
    verdict.state = FreshnessState::kNewerRows;
    verdict.reason = "rows came after the dates that were computed";
  }
  absl::StrAppend(&verdict.reason, ": ", BackfillCommand(entry, {.dates = Span(verdict.stale)}));
  return verdict;
}

Verdict Judge(const CatalogEntry& entry, const FreshnessFacts& facts) {
  if (!facts.why_not.empty()) {
    std::string reason = absl::StrCat("this release does not compute it: ", facts.why_not);
    if (!facts.stale_upstream.empty()) absl::StrAppend(&reason, "; ", StaleUpstream(facts));
    return {FreshnessState::kNotComputed, reason, {}};
  }
  if (!facts.has_rows || IsEmpty(facts.wanted)) return NothingToCompute(facts);
  if (!facts.computed_end.has_value()) return NeverComputed(entry, facts);
  if (!facts.stale_rows.empty() || !facts.marked.dates.empty()) return Stale(entry, facts);
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

// Of points at another grain; nullopt if they are not stale.
std::optional<GrainFreshness> JudgeOther(const CatalogEntry& entry, const GrainFacts& facts) {
  std::vector<DateRange> dates = facts.stale_rows;
  dates.insert(dates.end(), facts.marked.dates.begin(), facts.marked.dates.end());
  if (dates.empty()) return std::nullopt;
  const std::string grain(GrainName(facts.grain));
  GrainFreshness judged{.grain = facts.grain, .stale_dates = Merged(std::move(dates))};
  std::vector<std::string> reasons;
  if (!facts.stale_rows.empty() && facts.computed) {
    reasons.push_back(kRowsAccepted);
  } else if (!facts.stale_rows.empty()) {
    judged.state = FreshnessState::kNeverComputed;
    reasons.push_back("computed for some entities only");
  } else {
    judged.state = StateOf(facts.marked);
  }
  if (!facts.marked.dates.empty()) reasons.push_back(MarksText(facts.marked));
  const Command command{.dates = Span(judged.stale_dates), .grain = facts.grain};
  judged.reason = absl::StrCat("by ", grain, ": ", absl::StrJoin(reasons, ", and "), ": ",
                               BackfillCommand(entry, command));
  judged.stale_dates = Capped(std::move(judged.stale_dates));
  return judged;
}

}  // namespace

DateRange ComputableDates(const Calendar& calendar, Grain grain) {
  const DateRange first = BucketOf(calendar, grain, calendar.spec().first_date);
  const DateRange last = BucketOf(calendar, grain, calendar.spec().last_date);
  const absl::CivilDay start = calendar.Knows(first.start) ? first.start : first.end;
  const absl::CivilDay end = calendar.Knows(last.end - 1) ? last.end : last.start;
  return {start, std::max(start, end)};
}

DateRange WantedDates(const Calendar& calendar, const RowSource& source, Grain grain,
                      DateRange rows) {
  const DateRange known = {calendar.spec().first_date, calendar.spec().last_date + 1};
  const DateRange shared = Shared(rows, known);
  if (IsEmpty(shared)) return shared;
  return Shared(DatesThatShow(calendar, source, grain, shared), ComputableDates(calendar, grain));
}

absl::CivilDay RowsEnd(const Calendar& calendar, const RowSource& source, Grain grain,
                       DateRange rows) {
  if (source.window.reach == calendar::WindowReach::kBucket && source.steps.empty()) {
    return WantedDates(calendar, source, grain, rows).end;
  }
  return BucketOf(calendar, grain, rows.end - 1).end;
}

DateRange DatesOfShown(const Calendar& calendar, const Window& window, const TimeRange& stretch) {
  const auto shows = [&](absl::CivilDay date) {
    const std::vector<TimeRange> shown = calendar::ResolveBase(calendar, window, date);
    return std::any_of(shown.begin(), shown.end(), [&](const TimeRange& slice) {
      return slice.start < stretch.end && stretch.start < slice.end;
    });
  };
  DateRange dates = {
      std::max(calendar.DateAt(stretch.start), calendar.spec().first_date),
      std::min(calendar.DateAt(stretch.end - absl::Microseconds(1)), calendar.spec().last_date) +
          1};
  while (dates.start < dates.end && !shows(dates.start)) ++dates.start;
  while (dates.start < dates.end && !shows(dates.end - 1)) --dates.end;
  return {dates.start, std::max(dates.start, dates.end)};
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
    case FreshnessState::kDatasetChanged:
    case FreshnessState::kUpstreamChanged:
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
  std::vector<GrainFreshness> others;
  for (const GrainFacts& other : facts.others) {
    if (auto judged = JudgeOther(entry, other)) others.push_back(*std::move(judged));
  }
  return {.metric = metric.id(),
          .active_version = metric.active_version,
          .latest_version = metric.latest_version,
          .grain = metric.grain,
          .newest_bucket = facts.newest_bucket,
          .newest_row = facts.newest_row,
          .state = verdict.state,
          .reason = std::move(verdict.reason),
          .stale_dates = Capped(std::move(verdict.stale)),
          .other_grains = std::move(others)};
}

}  // namespace metricstore::registry
