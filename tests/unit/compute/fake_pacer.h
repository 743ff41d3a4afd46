// Pacers whose time tests move: by hand, or at once wherever someone waits.
#pragma once

#include <condition_variable>
#include <mutex>
#include <set>

#include "absl/time/time.h"
#include "compute_service/runner/pacer.h"

namespace metricstore::compute {

// Waits end only by Advance or their interrupt. Thread-safe.
class FakePacer : public Pacer {
 public:
  absl::Time Now() const override {
    std::lock_guard lock(mutex_);
    return now_;
  }

  bool WaitUntil(absl::Time time, const CancelToken& interrupt) const override {
    const CancelToken::Registration registration = interrupt.OnCancel([this] {
      std::lock_guard lock(mutex_);
      changed_.notify_all();
    });
    std::unique_lock lock(mutex_);
    const auto waiting = waits_.insert(time);
    changed_.notify_all();
    changed_.wait(lock, [&] { return now_ >= time || interrupt.cancelled(); });
    waits_.erase(waiting);
    return now_ >= time;
  }

  void Advance(absl::Duration duration) {
    std::lock_guard lock(mutex_);
    now_ += duration;
    changed_.notify_all();
  }

  // Blocks until `count` threads wait for a time that has not come; returns those times.
  std::multiset<absl::Time> AwaitWaits(size_t count) const {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waits_.size() >= count && *waits_.begin() > now_; });
    return waits_;
  }

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  absl::Time now_ = absl::FromUnixSeconds(1'700'000'000);
  mutable std::multiset<absl::Time> waits_;
};

// Every wait ends at once, with the clock moved to its end. For code of a single thread.
class SkippingPacer : public Pacer {
 public:
  absl::Time Now() const override { return now_; }
  bool WaitUntil(absl::Time time, const CancelToken& interrupt) const override {
    if (interrupt.cancelled()) return false;
    now_ = std::max(now_, time);
    return true;
  }
  void Advance(absl::Duration duration) { now_ += duration; }

 private:
  mutable absl::Time now_ = absl::FromUnixSeconds(1'700'000'000);
};

}  // namespace metricstore::compute
