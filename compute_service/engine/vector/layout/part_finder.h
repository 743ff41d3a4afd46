// Finds the parts that buckets are joined from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "compute_service/engine/vector/kernels/loops/operand.h"
#include "compute_service/engine/vector/layout/shared_layout.h"

namespace metricstore::compute::vector {

// Fills the parts of a layout whose shown rows and leaves are known. Until all are found, a part is
// named by what it is: a leaf by its place, then ends of buckets and joins by theirs. A leaf that
// has heads of a bucket is an end of it. Not thread-safe.
class PartFinder {
 public:
  // Values look back `look_back` rows at most. The layout must outlive it.
  PartFinder(size_t look_back, SharedLayout* layout);

  // The name of the part of a bucket that shows these shared rows, at least one: ascending, apart
  // from each other. Buckets that move forward cost little more than what they show anew.
  uint32_t PartOf(std::span<const RowRange> pieces);
  // Numbers leaves and ends in the order of their rows, and joins after them, makes names of the
  // layout's buckets numbers, and divides the rows into chunks.
  void Finish();

 private:
  static constexpr uint32_t kJoin = UINT32_C(1) << 31;
  static constexpr uint32_t kNoPart = UINT32_MAX;

  // An end of a bucket within a leaf: some ranges of SharedLayout::ranges, of which some are heads.
  struct End {
    size_t leaf = 0;
    RowRange ranges;
    RowRange heads;  // of heads_
  };
  // Shared rows of head_rows_, the last `own` of which are one of SharedLayout::ranges.
  struct Head {
    size_t range = 0;
    size_t own = 0;
    RowRange rows;  // of head_rows_
  };
  // The leaves around a middle, joined as far as any bucket needed them.
  struct Halves {
    std::vector<uint32_t> earlier;  // of 1, 2... leaves before the middle
    std::vector<uint32_t> later;    // of 1, 2... leaves from the middle on
  };

  // Of what the pieces show before the middle, and from there on.
  uint32_t EarlierHalf(size_t middle, std::span<const RowRange> pieces);
  uint32_t LaterHalf(size_t middle, std::span<const RowRange> pieces);
  // Of `count` whole leaves.
  uint32_t LeavesBefore(size_t middle, size_t count);
  uint32_t LeavesFrom(size_t middle, size_t count);
  // Of what the pieces show of a leaf; each has rows of it.
  uint32_t PartOfLeaf(size_t leaf, std::span<const RowRange> pieces);
  // Where a piece's own values end and those begin that other buckets have too.
  size_t EndOfHead(const RowRange& piece) const;
  // Adds a range of these rows of the present bucket, with values of their own.
  void AddHead(RowRange rows);
  // Either may be kNoPart.
  uint32_t Joined(uint32_t earlier, uint32_t later);
  std::vector<bool> UsedLeaves() const;
  void AddPart(size_t name, RowRange ranges);
  // Of shared rows. Its parts have been added; some of them have these heads.
  void AddChunk(RowRange rows, size_t first_part, std::span<const size_t> heads);

  const size_t look_back_;
  SharedLayout& layout_;
  std::vector<Halves> halves_;  // by the middle
  std::vector<End> ends_;
  std::vector<Head> heads_;
  std::vector<RowRange> head_rows_;
  std::vector<uint32_t> numbers_;     // of leaves and of ends
  std::span<const RowRange> pieces_;  // of the present bucket
  size_t first_leaf_ = 0;             // of the last bucket, with its middle and its last leaf
  size_t middle_ = 0;
  size_t last_leaf_ = 0;
};

}  // namespace metricstore::compute::vector
