// A metric that uses every field, and what differs between definitions as text.
#pragma once

#include <string>
#include <vector>

#include "registry_service/catalog/diff/metric_diff.h"

namespace metricstore::registry {

// "field: before -> after [meaning] [breaking] (reason)".
std::vector<std::string> Lines(const std::vector<FieldChange>& changes);

inline constexpr char kMetric[] = R"(
name: a
category: m
description: Money.
type: derived
unit: USD
grain: day
table: fact_bars
expression: last(close) - first(open)
sql: SELECT symbol, max(open) AS value FROM fact_bars GROUP BY 1
sql_by_day: SELECT max(open) FROM fact_bars
dimensions: [symbol]
filters: [volume > 0, open > 1]
window: rth
rollup: last
synonyms: [change, "a: b"]
notes: Ask.
validation: Checked.
owner: markets
source: Book.
tags: [us]
)";

// Read, checked and bound over the ground of definition_cases.h.
MetricDefinition Bound(const std::string& yaml);

}  // namespace metricstore::registry
