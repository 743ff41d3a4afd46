#include "compute_service/engine/vector/kernels/overlap_folds.h"

#include <algorithm>
#include <vector>

#include "compute_service/engine/vector/kernels/partial_results.h"

namespace metricstore::compute::vector {
namespace {

// Partial is one of partial_results.h.
template <typename Partial>
class PartialFold final : public OverlapFold {
 public:
  explicit PartialFold(const TimeTree& tree)
      : tree_(tree), partials_(tree.size()), is_known_(tree.size()) {}

  void Run(const Operand& column, std::span<const RowRange> ranges, size_t own_rows, size_t first,
           Operand* out) override {
    column_ = column;
    auto* const results = out->as<typename Partial::Out>();
    for (size_t i = 0; i < ranges.size(); ++i) {
      const RowRange& rows = ranges[i];
      shared_from_ = rows.begin + std::min(own_rows, rows.rows());
      typename Partial::Out result = {};
      const bool valid = Fold(TimeTree::kRoot, rows).Result(&result);
      results[first + i] = valid ? result : typename Partial::Out{};
      out->valid[first + i] = valid ? 1 : 0;
    }
  }

 private:
  // Of rows of the node.
  Partial Fold(uint32_t node, RowRange rows) {
    const TimeTree::Node& here = tree_[node];
    if (here.rows == rows && rows.begin >= shared_from_) return Whole(node);
    if (here.is_leaf()) return Leaf(rows);
    const size_t middle = tree_[here.left].rows.end;
    if (rows.end <= middle) return Fold(here.left, rows);
    if (rows.begin >= middle) return Fold(here.right, rows);
    Partial partial = Fold(here.left, {rows.begin, middle});
    partial.Join(Fold(here.right, {middle, rows.end}));
    return partial;
  }

  const Partial& Whole(uint32_t node) {
    Partial& partial = partials_[node];
    if (is_known_[node] != 0) return partial;
    const TimeTree::Node& here = tree_[node];
    if (here.is_leaf()) {
      partial = Leaf(here.rows);
    } else {
      partial = Whole(here.left);
      partial.Join(Whole(here.right));
    }
    is_known_[node] = 1;
    return partial;
  }

  Partial Leaf(RowRange rows) const {
    return Partial::Of(RowsOf<typename Partial::In>(column_, rows));
  }

  const TimeTree& tree_;
  Operand column_;          // of the present run
  size_t shared_from_ = 0;  // of the present bucket
  std::vector<Partial> partials_;
  std::vector<uint8_t> is_known_;
};

}  // namespace

std::unique_ptr<OverlapFold> OverlapFold::Create(Op op, ValueType type, const TimeTree& tree) {
  using Made = std::unique_ptr<OverlapFold>;
  return WithPartial<Made>(op, type, [&tree]<typename Partial>(Partial) -> Made {
    return std::make_unique<PartialFold<Partial>>(tree);
  });
}

}  // namespace metricstore::compute::vector
