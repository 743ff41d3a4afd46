// Metrics in memory, as snapshots hold them.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "registry_service/catalog/view/catalog_snapshot.h"

namespace metricstore::registry {

// "category/name", version 1, a sum a day over fact_orders.
inline MetricDefinition MetricOf(const std::string& id) {
  MetricDefinition metric;
  const size_t slash = id.find('/');
  metric.category = id.substr(0, slash);
  metric.name = id.substr(slash + 1);
  metric.type = MetricType::kSum;
  metric.dataset = "fact_orders";
  metric.expression = "sum(amount)";
  metric.tables = {"fact_orders"};
  metric.version = metric.active_version = metric.latest_version = 1;
  return metric;
}

inline CatalogEntryPtr EntryOf(MetricDefinition active) {
  auto entry = std::make_shared<CatalogEntry>();
  entry->active = std::move(active);
  return entry;
}

// With a newer version that waits to be promoted.
inline CatalogEntryPtr EntryOf(MetricDefinition active, MetricDefinition pending) {
  pending.version = pending.latest_version = active.latest_version = active.version + 1;
  pending.active_version = active.version;
  auto entry = std::make_shared<CatalogEntry>();
  entry->active = std::move(active);
  entry->pending = std::make_shared<const MetricDefinition>(std::move(pending));
  return entry;
}

inline std::shared_ptr<const CatalogSnapshot> SnapshotOf(std::vector<CatalogEntryPtr> entries) {
  std::sort(entries.begin(), entries.end(),
            [](const auto& a, const auto& b) { return a->active.id() < b->active.id(); });
  return CatalogSnapshot::Build(1, std::move(entries));
}

inline std::vector<std::string> IdsOf(const std::vector<CatalogEntryPtr>& entries) {
  std::vector<std::string> ids;
  for (const CatalogEntryPtr& entry : entries) ids.push_back(entry->active.id());
  return ids;
}

}  // namespace metricstore::registry
