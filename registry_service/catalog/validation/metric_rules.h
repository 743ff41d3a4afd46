// What makes a metric's definition sensible, by itself and over its dataset.
#pragma once

#include <vector>

#include "common/calendar/calendar.h"
#include "common/expression/expression.h"
#include "registry_service/catalog/definition/faults.h"
#include "registry_service/catalog/definition/metric_definition.h"
#include "registry_service/datasets/dataset.h"

namespace metricstore::registry {

// Faults that show without the dataset: names, the grammar of expressions, a type that they
// contradict, forms that this release does not compute. DEFINITION_INVALID, EXPRESSION_INVALID,
// NOT_SUPPORTED.
std::vector<FieldFault> CheckMetricForm(const MetricDefinition& metric);

// The columns of a dataset as expressions see them.
expression::Schema SchemaOf(const Dataset& dataset);

// Checks a metric over its dataset and fills in what follows from it: tables, columns; a time
// column or timeframe that only repeats the dataset's is left out. Faults: DEFINITION_INVALID,
// EXPRESSION_INVALID, NOT_SUPPORTED.
std::vector<FieldFault> BindToDataset(MetricDefinition& metric, const Dataset& dataset);

// Whether the calendar has what the metric's window names: DEFINITION_INVALID.
std::vector<FieldFault> CheckMetricWindow(const MetricDefinition& metric,
                                          const calendar::Calendar& calendar);

// Both of these.
std::vector<FieldFault> BindMetric(MetricDefinition& metric, const Dataset& dataset,
                                   const calendar::Calendar& calendar);

// Whether two definitions give the same numbers: a new version is needed where they do not.
// Spelling of expressions does not count. Both read `dataset`, if they read the same one at all.
bool SameMeaning(const MetricDefinition& a, const MetricDefinition& b, const Dataset& dataset);

}  // namespace metricstore::registry
