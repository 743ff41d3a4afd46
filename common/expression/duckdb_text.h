// A bound metric as one SELECT of DuckDB 1.4, with the same meaning.
//
// Templates of the catalogue (FunctionSpec::duckdb) are DuckDB's text with signs in it:
//   $1 $2 ...  an argument                     $1[, ]  it and all that follow, with ", " between
//   $order     the column that orders rows     $time   the column of their times
//   $type      the type of the result          $arms   WHEN ... THEN ... ELSE ... of CASE
//   {...}      a value of each row, which may hold a window function or another {...}: a column of
//   a
//              sub-select of its own
//   #1 #2 ...  a step of the function (duckdb_steps): a {...} that it names first, to use it often
// No template raises: what DuckDB refuses, such as the logarithm of zero, is asked for first.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "absl/status/statusor.h"
#include "common/expression/expression.h"

namespace metricstore::expression {

// Where DuckDB finds the rows of one bucket, and nothing else.
struct DuckDbRows {
  std::string relation;  // as it stands after FROM
  std::string order;     // the name of a column with a different, ascending value for each row
  std::string time;      // the name of the dataset's time column, a TIMESTAMP
};

// A SELECT of one row with one column, "value": the metric over the rows for which all `filters`
// hold. Columns of `rows` have the names of the schema, and the types DOUBLE, BIGINT, BOOLEAN,
// VARCHAR, TIMESTAMP and DATE. Vectors are lists. UNIMPLEMENTED for an expression of other metrics.
absl::StatusOr<std::string> DuckDbSelect(
    const BoundExpression& metric, std::span<const std::shared_ptr<const BoundExpression>> filters,
    const DuckDbRows& rows);

}  // namespace metricstore::expression
