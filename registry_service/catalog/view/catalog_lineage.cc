// What metrics of a snapshot are made from, and what is made from them.
#include <set>
#include <utility>

#include "registry_service/catalog/view/catalog_indexes.h"
#include "registry_service/catalog/view/catalog_snapshot.h"

namespace metricstore::registry {
namespace {

std::vector<std::string> IdsOf(const std::vector<CatalogEntryPtr>& entries) {
  std::vector<std::string> ids;
  for (const CatalogEntryPtr& entry : entries) ids.push_back(entry->active.id());
  return ids;
}

// All that can be reached from `ids` by steps of `next`; not `ids` themselves.
template <typename Next>
std::set<std::string> Reach(const std::vector<std::string>& ids, Next next) {
  const std::set<std::string> starts(ids.begin(), ids.end());
  std::set<std::string> reached;
  std::vector<std::string> waiting(ids);
  while (!waiting.empty()) {
    const std::string id = std::move(waiting.back());
    waiting.pop_back();
    for (std::string& neighbour : next(id)) {
      if (starts.contains(neighbour)) continue;
      const auto [place, fresh] = reached.insert(std::move(neighbour));
      if (fresh) waiting.push_back(*place);
    }
  }
  return reached;
}

LineageNode NodeOf(const CatalogSnapshot& snapshot, const CatalogEntry& entry) {
  const MetricDefinition& metric = entry.active;
  return {.id = metric.id(),
          .version = metric.version,
          .tables = metric.tables,
          .columns = metric.reads,
          .upstream = ReadMetrics(entry),
          .downstream = IdsOf(snapshot.Dependents(metric.id()))};
}

}  // namespace

std::vector<CatalogEntryPtr> CatalogSnapshot::Dependents(std::string_view id) const {
  std::vector<CatalogEntryPtr> dependents;
  const auto found = indexes_->dependents.find(id);
  if (found == indexes_->dependents.end()) return dependents;
  for (const uint32_t place : found->second) dependents.push_back(entries_[place]);
  return dependents;
}

std::vector<std::string> CatalogSnapshot::AllDependents(const std::vector<std::string>& ids) const {
  const std::set<std::string> reached =
      Reach(ids, [&](const std::string& id) { return IdsOf(Dependents(id)); });
  return {reached.begin(), reached.end()};
}

std::vector<LineageNode> CatalogSnapshot::Lineage(std::string_view id) const {
  const CatalogEntryPtr start = FindId(id);
  if (start == nullptr) return {};
  const std::vector<std::string> ids = {std::string(id)};
  std::set<std::string> others = Reach(ids, [&](const std::string& of) {
    const CatalogEntryPtr entry = FindId(of);
    return entry == nullptr ? std::vector<std::string>() : ReadMetrics(*entry);
  });
  others.merge(Reach(ids, [&](const std::string& of) { return IdsOf(Dependents(of)); }));
  std::vector<LineageNode> nodes = {NodeOf(*this, *start)};
  for (const std::string& other : others) {
    const CatalogEntryPtr entry = FindId(other);
    if (entry != nullptr && !entry->deleted()) nodes.push_back(NodeOf(*this, *entry));
  }
  return nodes;
}

}  // namespace metricstore::registry
