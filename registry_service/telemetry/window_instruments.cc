#include "registry_service/telemetry/window_instruments.h"

#include <string>

namespace metricstore::registry {
namespace {

telemetry::Counter& StageSeconds(telemetry::Instruments& instruments, const std::string& stage) {
  return instruments.GetCounter(
      "metricstore_window_seconds_total",
      "Seconds spent reading the rows of windows in PostgreSQL, and sending them.",
      {{"stage", stage}});
}

}  // namespace

WindowInstruments::WindowInstruments(telemetry::Instruments& instruments)
    : read_seconds_(StageSeconds(instruments, "read")),
      send_seconds_(StageSeconds(instruments, "send")) {}

void WindowInstruments::WindowServed(absl::Duration read, absl::Duration send) {
  read_seconds_.Increment(absl::ToDoubleSeconds(read));
  send_seconds_.Increment(absl::ToDoubleSeconds(send));
}

}  // namespace metricstore::registry
