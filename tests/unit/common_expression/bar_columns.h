// Columns that expressions of tests read.
#pragma once

#include "common/expression/expression.h"

namespace metricstore::expression {

inline const Schema& Bars() {
  static const Schema schema = {
      {"close", columns::ColumnType::kFloat64}, {"open", columns::ColumnType::kFloat64},
      {"volume", columns::ColumnType::kInt64},  {"side", columns::ColumnType::kText},
      {"ts", columns::ColumnType::kTimestamp},  {"day", columns::ColumnType::kDate},
      {"is_open", columns::ColumnType::kBool},  {"Größe", columns::ColumnType::kFloat64},
      {"order", columns::ColumnType::kFloat64},
  };
  return schema;
}

}  // namespace metricstore::expression
