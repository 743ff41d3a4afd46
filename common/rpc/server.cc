#include "common/rpc/server.h"

#include <grpcpp/health_check_service_interface.h>

#include <atomic>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <thread>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/logging/logging.h"
#include "common/rpc/connections.h"
#include "common/rpc/grpc_log.h"
#include "common/rpc/polling_threads.h"
#include "common/rpc/reflection.h"
#include "common/status/error.h"

namespace metricstore::rpc {
namespace {

// After the grace time the calls are cancelled; bodies that honour that need less than this.
constexpr absl::Duration kCancelGrace = absl::Seconds(1);
// Without calls connections end as soon as their last replies are out.
constexpr absl::Duration kConnectionsGrace = absl::Milliseconds(500);

int Milliseconds(absl::Duration duration) {
  return static_cast<int>(absl::ToInt64Milliseconds(duration));
}

void SetArguments(const ServerOptions& options, grpc::ServerBuilder& builder) {
  builder.SetMaxReceiveMessageSize(static_cast<int>(options.max_request_bytes));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 20000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 10000);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS,
                             Milliseconds(options.max_connection_age));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS,
                             Milliseconds(options.max_connection_age_grace));
  // Two processes must not share a port unnoticed.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
}

absl::Status ListenFailed(const std::string& listen) {
  return status::ErrorBuilder(absl::StatusCode::kFailedPrecondition, "LISTEN_FAILED",
                              absl::StrCat("cannot listen on ", listen,
                                           ": the address is in use, not of this machine, or not "
                                           "HOST:PORT"))
      .Metadata("address", listen)
      .Build();
}

}  // namespace

struct Server::State {
  explicit State(ServerRuntime& server_runtime) : runtime(server_runtime) {}

  ServerRuntime& runtime;
  int port = 0;
  std::vector<std::string> service_names;
  std::unique_ptr<grpc::Server> server;
  std::unique_ptr<PollingThreads> polling_threads;
  std::atomic<bool> abandoned = false;
  std::once_flag drained;

  std::thread shutdown;  // grpc::Server::Shutdown returns only when every body has
  std::mutex mutex;
  std::condition_variable changed;
  bool shutdown_done = false;  // guarded by mutex

  void SetServing(bool serving) {
    for (const std::string& name : service_names) {
      server->GetHealthCheckService()->SetServingStatus(name, serving);
    }
  }

  void DrainOnce(absl::Duration grace);
};

void Server::State::DrainOnce(absl::Duration grace) {
  runtime.BeginDrain();
  server->GetHealthCheckService()->Shutdown();
  if (runtime.AwaitNoCalls(absl::Now() + grace)) EndConnections(port, kConnectionsGrace);
  shutdown = std::thread([this] {
    server->Shutdown(std::chrono::system_clock::now());
    std::lock_guard lock(mutex);
    shutdown_done = true;
    changed.notify_all();
  });
  std::unique_lock lock(mutex);
  if (changed.wait_for(lock, absl::ToChronoNanoseconds(kCancelGrace),
                       [this] { return shutdown_done; })) {
    runtime.unary_executor().Stop();
    runtime.stream_executor().Stop();
    return;
  }
  abandoned = true;
  logging::Error("drain gave up on running calls",
                 {{"unary_bodies", runtime.unary_executor().busy_threads()},
                  {"stream_bodies", runtime.stream_executor().busy_threads()}});
}

absl::StatusOr<std::unique_ptr<Server>> Server::Start(ServerRuntime& runtime,
                                                      const std::vector<grpc::Service*>& services) {
  const ServerOptions& options = runtime.options();
  auto state = std::make_unique<State>(runtime);
  RedirectGrpcLog();
  grpc::EnableDefaultHealthCheckService(true);
  grpc::ServerBuilder builder;
  SetArguments(options, builder);
  builder.AddListeningPort(options.listen, grpc::InsecureServerCredentials(), &state->port);
  for (grpc::Service* service : services) builder.RegisterService(service);
  AddReflection(builder, options.descriptor_set, &state->service_names);
  state->server = builder.BuildAndStart();
  if (state->server == nullptr || state->port <= 0) return ListenFailed(options.listen);
  state->polling_threads = PollingThreads::Limit(*state->server, options.polling_threads);
  state->SetServing(false);
  return std::unique_ptr<Server>(new Server(std::move(state)));
}

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}

Server::~Server() {
  Drain(absl::ZeroDuration());
  state_->shutdown.join();
  state_->polling_threads.reset();
}

int Server::port() const { return state_->port; }

void Server::SetReady(bool ready) { state_->SetServing(ready); }

void Server::Drain(absl::Duration grace) {
  std::call_once(state_->drained, [&] { state_->DrainOnce(grace); });
}

bool Server::abandoned_calls() const { return state_->abandoned; }

namespace {

sigset_t TerminationSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

}  // namespace

void BlockTerminationSignals() {
  const sigset_t signals = TerminationSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

int WaitForTerminationSignal() {
  const sigset_t signals = TerminationSignals();
  int signal = 0;
  while (sigwait(&signals, &signal) != 0) {
  }
  return signal;
}

}  // namespace metricstore::rpc
