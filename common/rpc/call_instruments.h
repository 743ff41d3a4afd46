// The instruments that every served call moves.
#pragma once

#include <string>

#include "common/rpc/server.h"

namespace metricstore::rpc {

// Thread-safe.
struct ServerRuntime::CallInstruments {
  explicit CallInstruments(telemetry::Instruments& all);

  // Call durations, by method and by the name of the code.
  telemetry::Histogram& Seconds(const std::string& method, const std::string& code);

  telemetry::Instruments& instruments;
  telemetry::Gauge& in_flight;
  telemetry::Gauge& unary_queued;
  telemetry::Gauge& stream_queued;
  telemetry::Counter& refused;
  telemetry::Counter& stalled;
};

}  // namespace metricstore::rpc
