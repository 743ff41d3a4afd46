// Stored results that a change of datasets or their calendars may touch.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "absl/status/statusor.h"
#include "common/pg/pool.h"
#include "common/time/grain.h"
#include "common/time/iso8601.h"
#include "registry_service/catalog/definition/metric_definition.h"

namespace metricstore::registry {

// A version of a metric with results of one grain.
struct VersionResults {
  MetricDefinition definition;
  std::optional<TimeRange> buckets;  // starts of the oldest and newest one that are stored
  // What backfills have computed or are computing, whether it gave points or not: in order.
  std::vector<DateRange> computed;
};
// Id, version, grain.
using VersionKey = std::tuple<std::string, int, Grain>;

// Stored versions and the served definitions of all that they read.
struct StoredResults {
  std::map<VersionKey, VersionResults> versions;
  std::map<std::string, MetricDefinition> served;

  // nullptr if nothing is served of it.
  const MetricDefinition* Served(const std::string& id) const {
    const auto found = served.find(id);
    return found == served.end() ? nullptr : &found->second;
  }
};

// Versions with stored points, or that running or succeeded backfills compute, that read any of the
// datasets or other metrics. INTERNAL for rows that no release wrote; errors of
// Transaction::Execute.
absl::StatusOr<StoredResults> LoadStoredResults(pg::Transaction& transaction, int32_t project_id,
                                                const std::set<std::string>& datasets);

}  // namespace metricstore::registry
