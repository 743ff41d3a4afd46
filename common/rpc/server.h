// A gRPC server with everything that production wants around it: health, reflection, limits, drain.
#pragma once

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
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
  absl::Duration sample_interval = absl::Seconds(1);    // of the executors' gauges
  absl::Duration max_connection_age = absl::Minutes(5);
  absl::Duration max_connection_age_grace = absl::Minutes(10);
  size_t max_request_bytes = 5u << 20;
  // Threads that read from and write to connections; 0: one for every four processors. More of them
  // hand work to each other all the time, which costs short calls more than it gives.
  int polling_threads = 0;
  // A serialised google.protobuf.FileDescriptorSet with source info, from which reflection shows
  // the comments of the .proto files (see metricstore_descriptor_set in CMake). Must outlive the
  // server. Files that it lacks are shown without comments.
  std::string_view descriptor_set;
};

// Executors, limits and instruments shared by a server's handlers. Thread-safe.
class ServerRuntime {
 public:
  ServerRuntime(ServerOptions options, telemetry::Instruments& instruments);
  ~ServerRuntime();

  const ServerOptions& options() const { return options_; }
  BoundedExecutor& unary_executor() { return *unary_; }
  BoundedExecutor& stream_executor() { return *stream_; }
  // Those of the process, for what a handler counts itself.
  telemetry::Instruments& instruments();
  struct CallInstruments;
  CallInstruments& call_instruments() { return *call_instruments_; }

  // From here on calls that arrive are refused with UNAVAILABLE (DRAINING). Server::Drain calls it.
  void BeginDrain();
  bool draining() const { return draining_; }

  // A call for an executor has arrived; false if it came too late to be let in. Then, once its
  // reply is out, that it has left.
  [[nodiscard]] bool CallArrived();
  void CallLeft();
  // Whether all that were let in have left before `deadline`. To be asked once the server drains.
  bool AwaitNoCalls(absl::Time deadline);

 private:
  ServerOptions options_;
  std::unique_ptr<BoundedExecutor> unary_;
  std::unique_ptr<BoundedExecutor> stream_;
  std::unique_ptr<CallInstruments> call_instruments_;
  std::atomic<bool> draining_ = false;
  std::mutex calls_mutex_;
  std::condition_variable no_calls_;
  int64_t calls_ = 0;  // guarded by calls_mutex_
  class ExecutorSampler;
  std::unique_ptr<ExecutorSampler> sampler_;
};

// A running server. Reflection is on; health reports "" as serving while the process lives and each
// service's full name ("metricstore.registry.v1.CatalogService") as serving while SetReady(true).
// The destructor cancels what still runs and waits for it. Thread-safe.
class Server {
 public:
  // `services` must outlive the server. FAILED_PRECONDITION if the port cannot be bound.
  static absl::StatusOr<std::unique_ptr<Server>> Start(ServerRuntime& runtime,
                                                       const std::vector<grpc::Service*>& services);
  ~Server();

  int port() const;
  void SetReady(bool ready);
  // Health turns NOT_SERVING, new calls are refused with UNAVAILABLE (DRAINING), running ones have
  // `grace` to end and are cancelled then. Connections end when no call is left: gRPC would cancel
  // what arrives while it shuts down, and a client that did not cancel must not see that. Returns
  // when all have ended, or a second after the grace time: see abandoned_calls().
  void Drain(absl::Duration grace);
  // True if Drain gave up on bodies that ignore their cancellation. Destructors would wait for
  // them, so main must leave through _exit.
  bool abandoned_calls() const;

 private:
  struct State;
  explicit Server(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Blocks until SIGTERM or SIGINT, which it returns. Call BlockTerminationSignals in main before any
// thread starts. Child processes inherit the blocked signals.
void BlockTerminationSignals();
int WaitForTerminationSignal();

}  // namespace metricstore::rpc
