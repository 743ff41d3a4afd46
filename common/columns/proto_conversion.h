// ColumnBatch to and from its wire form, one memcpy a column.
#pragma once

#include "absl/status/statusor.h"
#include "common/columns/column_batch.h"
#include "metricstore/common/v1/column_batch.pb.h"

namespace metricstore::columns {

// INVALID_ARGUMENT (BATCH_INVALID, metadata column) for wrong lengths, unknown types, duplicate
// names, codes outside the dictionary, dictionary entries that are not UTF-8 or hold NUL, booleans
// other than 0 and 1.
absl::StatusOr<ColumnBatch> FromProto(const common::v1::ColumnBatch& proto);

void ToProto(const ColumnBatch& batch, common::v1::ColumnBatch* proto);

}  // namespace metricstore::columns
