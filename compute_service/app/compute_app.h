// Composition root of compute_service: builds the parts, runs them, drains them.
#pragma once

#include <memory>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/rpc/server.h"
#include "common/telemetry/instruments.h"
#include "common/time/cancellation.h"
#include "compute_service/api/compute_service_handler.h"
#include "compute_service/app/compute_config.h"
#include "compute_service/registry_client/grpc_registry_client.h"
#include "compute_service/registry_client/registry_contact.h"
#include "compute_service/runner/shard_runner.h"
#include "compute_service/runner/worker_pool.h"
#include "compute_service/telemetry/compute_instruments.h"

namespace metricstore::compute {

// A running compute service. It starts and stays alive without a registry, and is ready while the
// registry has answered within the last 5 s. Use from one thread.
class ComputeApp {
 public:
  // FAILED_PRECONDITION if a port cannot be bound or the ready file cannot be written.
  static absl::StatusOr<std::unique_ptr<ComputeApp>> Start(const ComputeConfig& config);
  // Drains without grace.
  ~ComputeApp();

  int grpc_port() const { return server_->port(); }
  int metrics_port() const { return metrics_port_; }

  // Not ready any more, no new leases; running shards have most of `grace` to end, the rest is
  // given back. Returns when the grace is over at the latest. A second call does nothing.
  void Drain(absl::Duration grace);

 private:
  explicit ComputeApp(const ComputeConfig& config);
  absl::Status Serve();
  void WatchRegistry();

  const ComputeConfig config_;
  telemetry::Instruments instruments_;
  const ComputeInstruments compute_instruments_;
  RegistryContact contact_;
  GrpcRegistryClient registry_;
  const ShardRunner runner_;
  WorkerPool pool_;
  rpc::ServerRuntime runtime_;
  ComputeServiceHandler handler_;
  std::unique_ptr<rpc::Server> server_;
  int metrics_port_ = 0;
  CancelToken draining_;
  std::thread readiness_;
};

// A name for one start of this process: host, process id, and a random part, since pods of a
// restarted container may share the first two.
std::string MakeWorkerName();

}  // namespace metricstore::compute
