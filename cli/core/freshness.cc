#include "cli/core/freshness.h"

#include "cli/core/paging.h"
#include "metricstore/registry/v1/query_service.grpc.pb.h"

namespace metricstore::cli {

using registry::v1::MetricFreshness;

bool IsStale(const MetricFreshness& metric) {
  return IsStaleAtOwnGrain(metric) || !metric.other_grains().empty();
}

bool IsStaleAtOwnGrain(const MetricFreshness& metric) {
  switch (metric.state()) {
    case MetricFreshness::STATE_NEVER_COMPUTED:
    case MetricFreshness::STATE_NEWER_ROWS:
    case MetricFreshness::STATE_UPSTREAM_STALE:
    case MetricFreshness::STATE_ROWS_CHANGED:
    case MetricFreshness::STATE_CALENDAR_CHANGED:
    case MetricFreshness::STATE_DATASET_CHANGED:
    case MetricFreshness::STATE_UPSTREAM_CHANGED:
      return true;
    default:
      return false;
  }
}

absl::StatusOr<std::vector<MetricFreshness>> CollectFreshness(
    Connection& connection, const std::vector<std::string>& names) {
  constexpr int kPageSize = 1000;
  registry::v1::ListFreshnessRequest request;
  request.mutable_metrics()->Assign(names.begin(), names.end());
  request.set_page_size(kPageSize);
  std::vector<MetricFreshness> metrics;
  RETURN_IF_ERROR(ForEachPage(
      connection, &registry::v1::QueryService::Stub::ListFreshness, request, [&](const auto& page) {
        metrics.insert(metrics.end(), page.metrics().begin(), page.metrics().end());
      }));
  return metrics;
}

}  // namespace metricstore::cli
