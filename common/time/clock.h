// The time of day and waiting, behind an interface, so that tests need no sleep.
#pragma once

#include "absl/time/time.h"

namespace metricstore {

// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual absl::Time Now() const = 0;
  // The process-wide clock of the machine.
  static const Clock& System();
};

}  // namespace metricstore
