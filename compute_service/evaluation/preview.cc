#include "compute_service/evaluation/preview.h"

#include <memory>
#include <set>
#include <span>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/calendar/buckets.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "compute_service/evaluation/named_entities.h"
#include "compute_service/evaluation/request_blame.h"
#include "compute_service/evaluation/window_evaluation.h"
#include "compute_service/planner/metric_graph.h"
#include "compute_service/planner/series_plan.h"

namespace metricstore::compute {
namespace {

// Metrics of a request whose home is one dataset.
struct Group {
  DatasetPtr home;
  std::vector<size_t> metrics;  // indexes in the request
};

class Preview {
 public:
  Preview(RegistryClient& registry, const PreviewRequest& request, const PreviewSink& sink,
          const CallBounds& bounds)
      : registry_(registry),
        request_(request),
        sink_(sink),
        bounds_(bounds),
        definitions_(registry, request.project, bounds),
        entities_(request.entities),
        blame_([this](const absl::Status& error, const MetricDefinition& metric) {
          return paths_.Blame(error, metric);
        }) {}

  absl::StatusOr<int64_t> Run();

 private:
  absl::StatusOr<std::vector<DefinitionPtr>> FindRoots();
  std::vector<Group> GroupByHome(const MetricGraph& graph) const;
  Grain GrainOf(const GraphMetric& metric) const {
    return request_.grain.value_or(metric.definition->grain);
  }
  absl::StatusOr<std::vector<AskedSeries>> Ask(const MetricGraph& graph, const Group& group,
                                               const calendar::Calendar& calendar) const;
  absl::Status Evaluate(const MetricGraph& graph, const Group& group);

  RegistryClient& registry_;
  const PreviewRequest& request_;
  const PreviewSink& sink_;
  const CallBounds& bounds_;
  RegistryDefinitions definitions_;
  NamedEntities entities_;
  RequestPaths paths_;
  const Blame blame_;
  int64_t rows_read_ = 0;
};

absl::StatusOr<std::vector<DefinitionPtr>> Preview::FindRoots() {
  std::set<std::string> given;
  std::vector<MetricRef> named;
  for (const PreviewMetric& metric : request_.metrics) {
    if (metric.definition == nullptr) {
      named.push_back(metric.ref);
      continue;
    }
    const std::string& id = metric.definition->ref.id;
    const std::string path = absl::StrCat(metric.path, ".definition");
    if (!given.insert(id).second) return status::FieldInvalid(path, id, "is there twice");
    definitions_.Replace(metric.definition);
    paths_.AddGiven(metric.definition->ref, path);
  }
  std::vector<DefinitionPtr> stored;
  if (!named.empty()) {
    ASSIGN_OR_RETURN(stored, registry_.GetMetrics(request_.project, named, bounds_));
  }
  std::vector<DefinitionPtr> roots;
  auto next = stored.begin();
  for (const PreviewMetric& metric : request_.metrics) {
    roots.push_back(metric.definition == nullptr ? std::move(*next++) : metric.definition);
    if (metric.definition == nullptr) paths_.AddNamed(roots.back()->ref, metric.path);
  }
  return roots;
}

std::vector<Group> Preview::GroupByHome(const MetricGraph& graph) const {
  std::vector<Group> groups;
  for (size_t i = 0; i < request_.metrics.size(); ++i) {
    const DatasetPtr& home = graph[graph.root(i)].home;
    auto group = groups.begin();
    while (group != groups.end() && group->home->name != home->name) ++group;
    if (group == groups.end()) group = groups.insert(group, Group{.home = home, .metrics = {}});
    group->metrics.push_back(i);
  }
  return groups;
}

absl::StatusOr<std::vector<AskedSeries>> Preview::Ask(const MetricGraph& graph, const Group& group,
                                                      const calendar::Calendar& calendar) const {
  std::vector<AskedSeries> asked;
  for (const size_t i : group.metrics) {
    const size_t metric = graph.root(i);
    const Grain grain = GrainOf(graph[metric]);
    const DateRange dates = calendar::AlignToGrain(calendar, grain, request_.dates);
    if (!calendar.Knows(dates.start) || !calendar.Knows(dates.end - 1)) {
      const calendar::CalendarSpec& spec = calendar.spec();
      return status::FieldInvalid(
          "dates", absl::StrCat(FormatDate(dates.start), "/", FormatDate(dates.end)),
          absl::StrCat("calendar ", spec.name, " of dataset ", group.home->name, " knows ",
                       FormatDate(spec.first_date), " to ", FormatDate(spec.last_date), " only"));
    }
    asked.push_back({metric, grain, {dates}});
  }
  return asked;
}

absl::Status Preview::Evaluate(const MetricGraph& graph, const Group& group) {
  ASSIGN_OR_RETURN(
      const std::shared_ptr<const calendar::Calendar> calendar,
      registry_.GetCalendar(request_.project, group.home->calendar, /*version=*/0, bounds_));
  ASSIGN_OR_RETURN(const std::vector<AskedSeries> asked, Ask(graph, group, *calendar));
  ASSIGN_OR_RETURN(const SeriesPlan plan, PlanSeries(graph, asked, *calendar, blame_));
  for (const RowPlan& source : plan.sources) {
    if (!source.entity_column.empty()) entities_.AddDataset(source.dataset);
  }
  WindowHooks hooks;
  const int64_t rows_before = rows_read_;
  hooks.sink = [&](std::string_view entity, std::vector<vector::MetricPoints>&& outputs,
                   int64_t rows_read) -> absl::Status {
    entities_.HasRows(entity);
    for (size_t i = 0; i < outputs.size(); ++i) {
      if (outputs[i].values.empty()) continue;
      RETURN_IF_ERROR(sink_({.metric_index = group.metrics[i],
                             .metric = graph[asked[i].metric].definition->ref,
                             .grain = asked[i].grain,
                             .entity = entity,
                             .points = std::move(outputs[i])},
                            rows_before + rows_read));
    }
    return absl::OkStatus();
  };
  const WindowScope scope{
      .project = request_.project, .entities = request_.entities, .fallback = {}};
  ASSIGN_OR_RETURN(const WindowSummary summary,
                   EvaluateWindows(registry_, plan, scope, hooks, bounds_));
  rows_read_ += summary.rows_read;
  return absl::OkStatus();
}

absl::StatusOr<int64_t> Preview::Run() {
  ASSIGN_OR_RETURN(const std::vector<DefinitionPtr> roots, FindRoots());
  ASSIGN_OR_RETURN(const MetricGraph graph, MetricGraph::Load(definitions_, roots, blame_));
  for (const Group& group : GroupByHome(graph)) RETURN_IF_ERROR(Evaluate(graph, group));
  RETURN_IF_ERROR(entities_.CheckKnown(registry_, request_.project, bounds_));
  return rows_read_;
}

}  // namespace

absl::StatusOr<int64_t> EvaluatePreview(RegistryClient& registry, const PreviewRequest& request,
                                        const PreviewSink& sink, const CallBounds& bounds) {
  return Preview(registry, request, sink, bounds).Run();
}

}  // namespace metricstore::compute
