// What makes a metric's definition sensible by itself, whatever datasets there are.
#pragma once

#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "common/expression/syntax.h"
#include "registry_service/catalog/definition/faults.h"
#include "registry_service/catalog/definition/metric_definition.h"
#include "registry_service/catalog/validation/metric_texts.h"

namespace metricstore::registry {

// A refusal of the expression or calendar library as a fault of `field`.
FieldFault FaultFrom(std::string_view field, const absl::Status& refusal);

// Whether an expression reads other metrics and no rows: then nothing that says which rows a metric
// sees has an effect.
bool ReadsMetricsAlone(const expression::SyntaxNode& syntax);

// Whether the metric has an expression that reads more than other metrics: rows, or nothing. One
// that does not parse counts as such.
bool NeedsTable(const MetricDefinition& metric, MetricTexts& texts);

// Faults that show without any dataset, beside those of CheckMetricShape: names, the grammar of
// expressions, a type that they contradict, a table that is missing, dimensions that are too many
// or named twice, tests without rows. DEFINITION_INVALID, EXPRESSION_INVALID.
std::vector<FieldFault> CheckMetricForm(const MetricDefinition& metric, MetricTexts& texts);

}  // namespace metricstore::registry
