#include "compute_service/evaluation/explanation_text.h"

#include <array>
#include <charconv>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/calendar/window.h"
#include "common/time/iso8601.h"
#include "compute_service/planner/shared_resamplings.h"

namespace metricstore::compute {
namespace {

// The shortest text that reads back as the number.
std::string NumberText(double value) {
  std::array<char, 32> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  return std::string(buffer.data(), end);
}

std::string PointText(const std::optional<ExplainedPoint>& point) {
  if (!point.has_value()) return "no point";
  switch (point->status) {
    case vector::PointStatus::kNull:
      return "NULL";
    case vector::PointStatus::kNotFinite:
      return "not finite";
    case vector::PointStatus::kTooLarge:
      return "too large to be stored";
    case vector::PointStatus::kOk:
      break;
  }
  return point->text.empty() ? NumberText(point->value) : point->text;
}

std::string Counted(int64_t count, std::string_view what) {
  return absl::StrCat(count, " ", std::string(what), count == 1 ? "" : "s");
}

void AddReads(const SeriesPlan& plan, const EvaluationFacts& facts,
              std::vector<std::string>* lines) {
  for (size_t i = 0; i < plan.sources.size(); ++i) {
    const RowPlan& source = plan.sources[i];
    if (source.tasks.empty()) continue;
    lines->push_back(absl::StrCat("read ", Counted(facts.rows_of_sources[i], "row"), " of ",
                                  source.dataset, source.columns.empty() ? "" : ": ",
                                  absl::StrJoin(source.columns, ", ")));
  }
}

// Metrics that are read by several others, or in several ways.
void AddShared(const MetricGraph& graph, std::vector<std::string>* lines) {
  std::map<size_t, std::set<std::string>> readers;
  for (const GraphMetric& metric : graph.metrics()) {
    for (const GraphMetric::Reference& reference : metric.references) {
      readers[reference.metric].insert(metric.definition->ref.id);
    }
  }
  for (const auto& [metric, ids] : readers) {
    if (ids.size() < 2) continue;
    const MetricRef& ref = graph[metric].definition->ref;
    lines->push_back(absl::StrCat("metric ", ref.id, " version ", ref.version,
                                  ": evaluated once, read by ", absl::StrJoin(ids, ", ")));
  }
}

void AddWindow(const Explanation& explanation, const GraphMetric& metric,
               const EvaluationFacts& facts, std::vector<std::string>* lines) {
  const MetricDefinition& definition = *metric.definition;
  if (metric.dataset == nullptr) return;
  lines->push_back(absl::StrCat("window ", calendar::WindowText(definition.window), " shows ",
                                Counted(explanation.row_count, "row"), " in ",
                                Counted(std::ssize(explanation.slices), "slice")));
  if (!definition.filters.empty()) {
    lines->push_back(absl::StrCat(explanation.counted_row_count, " of them pass ",
                                  absl::StrJoin(definition.filters, " and ")));
  }
  if (IsResampled(definition, *metric.dataset)) {
    const std::string bars = facts.bars.has_value() ? Counted(*facts.bars, "bar") : "bars";
    lines->push_back(absl::StrCat("these become ", bars, " of ", FormatSpan(*definition.timeframe),
                                  ", each column by its rollup"));
  }
}

void AddParts(const Explanation& explanation, std::vector<std::string>* lines) {
  for (const ExplainedPart& part : explanation.parts) {
    std::string line = part.expression;
    if (part.version > 0) absl::StrAppend(&line, " version ", part.version);
    if (part.version > 0 && part.bucket_start_micros.has_value()) {
      absl::StrAppend(&line, " in the bucket from ",
                      FormatInstant(FromMicros(*part.bucket_start_micros)));
    }
    absl::StrAppend(&line, ": ", PointText(part.point));
    if (part.uses > 1) absl::StrAppend(&line, " (computed once, used ", part.uses, " times)");
    lines->push_back(std::move(line));
  }
}

}  // namespace

std::vector<std::string> PlanLines(const Explanation& explanation, const MetricGraph& graph,
                                   size_t root, const SeriesPlan& plan,
                                   const EvaluationFacts& facts) {
  const GraphMetric& metric = graph[root];
  std::vector<std::string> lines;
  AddReads(plan, facts, &lines);
  AddWindow(explanation, metric, facts, &lines);
  AddShared(graph, &lines);
  AddParts(explanation, &lines);
  if (facts.is_folded) {
    lines.push_back(
        absl::StrCat(metric.definition->rollup, " of ", Counted(facts.folded_points, "point"),
                     " at grain ", std::string(GrainName(metric.definition->grain)), ", each of ",
                     explanation.canonical_expression, ": ", PointText(explanation.point)));
  } else {
    lines.push_back(
        absl::StrCat(explanation.canonical_expression, ": ", PointText(explanation.point)));
  }
  return lines;
}

}  // namespace metricstore::compute
