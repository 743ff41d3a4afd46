#include "registry_service/query/freshness_rules.h"

#include <vector>

#include "absl/strings/str_cat.h"

namespace metricstore::registry {
namespace {

using calendar::Bucket;
using calendar::Calendar;
using calendar::Window;

DateRange BucketDates(const Calendar& calendar, Grain grain, absl::Time time) {
  const absl::CivilDay date = DateAt(calendar, time);
  return calendar::AlignToGrain(grain, {date, date + 1});
}

// All instants of the bucket around `time`; nothing on dates that the calendar does not know.
std::optional<TimeRange> BucketAt(const Calendar& calendar, Grain grain, absl::Time time) {
  const auto buckets =
      calendar::ResolveBuckets(calendar, Window{}, grain, BucketDates(calendar, grain, time));
  if (!buckets.ok()) return std::nullopt;
  for (const Bucket& bucket : *buckets) {
    const TimeRange all{bucket.start, bucket.slices.back().end};
    if (all.start <= time && time < all.end) return all;
  }
  return std::nullopt;
}

bool WindowShows(const Calendar& calendar, const Window& window, Grain grain,
                 const TimeRange& bucket) {
  const auto shown =
      calendar::ResolveBuckets(calendar, window, grain, BucketDates(calendar, grain, bucket.start));
  if (!shown.ok()) return false;
  for (const Bucket& candidate : *shown) {
    if (candidate.start == bucket.start) return true;
  }
  return false;
}

std::string BackfillCommand(const CatalogEntry& entry, const std::optional<DateRange>& dates,
                            bool latest) {
  std::string command = absl::StrCat("metricctl backfill --metrics ", entry.active.id());
  if (latest) absl::StrAppend(&command, " --latest");
  if (dates.has_value()) {
    absl::StrAppend(&command, " --from ", FormatDate(dates->start), " --to ",
                    FormatDate(dates->end));
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
                      BackfillCommand(entry, facts.rows, true), "; ", promote);
}

struct Verdict {
  FreshnessState state;
  std::string reason;
};

std::string StaleUpstream(const FreshnessFacts& facts) {
  return absl::StrCat(facts.stale_upstream, ", which it reads, is stale: metricctl freshness ",
                      facts.stale_upstream);
}

Verdict Judge(const CatalogEntry& entry, const FreshnessFacts& facts) {
  const MetricDefinition& metric = entry.active;
  if (const std::string why = WhyNotComputed(metric); !why.empty()) {
    std::string reason = absl::StrCat("this release does not compute it: ", why);
    if (!facts.stale_upstream.empty()) absl::StrAppend(&reason, "; ", StaleUpstream(facts));
    return {FreshnessState::kNotComputed, reason};
  }
  if (!facts.has_rows) {
    return {FreshnessState::kNoRows,
            absl::StrCat("dataset ", metric.dataset, " has no rows: metricctl ingest ",
                         metric.dataset, " FILE")};
  }
  if (!facts.newest_bucket.has_value()) {
    return {FreshnessState::kNeverComputed,
            absl::StrCat("version ", metric.active_version,
                         " has no points: ", BackfillCommand(entry, facts.rows, false))};
  }
  if (facts.newer.has_value()) {
    return {FreshnessState::kNewerRows, absl::StrCat("rows came after the newest stored bucket: ",
                                                     BackfillCommand(entry, facts.newer, false))};
  }
  if (!facts.stale_upstream.empty()) return {FreshnessState::kUpstreamStale, StaleUpstream(facts)};
  return {FreshnessState::kFresh, "no rows after the newest point"};
}

}  // namespace

absl::CivilDay DateAt(const Calendar& calendar, absl::Time time) {
  const absl::CivilDay local = absl::ToCivilDay(time, calendar.zone());
  // An evening may belong to the next trade date, a night to the one before.
  for (const absl::CivilDay date : {local, local + 1, local - 1}) {
    const TimeRange extent = calendar.ExtentOf(date);
    if (extent.start <= time && time < extent.end) return date;
  }
  return local;
}

std::optional<DateRange> DatesAfter(const Calendar& calendar, const Window& window, Grain grain,
                                    absl::Time newest_bucket, absl::Time newest_row) {
  const auto stored = BucketAt(calendar, grain, newest_bucket);
  const auto wanted = BucketAt(calendar, grain, newest_row);
  if (!stored.has_value() || !wanted.has_value() || newest_row < stored->end) return std::nullopt;
  if (!WindowShows(calendar, window, grain, *wanted)) return std::nullopt;
  return DateRange{DateAt(calendar, stored->end), DateAt(calendar, newest_row)};
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
          .reason = std::move(verdict.reason)};
}

}  // namespace metricstore::registry
