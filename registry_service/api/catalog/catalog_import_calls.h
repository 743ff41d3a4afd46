// Definition files in: import, plan, validation.
#pragma once

#include "absl/status/status.h"
#include "common/rpc/call.h"
#include "metricstore/registry/v1/catalog_service.pb.h"
#include "registry_service/api/catalog/catalog_access.h"
#include "registry_service/catalog/plan/import_planner.h"
#include "registry_service/catalog/store/importer.h"

namespace metricstore::registry {

// Thread-safe. What it is made of must outlive it.
class CatalogImportCalls {
 public:
  CatalogImportCalls(const CatalogAccess& catalogs, Importer& importer, ImportPlanner& planner)
      : catalogs_(catalogs), importer_(importer), planner_(planner) {}

  absl::Status Import(const rpc::CallContext& call, const v1::ImportMetricsRequest& request,
                      v1::ImportMetricsResponse& response) const;
  absl::Status Plan(const rpc::CallContext& call, const v1::PlanImportRequest& request,
                    v1::PlanImportResponse& response) const;
  absl::Status Validate(const rpc::CallContext& call, const v1::ValidateMetricsRequest& request,
                        v1::ValidateMetricsResponse& response) const;

 private:
  const CatalogAccess& catalogs_;
  Importer& importer_;
  ImportPlanner& planner_;
};

}  // namespace metricstore::registry
