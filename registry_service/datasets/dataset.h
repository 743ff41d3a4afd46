// A registered raw table: its columns, its grain, and what its time and entity columns are.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "common/columns/column_batch.h"

namespace metricstore::registry {

// Values equal those of the proto enums metricstore.registry.v1.{DatasetLayer,ColumnRollup,
// Partitioning}.
enum class DatasetLayer { kMetadata = 1, kFact = 2, kEvent = 3 };
enum class ColumnRollup {
  kNone = 0,
  kFirst = 1,
  kLast = 2,
  kMin = 3,
  kMax = 4,
  kSum = 5,
  kAvg = 6
};
enum class Partitioning { kMonth = 1, kYear = 2, kNone = 3 };

// The names used in YAML and in the database; kNone of ColumnRollup is "".
std::string_view DatasetLayerName(DatasetLayer layer);
std::optional<DatasetLayer> ParseDatasetLayer(std::string_view name);
std::string_view ColumnRollupName(ColumnRollup rollup);
std::optional<ColumnRollup> ParseColumnRollup(std::string_view name);
std::string_view PartitioningName(Partitioning partitioning);
std::optional<Partitioning> ParsePartitioning(std::string_view name);

// A typed column.
struct DatasetColumn {
  std::string name;
  columns::ColumnType type = columns::ColumnType::kFloat64;
  bool nullable = false;
  std::string unit;
  ColumnRollup rollup = ColumnRollup::kNone;
  std::string description;
  friend bool operator==(const DatasetColumn&, const DatasetColumn&) = default;
};

// See proto metricstore.registry.v1.Dataset. The raw table has the dataset's name, lies in schema
// public and is shared by all projects that register it.
struct Dataset {
  std::string name;
  std::string description;
  DatasetLayer layer = DatasetLayer::kFact;
  std::vector<DatasetColumn> columns;
  std::vector<std::string> grain;
  std::string time_column;    // "": a dataset without time
  std::string entity_column;  // "": rows belong to nobody
  std::string calendar;       // "" only without a time column
  std::optional<absl::Duration> timeframe;
  Partitioning partitioning = Partitioning::kNone;
  std::optional<absl::Duration> retention;
  // Set by the store.
  absl::Time create_time;
  absl::Time update_time;

  // The column of that name, or nullptr.
  const DatasetColumn* Find(std::string_view column) const;
};

// Whether two definitions say the same; the store's times do not count.
bool SameDefinition(const Dataset& a, const Dataset& b);

}  // namespace metricstore::registry
