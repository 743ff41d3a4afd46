#include "compute_service/planner/shared_resamplings.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "common/time/iso8601.h"
#include "compute_service/engine/vector/program/fold.h"

namespace metricstore::compute {
namespace {

using calendar::WindowKind;
using vector::ColumnFold;
using vector::Fold;

absl::Status TimeframeInvalid(std::string_view field, std::string_view problem) {
  return status::ErrorBuilder(absl::StatusCode::kInvalidArgument, "DEFINITION_INVALID",
                              absl::StrCat(std::string(field), ": ", std::string(problem)))
      .Field(field, problem)
      .Build();
}

// How the column is resampled, and of which type it is then; nullopt if it cannot be.
std::optional<std::pair<Fold, columns::ColumnType>> FoldOf(const Dataset& dataset,
                                                           const expression::SchemaColumn& column) {
  // All rows of an evaluation are of one entity.
  if (column.name == dataset.entity_column) return {{Fold::kFirst, column.type}};
  const auto rollup = dataset.rollups.find(column.name);
  if (rollup == dataset.rollups.end()) return std::nullopt;
  const std::optional<Fold> fold = vector::ParseFold(rollup->second);
  if (!fold.has_value()) return std::nullopt;
  const std::optional<columns::ColumnType> type = vector::FoldedType(*fold, column.type);
  if (!type.has_value()) return std::nullopt;
  return {{*fold, *type}};
}

bool HasSession(const calendar::Window& base) {
  return base.kind != WindowKind::kFullDay && !base.session.empty();
}

calendar::Window BaseOf(const calendar::Window& window) {
  return {.kind = window.kind,
          .session = window.session,
          .length = window.length,
          .from_second = window.from_second,
          .to_second = window.to_second};
}

std::vector<std::string> TextsOf(
    const std::vector<std::shared_ptr<const expression::BoundExpression>>& filters) {
  std::vector<std::string> texts;
  for (const auto& filter : filters) texts.push_back(filter->canonical_text());
  std::sort(texts.begin(), texts.end());
  texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
  return texts;
}

// Makes `slices` show what any of both shows. Those of one base are equal where they meet, or one
// goes on longer.
void Unite(const std::vector<TimeRange>& more, std::vector<TimeRange>* slices) {
  std::vector<TimeRange> all;
  all.reserve(slices->size() + more.size());
  std::merge(slices->begin(), slices->end(), more.begin(), more.end(), std::back_inserter(all),
             [](const TimeRange& a, const TimeRange& b) { return a.start < b.start; });
  slices->clear();
  for (const TimeRange& slice : all) {
    if (!slices->empty() && slice.start < slices->back().end) {
      slices->back().end = std::max(slices->back().end, slice.end);
    } else {
      slices->push_back(slice);
    }
  }
}

}  // namespace

bool IsResampled(const MetricDefinition& metric, const Dataset& dataset) {
  return metric.timeframe.has_value() && metric.timeframe != dataset.timeframe;
}

expression::Schema BarSchema(const Dataset& dataset) {
  expression::Schema schema;
  for (const expression::SchemaColumn& column : dataset.schema) {
    if (column.name == dataset.time_column) {
      schema.push_back(column);
    } else if (const auto fold = FoldOf(dataset, column)) {
      schema.push_back({column.name, fold->second, true});
    }
  }
  return schema;
}

absl::Status SharedResamplings::CheckBars(const MetricDefinition& metric) const {
  const absl::Duration timeframe = *metric.timeframe;
  const auto divides = [&](absl::Duration whole) {
    return whole % timeframe == absl::ZeroDuration();
  };
  if (timeframe < absl::Seconds(1) || !divides(absl::Hours(24))) {
    return TimeframeInvalid("timeframe", "must divide a day into whole seconds");
  }
  if (dataset_.timeframe.has_value() && timeframe % *dataset_.timeframe != absl::ZeroDuration()) {
    return TimeframeInvalid("timeframe", absl::StrCat("must be a multiple of the dataset's, ",
                                                      FormatSpan(*dataset_.timeframe)));
  }
  if (metric.alignment == calendar::BarAlignment::kSession && !HasSession(metric.window)) {
    return TimeframeInvalid("timeframe_alignment", "needs a window with a session");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<ColumnFold>> SharedResamplings::FoldsOf(const SeriesTask& task) const {
  std::vector<ColumnFold> folds;
  for (const std::string& name : task.metric.expression->columns()) {
    if (name == dataset_.time_column) continue;
    const auto column =
        std::find_if(dataset_.schema.begin(), dataset_.schema.end(),
                     [&name](const expression::SchemaColumn& one) { return one.name == name; });
    const auto fold = FoldOf(dataset_, *column);
    if (!fold.has_value()) {
      return TimeframeInvalid("timeframe", absl::StrCat("column \"", name,
                                                        "\" has no rollup that its type allows, "
                                                        "so its rows cannot become bars"));
    }
    folds.push_back({name, fold->first});
  }
  return folds;
}

SharedResamplings::Entry& SharedResamplings::EntryOf(const MetricDefinition& metric, Grain grain,
                                                     const SeriesTask& task) {
  const bool by_hour = grain == Grain::kHour;
  const calendar::Window base = BaseOf(metric.window);
  std::vector<std::string> filters = TextsOf(task.metric.filters);
  for (Entry& entry : entries_) {
    const Resampling& made = *entry.resampling;
    if (entry.filters == filters && made.by_hour == by_hour && made.base == base &&
        made.timeframe == *metric.timeframe && made.alignment == metric.alignment) {
      return entry;
    }
  }
  return entries_.emplace_back(Entry{
      std::move(filters), std::make_shared<Resampling>(Resampling{.calendar = &calendar_,
                                                                  .base = base,
                                                                  .timeframe = *metric.timeframe,
                                                                  .alignment = metric.alignment,
                                                                  .by_hour = by_hour,
                                                                  .slices = {},
                                                                  .filters = task.metric.filters,
                                                                  .columns = {}})});
}

absl::Status SharedResamplings::Apply(const MetricDefinition& metric, Grain grain,
                                      SeriesTask* task) {
  RETURN_IF_ERROR(CheckBars(metric));
  ASSIGN_OR_RETURN(const std::vector<ColumnFold> folds, FoldsOf(*task));
  // Of bars a column may have another type: the text is bound anew.
  ASSIGN_OR_RETURN(task->metric.expression,
                   expression::BoundExpression::ParseMetric(
                       task->metric.expression->canonical_text(), BarSchema(dataset_)));
  const std::shared_ptr<Resampling> resampling = EntryOf(metric, grain, *task).resampling;
  for (const ColumnFold& fold : folds) {
    if (std::find(resampling->columns.begin(), resampling->columns.end(), fold) ==
        resampling->columns.end()) {
      resampling->columns.push_back(fold);
    }
  }
  Unite(task->metric.buckets->slices, &resampling->slices);
  task->metric.filters.clear();
  task->resampling = resampling;
  return absl::OkStatus();
}

}  // namespace metricstore::compute
