// How new stored points are.
#pragma once

#include "absl/status/status.h"
#include "common/rpc/call.h"
#include "metricstore/registry/v1/query_service.pb.h"
#include "registry_service/api/catalog/catalog_access.h"
#include "registry_service/query/freshness_reader.h"

namespace metricstore::registry {

// Thread-safe. What it is made of must outlive it.
class FreshnessCall {
 public:
  FreshnessCall(Projects& projects, CatalogCache& cache, FreshnessReader& reader)
      : catalogs_(projects, cache), reader_(reader) {}

  absl::Status List(const rpc::CallContext& call, const v1::ListFreshnessRequest& request,
                    v1::ListFreshnessResponse& response) const;

 private:
  const CatalogAccess catalogs_;
  FreshnessReader& reader_;
};

}  // namespace metricstore::registry
