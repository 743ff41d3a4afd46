// What a snapshot looks its metrics up by. Internal to this folder.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "registry_service/catalog/view/catalog_snapshot.h"
#include "registry_service/catalog/view/search_index.h"

namespace metricstore::registry {

// Ids of metrics that the metric reads, in its active or its pending version, sorted.
std::vector<std::string> ReadMetrics(const CatalogEntry& entry);

// Immutable. Keys point into the entries and their search texts, which live as long.
struct CatalogSnapshot::Indexes {
  using Places = absl::InlinedVector<uint32_t, 1>;
  using PlacesByText = absl::flat_hash_map<std::string_view, Places>;

  Indexes(const std::vector<CatalogEntryPtr>& entries, std::vector<SearchTextPtr> texts,
          std::shared_ptr<const Vocabulary> vocabulary);

  std::vector<SearchTextPtr> texts;  // one for each entry, deleted ones too
  SearchIndex search;
  absl::flat_hash_map<std::string_view, uint32_t> by_id;  // deleted ones too
  PlacesByText by_name;
  PlacesByText by_meaning;
  PlacesByText dependents;
  std::map<std::string, std::vector<CatalogEntryPtr>, std::less<>> tables;
};

}  // namespace metricstore::registry
