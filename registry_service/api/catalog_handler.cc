#include "registry_service/api/catalog_handler.h"

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/rpc/handler.h"
#include "common/rpc/page_token.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "registry_service/api/metric_conversion.h"
#include "registry_service/api/page_request.h"
#include "registry_service/api/request_text.h"
#include "registry_service/catalog/definition/excerpt.h"

namespace metricstore::registry {
namespace {

using api::CheckMetricName;
using api::CheckName;
using api::CheckRequiredText;
using api::PageRequest;
using api::ReadPageRequest;
using api::ToProto;

constexpr int kUsualPage = 100;
constexpr int kLargestPage = 1000;
constexpr int kLargestBatch = 1000;
// Of one reply; metrics beyond it go to the next page. Replies stay below 4 MiB.
constexpr size_t kPageBytes = 3u << 20;
constexpr int kMaxFiles = 10'000;
constexpr size_t kMaxImportBytes = 4u << 20;
constexpr size_t kMaxPathBytes = 512;

absl::Status CheckFile(const v1::DefinitionFile& file, const std::string& field) {
  RETURN_IF_ERROR(CheckRequiredText(absl::StrCat(field, ".path"), file.path()));
  if (file.path().size() > kMaxPathBytes) {
    return status::FieldInvalid(absl::StrCat(field, ".path"), Excerpt(file.path()),
                                absl::StrCat("must be at most ", kMaxPathBytes, " bytes"));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<DefinitionFile>> ReadFiles(const v1::ImportMetricsRequest& request) {
  if (request.files().empty()) return status::FieldRequired("files");
  if (request.files_size() > kMaxFiles) {
    return status::FieldInvalid("files", absl::StrCat(request.files_size()),
                                absl::StrCat("must be at most ", kMaxFiles));
  }
  std::vector<DefinitionFile> files;
  std::set<std::string_view> paths;
  size_t bytes = 0;
  for (int i = 0; i < request.files_size(); ++i) {
    const v1::DefinitionFile& file = request.files(i);
    const std::string field = absl::StrCat("files[", i, "]");
    RETURN_IF_ERROR(CheckFile(file, field));
    if (!paths.insert(file.path()).second) {
      return status::FieldInvalid(absl::StrCat(field, ".path"), Excerpt(file.path()),
                                  "is sent twice");
    }
    bytes += file.content().size();
    files.push_back({file.path(), file.content()});
  }
  if (bytes > kMaxImportBytes) {
    return status::ErrorBuilder(absl::StatusCode::kResourceExhausted, "TOO_LARGE",
                                absl::StrCat("the files have ", bytes, " bytes together, at most ",
                                             kMaxImportBytes, " are imported at once"))
        .Metadata("limit_bytes", absl::StrCat(kMaxImportBytes))
        .Build();
  }
  return files;
}

absl::Status CheckVersion(const std::string& field, int version) {
  if (version >= 0) return absl::OkStatus();
  return status::FieldInvalid(field, absl::StrCat(version), "must be from 1, or 0 for the active");
}

}  // namespace

absl::Status CatalogHandler::Get(const rpc::CallContext& call, const v1::GetMetricRequest& request,
                                 v1::GetMetricResponse& response) {
  RETURN_IF_ERROR(CheckMetricName("name", request.name()));
  RETURN_IF_ERROR(CheckVersion("version", request.version()));
  RETURN_IF_ERROR(CheckName("project", request.project()));
  ASSIGN_OR_RETURN(const int32_t project, projects_.Resolve(request.project(), call.bounds));
  ASSIGN_OR_RETURN(const MetricDefinition metric,
                   metrics_.Get(project, {request.name(), request.version()}, call.bounds));
  ToProto(metric, response.mutable_metric());
  return absl::OkStatus();
}

absl::Status CatalogHandler::BatchGet(const rpc::CallContext& call,
                                      const v1::BatchGetMetricsRequest& request,
                                      v1::BatchGetMetricsResponse& response) {
  if (request.metrics().empty()) return status::FieldRequired("metrics");
  if (request.metrics_size() > kLargestBatch) {
    return status::FieldInvalid("metrics", absl::StrCat(request.metrics_size()),
                                absl::StrCat("must be at most ", kLargestBatch));
  }
  std::vector<MetricName> names;
  for (int i = 0; i < request.metrics_size(); ++i) {
    const v1::MetricRef& metric = request.metrics(i);
    const std::string field = absl::StrCat("metrics[", i, "]");
    RETURN_IF_ERROR(CheckMetricName(absl::StrCat(field, ".id"), metric.id()));
    RETURN_IF_ERROR(CheckVersion(absl::StrCat(field, ".version"), metric.version()));
    names.push_back({metric.id(), metric.version()});
  }
  RETURN_IF_ERROR(CheckName("project", request.project()));
  ASSIGN_OR_RETURN(const int32_t project, projects_.Resolve(request.project(), call.bounds));
  ASSIGN_OR_RETURN(const auto metrics, metrics_.BatchGet(project, names, call.bounds));
  for (const MetricDefinition& metric : metrics) ToProto(metric, response.add_metrics());
  return absl::OkStatus();
}

absl::Status CatalogHandler::List(const rpc::CallContext& call,
                                  const v1::ListMetricsRequest& request,
                                  v1::ListMetricsResponse& response) {
  RETURN_IF_ERROR(CheckName("category", request.category()));
  const std::string scope =
      absl::StrCat("ListMetrics/", request.project(), "/", request.category());
  ASSIGN_OR_RETURN(
      const PageRequest page,
      ReadPageRequest(scope, request.page_size(), request.page_token(), kUsualPage, kLargestPage));
  RETURN_IF_ERROR(CheckName("project", request.project()));
  ASSIGN_OR_RETURN(const int32_t project, projects_.Resolve(request.project(), call.bounds));
  // One more than asked for tells whether there is another page.
  ASSIGN_OR_RETURN(const MetricPage found, metrics_.List(project, request.category(), page.after,
                                                         page.size + 1, call.bounds));
  size_t bytes = 0;
  for (const MetricDefinition& metric : found.metrics) {
    if (response.metrics_size() == page.size || bytes > kPageBytes) {
      const std::string& last = response.metrics(response.metrics_size() - 1).id();
      response.set_next_page_token(rpc::EncodePageToken(scope, {last}));
      break;
    }
    v1::Metric* added = response.add_metrics();
    ToProto(metric, added);
    bytes += added->ByteSizeLong();
  }
  response.set_total_size(static_cast<int32_t>(found.total));
  return absl::OkStatus();
}

absl::Status CatalogHandler::Import(const rpc::CallContext& call,
                                    const v1::ImportMetricsRequest& request,
                                    v1::ImportMetricsResponse& response) {
  ASSIGN_OR_RETURN(const std::vector<DefinitionFile> files, ReadFiles(request));
  RETURN_IF_ERROR(CheckName("project", request.project()));
  ASSIGN_OR_RETURN(const int32_t project, projects_.Resolve(request.project(), call.bounds));
  ASSIGN_OR_RETURN(const auto outcomes,
                   importer_.Import(project, files, request.validate_only(), call.bounds));
  for (const ImportOutcome& outcome : outcomes) ToProto(outcome, response.add_outcomes());
  return absl::OkStatus();
}

grpc::ServerUnaryReactor* CatalogHandler::GetMetric(grpc::CallbackServerContext* context,
                                                    const v1::GetMetricRequest* request,
                                                    v1::GetMetricResponse* response) {
  return rpc::HandleUnary<v1::GetMetricRequest, v1::GetMetricResponse>(
      runtime_, "CatalogService/GetMetric", context, request, response,
      [this](const auto& call, const auto& in, auto& out) { return Get(call, in, out); });
}

grpc::ServerUnaryReactor* CatalogHandler::BatchGetMetrics(grpc::CallbackServerContext* context,
                                                          const v1::BatchGetMetricsRequest* request,
                                                          v1::BatchGetMetricsResponse* response) {
  return rpc::HandleUnary<v1::BatchGetMetricsRequest, v1::BatchGetMetricsResponse>(
      runtime_, "CatalogService/BatchGetMetrics", context, request, response,
      [this](const auto& call, const auto& in, auto& out) { return BatchGet(call, in, out); });
}

grpc::ServerUnaryReactor* CatalogHandler::ListMetrics(grpc::CallbackServerContext* context,
                                                      const v1::ListMetricsRequest* request,
                                                      v1::ListMetricsResponse* response) {
  return rpc::HandleUnary<v1::ListMetricsRequest, v1::ListMetricsResponse>(
      runtime_, "CatalogService/ListMetrics", context, request, response,
      [this](const auto& call, const auto& in, auto& out) { return List(call, in, out); });
}

grpc::ServerUnaryReactor* CatalogHandler::ImportMetrics(grpc::CallbackServerContext* context,
                                                        const v1::ImportMetricsRequest* request,
                                                        v1::ImportMetricsResponse* response) {
  return rpc::HandleUnary<v1::ImportMetricsRequest, v1::ImportMetricsResponse>(
      runtime_, "CatalogService/ImportMetrics", context, request, response,
      [this](const auto& call, const auto& in, auto& out) { return Import(call, in, out); });
}

}  // namespace metricstore::registry
