// Datasets for the tests of the CSV side.
#pragma once

#include "cli/csv/column_mapping.h"

namespace metricstore::cli {

inline DatasetShape BarShape() {
  using columns::ColumnType;
  return {"fact_bars",
          {{"symbol", ColumnType::kText},
           {"ts", ColumnType::kTimestamp},
           {"open", ColumnType::kFloat64},
           {"high", ColumnType::kFloat64},
           {"low", ColumnType::kFloat64},
           {"close", ColumnType::kFloat64},
           {"volume", ColumnType::kFloat64}},
          "ts"};
}

// One column of each type; all but the first two are nullable.
inline DatasetShape EveryTypeShape() {
  using columns::ColumnType;
  return {"fact_types",
          {{"name", ColumnType::kText},
           {"at", ColumnType::kTimestamp},
           {"number", ColumnType::kFloat64, true},
           {"whole", ColumnType::kInt64, true},
           {"flag", ColumnType::kBool, true},
           {"day", ColumnType::kDate, true}},
          "at"};
}

}  // namespace metricstore::cli
