#include "compute_service/planner/series_plan.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/expression/canonical_text.h"
#include "common/expression/node.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "compute_service/planner/date_ranges.h"
#include "compute_service/planner/reference_errors.h"

namespace metricstore::compute {
namespace {

using expression::FunctionKind;
using expression::Node;

bool IsMetricCall(const Node& node) {
  return node.kind == expression::NodeKind::kCall && node.function == expression::Function::kMetric;
}

bool Reads(const Node& node) {
  return IsMetricCall(node) || std::any_of(node.arguments.begin(), node.arguments.end(),
                                           [](const auto& argument) { return Reads(*argument); });
}

bool IsAggregate(const Node& node) {
  return node.kind == expression::NodeKind::kCall &&
         expression::SpecOf(node.function).kind == FunctionKind::kAggregate;
}

bool HoldsAggregate(const Node& node) {
  return IsAggregate(node) ||
         std::any_of(node.arguments.begin(), node.arguments.end(),
                     [](const auto& argument) { return HoldsAggregate(*argument); });
}

void CollectOwnParts(const Node& node, std::vector<const Node*>* parts) {
  if (IsMetricCall(node)) return;
  if (!Reads(node)) {
    if (HoldsAggregate(node)) parts->push_back(&node);
    return;
  }
  for (const auto& argument : node.arguments) CollectOwnParts(*argument, parts);
}

// A part as an expression of its own.
absl::StatusOr<BoundPtr> BindPart(const Node& part, const expression::Schema& schema) {
  const std::string text = expression::CanonicalText(part);
  auto bound = expression::BoundExpression::ParseMetric(text, schema);
  if (bound.ok()) return bound;
  const std::string message = absl::StrCat(
      text, " cannot stand beside other metrics: ", std::string(bound.status().message()));
  return status::ErrorBuilder(absl::StatusCode::kInvalidArgument, "NOT_SUPPORTED", message)
      .Metadata("field", "expression")
      .Field("expression", message)
      .Build();
}

// Makes one plan.
class SeriesPlanner {
 public:
  SeriesPlanner(const MetricGraph& graph, const calendar::Calendar& calendar, const Blame& blame)
      : graph_(graph), calendar_(calendar), blame_(blame), buckets_(calendar) {}

  absl::StatusOr<SeriesPlan> Plan(std::span<const AskedSeries> asked);

 private:
  using Key = std::pair<size_t, Grain>;

  // Which dates of which series are needed, readers before what they read.
  absl::Status SpreadNeeds(std::span<const AskedSeries> asked);
  absl::Status SpreadNeed(size_t metric, Grain grain, const Dates& dates);
  void Need(size_t metric, Grain grain, const Dates& dates);
  static bool IsFolded(const GraphMetric& metric, Grain grain) {
    return !metric.definition->rollup.empty() && grain > metric.definition->grain;
  }

  void NameSources(std::span<const AskedSeries> asked);
  RowPlanner& PlannerOf(const GraphMetric& metric) {
    return planners_[source_of_.at(metric.dataset->name)];
  }
  // Index of a new series of rows.
  absl::StatusOr<size_t> AddRows(size_t metric, const BoundPtr& value, Grain grain,
                                 const Dates& dates, bool may_fold);
  absl::Status AddSeries(size_t metric, Grain grain, const Dates& dates);
  absl::StatusOr<DerivedTask> Derive(size_t metric, Grain grain, const Dates& dates);
  absl::Status AddReferences(const GraphMetric& metric, Grain grain, DerivedTask* task);
  absl::Status AddOwnParts(size_t metric, Grain grain, const Dates& dates, DerivedTask* task);
  absl::Status AddOutput(const AskedSeries& asked);
  absl::Status Told(const absl::Status& error, size_t metric) const {
    return error.ok() ? error : blame_(error, *graph_[metric].definition);
  }

