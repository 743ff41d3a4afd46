// Where the buckets of several lists lie in the rows that any of them shows.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "common/time/cancellation.h"
#include "compute_service/engine/vector/kernels/loops/operand.h"
#include "compute_service/engine/vector/kernels/parts/part_folds.h"
#include "compute_service/engine/vector/kernels/parts/time_leaves.h"
#include "compute_service/engine/vector/layout/slices.h"

namespace metricstore::compute::vector {

// Shown rows are numbered by time, each once, and divided into TimeLeaves.
struct SharedLayout {
  // Rows that are computed and folded at a time, so that their values stay in cache: whole
  // leaves.
  struct Chunk {
    RowRange rows;     // shared ones
    size_t begin = 0;  // of parts
    size_t end = 0;
  };
  std::vector<RowRange> sources;  // of the shared rows, ascending, apart from each other
  TimeLeaves leaves;
  std::vector<RowRange> ranges;  // of parts
  std::vector<PartRows> parts;   // leaves and ends of buckets, chunk by chunk
  std::vector<PartJoin> joins;   // parts with the numbers from parts.size() on
  std::vector<Chunk> chunks;
  std::vector<std::vector<uint32_t>> buckets;  // of each list: the part that each bucket shows

  SharedLayout() = default;
  // Parts refer to ranges, which stay where they are when they are moved.
  SharedLayout(SharedLayout&&) = default;
  SharedLayout& operator=(SharedLayout&&) = default;

  size_t part_count() const { return parts.size() + joins.size(); }
};

// `lists` have rows of the same filter set. Takes a search for each bucket and for each slice that
// other rows cut off from the next one. CANCELLED / DEADLINE_EXCEEDED by `bounds`.
absl::StatusOr<SharedLayout> MakeSharedLayout(std::span<const BucketRows* const> lists,
                                              const CallBounds& bounds);

// Lists to be laid out together, by their places in `lists`. One whose buckets the rows of the
// others would cut into many pieces has a layout of its own.
std::vector<std::vector<size_t>> ListsByLayout(std::span<const BucketRows* const> lists);

}  // namespace metricstore::compute::vector
