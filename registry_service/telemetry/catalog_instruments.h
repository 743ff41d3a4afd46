// What the registry exports of the catalogue in memory.
#pragma once

#include <cstddef>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/telemetry/instruments.h"

namespace metricstore::registry {

// Thread-safe.
class CatalogInstruments {
 public:
  // `instruments` must outlive this.
  explicit CatalogInstruments(telemetry::Instruments& instruments);

  // The catalogue was compared with the database.
  void Looked(const absl::Status& status);
  // What memory holds, sampled.
  void Held(absl::Duration age, size_t metrics);

 private:
  telemetry::Gauge& age_seconds_;
  telemetry::Gauge& metrics_;
  telemetry::Counter& looks_ok_;
  telemetry::Counter& looks_failed_;
};

}  // namespace metricstore::registry
