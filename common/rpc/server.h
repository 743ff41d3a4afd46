// A gRPC server with everything that production wants around it: health, reflection, limits, drain.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/rpc/executor.h"
#include "common/telemetry/instruments.h"

namespace metricstore::rpc {

struct ServerOptions {
  std::string listen = "127.0.0.1:0";  // host:port; port 0 takes a free one
  int unary_threads = 8;
  size_t unary_queue = 256;
  int stream_threads = 16;  // concurrent streams
  size_t stream_queue = 16;
  absl::Duration default_deadline = absl::Seconds(30);  // for unary calls that bring none
  absl::Duration max_deadline = absl::Minutes(10);      // for unary calls that ask for more
  absl::Duration stall_limit = absl::Seconds(60);       // a stream without progress is ended
  absl::Duration max_connection_age = absl::Minutes(5);
  absl::Duration max_connection_age_grace = absl::Minutes(10);
  size_t max_request_bytes = 5u << 20;
};

// Executors, limits and instruments shared by a server's handlers. Thread-safe.
class ServerRuntime {
 public:
  ServerRuntime(ServerOptions options, telemetry::Instruments& instruments);
  ~ServerRuntime();

  const ServerOptions& options() const { return options_; }
  BoundedExecutor& unary_executor() { return *unary_; }
  BoundedExecutor& stream_executor() { return *stream_; }
  struct CallInstruments;
  CallInstruments& call_instruments() { return *call_instruments_; }

 private:
  ServerOptions options_;
  std::unique_ptr<BoundedExecutor> unary_;
  std::unique_ptr<BoundedExecutor> stream_;
  std::unique_ptr<CallInstruments> call_instruments_;
};

// A running server. Reflection is on; health reports "" as serving while the process lives and each
// service's name as serving while SetReady(true). Thread-safe.
class Server {
 public:
  // `services` must outlive the server. FAILED_PRECONDITION if the port cannot be bound.
  static absl::StatusOr<std::unique_ptr<Server>> Start(ServerRuntime& runtime,
                                                       const std::vector<grpc::Service*>& services);
  ~Server();

  int port() const;
  void SetReady(bool ready);
  // Health turns NOT_SERVING, new calls are refused, running ones have `grace` to end and are
  // cancelled then. Returns when all have ended.
  void Drain(absl::Duration grace);

 private:
  struct State;
  explicit Server(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Blocks until SIGTERM or SIGINT. Call BlockTerminationSignals in main before any thread starts.
void BlockTerminationSignals();
int WaitForTerminationSignal();

}  // namespace metricstore::rpc
