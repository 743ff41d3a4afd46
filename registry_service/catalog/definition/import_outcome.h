// What an import does with one definition.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/time/grain.h"
#include "common/time/iso8601.h"

namespace metricstore::registry {

// Values equal those of the proto enum metricstore.registry.v1.ImportOutcome.Action.
enum class ImportAction { kCreated = 1, kChanged = 2, kUnchanged = 3, kRestored = 4 };

// See proto metricstore.registry.v1.StaleResults.
struct StaleResults {
  std::string metric;
  int version = 0;
  int64_t series = 0;
  int64_t points = 0;
  std::optional<absl::Time> first_bucket, last_bucket;
  std::optional<Grain> grain;    // unset: of all grains
  std::vector<DateRange> dates;  // whole buckets, in order; empty: all
};

// See proto metricstore.registry.v1.ImportOutcome.
struct ImportOutcome {
  std::string kind;  // "calendar", "dataset", "columns" or "metric"
  std::string name;  // of a metric: its id
  ImportAction action = ImportAction::kUnchanged;
  int version = 0;  // the newest after the import; 0 for datasets and columns
  std::string path;
  int active_version = 0;  // of metrics
  int tests_run = 0;
  std::vector<StaleResults> stale;  // of calendars and datasets, by metric, version and grain
};

}  // namespace metricstore::registry
