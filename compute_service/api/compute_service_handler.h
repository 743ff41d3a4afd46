// metricstore.compute.v1.ComputeService over the worker pool and the evaluations that callers ask
// for.
#pragma once

#include "common/rpc/server.h"
#include "compute_service/registry_client/registry_client.h"
#include "compute_service/runner/worker_pool.h"
#include "metricstore/compute/v1/compute_service.grpc.pb.h"

namespace metricstore::compute {

// Thread-safe. Refers to the runtime, the pool and the registry, which must outlive it.
class ComputeServiceHandler : public v1::ComputeService::CallbackService {
 public:
  ComputeServiceHandler(rpc::ServerRuntime& runtime, const WorkerPool& pool,
                        RegistryClient& registry)
      : runtime_(runtime), pool_(pool), registry_(registry) {}

  grpc::ServerUnaryReactor* GetWorkerStatus(grpc::CallbackServerContext* context,
                                            const v1::GetWorkerStatusRequest* request,
                                            v1::GetWorkerStatusResponse* response) override;
  grpc::ServerUnaryReactor* EvaluateRows(grpc::CallbackServerContext* context,
                                         const v1::EvaluateRowsRequest* request,
                                         v1::EvaluateRowsResponse* response) override;
  grpc::ServerWriteReactor<v1::EvaluateResponse>* Evaluate(
      grpc::CallbackServerContext* context, const v1::EvaluateRequest* request) override;
  grpc::ServerWriteReactor<v1::RunDayResponse>* RunDay(grpc::CallbackServerContext* context,
                                                       const v1::RunDayRequest* request) override;
  grpc::ServerUnaryReactor* ExplainMetric(grpc::CallbackServerContext* context,
                                          const v1::ExplainMetricRequest* request,
                                          v1::ExplainMetricResponse* response) override;

 private:
  rpc::ServerRuntime& runtime_;
  const WorkerPool& pool_;
  RegistryClient& registry_;
};

// The status as it is shown.
void ToProto(const WorkerStatus& status, v1::GetWorkerStatusResponse* proto);

}  // namespace metricstore::compute
