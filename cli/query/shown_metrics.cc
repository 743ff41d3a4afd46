#include "cli/query/shown_metrics.h"

#include "metricstore/registry/v1/catalog_service.grpc.pb.h"

namespace metricstore::cli {

const registry::v1::Metric& ShownMetrics::Find(const std::string& id, int version) {
  const auto [place, is_new] = definitions_.try_emplace({id, version});
  if (!is_new) return place->second;
  registry::v1::GetMetricRequest request;
  request.set_project(connection_.project());
  request.set_name(id);
  request.set_version(version);
  auto response =
      connection_.Call(Peer::kRegistry, &registry::v1::CatalogService::Stub::GetMetric, request);
  if (response.ok()) place->second = std::move(*response->mutable_metric());
  return place->second;
}

}  // namespace metricstore::cli
