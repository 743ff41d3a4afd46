#include "cli/backoff.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>

namespace metricstore::cli {

bool Backoff::Wait(const CancelToken& cancel, absl::Duration least) {
  // Half to all of the nominal time: clients that lost the same server do not return as one.
  const double share = std::uniform_real_distribution<double>(0.5, 1.0)(random_);
  const absl::Duration delay = std::max(least, next_ * share);
  next_ = std::min(next_ * 2, options_.longest);
  std::mutex mutex;
  std::condition_variable changed;
  bool cancelled = false;
  const auto registration = cancel.OnCancel([&] {
    const std::lock_guard lock(mutex);
    cancelled = true;
    changed.notify_all();
  });
  std::unique_lock lock(mutex);
  return !changed.wait_for(lock, absl::ToChronoNanoseconds(delay), [&] { return cancelled; });
}

}  // namespace metricstore::cli
