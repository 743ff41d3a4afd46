// Which dates of metrics are stale, out of their history. Pure functions.
#pragma once

#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "registry_service/catalog/view/catalog_snapshot.h"
#include "registry_service/query/freshness_history.h"
#include "registry_service/query/freshness_rules.h"

namespace metricstore::registry {

// Finds stale dates; metrics of the same rows and grain that the same jobs computed share the work.
// Not thread-safe; what it is made of must outlive it.
class StaleDates {
 public:
  explicit StaleDates(const History& history) : history_(history) {}

  // Adds what the history says to the metric's facts: of its own grain, or of the other one.
  void AddTo(const HistoryQuestion& question, const MetricHistory& known, FreshnessFacts& facts);

 private:
  struct Rows {
    DateRanges stale;
    DateRanges never_computed;
  };
  using Shape = std::string;  // see HistoryQuestion

  const std::vector<Change>& ChangesOf(const HistoryQuestion& question);
  void AddChanges(const HistoryQuestion& question, const RowSource& source,
                  std::vector<Change>& changes);
  const Rows& RowsOf(const HistoryQuestion& question, const Covers& covers);

  const History& history_;
  std::map<Shape, std::vector<Change>> changes_;
  // Beside whether it is the metric's own grain: dates behind the newest row count at others alone,
  // where they are those of stored points.
  std::map<std::tuple<Shape, const std::vector<Cover>*, bool>, Rows> rows_;
};

// For each metric that reads stale ones, directly or through others, the nearest of them: ids to
// ids. Circles do no harm.
std::map<std::string, std::string> NearestStale(const std::vector<CatalogEntryPtr>& entries,
                                                const std::vector<std::string>& stale);

}  // namespace metricstore::registry
