// IngestService: raw rows in, by stream or as JSON-like rows.
#pragma once

#include "common/rpc/handler.h"
#include "common/rpc/server.h"
#include "metricstore/registry/v1/ingest_service.grpc.pb.h"
#include "registry_service/datasets/dataset_store.h"
#include "registry_service/ingest/batch_writer.h"
#include "registry_service/projects/projects.h"

namespace metricstore::registry {

// A batch, serialised, may be this large; see common.v1.ColumnBatch.
inline constexpr size_t kMaxBatchBytes = 1 << 20;

// Thread-safe. What it is made of must outlive it.
class IngestHandler final : public v1::IngestService::CallbackService {
 public:
  IngestHandler(rpc::ServerRuntime& runtime, Projects& projects, DatasetStore& datasets,
                BatchWriter& writer)
      : runtime_(runtime), projects_(projects), datasets_(datasets), writer_(writer) {}

  grpc::ServerBidiReactor<v1::StreamRowsRequest, v1::StreamRowsResponse>* StreamRows(
      grpc::CallbackServerContext* context) override;
  grpc::ServerUnaryReactor* IngestRows(grpc::CallbackServerContext* context,
                                       const v1::IngestRowsRequest* request,
                                       v1::IngestRowsResponse* response) override;

 private:
  absl::Status StoreStream(const rpc::CallContext& call,
                           rpc::StreamReader<v1::StreamRowsRequest>& reader,
                           rpc::StreamWriter<v1::StreamRowsResponse>& writer);
  absl::Status StoreBatch(const rpc::CallContext& call, int32_t project_id,
                          const std::string& dataset, const v1::StreamRowsRequest::RowBatch& batch,
                          v1::BatchResult* result);
  absl::Status StoreStructs(const rpc::CallContext& call, const v1::IngestRowsRequest& request,
                            v1::BatchResult* result);

  rpc::ServerRuntime& runtime_;
  Projects& projects_;
  DatasetStore& datasets_;
  BatchWriter& writer_;
};

}  // namespace metricstore::registry
