// The turns of a watched call: poll, write what changed, wait without a thread, poll again.
#pragma once

#include <grpcpp/alarm.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/rpc/call.h"
#include "common/rpc/served_call.h"

namespace metricstore::rpc {

inline constexpr absl::Duration kWatchPollInterval = absl::Milliseconds(250);
inline constexpr absl::Duration kWatchRepeatInterval = absl::Seconds(5);

// Owned by the call's reactor and, while one of them is at work, by timers and tasks. Thread-safe.
class WatchLoop : public std::enable_shared_from_this<WatchLoop> {
 public:
  // What the reactor does for the loop. Only used until `finish` was called.
  struct Hooks {
    std::function<absl::StatusOr<PollOutcome>(const CallContext&)> poll;
    std::function<void()> start_write;
    std::function<void()> try_cancel;
    std::function<void(grpc::Status)> finish;
  };

  WatchLoop(ServerRuntime& runtime, std::string_view method,
            const grpc::CallbackServerContext& context, Hooks hooks);

  void Begin();
  // Reactions.
  void WriteDone(bool ok);
  void Cancelled();

 private:
  enum class Phase {
    kPolling,     // on, or on its way to, an executor thread
    kWaiting,     // for the timer
    kWriting,     // for the write's reaction; the timer is the stall limit
    kCancelling,  // the stall limit passed: the call is being cancelled on another thread
    kStalled,     // it has been cancelled, and the write's reaction is still to come
    kEnded,
  };

  void Poll();
  void Write(bool last);
  void OnTimer(uint64_t timer);
  void CancelStalled();
  void PollOnExecutor();
  void End(absl::Status status);
  // Enters `phase` with a timer; ends the call instead if it was cancelled meanwhile.
  void StartTimer(Phase phase, absl::Duration delay);

  ServedCall call_;
  const Hooks hooks_;
  absl::Time last_write_ = absl::InfinitePast();  // of the thread whose turn it is
  bool last_ = false;                             // likewise

  std::mutex mutex_;
  // Guarded by mutex_.
  Phase phase_ = Phase::kPolling;
  uint64_t timer_ = 0;  // number of the current timer; older ones are stale
  bool write_done_while_cancelling_ = false;
  std::unique_ptr<grpc::Alarm> alarm_;
};

}  // namespace metricstore::rpc
