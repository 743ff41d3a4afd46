#include "compute_service/runner/pacer.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>

#include "absl/time/clock.h"

namespace metricstore::compute {
namespace {

class SystemPacer : public Pacer {
 public:
  SystemPacer() : start_(absl::Now()), steady_start_(std::chrono::steady_clock::now()) {}

  absl::Time Now() const override {
    return start_ + absl::FromChrono(std::chrono::steady_clock::now() - steady_start_);
  }

  bool WaitUntil(absl::Time time, const CancelToken& interrupt) const override {
    std::mutex mutex;
    std::condition_variable changed;
    bool interrupted = false;
    const CancelToken::Registration registration = interrupt.OnCancel([&] {
      std::lock_guard lock(mutex);
      interrupted = true;
      changed.notify_one();
    });
    // Long waits are waited in parts, which keeps infinity out of the arithmetic of wait_for.
    for (absl::Duration left = time - Now(); left > absl::ZeroDuration(); left = time - Now()) {
      std::unique_lock lock(mutex);
      if (changed.wait_for(lock, absl::ToChronoNanoseconds(std::min(left, absl::Hours(1))),
                           [&] { return interrupted; })) {
        return Now() >= time;
      }
    }
    return true;
  }

 private:
  const absl::Time start_;
  const std::chrono::steady_clock::time_point steady_start_;
};

}  // namespace

const Pacer& Pacer::System() {
  static const SystemPacer* const pacer = new SystemPacer;
  return *pacer;
}

}  // namespace metricstore::compute
