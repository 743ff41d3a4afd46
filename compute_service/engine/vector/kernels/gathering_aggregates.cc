#include "compute_service/engine/vector/gathering_aggregates.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace metricstore::compute::vector {
namespace {

bool IsValid(const Operand& column, size_t row) {
  return column.valid == nullptr || column.valid[row] != 0;
}

// Makes `values` those of a range that are not NULL.
template <typename T>
void Gather(const Operand& column, RowRange range, std::vector<T>* values) {
  const T* const from = column.as<T>() + range.begin;
  if (column.valid == nullptr) {
    values->assign(from, from + range.rows());
    return;
  }
  const uint8_t* const valid = column.valid + range.begin;
  values->resize(range.rows());
  size_t kept = 0;
  for (size_t i = 0; i < range.rows(); ++i) {
    (*values)[kept] = from[i];
    kept += valid[i];
  }
  values->resize(kept);
}

// Moves NaN to the end, where comparisons do not meet it, and returns the number of the others.
size_t SetNanApart(std::vector<double>* values) {
  const auto end = std::stable_partition(values->begin(), values->end(),
                                         [](double value) { return !std::isnan(value); });
  return static_cast<size_t>(end - values->begin());
}

template <typename T>
int64_t DistinctOf(std::span<T> values) {
  if (!std::is_sorted(values.begin(), values.end())) std::sort(values.begin(), values.end());
  return std::unique(values.begin(), values.end()) - values.begin();
}

// Neither overflows nor rounds more than once.
double MiddleOf(std::vector<double>* values) {
  const size_t upper = values->size() / 2;
  const size_t numbers = SetNanApart(values);
  if (upper >= numbers) return std::numeric_limits<double>::quiet_NaN();
  const auto middle = values->begin() + static_cast<ptrdiff_t>(upper);
  std::nth_element(values->begin(), middle, values->begin() + static_cast<ptrdiff_t>(numbers));
  if (values->size() % 2 == 1) return *middle;
  return std::midpoint(*std::max_element(values->begin(), middle), *middle);
}

int64_t DistinctConditions(const Operand& column, RowRange range) {
  bool seen[2] = {false, false};
  for (size_t row = range.begin; row < range.end; ++row) {
    if (IsValid(column, row)) seen[column.as<uint8_t>()[row] != 0 ? 1 : 0] = true;
  }
  return (seen[0] ? 1 : 0) + (seen[1] ? 1 : 0);
}

}  // namespace

int64_t GatheringAggregates::DistinctReals(const Operand& column, RowRange range) {
  Gather(column, range, &reals_);
  const size_t numbers = SetNanApart(&reals_);
  return DistinctOf(std::span(reals_).first(numbers)) + (numbers < reals_.size() ? 1 : 0);
}

int64_t GatheringAggregates::DistinctIntegers(const Operand& column, RowRange range) {
  Gather(column, range, &integers_);
  return DistinctOf(std::span(integers_));
}

int64_t GatheringAggregates::DistinctCodes(const Operand& column, RowRange range) {
  if (++range_number_ == 0) {  // started over: old numbers would come again
    std::fill(last_range_of_.begin(), last_range_of_.end(), 0);
    range_number_ = 1;
  }
  const uint32_t* const codes = column.as<uint32_t>();
  int64_t count = 0;
  for (size_t row = range.begin; row < range.end; ++row) {
    if (!IsValid(column, row)) continue;
    const size_t code = codes[row];
    if (code >= last_range_of_.size()) {
      last_range_of_.resize(std::max(code + 1, 2 * last_range_of_.size()));
    }
    count += last_range_of_[code] != range_number_ ? 1 : 0;
    last_range_of_[code] = range_number_;
  }
  return count;
}

void GatheringAggregates::CountDistinct(const Operand& column, ValueType type,
                                        std::span<const RowRange> ranges, size_t first,
                                        Operand* out) {
  const auto count = [&](RowRange range) {
    switch (type) {
      case ValueType::kFloat64:
        return DistinctReals(column, range);
      case ValueType::kBool:
        return DistinctConditions(column, range);
      case ValueType::kCode:
        return DistinctCodes(column, range);
      default:
        return DistinctIntegers(column, range);
    }
  };
  for (size_t i = 0; i < ranges.size(); ++i) {
    out->as<int64_t>()[first + i] = count(ranges[i]);
    out->valid[first + i] = 1;
  }
}

void GatheringAggregates::Median(const Operand& column, std::span<const RowRange> ranges,
                                 size_t first, Operand* out) {
  for (size_t i = 0; i < ranges.size(); ++i) {
    Gather(column, ranges[i], &reals_);
    const bool found = !reals_.empty();
    out->as<double>()[first + i] = found ? MiddleOf(&reals_) : 0;
    out->valid[first + i] = found ? 1 : 0;
  }
}

}  // namespace metricstore::compute::vector