  const MetricGraph& graph_;
  const calendar::Calendar& calendar_;
  const Blame& blame_;
  SharedBuckets buckets_;  // of folds and of series whose inputs are all shifted
  std::map<size_t, std::map<Grain, Dates>> needs_;
  std::map<std::string, size_t> source_of_;
  std::vector<RowPlanner> planners_;
  std::map<Key, size_t> series_of_;
  SeriesPlan plan_;
};

void SeriesPlanner::Need(size_t metric, Grain grain, const Dates& dates) {
  Dates& needed = needs_[metric][grain];
  for (const DateRange& range : dates) Unite(range, &needed);
}

absl::Status SeriesPlanner::SpreadNeed(size_t metric, Grain grain, const Dates& dates) {
  const GraphMetric& reader = graph_[metric];
  if (reader.references.empty()) return absl::OkStatus();
  if (IsFolded(reader, grain)) {
    // Refused before the finer points are planned, whose dates may not fit.
    RETURN_IF_ERROR(
        FoldOfMetric(*reader.definition, reader.expression->output(), grain, buckets_, dates)
            .status());
    Need(metric, reader.definition->grain, dates);
    return absl::OkStatus();
  }
  for (const GraphMetric::Reference& reference : reader.references) {
    if (reference.offset.empty()) {
      Need(reference.metric, grain, dates);
      continue;
    }
    const auto shift = BucketShift::Create(calendar_, grain, reference.offset);
    if (!shift.ok()) return AtOffset(shift.status(), *reader.definition, *reference.call);
    Dates reached;
    for (const DateRange& range : dates) reached.push_back(shift->Of(range));
    Need(reference.metric, grain, reached);
  }
  return absl::OkStatus();
}

absl::Status SeriesPlanner::SpreadNeeds(std::span<const AskedSeries> asked) {
  for (const AskedSeries& one : asked) {
    if (one.part == nullptr) Need(one.metric, one.grain, one.dates);
  }
  for (size_t metric = graph_.metrics().size(); metric-- > 0;) {
    const auto needed = needs_.find(metric);
    if (needed == needs_.end()) continue;
    // From coarse to fine, since folds need finer points of the same metric.
    for (auto at = needed->second.rbegin(); at != needed->second.rend(); ++at) {
      RETURN_IF_ERROR(Told(SpreadNeed(metric, at->first, at->second), metric));
    }
  }
  return absl::OkStatus();
}

void SeriesPlanner::NameSources(std::span<const AskedSeries> asked) {
  std::map<std::string, const Dataset*> datasets;
  const auto add = [&](size_t metric) {
    const Dataset* const dataset = graph_[metric].dataset.get();
    if (dataset != nullptr) datasets[dataset->name] = dataset;
  };
  for (const auto& [metric, grains] : needs_) add(metric);
  for (const AskedSeries& one : asked) add(one.metric);
  const Dataset& home = *graph_[asked.front().metric].home;
  datasets.erase(home.name);
  planners_.reserve(datasets.size() + 1);
  for (const auto& [name, dataset] : datasets) {
    source_of_[name] = planners_.size();
    planners_.emplace_back(*dataset, calendar_);
  }
  source_of_[home.name] = planners_.size();
  planners_.emplace_back(home, calendar_);
}

absl::StatusOr<size_t> SeriesPlanner::AddRows(size_t metric, const BoundPtr& value, Grain grain,
                                              const Dates& dates, bool may_fold) {
  const GraphMetric& of = graph_[metric];
  ASSIGN_OR_RETURN(const size_t task, PlannerOf(of).Add(of, value, grain, dates, may_fold));
  plan_.series.push_back({metric, grain, SeriesOfRows{source_of_[of.dataset->name], task}});
  return plan_.series.size() - 1;
}

absl::Status SeriesPlanner::AddReferences(const GraphMetric& metric, Grain grain,
                                          DerivedTask* task) {
  std::map<std::pair<size_t, std::string>, std::string> columns;
  for (const GraphMetric::Reference& reference : metric.references) {
    const auto [column, is_new] = columns.try_emplace({reference.metric, reference.offset},
                                                      absl::StrCat("m", columns.size()));
    task->stand_ins[reference.call] = column->second;
    if (!is_new) continue;
    DerivedInput input{.column = column->second,
                       .type = columns::ColumnType::kFloat64,
                       .series = series_of_.at({reference.metric, grain}),
                       .shift = std::nullopt};
    if (!reference.offset.empty()) {
      ASSIGN_OR_RETURN(input.shift, BucketShift::Create(calendar_, grain, reference.offset));
    }
    task->inputs.push_back(std::move(input));
  }
  return absl::OkStatus();
}

absl::Status SeriesPlanner::AddOwnParts(size_t metric, Grain grain, const Dates& dates,
                                        DerivedTask* task) {
  const GraphMetric& of = graph_[metric];
  if (of.dataset == nullptr) return absl::OkStatus();
  std::map<std::string, std::string> columns;  // by canonical text
  for (const Node* part : OwnParts(of.expression->root())) {
    ASSIGN_OR_RETURN(const BoundPtr bound, BindPart(*part, of.dataset->schema));
    const auto [column, is_new] = columns.try_emplace(
        absl::StrCat(bound->canonical_text(), "::", static_cast<int>(part->type)),
        absl::StrCat("a", columns.size()));
    task->stand_ins[part] = column->second;
    if (!is_new) continue;
    ASSIGN_OR_RETURN(const size_t series, AddRows(metric, bound, grain, dates, false));
    task->inputs.push_back(
        {.column = column->second, .type = part->type, .series = series, .shift = std::nullopt});
  }
  return absl::OkStatus();
}

absl::StatusOr<DerivedTask> SeriesPlanner::Derive(size_t metric, Grain grain, const Dates& dates) {
  DerivedTask task;
  task.expression = graph_[metric].expression;
  task.ranges = StartsWithin(calendar_, dates);
  RETURN_IF_ERROR(AddReferences(graph_[metric], grain, &task));
  RETURN_IF_ERROR(AddOwnParts(metric, grain, dates, &task));
  if (std::all_of(task.inputs.begin(), task.inputs.end(),
                  [](const DerivedInput& input) { return input.shift.has_value(); })) {
    ASSIGN_OR_RETURN(task.starts_micros, buckets_.StartsOf(grain, dates));
  }
  return task;
}

absl::Status SeriesPlanner::AddSeries(size_t metric, Grain grain, const Dates& dates) {
  const GraphMetric& of = graph_[metric];
  if (of.references.empty()) {
    ASSIGN_OR_RETURN(const size_t series, AddRows(metric, of.expression, grain, dates, true));
    series_of_[{metric, grain}] = series;
    return absl::OkStatus();
  }
  PlannedSeries series{.metric = metric, .grain = grain, .way = {}};
  if (IsFolded(of, grain)) {
    ASSIGN_OR_RETURN(const auto fold,
                     FoldOfMetric(*of.definition, of.expression->output(), grain, buckets_, dates));
    series.way = SeriesOfPoints{.series = series_of_.at({metric, of.definition->grain}),
                                .fold = *fold,
                                .ranges = StartsWithin(calendar_, dates)};
  } else {
    ASSIGN_OR_RETURN(series.way, Derive(metric, grain, dates));
  }
  plan_.series.push_back(std::move(series));
  series_of_[{metric, grain}] = plan_.series.size() - 1;
  return absl::OkStatus();
}

absl::Status SeriesPlanner::AddOutput(const AskedSeries& asked) {
  PlannedOutput output{.ranges = StartsWithin(calendar_, asked.dates)};
  if (asked.part != nullptr) {
    ASSIGN_OR_RETURN(output.series,
                     AddRows(asked.metric, asked.part, asked.grain, asked.dates, false));
  } else {
    Dates own;
    for (const DateRange& range : asked.dates) Unite(range, &own);
    output.series = series_of_.at({asked.metric, asked.grain});
    output.is_whole = own == needs_[asked.metric][asked.grain];
  }
  plan_.outputs.push_back(std::move(output));
  return absl::OkStatus();
}

absl::StatusOr<SeriesPlan> SeriesPlanner::Plan(std::span<const AskedSeries> asked) {
  RETURN_IF_ERROR(SpreadNeeds(asked));
  NameSources(asked);
  for (const auto& [metric, grains] : needs_) {
    for (const auto& [grain, dates] : grains) {
      RETURN_IF_ERROR(Told(AddSeries(metric, grain, dates), metric));
    }
  }
  for (const AskedSeries& one : asked) RETURN_IF_ERROR(Told(AddOutput(one), one.metric));
  for (RowPlanner& planner : planners_) plan_.sources.push_back(planner.Finish());
  return std::move(plan_);
}

}  // namespace

std::vector<const Node*> OwnParts(const Node& root) {
  std::vector<const Node*> parts;
  CollectOwnParts(root, &parts);
  return parts;
}

absl::StatusOr<SeriesPlan> PlanSeries(const MetricGraph& graph, std::span<const AskedSeries> asked,
                                      const calendar::Calendar& calendar, const Blame& blame) {
  return SeriesPlanner(graph, calendar, blame).Plan(asked);
}

}  // namespace metricstore::compute
