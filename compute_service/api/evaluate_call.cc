#include "compute_service/api/evaluate_call.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "compute_service/api/evaluate_messages.h"
#include "compute_service/api/evaluated_metric.h"
#include "compute_service/conversion/definition_conversion.h"
#include "compute_service/evaluation/preview.h"

namespace metricstore::compute {
namespace {

constexpr int kMostMetrics = 500;
constexpr int kMostEntities = 1000;

absl::Status CheckSizes(const v1::EvaluateRequest& request) {
  if (request.metrics().empty()) return status::FieldRequired("metrics");
  if (request.metrics_size() > kMostMetrics) {
    return status::FieldInvalid("metrics", absl::StrCat(request.metrics_size()),
                                absl::StrCat("must be at most ", kMostMetrics));
  }
  if (request.entities_size() > kMostEntities) {
    return status::FieldInvalid("entities", absl::StrCat(request.entities_size()),
                                absl::StrCat("must be at most ", kMostEntities));
  }
  for (int i = 0; i < request.entities_size(); ++i) {
    if (request.entities(i).empty())
      return status::FieldRequired(absl::StrCat("entities[", i, "]"));
  }
  if (!request.has_dates()) return status::FieldRequired("dates");
  return absl::OkStatus();
}

absl::StatusOr<PreviewRequest> ToPreviewRequest(const v1::EvaluateRequest& request) {
  RETURN_IF_ERROR(CheckSizes(request));
  PreviewRequest preview;
  preview.project = request.project();
  preview.entities.assign(request.entities().begin(), request.entities().end());
  ASSIGN_OR_RETURN(preview.dates, ToDates(request.dates()));
  if (request.grain() != registry::v1::GRAIN_UNSPECIFIED) {
    ASSIGN_OR_RETURN(preview.grain, ToGrain("grain", request.grain()));
  }
  for (int i = 0; i < request.metrics_size(); ++i) {
    ASSIGN_OR_RETURN(PreviewMetric metric,
                     ToPreviewMetric(request.metrics(i), absl::StrCat("metrics[", i, "]")));
    preview.metrics.push_back(std::move(metric));
  }
  return preview;
}

}  // namespace

absl::Status Evaluate(RegistryClient& registry, const v1::EvaluateRequest& request,
                      const CallBounds& bounds, rpc::StreamWriter<v1::EvaluateResponse>& writer) {
  ASSIGN_OR_RETURN(const PreviewRequest preview, ToPreviewRequest(request));
  EvaluateMessages messages(writer);
  const PreviewSink sink = [&messages](PreviewSeries&& series, int64_t rows_read) {
    return messages.Add(series, rows_read);
  };
  ASSIGN_OR_RETURN(const int64_t rows_read, EvaluatePreview(registry, preview, sink, bounds));
  return messages.Finish(rows_read);
}

}  // namespace metricstore::compute
