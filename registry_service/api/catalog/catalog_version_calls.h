// Versions of metrics, and what differs between them.
#pragma once

#include "absl/status/status.h"
#include "common/rpc/call.h"
#include "metricstore/registry/v1/catalog_service.pb.h"
#include "registry_service/api/catalog/catalog_access.h"
#include "registry_service/api/catalog/metric_comparison.h"
#include "registry_service/catalog/store/metric_store.h"

namespace metricstore::registry {

// Thread-safe. What it is made of must outlive it.
class CatalogVersionCalls {
 public:
  CatalogVersionCalls(const CatalogAccess& catalogs, MetricStore& metrics,
                      const MetricComparison& comparison)
      : catalogs_(catalogs), metrics_(metrics), comparison_(comparison) {}

  absl::Status List(const rpc::CallContext& call, const v1::ListVersionsRequest& request,
                    v1::ListVersionsResponse& response) const;
  absl::Status Diff(const rpc::CallContext& call, const v1::DiffMetricsRequest& request,
                    v1::DiffMetricsResponse& response) const;

 private:
  const CatalogAccess& catalogs_;
  MetricStore& metrics_;
  const MetricComparison& comparison_;
};

}  // namespace metricstore::registry
