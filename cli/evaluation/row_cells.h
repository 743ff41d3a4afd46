// Rows of a column batch as cells for tables and as JSON objects.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "absl/status/statusor.h"
#include "cli/output/table_printer.h"
#include "metricstore/common/v1/column_batch.pb.h"

namespace metricstore::cli {

// A column for each of the batch's; NULL is "NULL". INVALID_ARGUMENT (BATCH_INVALID) for a batch
// that is none.
absl::StatusOr<Table> RowTable(const common::v1::ColumnBatch& batch);

// A list of objects with numbers, booleans and null. Errors as RowTable.
absl::StatusOr<nlohmann::ordered_json> RowsJson(const common::v1::ColumnBatch& batch);

}  // namespace metricstore::cli
