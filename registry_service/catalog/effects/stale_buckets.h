// Which stored results a cause makes stale, date by date. Pure functions.
#pragma once

#include <vector>

#include "registry_service/catalog/definition/import_outcome.h"
#include "registry_service/catalog/effects/import_causes.h"
#include "registry_service/catalog/effects/stored_results.h"

namespace metricstore::registry {

// The dates from the oldest bucket to the end of the newest, and those that backfills compute:
// dates that gave no point are results too. Whole buckets, in order.
std::vector<DateRange> DatesOfResults(const VersionResults& stored, Grain grain,
                                      const calendar::Calendar& calendar);

// By metric, version and grain: those whose buckets are filled in another way on dates between the
// oldest and newest stored point, or on dates that backfills compute, and those with hours that no
// backfill computed though it computed their dates (see UncomputedHours). How much of them is
// stored is left to be counted. `sources` finds what is served of metrics.
std::vector<StaleResults> FindStale(const StoredResults& results, const Cause& cause,
                                    SourceFinder& sources);

// One list of both, where both name a version at a grain with the dates of both.
std::vector<StaleResults> MergedStale(std::vector<StaleResults> a,
                                      const std::vector<StaleResults>& b);

// The dates of the bucket that starts at a stored instant of a series: hours keep their instants
// when days come to start elsewhere, other buckets their dates.
inline const calendar::Calendar& DatingCalendar(const GroundChange& ground, Grain grain) {
  return grain == Grain::kHour ? *ground.after : *ground.before;
}

}  // namespace metricstore::registry
