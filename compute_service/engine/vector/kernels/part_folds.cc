#include "compute_service/engine/vector/kernels/part_folds.h"

#include "compute_service/engine/vector/kernels/partial_results.h"

namespace metricstore::compute::vector {
namespace {

// Partial is one of partial_results.h.
template <typename Partial>
class FoldOf final : public PartFold {
 public:
  explicit FoldOf(size_t parts) : partials_(parts) {}

  void FoldRows(const Operand& column, size_t first_row, std::span<const PartRows> parts) override {
    for (const PartRows& part : parts) {
      const RowRange rows = {part.ranges.front().begin - first_row,
                             part.ranges.front().end - first_row};
      partials_[part.part] = part.ranges.size() == 1 ? Partial::Of(RowsOf<In>(column, rows))
                                                     : OfScattered(column, first_row, part.ranges);
    }
  }

  void JoinNodes(const TimeTree& tree) override {
    for (auto node = static_cast<uint32_t>(tree.size()); node-- > 0;) {
      if (tree[node].is_leaf()) continue;
      partials_[node] = partials_[tree[node].left];
      partials_[node].Join(partials_[tree[node].right]);
    }
  }

  void Emit(const BucketSteps& buckets, Operand* out) const override {
    Partial stack[TimeTree::kMostLevels + 1];
    size_t at = 0;
    for (size_t bucket = 0; bucket < buckets.ends.size(); ++bucket) {
      size_t depth = 0;
      for (; at < buckets.ends[bucket]; ++at) {
        if (buckets.steps[at] == BucketSteps::kJoin) {
          --depth;
          stack[depth - 1].Join(stack[depth]);
        } else {
          stack[depth++] = partials_[buckets.steps[at]];
        }
      }
      typename Partial::Out result = {};
      const bool valid = stack[0].Result(&result);
      out->as<typename Partial::Out>()[bucket] = valid ? result : typename Partial::Out{};
      out->valid[bucket] = valid ? 1 : 0;
    }
  }

 private:
  using In = typename Partial::In;

  // A part is folded like one run of its rows.
  static Partial OfScattered(const Operand& column, size_t first_row,
                             std::span<const RowRange> ranges) {
    std::vector<In> values;
    std::vector<uint8_t> valid;
    for (const RowRange& range : ranges) {
      const size_t begin = range.begin - first_row;
      const In* const from = column.as<In>() + begin;
      if (Partial::kReadsValues) values.insert(values.end(), from, from + range.rows());
      if (column.valid == nullptr) {
        valid.insert(valid.end(), range.rows(), 1);
      } else {
        valid.insert(valid.end(), column.valid + begin, column.valid + begin + range.rows());
      }
    }
    const Operand gathered = {.values = values.data(), .valid = valid.data()};
    return Partial::Of(RowsOf<In>(gathered, {0, valid.size()}));
  }

  std::vector<Partial> partials_;
};

template <typename Partial>
std::unique_ptr<PartFold> Make(size_t parts) {
  return std::make_unique<FoldOf<Partial>>(parts);
}

}  // namespace

std::unique_ptr<PartFold> PartFold::Create(Op op, ValueType type, size_t parts) {
  return WithPartial<std::unique_ptr<PartFold>>(
      op, type, [parts]<typename Partial>(Partial) { return Make<Partial>(parts); });
}

}  // namespace metricstore::compute::vector
