#include "registry_service/api/freshness_call.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/rpc/page_token.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "registry_service/api/request/content_hash.h"
#include "registry_service/api/request/page_request.h"
#include "registry_service/api/request/request_text.h"
#include "registry_service/api/request/time_converter.h"

namespace metricstore::registry {
namespace {

constexpr int kUsualPage = 100;
constexpr int kLargestPage = 1000;
constexpr int kMostPatterns = 1000;

std::string ScopeOf(const v1::ListFreshnessRequest& request) {
  v1::ListFreshnessRequest filters = request;
  filters.clear_page_size();
  filters.clear_page_token();
  api::ContentHash hash;
  hash.Add(filters);
  return "ListFreshness/" + hash.Take();
}

// The metrics of the request, by id.
absl::StatusOr<std::vector<CatalogEntryPtr>> Matched(const v1::ListFreshnessRequest& request,
                                                     const CatalogSnapshot& snapshot) {
  if (!request.metrics().empty()) {
    return snapshot.MatchGlobs({request.metrics().begin(), request.metrics().end()});
  }
  std::vector<CatalogEntryPtr> all;
  for (const CatalogEntryPtr& entry : snapshot.All()) {
    if (!entry->deleted()) all.push_back(entry);
  }
  return all;
}

void ToProto(const MetricFreshness& freshness, v1::MetricFreshness* proto) {
  proto->set_metric(freshness.metric);
  proto->set_active_version(freshness.active_version);
  proto->set_latest_version(freshness.latest_version);
  if (freshness.newest_bucket.has_value()) {
    api::ToProto(*freshness.newest_bucket, proto->mutable_newest_bucket_time());
  }
  if (freshness.newest_row.has_value()) {
    api::ToProto(*freshness.newest_row, proto->mutable_newest_row_time());
  }
  proto->set_state(static_cast<v1::MetricFreshness::State>(freshness.state));
  proto->set_reason(freshness.reason);
  for (const DateRange& dates : freshness.stale_dates) {
    api::ToProto(dates, proto->add_stale_dates());
  }
  proto->set_grain(static_cast<v1::Grain>(freshness.grain));
  for (const GrainFreshness& other : freshness.other_grains) {
    v1::GrainFreshness* added = proto->add_other_grains();
    added->set_grain(static_cast<v1::Grain>(other.grain));
    added->set_state(static_cast<v1::MetricFreshness::State>(other.state));
    added->set_reason(other.reason);
    for (const DateRange& dates : other.stale_dates) {
      api::ToProto(dates, added->add_stale_dates());
    }
  }
}

}  // namespace

absl::Status FreshnessCall::List(const rpc::CallContext& call,
                                 const v1::ListFreshnessRequest& request,
                                 v1::ListFreshnessResponse& response) const {
  if (request.metrics_size() > kMostPatterns) {
    return status::FieldInvalid("metrics", absl::StrCat(request.metrics_size()),
                                absl::StrCat("must be at most ", kMostPatterns));
  }
  for (const std::string& pattern : request.metrics()) {
    RETURN_IF_ERROR(api::CheckRequiredText("metrics", pattern));
  }
  const std::string scope = ScopeOf(request);
  ASSIGN_OR_RETURN(const api::PageRequest page,
                   api::ReadPageRequest(scope, request.page_size(), request.page_token(),
                                        kUsualPage, kLargestPage));
  ASSIGN_OR_RETURN(const OpenedCatalog catalog, catalogs_.Open(request.project(), call.bounds));
  ASSIGN_OR_RETURN(const std::vector<CatalogEntryPtr> matched, Matched(request, *catalog.snapshot));
  std::vector<CatalogEntryPtr> shown;
  for (const CatalogEntryPtr& entry : matched) {
    if (entry->active.id() <= page.after) continue;
    if (static_cast<int64_t>(shown.size()) == page.size) {
      response.set_next_page_token(rpc::EncodePageToken(scope, {shown.back()->active.id()}));
      break;
    }
    shown.push_back(entry);
  }
  ASSIGN_OR_RETURN(const std::vector<MetricFreshness> all,
                   reader_.Read(catalog.project_id, shown, *catalog.snapshot, call.bounds));
  for (const MetricFreshness& freshness : all) ToProto(freshness, response.add_metrics());
  return absl::OkStatus();
}

}  // namespace metricstore::registry
