// Binds metrics to what they read: datasets, calendars, other metrics.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "registry_service/catalog/definition/faults.h"
#include "registry_service/catalog/definition/metric_definition.h"
#include "registry_service/catalog/validation/import_ground.h"
#include "registry_service/catalog/validation/metric_texts.h"

namespace metricstore::registry {

// Checks a metric over its ground and fills in what follows from it: tables, columns, reads,
// depends_on, canonical forms and the hashes of its meaning; a time column or timeframe that only
// repeats the dataset's is left out, the timeframe's alignment with it. Where the dataset is not
// known, only what needs none is checked. Whether the metrics that it reads exist is not. Faults:
// DEFINITION_INVALID, EXPRESSION_INVALID, SQL_INVALID; NOT_SUPPORTED for tests of a metric that is
// not computed.
std::vector<FieldFault> BindMetric(MetricDefinition& metric, const MetricGround& ground,
                                   MetricTexts& texts);

// Fills in the canonical forms of a stored metric, to be compared with one of the import. Texts
// that do not bind over the import's datasets any more are bound over `stored`, those that they
// were stored over; what binds over neither has no form.
void BindCanonical(MetricDefinition& metric, const MetricGround& ground,
                   const std::map<std::string, Dataset>& stored, MetricTexts& texts);

}  // namespace metricstore::registry
