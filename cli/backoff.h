// Waiting between attempts: longer each time, with jitter, until Ctrl-C.
#pragma once

#include <random>

#include "absl/time/time.h"
#include "common/time/cancellation.h"

namespace metricstore::cli {

struct BackoffOptions {
  absl::Duration first = absl::Milliseconds(200);
  absl::Duration longest = absl::Seconds(5);
};

// Not thread-safe.
class Backoff {
 public:
  explicit Backoff(BackoffOptions options) : options_(options), next_(options.first) {}

  // Waits, at least `least`; false at once when `cancel` is raised.
  bool Wait(const CancelToken& cancel, absl::Duration least = absl::ZeroDuration());
  // The next attempt is the first again.
  void Reset() { next_ = options_.first; }

 private:
  BackoffOptions options_;
  absl::Duration next_;
  std::minstd_rand random_{std::random_device()()};
};

}  // namespace metricstore::cli
