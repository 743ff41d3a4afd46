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
//
// Values that look back are the same in all buckets, but for the first rows of each: its head.
// Heads are computed for their buckets alone and folded directly, and what follows is joined to
// them. As all that decides how a bucket is folded, the length of a head follows from the
// definition.
struct SharedLayout {
  // Rows that are computed and folded at a time, so that their values stay in cache: whole leaves,
  // with the rows before them that are looked back to; or, after all of these, some heads.
  struct Chunk {
    size_t first_row = 0;  // the row with which its vectors begin
    size_t rows = 0;       // of its vectors
    RowRange stretches;    // of SharedLayout::stretches: what its vectors are made of
    RowRange parts;        // numbers of those that are folded
  };
  std::vector<Stretch> shown;  // the shared rows by their numbers
  TimeLeaves leaves;
  std::vector<RowRange> stretches;  // of shown rows: in each, rows look back to its others
  std::vector<RowRange> ranges;     // of parts: shared rows, and of heads places in their chunks
  std::vector<PartRows> parts;      // leaves and ends of buckets, and heads, chunk by chunk
  std::vector<PartJoin> joins;      // parts with the numbers from parts.size() on
  std::vector<Chunk> chunks;
  std::vector<std::vector<uint32_t>> buckets;  // of each list: the part that each bucket shows

  SharedLayout() = default;
  // Parts refer to ranges, which stay where they are when they are moved.
  SharedLayout(SharedLayout&&) = default;
  SharedLayout& operator=(SharedLayout&&) = default;

  size_t part_count() const { return parts.size() + joins.size(); }
};

// `lists` have rows of the same filter set; values look back `look_back` rows at most. Takes a
// search for each bucket and for each slice that other rows cut off from the next one. CANCELLED /
// DEADLINE_EXCEEDED by `bounds`.
absl::StatusOr<SharedLayout> MakeSharedLayout(std::span<const BucketRows* const> lists,
                                              size_t look_back, const CallBounds& bounds);

// Lists to be laid out together, by their places in `lists`. One whose buckets the rows of the
// others would cut into many pieces, or into any where values look back, has a layout of its own.
// Alone, a list of a window that reaches has buckets of one piece: its slices ascend.
std::vector<std::vector<size_t>> ListsByLayout(std::span<const BucketRows* const> lists,
                                               size_t look_back);

}  // namespace metricstore::compute::vector
