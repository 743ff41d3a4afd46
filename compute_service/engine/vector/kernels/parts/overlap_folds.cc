#include "compute_service/engine/vector/kernels/parts/overlap_folds.h"

#include <algorithm>
#include <vector>

#include "compute_service/engine/vector/kernels/parts/partial_results.h"

namespace metricstore::compute::vector {
namespace {

// Joins in the order of TimeLeaves. Partial is one of partial_results.h.
template <typename Partial>
class PartialFold final : public OverlapFold {
 public:
  explicit PartialFold(const TimeLeaves& leaves)
      : leaves_(leaves), halves_(leaves.size()), whole_(leaves.size()), is_known_(leaves.size()) {}

  void Run(const Operand& column, std::span<const RowRange> ranges, size_t own_rows, size_t first,
           Operand* out) override {
    column_ = column;
    auto* const results = out->as<typename Partial::Out>();
    for (size_t i = 0; i < ranges.size(); ++i) {
      rows_ = ranges[i];
      shared_from_ = rows_.begin + std::min(own_rows, rows_.rows());
      typename Partial::Out result = {};
      const bool valid = Fold().Result(&result);
      results[first + i] = valid ? result : typename Partial::Out{};
      out->valid[first + i] = valid ? 1 : 0;
    }
  }

 private:
  // The leaves around a middle, joined as far as any bucket needed them.
  struct Halves {
    std::vector<Partial> earlier;  // of 1, 2... leaves before the middle
    std::vector<Partial> later;    // of 1, 2... leaves from the middle on
  };

  // Of the present bucket.
  Partial Fold() {
    first_leaf_ = leaves_.LeafOf(rows_.begin, first_leaf_);
    last_leaf_ = leaves_.LeafOf(rows_.end - 1, last_leaf_);
    if (first_leaf_ == last_leaf_) return Leaf(first_leaf_);
    middle_ = leaves_.MiddleOf(first_leaf_, last_leaf_, middle_);
    Partial partial = EarlierHalf();
    partial.Join(LaterHalf());
    return partial;
  }

  Partial EarlierHalf() {
    const size_t begin = std::max(rows_.begin, shared_from_);
    size_t leaf = middle_;
    Partial partial;
    if (begin < leaves_[middle_].begin) {
      leaf = leaves_.LeafOf(begin, first_leaf_);
      if (leaves_[leaf].begin < begin) ++leaf;
    }
    if (leaf < middle_) {
      partial = LeavesBefore(middle_ - leaf);
    } else {
      partial = Leaf(--leaf);
    }
    while (leaf > first_leaf_) {
      Partial joined = Leaf(--leaf);
      joined.Join(partial);
      partial = joined;
    }
    return partial;
  }

  Partial LaterHalf() {
    size_t leaf = middle_;
    Partial partial;
    const size_t count = last_leaf_ - middle_ + (rows_.end == leaves_[last_leaf_].end ? 1 : 0);
    if (leaves_[middle_].begin >= shared_from_ && count > 0) {
      partial = LeavesFrom(count);
      leaf += count;
    } else {
      partial = Leaf(leaf++);
    }
    for (; leaf <= last_leaf_; ++leaf) partial.Join(Leaf(leaf));
    return partial;
  }

  const Partial& LeavesBefore(size_t count) {
    std::vector<Partial>& earlier = halves_[middle_].earlier;
    while (earlier.size() < count) {
      Partial partial = Whole(middle_ - earlier.size() - 1);
      if (!earlier.empty()) partial.Join(earlier.back());
      earlier.push_back(partial);
    }
    return earlier[count - 1];
  }

  const Partial& LeavesFrom(size_t count) {
    std::vector<Partial>& later = halves_[middle_].later;
    while (later.size() < count) {
      Partial partial = later.empty() ? Whole(middle_) : later.back();
      if (!later.empty()) partial.Join(Whole(middle_ + later.size()));
      later.push_back(partial);
    }
    return later[count - 1];
  }

  // What the bucket shows of a leaf, at least a row.
  Partial Leaf(size_t leaf) {
    const RowRange all = leaves_[leaf];
    const RowRange shown = {std::max(all.begin, rows_.begin), std::min(all.end, rows_.end)};
    return shown == all && all.begin >= shared_from_ ? Whole(leaf) : Of(shown);
  }

  const Partial& Whole(size_t leaf) {
    if (is_known_[leaf] == 0) {
      whole_[leaf] = Of(leaves_[leaf]);
      is_known_[leaf] = 1;
    }
    return whole_[leaf];
  }

  Partial Of(RowRange rows) const {
    return Partial::Of(RowsOf<typename Partial::In>(column_, rows));
  }

  const TimeLeaves& leaves_;
  std::vector<Halves> halves_;  // by the middle; of shared values, as those of leaves
  std::vector<Partial> whole_;
  std::vector<uint8_t> is_known_;
  Operand column_;  // of the present run
  RowRange rows_;   // of the present bucket, with what follows
  size_t shared_from_ = 0;
  size_t first_leaf_ = 0;
  size_t middle_ = 0;
  size_t last_leaf_ = 0;
};

}  // namespace

std::unique_ptr<OverlapFold> OverlapFold::Create(Op op, ValueType type, const TimeLeaves& leaves) {
  using Made = std::unique_ptr<OverlapFold>;
  return WithPartial<Made>(op, type, [&leaves]<typename Partial>(Partial) -> Made {
    return std::make_unique<PartialFold<Partial>>(leaves);
  });
}

}  // namespace metricstore::compute::vector
