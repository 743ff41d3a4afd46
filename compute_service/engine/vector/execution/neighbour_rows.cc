#include "compute_service/engine/vector/execution/neighbour_rows.h"

#include <algorithm>
#include <cstring>

namespace metricstore::compute::vector {
namespace {

void SetNull(RowRange rows, size_t element_bytes, Operand* out) {
  std::memset(out->as<std::byte>() + rows.begin * element_bytes, 0, rows.rows() * element_bytes);
  std::memset(out->valid + rows.begin, 0, rows.rows());
}

void Copy(const Operand& from, size_t element_bytes, RowRange to, Operand* out) {
  std::memcpy(out->as<std::byte>() + to.begin * element_bytes, from.values,
              to.rows() * element_bytes);
  if (from.valid == nullptr) {
    std::memset(out->valid + to.begin, 1, to.rows());
  } else {
    std::memcpy(out->valid + to.begin, from.valid, to.rows());
  }
}

// The rows of a bucket whose neighbour lies outside of it.
RowRange Edge(const RowRange& bucket, bool after, size_t distance) {
  const size_t rows = std::min(distance, bucket.rows());
  if (after) return {bucket.end - rows, bucket.end};
  return {bucket.begin, bucket.begin + rows};
}

}  // namespace

void CopyNeighbours(const Operand& whole, size_t element_bytes, bool after, uint64_t distance,
                    const BlockOfRows& block, Operand* out) {
  const size_t shift = std::min<uint64_t>(distance, block.all_rows);
  // The rows of the block that have a neighbour in the vector.
  RowRange found = {0, block.rows};
  if (after) {
    const size_t end = block.all_rows - shift;
    found.end = std::min(block.rows, end > block.start ? end - block.start : 0);
  } else if (shift > block.start) {
    found.begin = std::min(block.rows, shift - block.start);
  }
  SetNull({0, found.begin}, element_bytes, out);
  SetNull({found.end, block.rows}, element_bytes, out);
  if (found.begin < found.end) {
    const size_t at = block.start + found.begin;
    Copy(From(whole, after ? at + shift : at - shift, element_bytes), element_bytes, found, out);
  }
  const size_t end = block.start + block.rows;
  auto bucket =
      std::partition_point(block.buckets.begin(), block.buckets.end(),
                           [&](const RowRange& range) { return range.end <= block.start; });
  for (; bucket != block.buckets.end() && bucket->begin < end; ++bucket) {
    const RowRange edge = Edge(*bucket, after, shift);
    const size_t from = std::max(edge.begin, block.start);
    const size_t to = std::min(edge.end, end);
    if (from < to) SetNull({from - block.start, to - block.start}, element_bytes, out);
  }
}

}  // namespace metricstore::compute::vector
