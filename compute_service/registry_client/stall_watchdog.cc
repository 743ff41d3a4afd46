#include "compute_service/registry_client/stall_watchdog.h"

#include <algorithm>
#include <chrono>
#include <vector>

namespace metricstore::compute {

StallWatchdog::Watch::Watch(StallWatchdog& watchdog, const CallBounds& parent)
    : watchdog_(watchdog), bounds_{.deadline = parent.deadline, .cancel = CancelToken()} {
  parent_ = parent.cancel.OnCancel([cancel = bounds_.cancel] { cancel.Cancel(); });
  std::lock_guard lock(watchdog_.mutex_);
  watchdog_.watches_.insert(this);
  watchdog_.changed_.notify_one();
}

StallWatchdog::Watch::~Watch() {
  std::lock_guard lock(watchdog_.mutex_);
  watchdog_.watches_.erase(this);
}

bool StallWatchdog::Watch::stalled() const {
  std::lock_guard lock(watchdog_.mutex_);
  return stalled_;
}

void StallWatchdog::Watch::Arm() {
  std::lock_guard lock(watchdog_.mutex_);
  armed_ = true;
  armed_for_ = absl::ZeroDuration();
}

void StallWatchdog::Watch::Disarm() {
  std::lock_guard lock(watchdog_.mutex_);
  armed_ = false;
}

StallWatchdog::StallWatchdog(absl::Duration limit) : limit_(limit), thread_([this] { Run(); }) {}

StallWatchdog::~StallWatchdog() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_one();
  }
  thread_.join();
}

void StallWatchdog::Run() {
  using SteadyClock = std::chrono::steady_clock;
  const auto tick = absl::ToChronoNanoseconds(std::min(limit_ / 4, absl::Seconds(1)));
  std::unique_lock lock(mutex_);
  SteadyClock::time_point last = SteadyClock::now();
  while (!stopping_) {
    if (watches_.empty()) {
      changed_.wait(lock, [&] { return stopping_ || !watches_.empty(); });
      last = SteadyClock::now();
      continue;
    }
    changed_.wait_for(lock, tick, [&] { return stopping_; });
    const SteadyClock::time_point now = SteadyClock::now();
    // Cancelling under the lock keeps the watch alive meanwhile; it only asks gRPC to end the call.
    // Time in which this process was stopped is not the peer's.
    Tick(absl::FromChrono(std::min<SteadyClock::duration>(now - last, 2 * tick)));
    last = now;
  }
}

void StallWatchdog::Tick(absl::Duration elapsed) {
  for (Watch* watch : watches_) {
    if (!watch->armed_ || watch->stalled_) continue;
    watch->armed_for_ += elapsed;
    if (watch->armed_for_ < limit_) continue;
    watch->stalled_ = true;
    watch->bounds_.cancel.Cancel();
  }
}

}  // namespace metricstore::compute
