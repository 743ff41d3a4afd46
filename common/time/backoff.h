// Growing delays between tries, spread so that callers which lost the same server do not return as
// one.
#pragma once

#include <algorithm>
#include <random>

#include "absl/time/time.h"

namespace metricstore {

// Each delay is twice the one before, up to `most`, times a random factor of 1/2 to 1. Not
// thread-safe.
class Backoff {
 public:
  Backoff(absl::Duration first, absl::Duration most)
      : first_(first), most_(most), next_(first), random_(std::random_device{}()) {}

  absl::Duration Next() {
    const absl::Duration delay = next_ * spread_(random_);
    next_ = std::min(next_ * 2, most_);
    return delay;
  }
  void Reset() { next_ = first_; }

 private:
  const absl::Duration first_;
  const absl::Duration most_;
  absl::Duration next_;
  std::minstd_rand random_;
  std::uniform_real_distribution<double> spread_{0.5, 1.0};
};

}  // namespace metricstore
