#include "compute_service/api/explain_call.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/columns/proto_conversion.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "common/time/iso8601.h"
#include "compute_service/api/evaluated_metric.h"
#include "compute_service/conversion/definition_conversion.h"
#include "compute_service/evaluation/explanation.h"
#include "compute_service/evaluation/request_blame.h"

namespace metricstore::compute {
namespace {

constexpr int kMostRows = 1000;
constexpr int kMostDefinitions = 500;
constexpr size_t kMostSlices = 200;

absl::Time FromProto(const google::protobuf::Timestamp& proto) {
  return absl::FromUnixSeconds(proto.seconds()) + absl::Nanoseconds(proto.nanos());
}

// The metric to explain, and its whole definition for the answer.
absl::StatusOr<DefinitionPtr> FindMetric(RegistryClient& registry,
                                         const v1::ExplainMetricRequest& request,
                                         const CallBounds& bounds,
                                         v1::ExplainMetricResponse* response) {
  ASSIGN_OR_RETURN(PreviewMetric metric, ToPreviewMetric(request.metric(), "metric"));
  if (metric.definition != nullptr) {
    *response->mutable_definition() = request.metric().definition();
    return std::move(metric.definition);
  }
  ASSIGN_OR_RETURN(const MetricMessage message,
                   registry.GetMetric(request.project(), metric.ref, bounds));
  *response->mutable_definition() = *message;
  response->set_version(message->version());
  absl::StatusOr<MetricDefinition> definition = ToMetricDefinition(*message);
  if (!definition.ok()) return status::WithPrefix(definition.status(), "metric: ");
  return std::make_shared<const MetricDefinition>(*std::move(definition));
}

absl::StatusOr<std::vector<DefinitionPtr>> ToDefinitions(const v1::ExplainMetricRequest& request) {
  if (request.definitions_size() > kMostDefinitions) {
    return status::FieldInvalid("definitions", absl::StrCat(request.definitions_size()),
                                absl::StrCat("must be at most ", kMostDefinitions));
  }
  std::vector<DefinitionPtr> definitions;
  for (int i = 0; i < request.definitions_size(); ++i) {
    absl::StatusOr<MetricDefinition> definition = ToGivenDefinition(request.definitions(i));
    if (!definition.ok()) {
      return UnderField(definition.status(), absl::StrCat("definitions[", i, "]"));
    }
    definitions.push_back(std::make_shared<const MetricDefinition>(*std::move(definition)));
  }
  return definitions;
}

absl::StatusOr<ExplanationRequest> ToExplanationRequest(const v1::ExplainMetricRequest& request) {
  ExplanationRequest asked;
  asked.project = request.project();
  asked.entity = request.entity();
  if (request.date().empty()) return status::FieldRequired("date");
  ASSIGN_OR_RETURN(asked.date, ParseDate("date", request.date()));
  if (request.grain() != registry::v1::GRAIN_UNSPECIFIED) {
    ASSIGN_OR_RETURN(asked.grain, ToGrain("grain", request.grain()));
  }
  if (request.has_hour()) asked.hour = FromProto(request.hour());
  if (request.row_limit() < 0 || request.row_limit() > kMostRows) {
    return status::FieldInvalid("row_limit", absl::StrCat(request.row_limit()),
                                absl::StrCat("is 0 to ", kMostRows));
  }
  asked.row_limit = request.row_limit();
  ASSIGN_OR_RETURN(asked.definitions, ToDefinitions(request));
  return asked;
}

void FillPoint(const ExplainedPoint& point, const std::string& entity, v1::EvaluatedPoint* proto) {
  proto->set_entity(entity);
  *proto->mutable_bucket_start_time() = ToProto(FromMicros(point.bucket_start_micros));
  proto->set_value(point.value);
  proto->set_status(static_cast<registry::v1::PointStatus>(point.status));
  proto->set_text(point.text);
}

void AddSlices(const std::vector<TimeRange>& slices, v1::ExplainMetricResponse* response) {
  response->set_slice_count(std::ssize(slices));
  for (size_t i = 0; i < slices.size(); ++i) {
    if (slices.size() > kMostSlices && i == kMostSlices / 2) i = slices.size() - kMostSlices / 2;
    common::v1::Interval* const slice = response->add_slices();
    *slice->mutable_start_time() = ToProto(slices[i].start);
    *slice->mutable_end_time() = ToProto(slices[i].end);
  }
}

void AddParts(const Explanation& explanation, const std::string& entity,
              v1::ExplainMetricResponse* response) {
  for (const ExplainedPart& part : explanation.parts) {
    v1::ExplainedPart* const proto = response->add_parts();
    proto->set_expression(part.expression);
    proto->set_version(part.version);
    if (part.bucket_start_micros.has_value()) {
      *proto->mutable_bucket_start_time() = ToProto(FromMicros(*part.bucket_start_micros));
    }
    if (part.point.has_value()) FillPoint(*part.point, entity, proto->mutable_point());
  }
}

// An expression that is one aggregate is its own only part, so the last two steps are the same.
void AddPlan(const std::vector<std::string>& plan, v1::ExplainMetricResponse* response) {
  const bool is_twice = plan.size() > 1 && plan.back() == plan[plan.size() - 2];
  response->mutable_plan()->Add(plan.begin(), plan.end() - (is_twice ? 1 : 0));
}

void Fill(const Explanation& explanation, const std::string& entity,
          v1::ExplainMetricResponse* response) {
  response->set_canonical_expression(explanation.canonical_expression);
  response->set_executor(static_cast<v1::Executor>(explanation.executor.executor));
  response->set_executor_reason(explanation.executor.reason);
  response->set_calendar(explanation.calendar);
  response->set_calendar_version(explanation.calendar_version);
  response->set_time_zone(explanation.time_zone);
  response->set_grain(static_cast<registry::v1::Grain>(explanation.grain));
  AddPlan(explanation.plan, response);
  // Nothing else is known of a metric that is not computed.
  if (explanation.executor.executor == Executor::kSql) return;
  response->mutable_bucket_dates()->set_start_date(FormatDate(explanation.bucket_dates.start));
  response->mutable_bucket_dates()->set_end_date(FormatDate(explanation.bucket_dates.end));
  AddSlices(explanation.slices, response);
  response->mutable_columns()->Add(explanation.columns.begin(), explanation.columns.end());
  response->set_row_count(explanation.row_count);
  response->set_counted_row_count(explanation.counted_row_count);
  if (explanation.rows.rows > 0) columns::ToProto(explanation.rows, response->mutable_rows());
  AddParts(explanation, entity, response);
  if (explanation.point.has_value()) {
    FillPoint(*explanation.point, entity, response->mutable_point());
  }
}

}  // namespace

absl::Status ExplainMetric(RegistryClient& registry, const v1::ExplainMetricRequest& request,
                           const CallBounds& bounds, v1::ExplainMetricResponse* response) {
  if (!request.has_metric()) return status::FieldRequired("metric");
  ASSIGN_OR_RETURN(ExplanationRequest asked, ToExplanationRequest(request));
  ASSIGN_OR_RETURN(asked.metric, FindMetric(registry, request, bounds, response));
  ASSIGN_OR_RETURN(const Explanation explanation, ExplainPoint(registry, asked, bounds));
  Fill(explanation, request.entity(), response);
  return absl::OkStatus();
}

}  // namespace metricstore::compute
