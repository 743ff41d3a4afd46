#include "registry_service/api/catalog/catalog_write_calls.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "registry_service/api/catalog/definition_conversion.h"
#include "registry_service/api/catalog/metric_conversion.h"
#include "registry_service/api/catalog/update_mask.h"
#include "registry_service/api/request/write_request.h"
#include "registry_service/catalog/store/metric_fields.h"

namespace metricstore::registry {
namespace {

using api::CheckEtag;
using api::CheckMetricId;
using api::ReadWriteOptions;
using api::ToProto;

// The metric of a request, where those enums are given that have no value to start from.
// INVALID_ARGUMENT as FromProto, and FIELD_REQUIRED.
absl::StatusOr<MetricDefinition> ReadMetric(const v1::Metric& proto,
                                            const std::vector<std::string>& fields) {
  const auto is_set = [&](const char* name) {
    return std::find(fields.begin(), fields.end(), name) != fields.end();
  };
  if (proto.category().empty()) return status::FieldRequired("metric.category");
  if (proto.name().empty()) return status::FieldRequired("metric.name");
  RETURN_IF_ERROR(
      api::CheckMetricName("metric.name", absl::StrCat(proto.category(), "/", proto.name())));
  if (is_set("type") && proto.type() == v1::METRIC_TYPE_UNSPECIFIED) {
    return status::FieldRequired("metric.type");
  }
  if (is_set("grain") && proto.grain() == v1::GRAIN_UNSPECIFIED) {
    return status::FieldRequired("metric.grain");
  }
  return api::FromProto(proto);
}

// Of requests that name a metric by its id and may give its etag.
template <typename Request>
absl::StatusOr<WriteOptions> ReadIdentified(const Request& request) {
  RETURN_IF_ERROR(CheckMetricId("id", request.id()));
  RETURN_IF_ERROR(CheckEtag("etag", request.etag()));
  ASSIGN_OR_RETURN(WriteOptions options, ReadWriteOptions(request));
  options.etag = request.etag();
  return options;
}

}  // namespace

void CatalogWriteCalls::SeeOwnWrite(int32_t project_id, const WriteOptions& options,
                                    const CallBounds& bounds) const {
  if (!options.validate_only) catalogs_.SeeOwnWrite(project_id, bounds);
}

absl::Status CatalogWriteCalls::Create(const rpc::CallContext& call,
                                       const v1::CreateMetricRequest& request,
                                       v1::CreateMetricResponse& response) const {
  if (!request.has_metric()) return status::FieldRequired("metric");
  ASSIGN_OR_RETURN(const MetricDefinition metric, ReadMetric(request.metric(), SettableFields()));
  ASSIGN_OR_RETURN(WriteOptions options, ReadWriteOptions(request));
  options.skip_tests = request.skip_tests();
  ASSIGN_OR_RETURN(const int32_t project, catalogs_.ProjectId(request.project(), call.bounds));
  ASSIGN_OR_RETURN(const MetricDefinition created,
                   editor_.Create(project, metric, options, call.bounds));
  SeeOwnWrite(project, options, call.bounds);
  ToProto(created, response.mutable_metric());
  return absl::OkStatus();
}

absl::Status CatalogWriteCalls::Update(const rpc::CallContext& call,
                                       const v1::UpdateMetricRequest& request,
                                       v1::UpdateMetricResponse& response) const {
  if (!request.has_metric()) return status::FieldRequired("metric");
  RETURN_IF_ERROR(CheckEtag("metric.etag", request.metric().etag()));
  ASSIGN_OR_RETURN(const auto fields, api::ReadUpdateMask(request.update_mask(), request.metric()));
  v1::Metric meant = request.metric();
  api::KeepFields(fields, meant);
  ASSIGN_OR_RETURN(const MetricDefinition metric, ReadMetric(meant, fields));
  ASSIGN_OR_RETURN(WriteOptions options, ReadWriteOptions(request));
  options.etag = request.metric().etag();
  options.skip_tests = request.skip_tests();
  options.promote = request.promote();
  ASSIGN_OR_RETURN(const int32_t project, catalogs_.ProjectId(request.project(), call.bounds));
  ASSIGN_OR_RETURN(const UpdateOutcome updated,
                   editor_.Update(project, metric, fields, options, call.bounds));
  SeeOwnWrite(project, options, call.bounds);
  ToProto(updated.metric, response.mutable_metric());
  for (const FieldChange& change : updated.changes) ToProto(change, response.add_changes());
  return absl::OkStatus();
}

absl::Status CatalogWriteCalls::Delete(const rpc::CallContext& call,
                                       const v1::DeleteMetricRequest& request,
                                       v1::DeleteMetricResponse& response) const {
  ASSIGN_OR_RETURN(const WriteOptions options, ReadIdentified(request));
  ASSIGN_OR_RETURN(const int32_t project, catalogs_.ProjectId(request.project(), call.bounds));
  ASSIGN_OR_RETURN(const MetricDefinition deleted,
                   editor_.Delete(project, request.id(), options, call.bounds));
  SeeOwnWrite(project, options, call.bounds);
  ToProto(deleted, response.mutable_metric());
  return absl::OkStatus();
}

absl::Status CatalogWriteCalls::Undelete(const rpc::CallContext& call,
                                         const v1::UndeleteMetricRequest& request,
                                         v1::UndeleteMetricResponse& response) const {
  ASSIGN_OR_RETURN(const WriteOptions options, ReadIdentified(request));
  ASSIGN_OR_RETURN(const int32_t project, catalogs_.ProjectId(request.project(), call.bounds));
  ASSIGN_OR_RETURN(const MetricDefinition restored,
                   editor_.Undelete(project, request.id(), options, call.bounds));
  SeeOwnWrite(project, options, call.bounds);
  ToProto(restored, response.mutable_metric());
  return absl::OkStatus();
}

absl::Status CatalogWriteCalls::Promote(const rpc::CallContext& call,
                                        const v1::PromoteVersionRequest& request,
                                        v1::PromoteVersionResponse& response) const {
  if (request.version() < 0) {
    return status::FieldInvalid("version", absl::StrCat(request.version()),
                                "must be from 1, or 0 for the newest");
  }
  ASSIGN_OR_RETURN(const WriteOptions options, ReadIdentified(request));
  ASSIGN_OR_RETURN(const int32_t project, catalogs_.ProjectId(request.project(), call.bounds));
  ASSIGN_OR_RETURN(const PromoteOutcome promoted,
                   editor_.Promote(project, request.id(), request.version(), options, call.bounds));
  SeeOwnWrite(project, options, call.bounds);
  ToProto(promoted.metric, response.mutable_metric());
  response.set_previous_version(promoted.previous_version);
  for (const FieldChange& change : promoted.changes) ToProto(change, response.add_changes());
  return absl::OkStatus();
}

}  // namespace metricstore::registry
