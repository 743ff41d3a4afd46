// What an import makes outdated of the results that are stored, and how they are computed again.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "cli/core/bucket_text.h"
#include "metricstore/registry/v1/definition_change.pb.h"

namespace metricstore::cli {

struct ListedStale {
  registry::v1::StaleResults results;
  bool is_cut = false;  // its series and points are those of more dates than it has
};

// "windows/sma_3 version 2 by week: 12 series, 3,000 points, 2024-01-16 to 2024-01-18"; the grain
// only if it is to be said. Counts are "at most" so many where dates were cut off.
std::string StaleText(const ListedStale& stale, bool say_grain, MetricBuckets& buckets);

// A line for each of the first 20, indented, and how many more there are. The grain is said of a
// version that is listed at several.
void PrintStale(const std::vector<ListedStale>& stale, MetricBuckets& buckets, std::ostream& out);

// "metricctl backfill --stale windows/sma_3": the command that computes them again when the
// registry has marked them.
std::string StaleBackfill(const std::vector<ListedStale>& stale);

}  // namespace metricstore::cli
