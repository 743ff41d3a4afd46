// Folds: what is made of several values, be they a column's in a bar or a metric's in a bucket.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/columns/column_batch.h"

namespace metricstore::compute::vector {

enum class Fold { kFirst, kLast, kMin, kMax, kSum, kAvg };

// "first", "last", "min", "max", "sum", "avg".
std::optional<Fold> ParseFold(std::string_view name);

// The type of folded values of a column; nullopt where they cannot be folded so.
std::optional<columns::ColumnType> FoldedType(Fold fold, columns::ColumnType type);

// A column and what becomes of it.
struct ColumnFold {
  std::string column;
  Fold fold = Fold::kFirst;
  friend bool operator==(const ColumnFold&, const ColumnFold&) = default;
};

}  // namespace metricstore::compute::vector
