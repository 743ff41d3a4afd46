#include "compute_service/evaluation/explanation.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/calendar/buckets.h"
#include "common/expression/canonical_text.h"
#include "common/expression/node.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "compute_service/engine/series/bucket_shift.h"
#include "compute_service/evaluation/explanation_text.h"
#include "compute_service/evaluation/request_blame.h"
#include "compute_service/evaluation/shown_rows.h"
#include "compute_service/evaluation/window_evaluation.h"
#include "compute_service/planner/metric_graph.h"
#include "compute_service/planner/series_plan.h"
#include "compute_service/planner/shared_resamplings.h"

namespace metricstore::compute {
namespace {

using expression::Node;

// An aggregate or a call of metric(...) in the expression, and which output of the plan shows it.
struct Part {
  ExplainedPart told;
  std::optional<BucketShift> shift;
  std::optional<size_t> output;
};

std::optional<ExplainedPoint> PointAt(const vector::MetricPoints& points, int64_t start) {
  const auto& starts = points.bucket_start_micros;
  const auto at = std::lower_bound(starts.begin(), starts.end(), start);
  if (at == starts.end() || *at != start) return std::nullopt;
  const auto i = static_cast<size_t>(at - starts.begin());
  return ExplainedPoint{.bucket_start_micros = start,
                        .value = points.values[i],
                        .status = points.statuses[i],
                        .text = points.texts.empty() ? std::string() : points.texts[i]};
}

// Slices of several buckets, which may overlap, as ranges in order and disjoint.
std::vector<TimeRange> United(std::vector<TimeRange> slices) {
  std::sort(slices.begin(), slices.end(),
            [](const TimeRange& a, const TimeRange& b) { return a.start < b.start; });
  std::vector<TimeRange> united;
  for (const TimeRange& slice : slices) {
    if (!united.empty() && slice.start <= united.back().end) {
      united.back().end = std::max(united.back().end, slice.end);
    } else {
      united.push_back(slice);
    }
  }
  return united;
}

// Makes one explanation.
class Explainer {
 public:
  Explainer(RegistryClient& registry, const ExplanationRequest& request, const CallBounds& bounds)
      : registry_(registry),
        request_(request),
        bounds_(bounds),
        blame_([this](const absl::Status& error, const MetricDefinition& metric) {
          return paths_.Blame(error, metric);
        }) {}

  absl::StatusOr<Explanation> Explain();

 private:
  const GraphMetric& root() const { return graph_[graph_.root(0)]; }
  bool is_folded() const {
    const MetricDefinition& metric = *root().definition;
    return !metric.rollup.empty() && explanation_.grain > metric.grain;
  }
  Dates BucketDates() const { return {explanation_.bucket_dates}; }

  // Has what came along read by whoever reads its id.
  absl::Status ReplaceStored(RegistryDefinitions* definitions);
  absl::Status LoadGraph();
  absl::Status FindBucketDates();
  absl::Status CheckEntity() const;
  // What the plan has to show: the metric, the points that it is folded from, its parts.
  absl::Status Ask();
  // How many bars the rows become.
  absl::Status AskBars();
  absl::Status CollectParts(const Node& node);
  absl::Status AddAggregate(const Node& node);
  absl::Status AddReference(const Node& node);
  // Counts another use of a part that is there already.
  bool IsKnown(const std::string& text);
  absl::Status Evaluate();
  absl::Status CheckHasRows() const;
  // Which of the buckets is explained; nullopt: none that the window shows.
  absl::StatusOr<std::optional<int64_t>> ChooseBucket() const;
  absl::Status ShowRows(int64_t start);
  void ShowPoints(int64_t start);

