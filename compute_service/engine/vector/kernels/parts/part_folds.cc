#include "compute_service/engine/vector/kernels/parts/part_folds.h"

#include <cstddef>
#include <type_traits>

#include "compute_service/engine/vector/kernels/parts/partial_results.h"

namespace metricstore::compute::vector {
namespace {

// Partial is one of partial_results.h.
template <typename Partial>
class FoldOf final : public PartFold {
  static_assert(std::is_trivially_copyable_v<Partial>);

 public:
  // Every part is written before it is read.
  explicit FoldOf(size_t parts)
      : memory_(std::make_unique_for_overwrite<std::byte[]>(parts * sizeof(Partial))),
        partials_(reinterpret_cast<Partial*>(memory_.get())) {}

  void FoldRows(const Operand& column, size_t first_row, std::span<const PartRows> parts,
                size_t first) override {
    for (size_t i = 0; i < parts.size(); ++i) {
      const PartRows& ranges = parts[i];
      const RowRange rows = {ranges.front().begin - first_row, ranges.front().end - first_row};
      partials_[first + i] = ranges.size() == 1 ? Partial::Of(RowsOf<In>(column, rows))
                                                : OfScattered(column, first_row, ranges);
    }
  }

  void Join(std::span<const PartJoin> joins, size_t first) override {
    for (size_t i = 0; i < joins.size(); ++i) {
      Partial joined = partials_[joins[i].left];
      joined.Join(partials_[joins[i].right]);
      partials_[first + i] = joined;
    }
  }

  void Emit(std::span<const uint32_t> parts_of_buckets, Operand* out) const override {
    auto* const results = out->as<typename Partial::Out>();
    for (size_t bucket = 0; bucket < parts_of_buckets.size(); ++bucket) {
      typename Partial::Out result = {};
      const bool valid = partials_[parts_of_buckets[bucket]].Result(&result);
      results[bucket] = valid ? result : typename Partial::Out{};
      out->valid[bucket] = valid ? 1 : 0;
    }
  }

 private:
  using In = typename Partial::In;

  // A part is folded like one run of its rows.
  static Partial OfScattered(const Operand& column, size_t first_row, PartRows ranges) {
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

  const std::unique_ptr<std::byte[]> memory_;
  Partial* const partials_;
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
