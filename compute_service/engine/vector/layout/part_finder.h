// Finds the parts that buckets are joined from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "compute_service/engine/vector/kernels/loops/operand.h"
#include "compute_service/engine/vector/layout/shared_layout.h"

namespace metricstore::compute::vector {

// Fills the parts of a layout whose shown rows and leaves are known. Until all are found, a part is
// named by what it is: a leaf by its place, then ends and heads of buckets, and joins, by theirs.
// Not thread-safe.
class PartFinder {
 public:
  // Values look back `look_back` rows at most. The layout must outlive it.
  PartFinder(size_t look_back, SharedLayout* layout);

  // The name of the part of a bucket that shows these shared rows, at least one: ascending, apart
  // from each other. Buckets that move forward cost little more than what they show anew, and their
  // heads.
  uint32_t PartOf(std::span<const RowRange> pieces);
  // Numbers leaves and ends in the order of their rows, heads after them and joins last, makes
  // names of the layout's buckets numbers, and divides the rows into chunks.
  void Finish();

 private:
  static constexpr uint32_t kJoin = UINT32_C(1) << 31;
  static constexpr uint32_t kNoPart = UINT32_MAX;

  // An end of a bucket within a leaf: some ranges of SharedLayout::ranges. Or a head, which is in
  // none: one range.
  struct End {
    size_t leaf = 0;
    RowRange ranges;
  };
  // A session has a few leaves.
  using Names = absl::InlinedVector<uint32_t, 4>;
  // The leaves around a middle, joined as far as any bucket needed them.
  struct Halves {
    Names earlier;  // of 1, 2... leaves before the middle
    Names later;    // of 1, 2... leaves from the middle on
  };

  // Of values that are the same in all buckets.
  uint32_t SharedPartOf(std::span<const RowRange> pieces);
  // Of what the pieces show before the middle, and from there on.
  uint32_t EarlierHalf(size_t middle, std::span<const RowRange> pieces);
  uint32_t LaterHalf(size_t middle, std::span<const RowRange> pieces);
  // Of `count` whole leaves.
  uint32_t LeavesBefore(size_t middle, size_t count);
  uint32_t LeavesFrom(size_t middle, size_t count);
  // Of what the pieces show of a leaf; each has rows of it.
  uint32_t PartOfLeaf(size_t leaf, std::span<const RowRange> pieces);
  uint32_t HeadOf(RowRange rows);
  // Of what the pieces show of these rows.
  uint32_t EndOf(size_t leaf, RowRange rows, std::span<const RowRange> pieces);
  // Either may be kNoPart.
  uint32_t Joined(uint32_t earlier, uint32_t later);
  void AddChunksOfLeaves(std::span<const size_t> ends);
  void AddChunksOfHeads(std::span<const size_t> heads);
  SharedLayout::Chunk StartChunk(size_t first_row) const;
  void AddChunk(SharedLayout::Chunk chunk);
  void AddPart(size_t name, RowRange ranges);

  const size_t look_back_;
  SharedLayout& layout_;
  std::vector<Halves> halves_;  // by the middle
  std::vector<End> ends_;
  std::vector<uint32_t> numbers_;  // of leaves and of ends
  RowRange last_head_;             // and the name of its part
  uint32_t last_head_name_ = kNoPart;
  size_t first_leaf_ = 0;  // of the last bucket, with its middle and its last leaf
  size_t middle_ = 0;
  size_t last_leaf_ = 0;
};

}  // namespace metricstore::compute::vector
