#include "compute_service/app/compute_app.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "common/logging/logging.h"
#include "common/rpc/ready_file.h"
#include "common/status/macros.h"
#include "compute_service/runner/pacer.h"
#include "proto_descriptors.h"

namespace metricstore::compute {
namespace {

constexpr absl::Duration kReadyWithin = absl::Seconds(5);
constexpr absl::Duration kReadinessTick = absl::Milliseconds(250);
// Of the drain's grace: for giving shards back and for closing the server.
constexpr absl::Duration kFarewell = absl::Seconds(3);

WorkerPoolOptions WithWorkerName(WorkerPoolOptions options) {
  options.worker = MakeWorkerName();
  return options;
}

rpc::ServerOptions WithDescriptors(rpc::ServerOptions options) {
  options.descriptor_set = ProtoDescriptors();
  return options;
}

}  // namespace

ComputeApp::ComputeApp(const ComputeConfig& config)
    : config_(config),
      compute_instruments_(instruments_),
      contact_(Pacer::System()),
      registry_(config.registry, contact_),
      runner_(registry_, compute_instruments_, Pacer::System(), RetryPolicy{}),
      pool_(registry_, runner_, contact_, compute_instruments_, Pacer::System(),
            WithWorkerName(config.pool)),
      runtime_(WithDescriptors(config.service.server), instruments_),
      handler_(runtime_, pool_, registry_) {}

absl::StatusOr<std::unique_ptr<ComputeApp>> ComputeApp::Start(const ComputeConfig& config) {
  std::unique_ptr<ComputeApp> app(new ComputeApp(config));
  RETURN_IF_ERROR(app->Serve());
  return app;
}

ComputeApp::~ComputeApp() { Drain(absl::ZeroDuration()); }

absl::Status ComputeApp::Serve() {
  ASSIGN_OR_RETURN(metrics_port_, instruments_.Serve(config_.service.metrics_listen));
  ASSIGN_OR_RETURN(server_, rpc::Server::Start(runtime_, {&handler_}));
  pool_.Start();
  readiness_ = std::thread([this] { WatchRegistry(); });
  if (!config_.service.ready_file.empty()) {
    RETURN_IF_ERROR(rpc::WriteReadyFile(config_.service.ready_file, grpc_port(), metrics_port_));
  }
  logging::Info("serving", {{"grpc_port", grpc_port()},
                            {"metrics_port", metrics_port_},
                            {"registry", config_.registry.target},
                            {"slots", config_.pool.slots},
                            {"worker", pool_.Status().worker}});
  return absl::OkStatus();
}

void ComputeApp::WatchRegistry() {
  const Pacer& pacer = Pacer::System();
  const absl::Time start = pacer.Now();
  std::optional<bool> ready;  // what was last said
  while (!draining_.cancelled()) {
    const bool reached = contact_.Silence() <= kReadyWithin;
    const bool known = reached || pacer.Now() - start > kReadyWithin;
    if (known && ready != reached) {
      ready = reached;
      server_->SetReady(reached);
      compute_instruments_.registry_reachable().Set(reached ? 1 : 0);
      if (reached) {
        logging::Info("registry reached");
      } else {
        logging::Warning("registry does not answer", {{"error", contact_.last_error()}});
      }
    }
    pacer.WaitUntil(pacer.Now() + kReadinessTick, draining_);
  }
}

void ComputeApp::Drain(absl::Duration grace) {
  if (draining_.cancelled()) return;
  draining_.Cancel();
  if (readiness_.joinable()) readiness_.join();
  if (server_ == nullptr) return;
  server_->SetReady(false);
  pool_.Stop(std::max(absl::ZeroDuration(), grace - kFarewell));
  server_->Drain(std::min(grace, absl::Seconds(1)));
}

}  // namespace metricstore::compute
