#include "registry_service/datasets/dataset.h"

#include <array>
#include <utility>

namespace metricstore::registry {
namespace {

constexpr std::array<std::pair<DatasetLayer, std::string_view>, 3> kLayers{{
    {DatasetLayer::kMetadata, "metadata"},
    {DatasetLayer::kFact, "fact"},
    {DatasetLayer::kEvent, "event"},
}};

constexpr std::array<std::pair<ColumnRollup, std::string_view>, 7> kRollups{{
    {ColumnRollup::kNone, ""},
    {ColumnRollup::kFirst, "first"},
    {ColumnRollup::kLast, "last"},
    {ColumnRollup::kMin, "min"},
    {ColumnRollup::kMax, "max"},
    {ColumnRollup::kSum, "sum"},
    {ColumnRollup::kAvg, "avg"},
}};

constexpr std::array<std::pair<Partitioning, std::string_view>, 3> kPartitionings{{
    {Partitioning::kMonth, "month"},
    {Partitioning::kYear, "year"},
    {Partitioning::kNone, "none"},
}};

template <typename Names, typename Value>
std::string_view NameOf(const Names& names, Value value) {
  for (const auto& [candidate, name] : names) {
    if (candidate == value) return name;
  }
  return "";
}

template <typename Value, size_t kSize>
std::optional<Value> ValueOf(const std::array<std::pair<Value, std::string_view>, kSize>& names,
                             std::string_view name) {
  for (const auto& [value, candidate] : names) {
    if (candidate == name) return value;
  }
  return std::nullopt;
}

}  // namespace

std::string_view DatasetLayerName(DatasetLayer layer) { return NameOf(kLayers, layer); }
std::optional<DatasetLayer> ParseDatasetLayer(std::string_view name) {
  return ValueOf(kLayers, name);
}
std::string_view ColumnRollupName(ColumnRollup rollup) { return NameOf(kRollups, rollup); }
std::optional<ColumnRollup> ParseColumnRollup(std::string_view name) {
  return ValueOf(kRollups, name);
}
std::string_view PartitioningName(Partitioning partitioning) {
  return NameOf(kPartitionings, partitioning);
}
std::optional<Partitioning> ParsePartitioning(std::string_view name) {
  return ValueOf(kPartitionings, name);
}

const DatasetColumn* Dataset::Find(std::string_view column) const {
  for (const DatasetColumn& candidate : columns) {
    if (candidate.name == column) return &candidate;
  }
  return nullptr;
}

bool SameDefinition(const Dataset& a, const Dataset& b) {
  return a.name == b.name && a.description == b.description && a.layer == b.layer &&
         a.columns == b.columns && a.grain == b.grain && a.time_column == b.time_column &&
         a.entity_column == b.entity_column && a.calendar == b.calendar &&
         a.timeframe == b.timeframe && a.partitioning == b.partitioning &&
         a.retention == b.retention;
}

}  // namespace metricstore::registry
