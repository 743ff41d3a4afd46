#include "compute_service/api/compute_service_handler.h"

#include <string>

#include "common/rpc/handler.h"
#include "common/time/iso8601.h"
#include "compute_service/api/evaluate_call.h"
#include "compute_service/api/explain_call.h"
#include "compute_service/api/row_evaluation_call.h"
#include "compute_service/api/run_day_call.h"

namespace metricstore::compute {

void ToProto(const WorkerStatus& status, v1::GetWorkerStatusResponse* proto) {
  proto->set_worker(status.worker);
  proto->set_slots(status.slots);
  for (const WorkerStatus::Active& active : status.active) {
    v1::ActiveShard* shard = proto->add_active();
    shard->set_shard_id(active.shard_id);
    shard->set_backfill_id(active.backfill_id);
    const int64_t micros = ToMicros(active.started);
    shard->mutable_start_time()->set_seconds(micros / 1'000'000);
    shard->mutable_start_time()->set_nanos(static_cast<int32_t>(micros % 1'000'000) * 1000);
  }
  proto->set_shards_done(status.shards_done);
  proto->set_shards_failed(status.shards_failed);
  proto->set_leases_lost(status.leases_lost);
  proto->set_registry_reachable(status.registry.ok());
  proto->set_registry_error(std::string(status.registry.message()));
}

grpc::ServerUnaryReactor* ComputeServiceHandler::GetWorkerStatus(
    grpc::CallbackServerContext* context, const v1::GetWorkerStatusRequest* request,
    v1::GetWorkerStatusResponse* response) {
  return rpc::HandleUnary<v1::GetWorkerStatusRequest, v1::GetWorkerStatusResponse>(
      runtime_, "ComputeService/GetWorkerStatus", context, request, response,
      [this](const rpc::CallContext&, const v1::GetWorkerStatusRequest&,
             v1::GetWorkerStatusResponse& filled) {
        ToProto(pool_.Status(), &filled);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* ComputeServiceHandler::EvaluateRows(
    grpc::CallbackServerContext* context, const v1::EvaluateRowsRequest* request,
    v1::EvaluateRowsResponse* response) {
  return rpc::HandleUnary<v1::EvaluateRowsRequest, v1::EvaluateRowsResponse>(
      runtime_, "ComputeService/EvaluateRows", context, request, response,
      [](const rpc::CallContext& call, const v1::EvaluateRowsRequest& asked,
         v1::EvaluateRowsResponse& filled) {
        return compute::EvaluateRows(asked, call.bounds, &filled);
      });
}

grpc::ServerWriteReactor<v1::EvaluateResponse>* ComputeServiceHandler::Evaluate(
    grpc::CallbackServerContext* context, const v1::EvaluateRequest* request) {
  return rpc::HandleServerStream<v1::EvaluateRequest, v1::EvaluateResponse>(
      runtime_, "ComputeService/Evaluate", context, request,
      [this](const rpc::CallContext& call, const v1::EvaluateRequest& asked,
             rpc::StreamWriter<v1::EvaluateResponse>& writer) {
        return compute::Evaluate(registry_, asked, call.bounds, writer);
      });
}

grpc::ServerWriteReactor<v1::RunDayResponse>* ComputeServiceHandler::RunDay(
    grpc::CallbackServerContext* context, const v1::RunDayRequest* request) {
  return rpc::HandleServerStream<v1::RunDayRequest, v1::RunDayResponse>(
      runtime_, "ComputeService/RunDay", context, request,
      [this](const rpc::CallContext& call, const v1::RunDayRequest& asked,
             rpc::StreamWriter<v1::RunDayResponse>& writer) {
        return compute::RunDay(registry_, asked, call.bounds, writer);
      });
}

grpc::ServerUnaryReactor* ComputeServiceHandler::ExplainMetric(
    grpc::CallbackServerContext* context, const v1::ExplainMetricRequest* request,
    v1::ExplainMetricResponse* response) {
  return rpc::HandleUnary<v1::ExplainMetricRequest, v1::ExplainMetricResponse>(
      runtime_, "ComputeService/ExplainMetric", context, request, response,
      [this](const rpc::CallContext& call, const v1::ExplainMetricRequest& asked,
             v1::ExplainMetricResponse& filled) {
        return compute::ExplainMetric(registry_, asked, call.bounds, &filled);
      });
}

}  // namespace metricstore::compute
