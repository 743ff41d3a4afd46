#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "compute_service/engine/vector/kernels/rows/row_functions.h"
#include "compute_service/engine/vector/kernels/rows/row_maps.h"
#include "compute_service/engine/vector/kernels/texts/civil_days.h"
#include "compute_service/engine/vector/kernels/texts/value_text.h"

namespace metricstore::compute::vector {
namespace {

using columns::ColumnType;

// Halves to even; NULL for what no integer holds.
void RealToInteger(const RowCallContext&, const Operand* in, Operand* out, size_t rows) {
  constexpr double kBeyond = 9223372036854775808.0;
  const double* const values = in[0].as<double>();
  MapPresentRows<int64_t>(in, 1, out, rows, [&](size_t row, int64_t* result) {
    const double rounded = std::nearbyint(values[row]);
    if (!(rounded >= -kBeyond && rounded < kBeyond)) return false;
    *result = static_cast<int64_t>(rounded);
    return true;
  });
}

template <typename In>
void ToCondition(const RowCallContext&, const Operand* in, Operand* out, size_t rows) {
  MapRows<In, uint8_t>(in, out, rows, [](In value) { return uint8_t{value != 0}; });
}

template <typename Out>
void FromCondition(const RowCallContext&, const Operand* in, Operand* out, size_t rows) {
  MapRows<uint8_t, Out>(in, out, rows, [](uint8_t value) { return static_cast<Out>(value); });
}

void DateToInstant(const RowCallContext&, const Operand* in, Operand* out, size_t rows) {
  MapPresentRows<int64_t>(in, 1, out, rows, [&](size_t row, int64_t* result) {
    return !__builtin_mul_overflow(in[0].as<int64_t>()[row], kMicrosOfDay, result);
  });
}

void InstantToDate(const RowCallContext&, const Operand* in, Operand* out, size_t rows) {
  MapRows<int64_t, int64_t>(in, out, rows,
                            [](int64_t micros) { return FloorDivide(micros, kMicrosOfDay); });
}

std::string IntegerText(int64_t value) { return std::to_string(value); }
std::string ConditionText(uint8_t value) { return value != 0 ? "true" : "false"; }

template <typename In, std::string (*kPrint)(In)>
void Print(const RowCallContext& context, const Operand* in, Operand* out, size_t rows) {
  const In* const values = in[0].as<In>();
  MapPresentRows<uint32_t>(in, 1, out, rows, [&](size_t row, uint32_t* result) {
    *result = context.texts.CodeOf(kPrint(values[row]));
    return true;
  });
}

template <typename Read, typename Out, std::optional<Read> (*kRead)(std::string_view)>
void ReadText(const RowCallContext& context, const Operand* in, Operand* out, size_t rows) {
  const uint32_t* const codes = in[0].as<uint32_t>();
  MapPresentRows<Out>(in, 1, out, rows, [&](size_t row, Out* result) {
    const std::optional<Read> read = kRead(context.texts[codes[row]]);
    *result = static_cast<Out>(read.value_or(Read{}));
    return read.has_value();
  });
}

void IntegerToReal(const RowCallContext&, const Operand* in, Operand* out, size_t rows) {
  MapRows<int64_t, double>(in, out, rows, [](int64_t a) { return static_cast<double>(a); });
}

RowFunction ToText(ColumnType from) {
  switch (from) {
    case ColumnType::kFloat64:
      return Print<double, RealText>;
    case ColumnType::kInt64:
      return Print<int64_t, IntegerText>;
    case ColumnType::kBool:
      return Print<uint8_t, ConditionText>;
    case ColumnType::kTimestamp:
      return Print<int64_t, InstantText>;
    case ColumnType::kDate:
      return Print<int64_t, DateText>;
    case ColumnType::kText:
      break;
  }
  return nullptr;
}

RowFunction FromText(ColumnType to) {
  switch (to) {
    case ColumnType::kFloat64:
      return ReadText<double, double, ReadReal>;
    case ColumnType::kInt64:
      return ReadText<int64_t, int64_t, ReadInteger>;
    case ColumnType::kBool:
      return ReadText<bool, uint8_t, ReadCondition>;
    case ColumnType::kTimestamp:
      return ReadText<int64_t, int64_t, ReadInstant>;
    case ColumnType::kDate:
      return ReadText<int64_t, int64_t, ReadDate>;
    case ColumnType::kText:
      break;
  }
  return nullptr;
}

}  // namespace

RowFunction CastFunction(ColumnType from, ColumnType to) {
  if (to == ColumnType::kText) return ToText(from);
  if (from == ColumnType::kText) return FromText(to);
  const auto is = [&](ColumnType a, ColumnType b) { return from == a && to == b; };
  if (is(ColumnType::kFloat64, ColumnType::kInt64)) return RealToInteger;
  if (is(ColumnType::kFloat64, ColumnType::kBool)) return ToCondition<double>;
  if (is(ColumnType::kInt64, ColumnType::kFloat64)) return IntegerToReal;
  if (is(ColumnType::kInt64, ColumnType::kBool)) return ToCondition<int64_t>;
  if (is(ColumnType::kBool, ColumnType::kFloat64)) return FromCondition<double>;
  if (is(ColumnType::kBool, ColumnType::kInt64)) return FromCondition<int64_t>;
  if (is(ColumnType::kDate, ColumnType::kTimestamp)) return DateToInstant;
  if (is(ColumnType::kTimestamp, ColumnType::kDate)) return InstantToDate;
  return nullptr;
}

}  // namespace metricstore::compute::vector
