// Which field of a CSV line fills which column of a dataset.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/columns/column_batch.h"

namespace metricstore::cli {

// What ingest needs to know of a dataset.
struct DatasetShape {
  struct ColumnShape {
    std::string name;
    columns::ColumnType type;
    bool nullable = false;
  };
  std::string name;
  std::vector<ColumnShape> columns;
  std::string time_column;  // empty if there is none
};

// What the person asked for beside equal names.
struct MappingRequest {
  std::map<std::string, std::string> headers;    // --map column=header
  std::map<std::string, std::string> constants;  // --set column=value
};

// Where one column's values come from: a field of the line, or a constant.
struct ColumnSource {
  DatasetShape::ColumnShape column;
  std::optional<size_t> field;
  std::string constant;  // if there is no field
};

struct ColumnMapping {
  std::vector<ColumnSource> sources;  // in the dataset's order
  size_t field_count = 0;             // of the header, and so of every line
  std::vector<std::string> ignored_headers;
  std::vector<std::string> null_columns;  // nullable ones that nothing fills
};

// Columns take the header of their name (whatever the case) unless the request says otherwise.
// INVALID_ARGUMENT (UsageError) for a column or header that does not exist, a column given twice;
// FAILED_PRECONDITION that lists missing columns beside the headers found.
absl::StatusOr<ColumnMapping> MapColumns(const DatasetShape& dataset,
                                         const std::vector<std::string>& headers,
                                         const MappingRequest& request);

}  // namespace metricstore::cli
