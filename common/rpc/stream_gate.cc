#include "common/rpc/stream_gate.h"

#include "absl/time/time.h"
#include "common/rpc/served_call.h"
#include "common/status/macros.h"

namespace metricstore::rpc {

StreamGate::StreamGate(const CallContext& call, absl::Duration stall_limit,
                       grpc::CallbackServerContext* context)
    : call_(call), stall_limit_(stall_limit), context_(context) {}

void StreamGate::ReadStarted() {
  std::lock_guard lock(mutex_);
  read_ = Progress::kUnderWay;
}

void StreamGate::ReadDone(bool ok) {
  std::lock_guard lock(mutex_);
  read_ = ok ? Progress::kDone : Progress::kFailed;
  changed_.notify_all();
}

absl::StatusOr<bool> StreamGate::AwaitRead() {
  std::unique_lock lock(mutex_);
  // The end of the call completes the read, so nothing else needs to be waited for.
  if (!changed_.wait_for(lock, absl::ToChronoNanoseconds(stall_limit_),
                         [this] { return read_ != Progress::kUnderWay; })) {
    return StreamStalled("sent", stall_limit_);
  }
  if (!call_.bounds.Check().ok() || context_->IsCancelled()) return CallEnded(call_);
  return read_ == Progress::kDone;
}

absl::Status StreamGate::WriteStarted() {
  if (!call_.bounds.Check().ok()) return CallEnded(call_);
  std::lock_guard lock(mutex_);
  write_ = Progress::kUnderWay;
  return absl::OkStatus();
}

void StreamGate::WriteDone(bool ok) {
  std::lock_guard lock(mutex_);
  write_ = ok ? Progress::kDone : Progress::kFailed;
  changed_.notify_all();
}

absl::Status StreamGate::AwaitWritten() {
  const auto written = [this] { return write_ != Progress::kUnderWay; };
  std::unique_lock lock(mutex_);
  if (!changed_.wait_for(lock, absl::ToChronoNanoseconds(stall_limit_), written)) {
    lock.unlock();  // the reaction may run on this thread
    context_->TryCancel();
    lock.lock();
    changed_.wait(lock, written);
    return StreamStalled("read", stall_limit_);
  }
  return write_ == Progress::kDone ? absl::OkStatus() : CallEnded(call_);
}

}  // namespace metricstore::rpc
