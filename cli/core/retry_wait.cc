#include "cli/core/retry_wait.h"

#include <condition_variable>
#include <mutex>

namespace metricstore::cli {

bool WaitForRetry(absl::Duration delay, const CancelToken& cancel) {
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
