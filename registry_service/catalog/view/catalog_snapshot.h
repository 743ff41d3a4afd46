// All metrics of a project as they were at one revision, indexed for reading.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "registry_service/catalog/definition/metric_definition.h"

namespace metricstore::registry {

// One metric in memory. Immutable, shared by snapshots.
struct CatalogEntry {
  MetricDefinition active;  // what readers are served
  // The newest version; nullptr while it is the active one.
  std::shared_ptr<const MetricDefinition> pending;
  int64_t revision = 0;  // of the project, when the metric last changed
  // The active definition as the edge sends it, or empty: made once by the encoder that the cache
  // was given.
  std::string encoded;

  const MetricDefinition& latest() const { return pending == nullptr ? active : *pending; }
  bool deleted() const { return active.delete_time.has_value(); }
};
using CatalogEntryPtr = std::shared_ptr<const CatalogEntry>;

// A metric that a search found.
struct SearchMatch {
  CatalogEntryPtr entry;
  double score = 0;
  // In which words were found: "name", "display_name", "synonyms", "tags", "category",
  // "description".
  std::vector<std::string> fields;
};

// A stretch of what a search found.
struct SearchPage {
  std::vector<SearchMatch> matches;
  size_t total = 0;  // of the whole search
};

// A metric of a lineage; see proto metricstore.registry.v1.LineageNode.
struct LineageNode {
  std::string id;
  int version = 0;
  std::vector<std::string> tables, columns, upstream, downstream;
};

// Immutable, thread-safe. What is deleted is found by id only, and by All.
class CatalogSnapshot {
 public:
  // `entries` in order of id. What is known of entries that `before` has too is taken from there,
  // which makes the next snapshot a matter of milliseconds.
  static std::shared_ptr<const CatalogSnapshot> Build(int64_t revision,
                                                      std::vector<CatalogEntryPtr> entries,
                                                      const CatalogSnapshot* before = nullptr);
  ~CatalogSnapshot();

  int64_t revision() const { return revision_; }
  // By id, deleted ones too.
  const std::vector<CatalogEntryPtr>& All() const { return entries_; }

  // The metric of that id, deleted or not; nullptr if there is none.
  CatalogEntryPtr FindId(std::string_view id) const;
  // By id, or by a bare name that one category has. NOT_FOUND (METRIC_NOT_FOUND, metadata metric
  // and, if a similar one exists, suggestion), INVALID_ARGUMENT (METRIC_AMBIGUOUS, metadata metric,
  // candidates).
  absl::StatusOr<CatalogEntryPtr> Resolve(std::string_view name) const;
  // By ids that any of the globs matches (as MetricStore::MatchGlobs), not deleted, by id. Errors
  // likewise.
  absl::StatusOr<std::vector<CatalogEntryPtr>> MatchGlobs(
      const std::vector<std::string>& globs) const;
  // All that fit the query, best first, equals by id. Every word must occur; the last may be the
  // beginning of one.
  std::vector<SearchMatch> Search(std::string_view query, std::string_view category) const;
  // The same from place `offset`, `limit` at most: what a page needs, much quicker where a query
  // finds thousands.
  SearchPage Search(std::string_view query, std::string_view category, size_t offset,
                    size_t limit) const;
  // Whose name, display name or synonym is that, in any case, spaces and underscores being the
  // same.
  std::vector<CatalogEntryPtr> FindSynonym(std::string_view synonym) const;
  // Tables with the metrics that read them themselves.
  const std::map<std::string, std::vector<CatalogEntryPtr>, std::less<>>& TableMap() const;
  // Metrics that read this one directly, by id.
  std::vector<CatalogEntryPtr> Dependents(std::string_view id) const;
  // Metrics that read any of these directly or through others, by id; not the given ones
  // themselves.
  std::vector<std::string> AllDependents(const std::vector<std::string>& ids) const;
  // The metric first, then all upstream and downstream of it by id. Empty if there is no such
  // metric.
  std::vector<LineageNode> Lineage(std::string_view id) const;
  // Ids of metrics of that meaning (MetricDefinition::meaning), by id.
  std::vector<std::string> WithMeaning(std::string_view meaning) const;

 private:
  struct Indexes;
  CatalogSnapshot(int64_t revision, std::vector<CatalogEntryPtr> entries,
                  const CatalogSnapshot* before);

  const int64_t revision_;
  const std::vector<CatalogEntryPtr> entries_;
  std::unique_ptr<const Indexes> indexes_;
};

}  // namespace metricstore::registry
