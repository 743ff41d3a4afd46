// Metrics by what they say and by what they read: search, synonyms, tables, lineage.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "common/rpc/call.h"
#include "metricstore/registry/v1/catalog_service.pb.h"
#include "registry_service/api/catalog/catalog_access.h"

namespace metricstore::registry {

// Thread-safe. What it is made of must outlive it.
class CatalogSearchCalls {
 public:
  explicit CatalogSearchCalls(const CatalogAccess& catalogs) : catalogs_(catalogs) {}

  // As CatalogReadCalls::ListFromMemory.
  bool SearchFromMemory(const v1::SearchMetricsRequest& request, std::string& reply) const;
  // The reply is a serialised message. Pages are places in the order of the search: metrics that
  // change between two pages may move.
  absl::Status Search(const rpc::CallContext& call, const v1::SearchMetricsRequest& request,
                      std::string& reply) const;
  // Replies are serialised messages likewise.
  absl::Status FindBySynonym(const rpc::CallContext& call, const v1::FindBySynonymRequest& request,
                             std::string& reply) const;
  absl::Status FindByTable(const rpc::CallContext& call, const v1::FindByTableRequest& request,
                           std::string& reply) const;
  absl::Status TableMap(const rpc::CallContext& call, const v1::GetTableMapRequest& request,
                        v1::GetTableMapResponse& response) const;
  absl::Status Lineage(const rpc::CallContext& call, const v1::GetLineageRequest& request,
                       v1::GetLineageResponse& response) const;

 private:
  const CatalogAccess& catalogs_;
};

}  // namespace metricstore::registry
