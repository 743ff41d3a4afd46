// What is known of columns: read, set, and written to PostgreSQL as comments.
#pragma once

#include "absl/status/status.h"
#include "common/rpc/call.h"
#include "metricstore/registry/v1/dataset_service.pb.h"
#include "registry_service/datasets/column_metadata.h"
#include "registry_service/datasets/dataset_store.h"
#include "registry_service/projects/projects.h"

namespace metricstore::registry {

// Thread-safe. What it is made of must outlive it.
class ColumnMetadataCalls {
 public:
  // `datasets` is told to forget what changed: descriptions are theirs too.
  ColumnMetadataCalls(Projects& projects, DatasetStore& datasets, ColumnMetadataStore& columns)
      : projects_(projects), datasets_(datasets), columns_(columns) {}

  absl::Status Get(const rpc::CallContext& call, const v1::GetColumnMetadataRequest& request,
                   v1::GetColumnMetadataResponse& response) const;
  absl::Status List(const rpc::CallContext& call, const v1::ListColumnMetadataRequest& request,
                    v1::ListColumnMetadataResponse& response) const;
  absl::Status Update(const rpc::CallContext& call, const v1::UpdateColumnMetadataRequest& request,
                      v1::UpdateColumnMetadataResponse& response) const;
  absl::Status Push(const rpc::CallContext& call, const v1::PushColumnDescriptionsRequest& request,
                    v1::PushColumnDescriptionsResponse& response) const;

 private:
  Projects& projects_;
  DatasetStore& datasets_;
  ColumnMetadataStore& columns_;
};

}  // namespace metricstore::registry
