// At which grains the metrics of a request are computed, and which of them cannot be.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/calendar/calendar.h"
#include "common/time/grain.h"
#include "registry_service/backfills/metric_choice.h"
#include "registry_service/catalog/definition/metric_definition.h"
#include "registry_service/catalog/sources/metric_sources.h"

namespace metricstore::registry {

// The calendars of datasets, by the datasets' names.
using Calendars = std::map<std::string, std::shared_ptr<const calendar::Calendar>>;

struct ChosenGrain {
  const MetricDefinition* metric;
  Grain grain;
};

// Every metric of the choice at every grain (none given: at its own), as long as its window and
// those of the metrics that it reads allow that. What it does not allow is added to
// `choice.skipped`; INVALID_ARGUMENT (FIELD_INVALID "grains") if such a metric is named by itself,
// without `*` or `?`, or if nothing is left. Points into `choice`.
absl::StatusOr<std::vector<ChosenGrain>> ChooseGrains(MetricChoice& choice,
                                                      const std::vector<std::string>& globs,
                                                      const std::vector<Grain>& grains,
                                                      const Calendars& calendars,
                                                      SourceFinder& finder);

}  // namespace metricstore::registry
