// Divides rows by the bits of their times, so that buckets that share rows share partial results.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "compute_service/engine/vector/kernels/operand.h"

namespace metricstore::compute::vector {

// How the rows of a bucket are folded is fixed by these rows alone. Rows whose times differ in the
// lowest kLeafBits bits only are folded directly. Others are divided where the highest bit changes
// in which their first and last time differ, and the results of both parts are joined. So the same
// rows give the same bits, whatever lies beside them and wherever a shard is cut, and a part that a
// bucket shows whole has the result that it has in every other bucket. A bucket consists of a few
// parts that others have too, about the logarithm of its length in leaves, and of two ends of less
// than a leaf, if it begins or ends within one.
//
// Immutable once built.
class TimeTree {
 public:
  // Four hours and 46 minutes: 286 minute bars are folded in a tenth of a microsecond, and a
  // session has two or three leaves to join.
  static constexpr int kLeafBits = 34;
  static constexpr uint32_t kRoot = 0;

  struct Node {
    RowRange rows;
    uint32_t left = 0;  // 0: a leaf
    uint32_t right = 0;
    bool is_leaf() const { return left == 0; }
  };

  TimeTree() = default;
  // Of ascending microseconds, at least one.
  explicit TimeTree(std::span<const int64_t> times);

  const Node& operator[](uint32_t node) const { return nodes_[node]; }
  size_t size() const { return nodes_.size(); }

 private:
  struct Leaf {
    uint64_t key = 0;  // what its times have in common
    size_t first_row = 0;
  };
  // `ranges` are the leaves of each node.
  void Divide(uint32_t node, std::span<const Leaf> leaves, std::vector<RowRange>* ranges);

  std::vector<Node> nodes_;
};

}  // namespace metricstore::compute::vector
