#include "common/rpc/watch_loop.h"

#include <utility>

#include "absl/time/clock.h"

namespace metricstore::rpc {

WatchLoop::WatchLoop(ServerRuntime& runtime, std::string_view method,
                     const grpc::CallbackServerContext& context, Hooks hooks)
    : call_(runtime, method, context, CallKind::kWatch), hooks_(std::move(hooks)) {}

void WatchLoop::Begin() {
  const absl::Status refusal = call_.Submit([self = shared_from_this()] { self->Poll(); });
  if (!refusal.ok()) End(refusal);
}

void WatchLoop::Poll() {
  PollOutcome outcome = PollOutcome::kUnchanged;
  const absl::Status polled = call_.RunBody([&]() -> absl::Status {
    const auto found = hooks_.poll(call_.context());
    if (found.ok()) outcome = *found;
    return found.status();
  });
  if (!polled.ok()) return End(polled);
  if (outcome == PollOutcome::kEnded) return Write(/*last=*/true);
  if (call_.runtime().draining()) return End(ServerDraining());
  const bool repeat = absl::Now() - last_write_ >= kWatchRepeatInterval;
  if (outcome == PollOutcome::kChanged || repeat) return Write(/*last=*/false);
  StartTimer(Phase::kWaiting, kWatchPollInterval);
}

void WatchLoop::Write(bool last) {
  last_ = last;
  last_write_ = absl::Now();
  StartTimer(Phase::kWriting, call_.runtime().options().stall_limit);
  hooks_.start_write();
}

void WatchLoop::WriteDone(bool ok) {
  bool stalled = false;
  {
    std::lock_guard lock(mutex_);
    if (phase_ == Phase::kCancelling) {
      write_done_while_cancelling_ = true;
      return;
    }
    stalled = phase_ == Phase::kStalled;
    phase_ = Phase::kPolling;
  }
  if (stalled) return End(StreamStalled("read", call_.runtime().options().stall_limit));
  if (!ok) return End(CallEnded(call_.context()));
  if (last_) return End(absl::OkStatus());
  StartTimer(Phase::kWaiting, kWatchPollInterval);
}

void WatchLoop::Cancelled() {
  call_.Cancel();
  {
    std::lock_guard lock(mutex_);
    // In any other phase somebody is at work and meets the flag at its end.
    if (phase_ != Phase::kWaiting) return;
    phase_ = Phase::kEnded;
  }
  End(CallEnded(call_.context()));
}

void WatchLoop::StartTimer(Phase phase, absl::Duration delay) {
  auto alarm = std::make_unique<grpc::Alarm>();
  grpc::Alarm* const started = alarm.get();
  uint64_t number = 0;
  bool cancelled = false;
  {
    std::lock_guard lock(mutex_);
    cancelled = phase == Phase::kWaiting && call_.context().bounds.cancel.cancelled();
    if (!cancelled) {
      phase_ = phase;
      number = ++timer_;
      alarm_.swap(alarm);
    }
  }
  if (cancelled) return End(CallEnded(call_.context()));
  started->Set(absl::ToChronoTime(absl::Now() + delay),
               [weak = weak_from_this(), number](bool expired) {
                 const auto self = weak.lock();
                 if (expired && self != nullptr) self->OnTimer(number);
               });
}

void WatchLoop::OnTimer(uint64_t timer) {
  bool poll = false;
  {
    std::lock_guard lock(mutex_);
    if (timer != timer_) return;
    if (phase_ == Phase::kWaiting) {
      phase_ = Phase::kPolling;
      poll = true;
    } else if (phase_ == Phase::kWriting) {
      phase_ = Phase::kCancelling;
    } else {
      return;
    }
  }
  poll ? PollOnExecutor() : CancelStalled();
}

void WatchLoop::PollOnExecutor() {
  const absl::Status refusal = call_.Submit([self = shared_from_this()] { self->Poll(); });
  if (refusal.ok()) return;
  if (call_.runtime().draining()) return End(refusal);
  StartTimer(Phase::kWaiting, kWatchPollInterval);  // overloaded: miss a turn
}

void WatchLoop::CancelStalled() {
  // Without the lock, because reactions may run on this thread; the phase keeps the call alive.
  hooks_.try_cancel();
  {
    std::lock_guard lock(mutex_);
    if (!write_done_while_cancelling_) {
      phase_ = Phase::kStalled;
      return;
    }
  }
  End(StreamStalled("read", call_.runtime().options().stall_limit));
}

void WatchLoop::End(absl::Status status) {
  {
    std::lock_guard lock(mutex_);
    phase_ = Phase::kEnded;
    ++timer_;
  }
  hooks_.finish(call_.Conclude(std::move(status)));
}

}  // namespace metricstore::rpc
