#include "registry_service/telemetry/catalog_instruments.h"

#include <string>

namespace metricstore::registry {
namespace {

telemetry::Counter& Refreshes(telemetry::Instruments& instruments, const std::string& outcome) {
  return instruments.GetCounter("metricstore_catalog_refreshes_total",
                                "Looks at the database for changes of the catalogue.",
                                {{"outcome", outcome}});
}

}  // namespace

CatalogInstruments::CatalogInstruments(telemetry::Instruments& instruments)
    : age_seconds_(instruments.GetGauge(
          "metricstore_catalog_age_seconds",
          "Age of the oldest catalogue in memory, sampled every 2 s; above 1 it is not served.")),
      metrics_(instruments.GetGauge("metricstore_catalog_metrics",
                                    "Metrics in memory, deleted ones too, sampled every 2 s.")),
      looks_ok_(Refreshes(instruments, "ok")),
      looks_failed_(Refreshes(instruments, "error")) {}

void CatalogInstruments::Looked(const absl::Status& status) {
  (status.ok() ? looks_ok_ : looks_failed_).Increment();
}

void CatalogInstruments::Held(absl::Duration age, size_t metrics) {
  age_seconds_.Set(absl::ToDoubleSeconds(age));
  metrics_.Set(static_cast<double>(metrics));
}

}  // namespace metricstore::registry
