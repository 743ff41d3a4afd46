#include <utility>

#include "common/rpc/call_instruments.h"
#include "common/rpc/server.h"

namespace metricstore::rpc {

ServerRuntime::CallInstruments::CallInstruments(telemetry::Instruments& all)
    : instruments(all),
      in_flight(all.GetGauge("metricstore_rpc_in_flight", "Calls that have not ended.")),
      unary_queued(all.GetGauge("metricstore_rpc_queued",
                                "Call bodies that wait for a thread of their executor.",
                                {{"executor", "unary"}})),
      stream_queued(all.GetGauge("metricstore_rpc_queued",
                                 "Call bodies that wait for a thread of their executor.",
                                 {{"executor", "stream"}})),
      refused(all.GetCounter("metricstore_rpc_refused_total",
                             "Calls refused because an executor's queue was full.")),
      stalled(all.GetCounter("metricstore_rpc_stalled_total",
                             "Streams ended because their client neither read nor wrote.")) {}

telemetry::Histogram& ServerRuntime::CallInstruments::Seconds(const std::string& method,
                                                              const std::string& code) {
  static const std::vector<double>* const bounds = new std::vector<double>(
      {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300});
  return instruments.GetHistogram("metricstore_rpc_seconds", "Duration of calls, as served.",
                                  *bounds, {{"method", method}, {"code", code}});
}

ServerRuntime::ServerRuntime(ServerOptions options, telemetry::Instruments& instruments)
    : options_(std::move(options)),
      unary_(std::make_unique<BoundedExecutor>("rpc-unary", options_.unary_threads,
                                               options_.unary_queue)),
      stream_(std::make_unique<BoundedExecutor>("rpc-stream", options_.stream_threads,
                                                options_.stream_queue)),
      call_instruments_(std::make_unique<CallInstruments>(instruments)) {}

ServerRuntime::~ServerRuntime() {
  // The bodies that still run use the instruments.
  unary_.reset();
  stream_.reset();
}

}  // namespace metricstore::rpc
