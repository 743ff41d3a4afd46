// metricstore.compute.v1.ComputeService over the worker pool and the evaluation of given rows.
#pragma once

#include "common/rpc/server.h"
#include "compute_service/runner/worker_pool.h"
#include "metricstore/compute/v1/compute_service.grpc.pb.h"

namespace metricstore::compute {

// Thread-safe. Refers to the runtime and the pool, which must outlive it.
class ComputeServiceHandler : public v1::ComputeService::CallbackService {
 public:
  ComputeServiceHandler(rpc::ServerRuntime& runtime, const WorkerPool& pool)
      : runtime_(runtime), pool_(pool) {}

  grpc::ServerUnaryReactor* GetWorkerStatus(grpc::CallbackServerContext* context,
                                            const v1::GetWorkerStatusRequest* request,
                                            v1::GetWorkerStatusResponse* response) override;
  grpc::ServerUnaryReactor* EvaluateRows(grpc::CallbackServerContext* context,
                                         const v1::EvaluateRowsRequest* request,
                                         v1::EvaluateRowsResponse* response) override;

 private:
  rpc::ServerRuntime& runtime_;
  const WorkerPool& pool_;
};

// The status as it is shown.
void ToProto(const WorkerStatus& status, v1::GetWorkerStatusResponse* proto);

}  // namespace metricstore::compute
