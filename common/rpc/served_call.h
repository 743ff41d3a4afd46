// One call from arrival to its final status: bounds, executor, log line and instruments.
#pragma once

#include <grpcpp/alarm.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/status.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/rpc/call.h"
#include "common/rpc/server.h"

namespace metricstore::rpc {

// Where a body runs and which deadline it gets.
enum class CallKind {
  kUnary,   // unary executor; default and largest deadline of the server
  kStream,  // stream executor; the client's deadline, if any
  kWatch,   // unary executor, a poll at a time; the client's deadline, if any
};

// Lives inside the call's reactor. Cancel may be called from any thread; the rest in the order in
// which a call proceeds.
class ServedCall {
 public:
  ServedCall(ServerRuntime& runtime, std::string_view method,
             const grpc::CallbackServerContext& context, CallKind kind);
  ~ServedCall();
  ServedCall(const ServedCall&) = delete;
  ServedCall& operator=(const ServedCall&) = delete;

  const CallContext& context() const { return context_; }
  ServerRuntime& runtime() { return runtime_; }

  // Runs `body` on the executor and hands `finish` the status to end the call with; at once if the
  // server is drained or overloaded. `finish` is the last thing done with this object.
  void Start(std::function<absl::Status()> body, std::function<void(grpc::Status)> finish);

  // The reaction to cancellation.
  void Cancel() { context_.bounds.cancel.Cancel(); }

  // The steps of Start, for calls that take more than one turn.
  // OK, UNAVAILABLE (DRAINING) or RESOURCE_EXHAUSTED (OVERLOADED); only then `task` will not run.
  absl::Status Submit(std::function<void()> task);
  // Runs `body` unless the call has ended already. INTERNAL if it throws.
  absl::Status RunBody(const std::function<absl::Status()>& body);
  // Logs and counts the call, and gives the status that the client gets. Call exactly once.
  grpc::Status Conclude(absl::Status status);

 private:
  BoundedExecutor& executor();
  telemetry::Gauge& queued();
  void SetDeadline(absl::Time client_deadline);

  ServerRuntime& runtime_;
  const CallKind kind_;
  const bool let_in_;
  CallContext context_;
  std::optional<grpc::Alarm> deadline_alarm_;
  std::string exception_text_;  // for the log alone
};

// Why a read or write of `call` failed: CANCELLED, or DEADLINE_EXCEEDED if it is past.
absl::Status CallEnded(const CallContext& call);
// ABORTED (STREAM_STALLED).
absl::Status StreamStalled(std::string_view what, absl::Duration limit);
// UNAVAILABLE (DRAINING).
absl::Status ServerDraining();

}  // namespace metricstore::rpc
