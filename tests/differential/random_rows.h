// Random rows with what trips kernels: NULL, duplicates, ties, negative zero, extreme magnitudes.
#pragma once

#include <cstddef>
#include <random>

#include "common/columns/column_batch.h"
#include "common/expression/expression.h"

namespace metricstore::differential {

// ts timestamp (ascending), a b float64, x float64 of extreme magnitudes, tiny float64 (below the
// least normal number, and around it), n m int64 (small), big int64 (beyond 2^53, and its limits),
// s u text, flag bool, seen timestamp, day date. All but ts may be NULL.
const expression::Schema& RowSchema();

struct RowTraits {
  size_t rows = 0;
  double null_share = 0.2;
  bool whole_numbers = false;  // of a and b: more duplicates and ties
  bool not_finite = false;     // NaN and infinities among a and b
  bool equal_times = false;    // some rows have the time of the one before
};

columns::ColumnBatch RandomRows(const RowTraits& traits, std::mt19937_64& random);

// Rows [begin, end) of a batch.
columns::ColumnBatch Slice(const columns::ColumnBatch& rows, size_t begin, size_t end);

}  // namespace metricstore::differential
