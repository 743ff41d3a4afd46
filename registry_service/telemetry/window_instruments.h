// What the registry counts of the windows that it serves.
#pragma once

#include "absl/time/time.h"
#include "common/telemetry/instruments.h"

namespace metricstore::registry {

// Thread-safe.
class WindowInstruments {
 public:
  // `instruments` must outlive this.
  explicit WindowInstruments(telemetry::Instruments& instruments);

  // A window was read, whole or in part, in so much time; sending it took so much more.
  void WindowServed(absl::Duration read, absl::Duration send);

 private:
  telemetry::Counter& read_seconds_;
  telemetry::Counter& send_seconds_;
};

}  // namespace metricstore::registry
