// The rows of a metric's unit test as typed columns, in the order in which rows are evaluated.
#pragma once

#include <string>
#include <vector>

#include "common/columns/column_batch.h"
#include "registry_service/catalog/definition/faults.h"
#include "registry_service/catalog/definition/metric_definition.h"
#include "registry_service/datasets/dataset.h"

namespace metricstore::registry {

struct FixtureRows {
  columns::ColumnBatch rows;       // only without faults
  std::vector<FieldFault> faults;  // DEFINITION_INVALID
};

// Reads the texts of the test's rows by the types of the dataset's columns: float64 and int64 in
// decimal digits, bool as true or false, text as it is, date as 2024-03-04, timestamp as an instant
// with its offset. Columns: those that the metric reads, time and entity, and all that some row
// names. Rows by entity (bytewise), then time; equal ones keep their order. Faults are of fields
// below `field` ("tests[2]"): columns that the dataset has not, values that do not read, and values
// that are missing where the metric reads a column that must have one.
FixtureRows ReadFixtureRows(const MetricTest& test, const std::string& field,
                            const MetricDefinition& metric, const Dataset& dataset);

}  // namespace metricstore::registry
