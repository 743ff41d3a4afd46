#include "cli/definitions/known_dates.h"

#include <algorithm>
#include <utility>

#include "cli/core/date_range.h"
#include "cli/output/concat.h"
#include "metricstore/registry/v1/dataset_service.grpc.pb.h"

namespace metricstore::cli {
namespace {

using registry::v1::FieldChange;
using registry::v1::ImportOutcome;
using registry::v1::PlannedChange;
using registry::v1::StaleResults;

std::optional<KnownDates> DatesOf(const std::string& calendar, Connection& connection) {
  registry::v1::GetCalendarRequest request;
  request.set_project(connection.project());
  request.set_name(calendar);
  const auto response =
      connection.Call(Peer::kRegistry, &registry::v1::DatasetService::Stub::GetCalendar, request);
  if (!response.ok()) return std::nullopt;
  return KnownDates{response->calendar().first_date(), response->calendar().last_date()};
}

bool IsStaleCalendar(const ImportOutcome& outcome) {
  return outcome.kind() == "calendar" && !outcome.stale().empty();
}

// Those of the calendar that the outcome is of; nullptr for other outcomes.
const KnownDates* Find(const KnownByCalendar& known, const ImportOutcome& outcome) {
  if (outcome.kind() != "calendar") return nullptr;
  const auto found = known.find(outcome.name());
  return found == known.end() ? nullptr : &found->second;
}

// The start of the bucket that holds the date; weeks are counted from `start`, where one starts.
absl::CivilDay BucketStart(registry::v1::Grain grain, absl::CivilDay date, absl::CivilDay start) {
  switch (grain) {
    case registry::v1::GRAIN_WEEK:
      return date - ((date - start) % 7 + 7) % 7;
    case registry::v1::GRAIN_MONTH:
      return absl::CivilDay(absl::CivilMonth(date));
    case registry::v1::GRAIN_QUARTER:
      return absl::CivilDay(date.year(), (date.month() - 1) / 3 * 3 + 1, 1);
    case registry::v1::GRAIN_YEAR:
      return absl::CivilDay(absl::CivilYear(date));
    default:
      return date;
  }
}

// The first start of a bucket from the date on.
absl::CivilDay NextStart(registry::v1::Grain grain, absl::CivilDay date, absl::CivilDay start) {
  const absl::CivilDay holds = BucketStart(grain, date, start);
  if (holds == date) return date;
  const int longest = grain == registry::v1::GRAIN_WEEK      ? 7
                      : grain == registry::v1::GRAIN_MONTH   ? 31
                      : grain == registry::v1::GRAIN_QUARTER ? 92
                                                             : 366;
  return BucketStart(grain, holds + longest, start);
}

// The whole buckets of a stretch of them that are known in whole; empty or reversed if none is.
DateRange WholeBuckets(registry::v1::Grain grain, const DateRange& dates, const DateRange& known) {
  return {dates.start < known.start ? NextStart(grain, known.start, dates.start) : dates.start,
          dates.end > known.end ? BucketStart(grain, known.end, dates.start) : dates.end};
}

bool IsOutside(const StaleResults& stale, const KnownDates& known) {
  return std::any_of(stale.dates().begin(), stale.dates().end(), [&](const auto& dates) {
    return dates.start_date() < known.first || LastDate(dates) > known.last;
  });
}

}  // namespace

KnownByCalendar StoredDates(const registry::v1::ImportMetricsResponse& response,
                            Connection& connection) {
  KnownByCalendar known;
  for (const ImportOutcome& outcome : response.outcomes()) {
    if (!IsStaleCalendar(outcome)) continue;
    if (auto dates = DatesOf(outcome.name(), connection)) known[outcome.name()] = *dates;
  }
  return known;
}

// An end that does not move is the stored one.
KnownByCalendar PlannedDates(const registry::v1::PlanImportResponse& plan, Connection& connection) {
  KnownByCalendar known;
  for (const PlannedChange& change : plan.changes()) {
    if (!IsStaleCalendar(change.outcome())) continue;
    auto dates = DatesOf(change.outcome().name(), connection);
    if (!dates) continue;
    for (const FieldChange& field : change.changes()) {
      if (field.field() == "first_date") dates->first = field.after();
      if (field.field() == "last_date") dates->last = field.after();
    }
    known[change.outcome().name()] = *std::move(dates);
  }
  return known;
}

std::optional<ListedStale> Within(const KnownDates& known, ListedStale stale) {
  if (!IsOutside(stale.results, known)) return stale;
  const auto range = ParseDateRange(known.first, known.last);
  if (!range.ok()) return stale;
  DateIntervals all;
  all.Swap(stale.results.mutable_dates());
  for (const auto& dates : all) {
    const auto given = ParseDateRange(dates.start_date(), LastDate(dates));
    if (!given.ok()) continue;
    const DateRange inside = WholeBuckets(stale.results.grain(), *given, *range);
    if (inside.start < inside.end) ToProto(inside, stale.results.add_dates());
  }
  if (stale.results.dates().empty()) return std::nullopt;
  stale.is_cut = true;
  return stale;
}

std::vector<ListedStale> ComputableStale(const ImportOutcome& outcome,
                                         const KnownByCalendar& known) {
  const KnownDates* const dates = Find(known, outcome);
  std::vector<ListedStale> listed;
  for (const StaleResults& stale : outcome.stale()) {
    auto inside = dates == nullptr ? ListedStale{stale} : Within(*dates, {stale});
    if (inside) listed.push_back(*std::move(inside));
  }
  return listed;
}

void PrintOutside(const ImportOutcome& outcome, const KnownByCalendar& known, const char* knows,
                  std::ostream& out) {
  const KnownDates* const dates = Find(known, outcome);
  if (dates == nullptr) return;
  if (std::none_of(outcome.stale().begin(), outcome.stale().end(),
                   [&](const StaleResults& stale) { return IsOutside(stale, *dates); })) {
    return;
  }
  out << Concat("note: calendar ", outcome.name(), " ", knows, " ", dates->first, " to ",
                dates->last,
                ": points outside stay as they are, and trend and backfill refuse their dates "
                "until it knows them again\n");
}

}  // namespace metricstore::cli
