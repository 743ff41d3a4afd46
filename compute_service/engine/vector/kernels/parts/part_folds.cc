#include "compute_service/engine/vector/kernels/parts/part_folds.h"

#include <algorithm>
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
      if (ranges.size() == 1) {
        partials_[first + i] = Of(column, first_row, ranges[0]);
      } else if (HasHead(ranges)) {
        partials_[first + i] = OfHeadAndRest(column, first_row, ranges);
      } else {
        partials_[first + i] = OfScattered(column, first_row, ranges);
      }
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

  static Partial Of(const Operand& column, size_t first_row, RowRange rows) {
    return Partial::Of(RowsOf<In>(column, {rows.begin - first_row, rows.end - first_row}));
  }

  static bool HasHead(PartRows ranges) {
    return ranges.size() == 2 && ranges[0].begin >= ranges[1].end;
  }

  // The head stands in for the rows before the rest while they are folded as one run.
  static Partial OfHeadAndRest(const Operand& column, size_t first_row, PartRows ranges) {
    const RowRange whole = {ranges[1].begin - ranges[0].rows(), ranges[1].end};
    const auto swap = [&](auto* values) {
      std::swap_ranges(values + (ranges[0].begin - first_row), values + (ranges[0].end - first_row),
                       values + (whole.begin - first_row));
    };
    const auto swap_all = [&] {
      if (Partial::kReadsValues) swap(column.as<In>());
      if (column.valid != nullptr) swap(column.valid);
    };
    swap_all();
    const Partial partial = Of(column, first_row, whole);
    swap_all();
    return partial;
  }

  // A part is folded like one run of its rows.
  Partial OfScattered(const Operand& column, size_t first_row, PartRows ranges) {
    values_.clear();
    valid_.clear();
    for (const RowRange& range : ranges) {
      const size_t begin = range.begin - first_row;
      const In* const from = column.as<In>() + begin;
      if (Partial::kReadsValues) values_.insert(values_.end(), from, from + range.rows());
      if (column.valid == nullptr) {
        valid_.insert(valid_.end(), range.rows(), 1);
      } else {
        valid_.insert(valid_.end(), column.valid + begin, column.valid + begin + range.rows());
      }
    }
    const Operand gathered = {.values = values_.data(), .valid = valid_.data()};
    return Partial::Of(RowsOf<In>(gathered, {0, valid_.size()}));
  }

  const std::unique_ptr<std::byte[]> memory_;
  Partial* const partials_;
  std::vector<In> values_;  // of a scattered part
  std::vector<uint8_t> valid_;
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
