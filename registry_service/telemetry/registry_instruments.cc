#include "registry_service/telemetry/registry_instruments.h"

#include <vector>

namespace metricstore::registry {
namespace {

// In the order of PoolName.
constexpr const char* kPoolNames[] = {"unary", "stream", "ingest", "admin"};

// Seconds, from a point lookup to a backfill's window.
const std::vector<double>& SecondsBounds() {
  static const auto* const bounds = new std::vector<double>{
      0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60};
  return *bounds;
}

}  // namespace

RegistryInstruments::RegistryInstruments(telemetry::Instruments& instruments)
    : instruments_(instruments),
      database_ready_(instruments.GetGauge("metricstore_registry_database_ready",
                                           "1 while PostgreSQL answers and can be served from")) {
  for (int i = 0; i < 4; ++i) {
    const telemetry::Labels labels = {{"pool", kPoolNames[i]}};
    connection_wait_[i] = &instruments.GetHistogram(
        "metricstore_registry_connection_wait_seconds",
        "Time that work waited for a database connection", SecondsBounds(), labels);
    connections_in_use_[i] =
        &instruments.GetGauge("metricstore_registry_connections_in_use",
                              "Database connections at work, sampled every 2 s", labels);
  }
}

void RegistryInstruments::StatementRan(std::string_view name, absl::Duration elapsed,
                                       const absl::Status& status) {
  instruments_
      .GetHistogram("metricstore_registry_statement_seconds", "Time that SQL statements took",
                    SecondsBounds(),
                    {{"statement", std::string(name)}, {"outcome", status.ok() ? "ok" : "error"}})
      .Observe(absl::ToDoubleSeconds(elapsed));
}

void RegistryInstruments::ConnectionAwaited(PoolName pool, absl::Duration waited) {
  connection_wait_[static_cast<int>(pool)]->Observe(absl::ToDoubleSeconds(waited));
}

}  // namespace metricstore::registry
