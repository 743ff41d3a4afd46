// Single writes to the catalogue: create, update, delete, undelete, promote.
#pragma once

#include "absl/status/status.h"
#include "common/rpc/call.h"
#include "metricstore/registry/v1/catalog_service.pb.h"
#include "registry_service/api/catalog/catalog_access.h"
#include "registry_service/catalog/store/metric_editor.h"

namespace metricstore::registry {

// Thread-safe. What it is made of must outlive it. A write is in memory when its reply is sent.
class CatalogWriteCalls {
 public:
  CatalogWriteCalls(const CatalogAccess& catalogs, MetricEditor& editor)
      : catalogs_(catalogs), editor_(editor) {}

  absl::Status Create(const rpc::CallContext& call, const v1::CreateMetricRequest& request,
                      v1::CreateMetricResponse& response) const;
  absl::Status Update(const rpc::CallContext& call, const v1::UpdateMetricRequest& request,
                      v1::UpdateMetricResponse& response) const;
  absl::Status Delete(const rpc::CallContext& call, const v1::DeleteMetricRequest& request,
                      v1::DeleteMetricResponse& response) const;
  absl::Status Undelete(const rpc::CallContext& call, const v1::UndeleteMetricRequest& request,
                        v1::UndeleteMetricResponse& response) const;
  absl::Status Promote(const rpc::CallContext& call, const v1::PromoteVersionRequest& request,
                       v1::PromoteVersionResponse& response) const;

 private:
  void SeeOwnWrite(int32_t project_id, const WriteOptions& options, const CallBounds& bounds) const;

  const CatalogAccess& catalogs_;
  MetricEditor& editor_;
};

}  // namespace metricstore::registry
