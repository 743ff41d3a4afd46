// JSON-like rows to a column batch.
#pragma once

#include <google/protobuf/repeated_ptr_field.h>
#include <google/protobuf/struct.pb.h>

#include "absl/status/statusor.h"
#include "common/columns/column_batch.h"
#include "registry_service/datasets/dataset.h"
#include "registry_service/ingest/row_batch.h"

namespace metricstore::registry::api {

struct StructRows {
  columns::ColumnBatch rows;  // the columns that at least one row names
  RejectedRows rejected;      // rows with a value that is not of its column's type
};

// INVALID_ARGUMENT (BATCH_INVALID, metadata column) for a key that is no column of the dataset.
absl::StatusOr<StructRows> ToColumns(
    const Dataset& dataset,
    const google::protobuf::RepeatedPtrField<google::protobuf::Struct>& rows);

}  // namespace metricstore::registry::api
