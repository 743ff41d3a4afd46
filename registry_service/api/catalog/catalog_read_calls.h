// Metrics as readers are served them: by name and in lists.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "common/rpc/call.h"
#include "metricstore/registry/v1/catalog_service.pb.h"
#include "registry_service/api/catalog/catalog_access.h"
#include "registry_service/catalog/store/metric_store.h"

namespace metricstore::registry {

// Replies are serialised messages. Methods with `...FromMemory` answer on the thread of the caller
// within microseconds or say that they cannot; the others may read and tell what is wrong.
// Thread-safe. What it is made of must outlive it.
class CatalogReadCalls {
 public:
  CatalogReadCalls(const CatalogAccess& catalogs, MetricStore& metrics)
      : catalogs_(catalogs), metrics_(metrics) {}

  bool GetFromMemory(const v1::GetMetricRequest& request, std::string& reply) const;
  absl::Status Get(const rpc::CallContext& call, const v1::GetMetricRequest& request,
                   std::string& reply) const;

  absl::Status BatchGet(const rpc::CallContext& call, const v1::BatchGetMetricsRequest& request,
                        std::string& reply) const;

  bool ListFromMemory(const v1::ListMetricsRequest& request, std::string& reply) const;
  absl::Status List(const rpc::CallContext& call, const v1::ListMetricsRequest& request,
                    std::string& reply) const;

 private:
  // How many of a snapshot's metrics are not deleted, before each of them.
  struct LiveCounts;

  std::shared_ptr<const LiveCounts> CountLive(const CatalogSnapshotPtr& snapshot) const;
  absl::Status ListPage(const CatalogSnapshotPtr& snapshot, const v1::ListMetricsRequest& request,
                        std::string& reply) const;

  const CatalogAccess& catalogs_;
  MetricStore& metrics_;
  mutable std::atomic<std::shared_ptr<const LiveCounts>> live_counts_;  // of the last snapshot
};

}  // namespace metricstore::registry
