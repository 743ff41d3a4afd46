#include "registry_service/catalog/view/catalog_indexes.h"

#include <algorithm>
#include <utility>

namespace metricstore::registry {
namespace {

// Deleted metrics are found by nothing but their id.
std::vector<SearchTextPtr> Searchable(const std::vector<CatalogEntryPtr>& entries,
                                      const std::vector<SearchTextPtr>& texts) {
  std::vector<SearchTextPtr> searchable(texts);
  for (size_t i = 0; i < entries.size(); ++i) {
    if (entries[i]->deleted()) searchable[i] = nullptr;
  }
  return searchable;
}

template <typename PlacesByText>
void AddPlace(std::string_view key, uint32_t place, PlacesByText& places_by_text) {
  auto& places = places_by_text[key];
  // A metric's two versions may give the same key twice.
  if (places.empty() || places.back() != place) places.push_back(place);
}

}  // namespace

std::vector<std::string> ReadMetrics(const CatalogEntry& entry) {
  std::vector<std::string> ids = entry.active.depends_on;
  if (entry.pending != nullptr) {
    const auto& pending = entry.pending->depends_on;
    ids.insert(ids.end(), pending.begin(), pending.end());
  }
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

CatalogSnapshot::Indexes::Indexes(const std::vector<CatalogEntryPtr>& entries,
                                  std::vector<SearchTextPtr> all_texts,
                                  std::shared_ptr<const Vocabulary> vocabulary)
    : texts(std::move(all_texts)), search(Searchable(entries, texts), std::move(vocabulary)) {
  by_id.reserve(entries.size());
  by_name.reserve(entries.size());
  by_meaning.reserve(entries.size());
  for (uint32_t place = 0; place < entries.size(); ++place) {
    const CatalogEntry& entry = *entries[place];
    by_id.emplace(texts[place]->id, place);
    if (entry.deleted()) continue;
    AddPlace(entry.active.name, place, by_name);
    for (const std::string& table : entry.active.tables) tables[table].push_back(entries[place]);
    for (const MetricDefinition* version : {&entry.active, entry.pending.get()}) {
      if (version == nullptr) continue;
      if (!version->meaning.empty()) AddPlace(version->meaning, place, by_meaning);
      for (const std::string& id : version->depends_on) AddPlace(id, place, dependents);
    }
  }
}

}  // namespace metricstore::registry
