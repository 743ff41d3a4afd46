#include "registry_service/api/catalog/catalog_version_calls.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/rpc/page_token.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "registry_service/api/catalog/definition_conversion.h"
#include "registry_service/api/catalog/encoded_reply.h"
#include "registry_service/api/catalog/metric_conversion.h"
#include "registry_service/api/request/page_request.h"
#include "registry_service/api/request/request_text.h"
#include "registry_service/api/request/time_converter.h"

namespace metricstore::registry {
namespace {

using api::PageRequest;
using api::ToProto;

constexpr int kUsualVersions = 20;
constexpr int kMostVersions = 100;

// The version that a page ends before; 0 for the first page.
absl::StatusOr<int> VersionBefore(const PageRequest& page) {
  int version = 0;
  if (page.after.empty() || (absl::SimpleAtoi(page.after, &version) && version > 0)) return version;
  return status::ErrorBuilder(absl::StatusCode::kInvalidArgument, "PAGE_TOKEN_INVALID",
                              "the page token is not one of this method")
      .Build();
}

absl::Status CheckRef(const std::string& field, bool given, const v1::MetricRef& ref) {
  if (!given) return status::FieldRequired(field);
  RETURN_IF_ERROR(api::CheckMetricName(absl::StrCat(field, ".id"), ref.id()));
  if (ref.version() >= 0) return absl::OkStatus();
  return status::FieldInvalid(absl::StrCat(field, ".version"), absl::StrCat(ref.version()),
                              "must be from 1, or 0");
}

void ToProto(const StoredVersion& version, v1::MetricVersion* proto) {
  proto->set_version(version.definition.version);
  proto->set_active(version.definition.version == version.definition.active_version);
  api::ToProto(version.create_time, proto->mutable_create_time());
  api::ToProto(version.definition, proto->mutable_metric());
}

void SetRef(const MetricDefinition& metric, v1::MetricRef* ref) {
  ref->set_id(metric.id());
  ref->set_version(metric.version);
}

}  // namespace

absl::Status CatalogVersionCalls::List(const rpc::CallContext& call,
                                       const v1::ListVersionsRequest& request,
                                       v1::ListVersionsResponse& response) const {
  RETURN_IF_ERROR(api::CheckMetricName("name", request.name()));
  const std::string scope = absl::StrCat("ListVersions/", request.project(), "/", request.name());
  ASSIGN_OR_RETURN(const PageRequest page,
                   api::ReadPageRequest(scope, request.page_size(), request.page_token(),
                                        kUsualVersions, kMostVersions));
  ASSIGN_OR_RETURN(const int before, VersionBefore(page));
  ASSIGN_OR_RETURN(const int32_t project, catalogs_.ProjectId(request.project(), call.bounds));
  // One more than asked for tells what the last of them changed, and whether there is another page.
  ASSIGN_OR_RETURN(
      const std::vector<StoredVersion> versions,
      metrics_.ListVersions(project, request.name(), before, page.size + 1, call.bounds));
  std::vector<MetricPair> pairs;
  for (size_t i = 0; i + 1 < versions.size(); ++i) {
    pairs.push_back({&versions[i + 1].definition, &versions[i].definition});
  }
  ASSIGN_OR_RETURN(const auto changes, comparison_.Compare(project, pairs, call.bounds));
  size_t bytes = 0;
  for (size_t i = 0; i < versions.size(); ++i) {
    if (static_cast<int64_t>(i) == page.size || bytes > api::kPageBytes) {
      const int last = versions[i - 1].definition.version;
      response.set_next_page_token(rpc::EncodePageToken(scope, {absl::StrCat(last)}));
      break;
    }
    v1::MetricVersion* added = response.add_versions();
    ToProto(versions[i], added);
    if (i < changes.size()) {
      for (const FieldChange& change : changes[i]) ToProto(change, added->add_changes());
    }
    bytes += added->ByteSizeLong();
  }
  return absl::OkStatus();
}

absl::Status CatalogVersionCalls::Diff(const rpc::CallContext& call,
                                       const v1::DiffMetricsRequest& request,
                                       v1::DiffMetricsResponse& response) const {
  RETURN_IF_ERROR(CheckRef("before", request.has_before(), request.before()));
  RETURN_IF_ERROR(CheckRef("after", request.has_after(), request.after()));
  ASSIGN_OR_RETURN(OpenedCatalog catalog, catalogs_.Open(request.project(), call.bounds));
  ASSIGN_OR_RETURN(const CatalogEntryPtr before,
                   catalogs_.Resolve(catalog, request.before().id(), call.bounds));
  ASSIGN_OR_RETURN(const CatalogEntryPtr after,
                   catalogs_.Resolve(catalog, request.after().id(), call.bounds));
  const int newest = after->latest().version;
  ASSIGN_OR_RETURN(
      const std::vector<MetricDefinition> metrics,
      metrics_.BatchGet(catalog.project_id,
                        {{before->active.id(), request.before().version()},
                         {after->active.id(),
                          request.after().version() == 0 ? newest : request.after().version()}},
                        call.bounds));
  ASSIGN_OR_RETURN(
      const auto changes,
      comparison_.Compare(catalog.project_id, {{&metrics[0], &metrics[1]}}, call.bounds));
  SetRef(metrics[0], response.mutable_before());
  SetRef(metrics[1], response.mutable_after());
  for (const FieldChange& change : changes.front()) ToProto(change, response.add_changes());
  return absl::OkStatus();
}

}  // namespace metricstore::registry