  RegistryClient& registry_;
  const ExplanationRequest& request_;
  const CallBounds& bounds_;
  RequestPaths paths_;
  const Blame blame_;
  MetricGraph graph_;
  std::shared_ptr<const calendar::Calendar> calendar_;
  std::vector<AskedSeries> asked_;
  std::vector<Part> parts_;
  std::optional<size_t> bars_output_;
  SeriesPlan plan_;
  EvaluationFacts facts_;
  std::vector<vector::MetricPoints> outputs_;  // empty where the entity has no rows
  columns::ColumnBatch rows_;                  // of the entity, of the metric's own dataset
  Explanation explanation_;
};

absl::Status Explainer::ReplaceStored(RegistryDefinitions* definitions) {
  std::set<std::string> given;
  if (request_.metric->ref.version == 0) {
    given.insert(request_.metric->ref.id);
    definitions->Replace(request_.metric);
    paths_.AddGiven(request_.metric->ref, "metric.definition");
  } else {
    paths_.AddNamed(request_.metric->ref, "metric");
  }
  for (size_t i = 0; i < request_.definitions.size(); ++i) {
    const DefinitionPtr& definition = request_.definitions[i];
    const std::string path = absl::StrCat("definitions[", i, "]");
    if (!given.insert(definition->ref.id).second) {
      return status::FieldInvalid(path, definition->ref.id, "is there twice");
    }
    definitions->Replace(definition);
    paths_.AddGiven(definition->ref, path);
  }
  return absl::OkStatus();
}

absl::Status Explainer::LoadGraph() {
  RegistryDefinitions definitions(registry_, request_.project, bounds_);
  RETURN_IF_ERROR(ReplaceStored(&definitions));
  ASSIGN_OR_RETURN(graph_, MetricGraph::Load(definitions, {&request_.metric, 1}, blame_));
  return absl::OkStatus();
}

absl::Status Explainer::FindBucketDates() {
  ASSIGN_OR_RETURN(calendar_, registry_.GetCalendar(request_.project, root().home->calendar,
                                                    /*version=*/0, bounds_));
  const calendar::CalendarSpec& spec = calendar_->spec();
  explanation_.calendar = spec.name;
  explanation_.calendar_version = calendar_->version();
  explanation_.time_zone = spec.time_zone;
  explanation_.grain = request_.grain.value_or(root().definition->grain);
  explanation_.bucket_dates =
      calendar::AlignToGrain(*calendar_, explanation_.grain, {request_.date, request_.date + 1});
  const DateRange& dates = explanation_.bucket_dates;
  if (calendar_->Knows(dates.start) && calendar_->Knows(dates.end - 1)) return absl::OkStatus();
  return status::FieldInvalid(
      "date", FormatDate(request_.date),
      absl::StrCat("calendar ", spec.name, " knows ", FormatDate(spec.first_date), " to ",
                   FormatDate(spec.last_date), " only, and not all of the bucket"));
}

absl::Status Explainer::CheckEntity() const {
  const Dataset& home = *root().home;
  if (home.entity_column.empty() == request_.entity.empty()) return absl::OkStatus();
  if (request_.entity.empty()) return status::FieldRequired("entity");
  return status::FieldInvalid("entity", request_.entity,
                              absl::StrCat("dataset ", home.name, " has no entities"));
}

bool Explainer::IsKnown(const std::string& text) {
  const auto known = std::find_if(parts_.begin(), parts_.end(),
                                  [&](const Part& part) { return part.told.expression == text; });
  if (known == parts_.end()) return false;
  ++known->told.uses;
  return true;
}

absl::Status Explainer::AddAggregate(const Node& node) {
  std::string text = expression::CanonicalText(node);
  if (IsKnown(text)) return absl::OkStatus();
  auto bound = expression::BoundExpression::ParseMetric(text, root().dataset->schema);
  // An instant, say, has no points of its own.
  if (!bound.ok()) return absl::OkStatus();
  parts_.push_back({.told = {.expression = std::move(text)}, .output = asked_.size()});
  asked_.push_back({graph_.root(0), explanation_.grain, BucketDates(), *std::move(bound)});
  return absl::OkStatus();
}

absl::Status Explainer::AddReference(const Node& node) {
  std::string text = expression::CanonicalText(node);
  if (IsKnown(text)) return absl::OkStatus();
  const auto& references = root().references;
  const auto reference = std::find_if(references.begin(), references.end(),
                                      [&node](const auto& one) { return one.call == &node; });
  Part part{.told = {.expression = std::move(text),
                     .version = graph_[reference->metric].definition->ref.version}};
  Dates dates = BucketDates();
  if (!reference->offset.empty()) {
    ASSIGN_OR_RETURN(part.shift,
                     BucketShift::Create(*calendar_, explanation_.grain, reference->offset));
    const DateRange reached = part.shift->Of(explanation_.bucket_dates);
    dates = reached.start < reached.end ? Dates{reached} : Dates{};
  }
  part.output = asked_.size();
  asked_.push_back({reference->metric, explanation_.grain, std::move(dates)});
  parts_.push_back(std::move(part));
  return absl::OkStatus();
}

absl::Status Explainer::CollectParts(const Node& node) {
  if (node.kind == expression::NodeKind::kCall) {
    if (node.function == expression::Function::kMetric) return AddReference(node);
    if (expression::SpecOf(node.function).kind == expression::FunctionKind::kAggregate) {
      return AddAggregate(node);
    }
  }
  for (const auto& argument : node.arguments) RETURN_IF_ERROR(CollectParts(*argument));
  return absl::OkStatus();
}

absl::Status Explainer::AskBars() {
  const DatasetPtr& own = root().dataset;
  if (own == nullptr || !IsResampled(*root().definition, *own)) return absl::OkStatus();
  ASSIGN_OR_RETURN(auto count, expression::BoundExpression::ParseMetric("count(*)", own->schema));
  bars_output_ = asked_.size();
  asked_.push_back({graph_.root(0), explanation_.grain, BucketDates(), std::move(count)});
  return absl::OkStatus();
}

absl::Status Explainer::Ask() {
  asked_.push_back({graph_.root(0), explanation_.grain, BucketDates()});
  if (is_folded()) {
    asked_.push_back({graph_.root(0), root().definition->grain, BucketDates()});
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(AskBars());
  const absl::Status collected = CollectParts(root().expression->root());
  return collected.ok() ? collected : blame_(collected, *root().definition);
}

absl::Status Explainer::Evaluate() {
  ASSIGN_OR_RETURN(plan_, PlanSeries(graph_, asked_, *calendar_, blame_));
  facts_.rows_of_sources.resize(plan_.sources.size());
  WindowHooks hooks;
  hooks.observe = [this](size_t source, const columns::ColumnBatch& rows) {
    facts_.rows_of_sources[source] += static_cast<int64_t>(rows.rows);
    const DatasetPtr& own = root().dataset;
    if (own != nullptr && plan_.sources[source].dataset == own->name) rows_ = rows;
    return absl::OkStatus();
  };
  hooks.sink = [this](std::string_view, std::vector<vector::MetricPoints>&& outputs, int64_t) {
    outputs_ = std::move(outputs);
    return absl::OkStatus();
  };
  WindowScope scope{.project = request_.project, .entities = {}, .fallback = {}};
  if (!request_.entity.empty()) scope.entities.push_back(request_.entity);
  ASSIGN_OR_RETURN(const WindowSummary summary,
                   EvaluateWindows(registry_, plan_, scope, hooks, bounds_));
  (void)summary;
  if (outputs_.empty()) outputs_.resize(asked_.size());
  return absl::OkStatus();
}

absl::Status Explainer::CheckHasRows() const {
  const auto& counts = facts_.rows_of_sources;
  const bool has_rows = std::any_of(counts.begin(), counts.end(), [](int64_t n) { return n > 0; });
  // Where no window shows anything, nothing was read.
  const bool was_read = std::any_of(plan_.sources.begin(), plan_.sources.end(),
                                    [](const RowPlan& one) { return one.interval.has_value(); });
  if (has_rows || !was_read || request_.entity.empty()) return absl::OkStatus();
  const std::string& dataset = root().home->name;
  return status::ErrorBuilder(absl::StatusCode::kNotFound, "ENTITY_NOT_FOUND",
                              absl::StrCat("dataset ", dataset, " has no rows of ", request_.entity,
                                           " in the dates of the bucket and of what it depends on"))
      .Metadata("dataset", dataset)
      .Metadata("entity", request_.entity)
      .Build();
}

absl::StatusOr<std::optional<int64_t>> Explainer::ChooseBucket() const {
  if (explanation_.grain != Grain::kHour) {
    return ToMicros(calendar_->ExtentOf(explanation_.bucket_dates.start).start);
  }
  if (!request_.hour.has_value()) {
    const auto& starts = outputs_[0].bucket_start_micros;
    return starts.empty() ? std::nullopt : std::optional<int64_t>(starts.front());
  }
  ASSIGN_OR_RETURN(const calendar::WindowBuckets hours,
                   calendar::ResolveBuckets(*calendar_, calendar::Window(), Grain::kHour,
                                            explanation_.bucket_dates));
  for (const calendar::WindowBuckets::Span& span : hours.spans) {
    if (span.start == *request_.hour) return ToMicros(span.start);
  }
  return status::FieldInvalid(
      "hour", FormatInstant(*request_.hour),
      absl::StrCat("no bucket of ", FormatDate(request_.date), " starts then"));
}

absl::Status Explainer::ShowRows(int64_t start) {
  const GraphMetric& metric = root();
  if (metric.dataset == nullptr) return absl::OkStatus();
  const Grain computed = is_folded() ? metric.definition->grain : explanation_.grain;
  ASSIGN_OR_RETURN(const calendar::WindowBuckets buckets,
                   calendar::ResolveBuckets(*calendar_, metric.definition->window, computed,
                                            explanation_.bucket_dates));
  std::vector<TimeRange> slices;
  for (size_t i = 0; i < buckets.spans.size(); ++i) {
    if (!is_folded() && ToMicros(buckets.spans[i].start) != start) continue;
    const calendar::Bucket bucket = buckets.BucketAt(i);
    slices.insert(slices.end(), bucket.slices.begin(), bucket.slices.end());
  }
  explanation_.slices = United(std::move(slices));
  for (const RowPlan& source : plan_.sources) {
    if (source.dataset == metric.dataset->name) explanation_.columns = source.columns;
  }
  const std::vector<size_t> shown =
      RowsWithin(rows_, metric.dataset->time_column, explanation_.slices);
  explanation_.row_count = std::ssize(shown);
  ASSIGN_OR_RETURN(explanation_.counted_row_count,
                   CountPassing(rows_, shown, metric.filters, metric.dataset->schema, bounds_));
  explanation_.rows = Sample(rows_, shown, static_cast<size_t>(request_.row_limit));
  return absl::OkStatus();
}

void Explainer::ShowPoints(int64_t start) {
  explanation_.point = PointAt(outputs_[0], start);
  facts_.is_folded = is_folded();
  if (facts_.is_folded) facts_.folded_points = std::ssize(outputs_[1].values);
  if (bars_output_.has_value()) {
    const auto bars = PointAt(outputs_[*bars_output_], start);
    facts_.bars = bars.has_value() ? static_cast<int64_t>(bars->value) : 0;
  }
  for (Part& part : parts_) {
    part.told.bucket_start_micros =
        part.shift.has_value() ? part.shift->Of(start) : std::optional<int64_t>(start);
    if (part.told.bucket_start_micros.has_value()) {
      part.told.point = PointAt(outputs_[*part.output], *part.told.bucket_start_micros);
    }
    explanation_.parts.push_back(std::move(part.told));
  }
}

absl::StatusOr<Explanation> Explainer::Explain() {
  explanation_.executor = ChooseExecutor(*request_.metric);
  explanation_.grain = request_.grain.value_or(request_.metric->grain);
  if (explanation_.executor.executor == Executor::kSql) {
    explanation_.plan.push_back(explanation_.executor.reason);
    return std::move(explanation_);
  }
  RETURN_IF_ERROR(LoadGraph());
  explanation_.canonical_expression = root().expression->canonical_text();
  RETURN_IF_ERROR(CheckEntity());
  RETURN_IF_ERROR(FindBucketDates());
  RETURN_IF_ERROR(Ask());
  RETURN_IF_ERROR(Evaluate());
  RETURN_IF_ERROR(CheckHasRows());
  ASSIGN_OR_RETURN(const std::optional<int64_t> start, ChooseBucket());
  if (start.has_value()) {
    RETURN_IF_ERROR(ShowRows(*start));
    ShowPoints(*start);
  }
  explanation_.plan = PlanLines(explanation_, graph_, graph_.root(0), plan_, facts_);
  return std::move(explanation_);
}

}  // namespace

absl::StatusOr<Explanation> ExplainPoint(RegistryClient& registry,
                                         const ExplanationRequest& request,
                                         const CallBounds& bounds) {
  return Explainer(registry, request, bounds).Explain();
}

}  // namespace metricstore::compute
