// Where the body of a stream waits for the reactions that its reads and writes cause.
#pragma once

#include <grpcpp/server_context.h>

#include <condition_variable>
#include <mutex>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/rpc/call.h"

namespace metricstore::rpc {

// One read and one write may be under way. The body's thread calls Await* and *Started; reactions
// call *Done. Thread-safe.
class StreamGate {
 public:
  // `call` and `context` must outlive the gate.
  StreamGate(const CallContext& call, absl::Duration stall_limit,
             grpc::CallbackServerContext* context);

  void ReadStarted();
  void ReadDone(bool ok);
  // True when a message has arrived, false after the half-close. ABORTED (STREAM_STALLED),
  // CANCELLED, DEADLINE_EXCEEDED.
  absl::StatusOr<bool> AwaitRead();

  // CANCELLED or DEADLINE_EXCEEDED if there is no point in writing.
  absl::Status WriteStarted();
  void WriteDone(bool ok);
  // Returns after the transport has let go of the message, whatever happened. ABORTED
  // (STREAM_STALLED), CANCELLED, DEADLINE_EXCEEDED.
  absl::Status AwaitWritten();

 private:
  enum class Progress { kUnderWay, kDone, kFailed };

  const CallContext& call_;
  const absl::Duration stall_limit_;
  grpc::CallbackServerContext* const context_;
  std::mutex mutex_;
  std::condition_variable changed_;
  Progress read_ = Progress::kUnderWay;  // guarded by mutex_
  Progress write_ = Progress::kDone;     // guarded by mutex_
};

}  // namespace metricstore::rpc
