#include "registry_service/compute_client/evaluation_requests.h"

#include <utility>

#include "common/columns/proto_conversion.h"
#include "registry_service/proto_conversion/calendar_conversion.h"
#include "registry_service/proto_conversion/dataset_conversion.h"
#include "registry_service/proto_conversion/time_conversion.h"
#include "registry_service/proto_conversion/window_conversion.h"

namespace metricstore::registry {
namespace {

// Tag and length of an element of a list.
constexpr size_t kElementOverheadBytes = 8;

// The parts of a definition that say how it is computed; its words would only take room.
void ToProto(const MetricDefinition& metric, v1::Metric* proto) {
  proto->set_id(metric.id());
  proto->set_name(metric.name);
  proto->set_category(metric.category);
  proto->set_type(static_cast<v1::MetricType>(metric.type));
  proto->set_grain(static_cast<v1::Grain>(metric.grain));
  proto->set_dataset(metric.dataset);
  proto->set_expression(metric.expression);
  proto->mutable_dimensions()->Assign(metric.dimensions.begin(), metric.dimensions.end());
  proto->mutable_filters()->Assign(metric.filters.begin(), metric.filters.end());
  proto->set_time_column(metric.time_column);
  messages::ToProto(metric.window, proto->mutable_window());
  if (metric.timeframe.has_value()) {
    messages::ToProto(*metric.timeframe, proto->mutable_timeframe());
    proto->set_timeframe_alignment(static_cast<v1::BarAlignment>(metric.timeframe_alignment));
  }
  proto->set_version(metric.version);
}

}  // namespace

EvaluationRequests::Addition EvaluationRequests::AdditionOf(const RowEvaluation& evaluation) const {
  Addition addition;
  ToProto(*evaluation.metric, addition.evaluation.mutable_metric());
  columns::ToProto(evaluation.rows, addition.evaluation.mutable_rows());
  addition.bytes = addition.evaluation.ByteSizeLong() + kElementOverheadBytes;
  if (evaluation.dataset != nullptr && !datasets_.contains(evaluation.dataset->name)) {
    addition.brings_dataset = true;
    messages::ToProto(*evaluation.dataset, &addition.dataset);
    addition.bytes += addition.dataset.ByteSizeLong() + kElementOverheadBytes;
  }
  if (evaluation.calendar != nullptr && !calendars_.contains(evaluation.calendar->spec().name)) {
    addition.brings_calendar = true;
    messages::ToProto(*evaluation.calendar, &addition.calendar);
    addition.bytes += addition.calendar.ByteSizeLong() + kElementOverheadBytes;
  }
  return addition;
}

bool EvaluationRequests::Clashes(const RowEvaluation& evaluation) const {
  if (evaluation.dataset != nullptr) {
    const auto dataset = datasets_.find(evaluation.dataset->name);
    if (dataset != datasets_.end() && dataset->second != evaluation.dataset) return true;
  }
  if (evaluation.calendar == nullptr) return false;
  const auto calendar = calendars_.find(evaluation.calendar->spec().name);
  return calendar != calendars_.end() && calendar->second != evaluation.calendar;
}

void EvaluationRequests::Append(const RowEvaluation& evaluation, Addition addition,
                                compute::v1::EvaluateRowsRequest* request) {
  *request->add_evaluations() = std::move(addition.evaluation);
  if (addition.brings_dataset) {
    *request->add_datasets() = std::move(addition.dataset);
    datasets_[evaluation.dataset->name] = evaluation.dataset;
  }
  if (addition.brings_calendar) {
    *request->add_calendars() = std::move(addition.calendar);
    calendars_[evaluation.calendar->spec().name] = evaluation.calendar;
  }
}

bool EvaluationRequests::Next(compute::v1::EvaluateRowsRequest* request) {
  if (next_ == evaluations_.size()) return false;
  request->Clear();
  datasets_.clear();
  calendars_.clear();
  size_t bytes = 0;
  size_t rows = 0;
  for (size_t count = 0; next_ < evaluations_.size() && count < limits_.evaluations; ++count) {
    const RowEvaluation& evaluation = evaluations_[next_];
    Addition addition = AdditionOf(evaluation);
    bytes += addition.bytes;
    rows += evaluation.rows.rows;
    if (count > 0 && (bytes > limits_.bytes || rows > limits_.rows || Clashes(evaluation))) {
      break;
    }
    Append(evaluation, std::move(addition), request);
    ++next_;
  }
  return true;
}

}  // namespace metricstore::registry
