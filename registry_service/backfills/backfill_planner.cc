#include "registry_service/backfills/backfill_planner.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/calendar/buckets.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "registry_service/backfills/backfill_statements.h"
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

absl::Status CheckKnown(const CutGroup& group) {
  const calendar::Calendar& calendar = *group.calendar;
  for (const absl::CivilDay day : {group.dates.start, group.dates.end - 1}) {
    if (calendar.Knows(day)) continue;
    return status::FieldInvalid(
        "dates", FormatDate(day),
        absl::StrCat("calendar ", calendar.spec().name, " knows ",
                     FormatDate(calendar.spec().first_date), " to ",
                     FormatDate(calendar.spec().last_date), " (whole buckets are computed)"));
  }
  return absl::OkStatus();
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

// One for the same datasets and cut unit.
std::vector<CutGroup> GroupMetrics(const std::vector<ChosenGrain>& chosen,
                                   const Calendars& calendars, DateRange dates,
                                   SourceFinder& finder) {
  std::map<std::tuple<std::string, std::vector<std::string>, CutUnit>, CutGroup> by_key;
  for (const ChosenGrain& choice : chosen) {
    const MetricDefinition& metric = *choice.metric;
    const MetricSources& sources = finder.Of(metric);
    const CutUnit unit = CutUnitOf(choice.grain);
    const std::vector<std::string> others = OthersOf(sources);
    auto [entry, fresh] = by_key.try_emplace({sources.home, others, unit});
    CutGroup& group = entry->second;
    if (fresh) {
      group.dataset = sources.home;
      group.also_reads = others;
      group.calendar = calendars.at(sources.home);
      group.unit = unit;
      group.dates = dates;
    }
    group.dates = calendar::AlignToGrain(*group.calendar, choice.grain, group.dates);
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
  ASSIGN_OR_RETURN(const std::vector<ChosenGrain> chosen,
                   ChooseGrains(choice, request.metrics, request.grains, calendars, finder));
  std::vector<CutGroup> groups = GroupMetrics(chosen, calendars, request.dates, finder);
  for (const CutGroup& group : groups) RETURN_IF_ERROR(CheckKnown(group));
  RETURN_IF_ERROR(ReadEntities(project_id, entities, groups, bounds));
  BackfillPlan plan{SpecOf(groups, entities),  request.dates,   CutShards(groups),
                    std::move(choice.skipped), read.Versions(), std::move(snapshot)};
  if (plan.shards.empty()) {
    return status::ErrorBuilder(absl::StatusCode::kInvalidArgument, "BACKFILL_EMPTY",
                                "no rows of these metrics' datasets are stored in these dates")
        .Build();
  }
  return plan;
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
  for (CutGroup& group : groups) {
    group.entities = stored[group.dataset];
    for (const std::string& dataset : group.also_reads) AddRows(stored[dataset], group.entities);
  }
  return absl::OkStatus();
}

}  // namespace metricstore::registry
