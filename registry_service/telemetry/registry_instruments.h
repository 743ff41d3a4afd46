// What the registry exports of its database; see window_instruments.h for the windows.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/telemetry/instruments.h"

namespace metricstore::registry {

// The sets of connections; see RegistryConfig.
enum class PoolName { kUnary, kStream, kIngest, kAdmin };

// Thread-safe.
class RegistryInstruments {
 public:
  // `instruments` must outlive this.
  explicit RegistryInstruments(telemetry::Instruments& instruments);

  // A statement that ran. Names are those of statements in the code: a closed set.
  void StatementRan(std::string_view name, absl::Duration elapsed, const absl::Status& status);
  // A wait for a connection of a pool.
  void ConnectionAwaited(PoolName pool, absl::Duration waited);
  telemetry::Gauge& connections_in_use(PoolName pool) const {
    return *connections_in_use_[static_cast<int>(pool)];
  }
  // 1 while PostgreSQL answers and had the schema of this release at first contact, else 0.
  telemetry::Gauge& database_ready() const { return database_ready_; }

 private:
  telemetry::Instruments& instruments_;
  telemetry::Histogram* connection_wait_[4];
  telemetry::Gauge* connections_in_use_[4];
  telemetry::Gauge& database_ready_;
};

}  // namespace metricstore::registry
