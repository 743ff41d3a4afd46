// What a metric's unit tests must fit: the dataset whose rows they make up, and the calendar whose
// buckets they expect.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "common/calendar/calendar.h"
#include "common/time/grain.h"
#include "registry_service/catalog/definition/faults.h"
#include "registry_service/catalog/definition/metric_definition.h"
#include "registry_service/datasets/dataset.h"

namespace metricstore::registry {

// An instant with its offset from UTC: "2024-03-04T10:00:00Z", "2024-03-04 10:00-05:00"; years 1900
// to 2200. nullopt for anything else, a local time without an offset too.
std::optional<absl::Time> ParseInstant(std::string_view text);

// The start of the bucket that a test's text names, or nullopt if none starts there: the first date
// of it, for grain hour an instant.
std::optional<absl::Time> BucketStart(std::string_view text, Grain grain,
                                      const calendar::Calendar& calendar);
// The text that names the bucket which starts then.
std::string BucketText(absl::Time start, Grain grain, const calendar::Calendar& calendar);

// Faults of the tests of a bound metric, beside those of CheckMetricShape: rows that name columns
// which the dataset has not, expected points at no bucket's start, twice the same, or of an entity
// where there are none. DEFINITION_INVALID. `calendar` may be nullptr: buckets are not checked
// then.
std::vector<FieldFault> CheckTestsOverDataset(const MetricDefinition& metric,
                                              const Dataset& dataset,
                                              const calendar::Calendar* calendar);

}  // namespace metricstore::registry
