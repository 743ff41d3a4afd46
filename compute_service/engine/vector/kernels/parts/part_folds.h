// Folds rows into the results of parts, and parts into those of buckets.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "compute_service/engine/vector/kernels/loops/operand.h"
#include "compute_service/engine/vector/program/program.h"

namespace metricstore::compute::vector {

// Rows that make one part, in order; more than one range only where others lie between.
using PartRows = std::span<const RowRange>;

// A part that is joined from two others: the earlier and the later rows.
struct PartJoin {
  uint32_t left = 0;
  uint32_t right = 0;
};

// One fold of one vector. Parts are numbered: first those that rows are folded into, then those
// that are joined from others, each after both of them. Sums and squared deviations are kept with
// what their additions rounded away, and means of parts are compared in that precision (T. F. Chan,
// G. H. Golub and R. J. LeVeque, "Algorithms for computing the sample variance", 1983, equation
// 2.1b), so a result is as good as that of one sum over the bucket. Not thread-safe.
class PartFold {
 public:
  // nullptr for operations whose results cannot be joined.
  static std::unique_ptr<PartFold> Create(Op op, ValueType type, size_t parts);
  virtual ~PartFold() = default;

  // Folds the rows of the parts from number `first` on; the vector starts with row `first_row`.
  virtual void FoldRows(const Operand& column, size_t first_row, std::span<const PartRows> parts,
                        size_t first) = 0;
  // Makes the parts from number `first` on.
  virtual void Join(std::span<const PartJoin> joins, size_t first) = 0;
  // Writes one element for each bucket, that of its part, and its byte of out->valid.
  virtual void Emit(std::span<const uint32_t> parts_of_buckets, Operand* out) const = 0;
};

}  // namespace metricstore::compute::vector
