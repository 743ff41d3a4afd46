#include "compute_service/engine/vector/kernels/aggregates/present_rows.h"

#include <algorithm>
#include <cstring>

#include "compute_service/engine/vector/kernels/loops/reductions.h"

namespace metricstore::compute::vector {
namespace {

bool HasNull(const Operand& rows, RowRange range) {
  return rows.valid != nullptr && CountOf(rows.valid + range.begin, range.rows()) != range.rows();
}

// Elements of kBytes each.
template <size_t kBytes>
void Select(const std::byte* from, std::span<const uint32_t> selection, std::byte* to) {
  for (const uint32_t row : selection) {
    std::memcpy(to, from + row * kBytes, kBytes);
    to += kBytes;
  }
}

}  // namespace

void RowGathering::SelectPresent(std::span<const AggregateArgument> arguments, RowRange range) {
  selection_.resize(range.rows());
  const uint8_t* masks[2] = {nullptr, nullptr};
  size_t mask_count = 0;
  for (const AggregateArgument& argument : arguments) {
    if (argument.rows.valid != nullptr) masks[mask_count++] = argument.rows.valid + range.begin;
  }
  size_t kept = 0;
  for (size_t row = 0; row < range.rows(); ++row) {
    selection_[kept] = static_cast<uint32_t>(row);
    kept += mask_count == 0   ? 1
            : mask_count == 1 ? masks[0][row]
                              : static_cast<uint8_t>(masks[0][row] & masks[1][row]);
  }
  selection_.resize(kept);
}

template <typename T>
void RowGathering::SelectFirstOccurrences(const T* values) {
  auto& distinct = distinct_->Of(T());
  distinct.Start();
  size_t kept = 0;
  for (const uint32_t row : selection_) {
    if (distinct.NumberOf(values[row]) == kept) selection_[kept++] = row;
  }
  selection_.resize(kept);
}

void RowGathering::SelectDistinct(const AggregateArgument& argument, RowRange range) {
  switch (argument.type) {
    case ValueType::kFloat64:
      return SelectFirstOccurrences(argument.rows.as<double>() + range.begin);
    case ValueType::kInt64:
      return SelectFirstOccurrences(argument.rows.as<int64_t>() + range.begin);
    case ValueType::kBool:
      return SelectFirstOccurrences(argument.rows.as<uint8_t>() + range.begin);
    case ValueType::kCode:
    case ValueType::kDate:
      return SelectFirstOccurrences(argument.rows.as<TextCode>() + range.begin);
  }
}

const void* RowGathering::Copy(const AggregateArgument& argument, RowRange range, size_t index) {
  const size_t bytes = ElementBytes(argument.type);
  std::vector<std::byte>& copy = copies_[index];
  copy.resize(std::max(copy.size(), selection_.size() * bytes));
  std::byte* const to = copy.data();
  const auto* const from = From(argument.rows, range.begin, bytes).as<std::byte>();
  if (bytes == 8) {
    Select<8>(from, selection_, to);
  } else if (bytes == 4) {
    Select<4>(from, selection_, to);
  } else {
    Select<1>(from, selection_, to);
  }
  return to;
}

PresentRows RowGathering::Gather(std::span<const AggregateArgument> arguments, RowRange range,
                                 bool is_distinct) {
  bool is_whole = !is_distinct;
  for (const AggregateArgument& argument : arguments) {
    is_whole = is_whole && !HasNull(argument.rows, range);
  }
  PresentRows present{.rows = range.rows()};
  if (!is_whole) {
    SelectPresent(arguments, range);
    if (is_distinct) SelectDistinct(arguments[0], range);
    present.rows = selection_.size();
  }
  for (size_t i = 0; i < arguments.size(); ++i) {
    const AggregateArgument& argument = arguments[i];
    present.columns[i] = is_whole
                             ? From(argument.rows, range.begin, ElementBytes(argument.type)).values
                             : Copy(argument, range, i);
  }
  return present;
}

void RowGathering::Widen(PresentRows* rows) {
  widened_.resize(rows->rows);
  const int64_t* const integers = static_cast<const int64_t*>(rows->columns[0]);
  for (size_t i = 0; i < rows->rows; ++i) widened_[i] = static_cast<double>(integers[i]);
  rows->columns[0] = widened_.data();
}

}  // namespace metricstore::compute::vector
