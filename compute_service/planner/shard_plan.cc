#include "compute_service/planner/shard_plan.h"

#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/macros.h"

namespace metricstore::compute {
namespace {

absl::Status CheckHome(const LeasedShard& shard, const GraphMetric& metric) {
  if (metric.home->name == shard.dataset) return absl::OkStatus();
  return BlameVersion(
      status::FieldInvalid("dataset", metric.home->name,
                           absl::StrCat("the shard's rows are those of ", shard.dataset)),
      *metric.definition);
}

// The other datasets were compared with the home's calendar of now; the shard has that of when it
// was cut.
absl::Status CheckCalendars(const LeasedShard& shard, const MetricGraph& graph) {
  for (const GraphMetric& metric : graph.metrics()) {
    const Dataset& dataset = *metric.home;
    if (dataset.name == shard.dataset || dataset.calendar == shard.calendar) continue;
    return BlameVersion(
        status::FieldInvalid("dataset", dataset.name,
                             absl::StrCat("follows calendar ", dataset.calendar,
                                          ", the shard was cut by ", shard.calendar)),
        *metric.definition);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<SeriesPlan> PlanShard(const LeasedShard& shard, const MetricGraph& graph,
                                     const calendar::Calendar& calendar) {
  if (shard.metrics.empty()) return status::FieldRequired("metrics");
  if (shard.entities.empty()) return status::FieldRequired("entities");
  std::vector<AskedSeries> asked;
  for (size_t i = 0; i < shard.metrics.size(); ++i) {
    RETURN_IF_ERROR(CheckHome(shard, graph[graph.root(i)]));
    asked.push_back({graph.root(i), shard.metrics[i].grain, {shard.dates}});
  }
  RETURN_IF_ERROR(CheckCalendars(shard, graph));
  return PlanSeries(graph, asked, calendar, BlameVersion);
}

absl::StatusOr<SeriesPlan> PlanMetric(const MetricDefinition& metric, const Dataset& dataset,
                                      const calendar::Calendar& calendar, Dates dates) {
  OneDataset source(dataset);
  const std::vector<DefinitionPtr> roots = {std::make_shared<const MetricDefinition>(metric)};
  const Blame as_it_is = [](const absl::Status& error, const MetricDefinition&) { return error; };
  ASSIGN_OR_RETURN(const MetricGraph graph, MetricGraph::Load(source, roots, as_it_is));
  const AskedSeries asked{graph.root(0), metric.grain, std::move(dates)};
  return PlanSeries(graph, {&asked, 1}, calendar, as_it_is);
}

}  // namespace metricstore::compute
