// Counts the calls of a load, after its warm-up.
#pragma once

#include <sys/resource.h>

#include <algorithm>
#include <vector>

#include "absl/time/clock.h"
#include "tests/benchmark/load_run.h"

namespace metricstore::bench {

// Not thread-safe.
class LoadMeter {
 public:
  explicit LoadMeter(const LoadPlan& plan)
      : start_(absl::Now() + plan.warm_up), end_(start_ + plan.duration) {}

  // A call is over; false if no other is to be started.
  bool Done(absl::Time started, absl::Time now, size_t reply_bytes) {
    if (started >= start_) {
      if (latencies_.empty()) cpu_before_ = CpuTime();
      latencies_.push_back(now - started);
      bytes_ += reply_bytes;
      last_ = now;
    }
    return now < end_;
  }

  LoadResult Result() {
    LoadResult result;
    result.calls = latencies_.size();
    result.elapsed = last_ - start_;
    result.reply_bytes = bytes_;
    result.client_cpu = CpuTime() - cpu_before_;
    if (latencies_.empty()) return result;
    std::sort(latencies_.begin(), latencies_.end());
    result.p50 = latencies_[latencies_.size() / 2];
    result.p99 = latencies_[latencies_.size() * 99 / 100];
    return result;
  }

 private:
  static absl::Duration CpuTime() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return absl::DurationFromTimeval(usage.ru_utime) + absl::DurationFromTimeval(usage.ru_stime);
  }

  const absl::Time start_, end_;
  absl::Time last_;
  std::vector<absl::Duration> latencies_;
  size_t bytes_ = 0;
  absl::Duration cpu_before_;
};

}  // namespace metricstore::bench
