// The order of metrics by id, without making the ids.
#pragma once

#include <string>
#include <string_view>

#include "registry_service/catalog/view/catalog_snapshot.h"

namespace metricstore::registry::api {

// Whether the metric's id comes after `key`: the order of std::upper_bound.
inline bool ComesAfter(const std::string& key, const CatalogEntryPtr& entry) {
  const MetricDefinition& metric = entry->active;
  const std::string_view text = key;
  const int category = text.substr(0, metric.category.size()).compare(metric.category);
  if (category != 0) return category < 0;
  const std::string_view rest = text.substr(metric.category.size());
  if (rest.empty()) return true;
  if (rest[0] != '/') return rest[0] < '/';
  return rest.substr(1).compare(metric.name) < 0;
}

}  // namespace metricstore::registry::api
