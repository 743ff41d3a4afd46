#include "registry_service/backfills/backfill_planner.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/calendar/buckets.h"
#include "common/calendar/date_text.h"
#include "common/calendar/grain_steps.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "registry_service/backfills/backfill_statements.h"
#include "registry_service/backfills/left_points.h"
#include "registry_service/backfills/read_definitions.h"
#include "registry_service/catalog/sources/row_sources.h"

namespace metricstore::registry {
namespace {

constexpr int kMaxYears = 100;

absl::Status CheckRequest(const BackfillRequest& request) {
  if (request.metrics.empty()) return status::FieldRequired("metrics");
  const DateRange& dates = request.dates;
  if (dates.end <= dates.start) {
    return status::ErrorBuilder(absl::StatusCode::kInvalidArgument, "INTERVAL_REVERSED",
                                "the dates end before, or where, they start")
        .Metadata("start", FormatDate(dates.start))
        .Metadata("end", FormatDate(dates.end))
        .Field("dates.end_date", "must be later than start_date")
        .Build();
  }
  const absl::CivilDay latest_end(dates.start.year() + kMaxYears, dates.start.month(),
                                  dates.start.day());
  if (dates.end > latest_end) {
    return status::FieldInvalid("dates", FormatDate(dates.end),
                                absl::StrCat("must span at most ", kMaxYears, " years"));
  }
  const auto empty = std::find(request.entities.begin(), request.entities.end(), "");
  if (empty != request.entities.end()) {
    return status::FieldInvalid("entities", "", "an entity must not be empty");
  }
  return absl::OkStatus();
}

// "metric a/x is not computed: no whole year among ...".
absl::Status NoWholeBucket(const SkippedMetric& metric, DateRange dates) {
  return status::FieldInvalid(
      "dates", calendar::DatesText(dates),
      absl::StrCat("metric ", metric.id, " is not computed: ", metric.reason));
}

// Leaves out what has no whole bucket around the dates that its calendar knows, and adds it to
// `skipped`. INVALID_ARGUMENT (FIELD_INVALID "dates") if nothing is left, or if a calendar does not
// know the dates.
absl::StatusOr<std::vector<ChosenGrain>> WithWholeBuckets(std::vector<ChosenGrain> chosen,
                                                          const Calendars& calendars,
                                                          DateRange dates, SourceFinder& finder,
                                                          std::vector<SkippedMetric>& skipped) {
  std::vector<ChosenGrain> kept;
  std::vector<SkippedMetric> left_out;
  for (const ChosenGrain& choice : chosen) {
    const calendar::Calendar& calendar = *calendars.at(finder.Of(*choice.metric).home);
    if (!calendar.Knows(dates.start) || !calendar.Knows(dates.end - 1)) {
      return status::FieldInvalid("dates", calendar::DatesText(dates),
                                  calendar::KnownDatesText(calendar));
    }
    const DateRange known = calendar::KnownSteps(calendar, choice.grain, dates);
    if (known.start < known.end) {
      kept.push_back(choice);
      continue;
    }
    left_out.push_back(
        {choice.metric->id(),
         absl::StrCat("whole buckets are computed, and ", calendar::KnownDatesText(calendar),
                      ": no whole ", std::string(GrainName(choice.grain)), " around ",
                      calendar::DatesText(dates))});
  }
  if (kept.empty()) return NoWholeBucket(left_out.front(), dates);
  skipped.insert(skipped.end(), left_out.begin(), left_out.end());
  std::stable_sort(skipped.begin(), skipped.end(),
                   [](const auto& x, const auto& y) { return x.id < y.id; });
  return kept;
}

absl::Status EntityNotFound(const std::string& dataset, const std::string& entity) {
  return status::ErrorBuilder(
             absl::StatusCode::kNotFound, "ENTITY_NOT_FOUND",
             absl::StrCat("no rows of entity \"", entity, "\" are stored in ", dataset))
      .Metadata("dataset", dataset)
      .Metadata("entity", entity)
      .Build();
}

std::vector<std::string> SortedDistinct(std::vector<std::string> values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

// What the metric's buckets see beside the rows of its own window.
std::vector<RowSource> ReadsOf(const MetricDefinition& metric, Grain grain, SourceFinder& finder) {
  if (finder.Of(metric).calls.empty()) return {};
  std::vector<RowSource> reads = RowSourcesOf(metric, grain, finder).sources;
  std::erase_if(reads, [](const RowSource& source) { return source.steps.empty(); });
  return reads;
}

// All datasets that the metric reads but its home.
std::vector<std::string> OthersOf(const MetricSources& sources) {
  std::vector<std::string> others = sources.datasets;
  std::erase(others, sources.home);
  return others;
}

// What the metrics of a group share: datasets, cut unit, and dates where the calendar does not know
// all of the buckets around the requested ones.
using GroupKey =
    std::tuple<std::string, std::vector<std::string>, CutUnit, absl::CivilDay, absl::CivilDay>;

// Of metrics with whole buckets around the dates.
std::vector<CutGroup> GroupMetrics(const std::vector<ChosenGrain>& chosen,
                                   const Calendars& calendars, DateRange dates,
                                   const ReadDefinitions& read, SourceFinder& finder) {
  std::map<GroupKey, CutGroup> by_key;
  for (const ChosenGrain& choice : chosen) {
    const MetricDefinition& metric = *choice.metric;
    const MetricSources& sources = finder.Of(metric);
    const auto& calendar = calendars.at(sources.home);
    const CutUnit unit = CutUnitOf(choice.grain);
    const std::vector<std::string> others = OthersOf(sources);
    const DateRange known = calendar::KnownSteps(*calendar, choice.grain, dates);
    const bool cut = known != calendar::AlignToGrain(*calendar, choice.grain, dates);
    const DateRange kept = cut ? known : dates;
    auto [entry, fresh] = by_key.try_emplace({sources.home, others, unit, kept.start, kept.end});
    CutGroup& group = entry->second;
    if (fresh) {
      group.dataset = sources.home;
      group.also_reads = others;
      group.calendar = calendar;
      group.unit = unit;
      group.dates = kept;
    }
    group.dates = calendar::AlignToGrain(*calendar, choice.grain, group.dates);
    read.AddReads(metric, group.reads);
    group.metrics.push_back({{metric.id(), metric.version, choice.grain},
                             metric.window,
                             GrainOfWindow(metric, choice.grain),
                             ReadsOf(metric, choice.grain, finder)});
  }
  std::vector<CutGroup> groups;
  for (auto& [key, group] : by_key) {
    std::sort(group.metrics.begin(), group.metrics.end(),
              [](const CutMetric& a, const CutMetric& b) { return a.metric < b.metric; });
    groups.push_back(std::move(group));
  }
  return groups;
}

// An error where the datasets have no rows at all: it is rows that are missing, not points.
absl::Status CheckRows(const std::vector<CutGroup>& groups) {
  for (const CutGroup& group : groups) {
    for (const EntityRows& entity : group.entities) {
      if (entity.oldest.has_value()) return absl::OkStatus();
    }
  }
  const std::string& dataset = groups[0].dataset;
  return status::ErrorBuilder(
             absl::StatusCode::kInvalidArgument, "BACKFILL_EMPTY",
             absl::StrCat("dataset ", dataset, " has no rows: metricctl ingest ", dataset, " FILE"))
      .Metadata("dataset", dataset)
      .Build();
}

std::vector<PlannedCalendar> UncheckedCalendars(const std::vector<CutGroup>& groups) {
  std::vector<PlannedCalendar> unchecked;
  for (const CutGroup& group : groups) {
    if (HasShards(group)) continue;
    PlannedCalendar& planned = unchecked.emplace_back();
    planned.datasets = group.also_reads;
    planned.datasets.push_back(group.dataset);
    planned.calendar = group.calendar->spec().name;
    planned.version = group.calendar->version();
  }
  return unchecked;
}

// Takes rows of another dataset into those of the entities.
void AddRows(const std::vector<EntityRows>& others, std::vector<EntityRows>& entities) {
  std::map<std::string_view, const EntityRows*> by_entity;
  for (const EntityRows& other : others) by_entity[other.entity] = &other;
  for (EntityRows& entity : entities) {
    const auto found = by_entity.find(entity.entity);
    if (found == by_entity.end()) continue;
    const EntityRows& other = *found->second;
    entity.rows += other.rows;
    if (!entity.oldest.has_value() || (other.oldest.has_value() && other.oldest < entity.oldest)) {
      entity.oldest = other.oldest;
    }
    if (!entity.newest.has_value() || (other.newest.has_value() && other.newest > entity.newest)) {
      entity.newest = other.newest;
    }
  }
}

BackfillSpec SpecOf(const std::vector<CutGroup>& groups, std::vector<std::string> entities) {
  BackfillSpec spec{.metrics = {}, .entities = std::move(entities), .dates = groups[0].dates};
  for (const CutGroup& group : groups) {
    for (const CutMetric& cut : group.metrics) spec.metrics.push_back(cut.metric);
    spec.dates.start = std::min(spec.dates.start, group.dates.start);
    spec.dates.end = std::max(spec.dates.end, group.dates.end);
  }
  std::sort(spec.metrics.begin(), spec.metrics.end());
  return spec;
}

}  // namespace

absl::StatusOr<BackfillPlan> BackfillPlanner::Plan(int32_t project_id,
                                                   const BackfillRequest& request,
                                                   const CallBounds& bounds) {
  RETURN_IF_ERROR(CheckRequest(request));
  ASSIGN_OR_RETURN(std::string snapshot, TakeSnapshot(bounds));
  // Datasets in memory may be older than the snapshot.
  datasets_.Forget(project_id);
  const std::vector<std::string> entities = SortedDistinct(request.entities);
  ASSIGN_OR_RETURN(
      std::vector<MetricDefinition> matched,
      metrics_.MatchGlobs(project_id, request.metrics, request.latest_versions, bounds));
  ReadDefinitions read(project_id, metrics_, datasets_, bounds);
  RETURN_IF_ERROR(read.Load(matched));
  SourceFinder finder([&](const std::string& id) { return read.Metric(id); },
                      [&](const std::string& name) { return read.DatasetOf(name); });
  ASSIGN_OR_RETURN(MetricChoice choice,
                   ChooseMetrics(std::move(matched), request.metrics,
                                 [&](const auto& metric) { return finder.Of(metric).why_not; }));
  ASSIGN_OR_RETURN(const Calendars calendars,
                   ReadCalendars(project_id, choice.computed, finder, bounds));
  ASSIGN_OR_RETURN(std::vector<ChosenGrain> chosen,
                   ChooseGrains(choice, request.metrics, request.grains, calendars, finder));
  ASSIGN_OR_RETURN(chosen, WithWholeBuckets(std::move(chosen), calendars, request.dates, finder,
                                            choice.skipped));
  std::vector<CutGroup> groups = GroupMetrics(chosen, calendars, request.dates, read, finder);
  RETURN_IF_ERROR(ReadEntities(project_id, entities, groups, bounds));
  RETURN_IF_ERROR(CheckRows(groups));
  return BackfillPlan{.spec = SpecOf(groups, entities),
                      .requested_dates = request.dates,
                      .shards = CutShards(groups),
                      .skipped = std::move(choice.skipped),
                      .reads = read.Versions(),
                      .unchecked_calendars = UncheckedCalendars(groups),
                      .snapshot = std::move(snapshot)};
}

absl::StatusOr<std::string> BackfillPlanner::TakeSnapshot(const CallBounds& bounds) {
  std::string snapshot;
  const auto body = [&](pg::Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(const pg::Result taken, transaction.Execute(kSelectSnapshot));
    snapshot = std::string(taken.Single().Text(0));
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(pool_.Run(bounds, pg::TransactionMode::kReadOnly, body));
  return snapshot;
}

absl::StatusOr<Calendars> BackfillPlanner::ReadCalendars(
    int32_t project_id, const std::vector<MetricDefinition>& metrics, SourceFinder& finder,
    const CallBounds& bounds) {
  Calendars calendars;
  for (const MetricDefinition& metric : metrics) {
    const std::string& home = finder.Of(metric).home;
    const auto [place, fresh] = calendars.try_emplace(home);
    if (!fresh) continue;
    ASSIGN_OR_RETURN(const auto dataset, datasets_.Get(project_id, home, bounds));
    ASSIGN_OR_RETURN(place->second, calendars_.Get(project_id, dataset->calendar, 0, bounds));
  }
  return calendars;
}

absl::Status BackfillPlanner::ReadEntities(int32_t project_id,
                                           const std::vector<std::string>& wanted,
                                           std::vector<CutGroup>& groups,
                                           const CallBounds& bounds) {
  std::map<std::string, std::vector<EntityRows>> stored;
  const std::vector<CutGroup> before = groups;
  for (const CutGroup& group : groups) {
    stored[group.dataset];
    for (const std::string& dataset : group.also_reads) stored[dataset];
  }
  const auto body = [&](pg::Transaction& transaction) -> absl::Status {
    for (auto& [dataset, entities] : stored) {
      entities.clear();
      pg::Params params;
      params.Add(project_id).Add(dataset);
      params.AddArray(std::span<const std::string>(wanted));
      ASSIGN_OR_RETURN(const pg::Result rows, transaction.Execute(kSelectEntityRows, params));
      for (const pg::Row row : rows) {
        entities.push_back(
            {std::string(row.Text(0)), row.Int64(1), row.OptionalTime(2), row.OptionalTime(3)});
      }
    }
    groups = before;
    for (CutGroup& group : groups) {
      group.entities = stored[group.dataset];
      for (const std::string& dataset : group.also_reads) AddRows(stored[dataset], group.entities);
      RETURN_IF_ERROR(AddLeftPoints(transaction, project_id, group));
    }
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(pool_.Run(bounds, pg::TransactionMode::kReadOnlySnapshot, body));
  std::set<std::string> found;
  for (auto& [dataset, entities] : stored) {
    for (const EntityRows& entity : entities) found.insert(entity.entity);
  }
  for (const std::string& entity : wanted) {
    if (!found.contains(entity)) return EntityNotFound(groups[0].dataset, entity);
  }
  return absl::OkStatus();
}

}  // namespace metricstore::registry
