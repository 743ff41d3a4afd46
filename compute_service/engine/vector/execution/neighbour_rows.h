// Rows a fixed number before or after those of a block: lag and lead.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "compute_service/engine/vector/kernels/loops/operand.h"

namespace metricstore::compute::vector {

// Where a block of rows lies.
struct BlockOfRows {
  size_t start = 0;
  size_t rows = 0;
  size_t all_rows = 0;                // of the whole vector
  std::span<const RowRange> buckets;  // ascending, disjoint ranges of the vector
};

// Fills the block with the rows of `whole` that are `distance` before (or after), NULL where they
// belong to another bucket or to none. Rows of no bucket get values that nobody reads.
void CopyNeighbours(const Operand& whole, size_t element_bytes, bool after, uint64_t distance,
                    const BlockOfRows& block, Operand* out);

}  // namespace metricstore::compute::vector
