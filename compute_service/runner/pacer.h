// Time and waiting of the runner, behind an interface so that tests advance them by hand.
#pragma once

#include "absl/time/time.h"
#include "common/time/cancellation.h"
#include "common/time/clock.h"

namespace metricstore::compute {

// A clock that one can wait on. Thread-safe.
class Pacer : public Clock {
 public:
  // Blocks until `time`, or until `interrupt` is raised. True if the time has come.
  virtual bool WaitUntil(absl::Time time, const CancelToken& interrupt) const = 0;

  // The machine's. It starts at the time of day and never jumps, so that setting the clock neither
  // expires leases nor stretches them.
  static const Pacer& System();
};

}  // namespace metricstore::compute
