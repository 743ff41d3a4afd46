#include <cmath>
#include <cstdint>
#include <numbers>

#include "compute_service/engine/vector/kernels/rows/row_functions.h"
#include "compute_service/engine/vector/kernels/rows/row_maps.h"

namespace metricstore::compute::vector {
namespace {

using expression::Function;

// Where a function has no value; NaN is no such place.
bool IsAlways(double) { return true; }
bool IsPositive(double a) { return !(a <= 0); }
bool IsUnit(double a) { return !(a < -1 || a > 1); }
bool IsNotInfinite(double a) { return !std::isinf(a); }

double Log2(double a) { return std::log2(a); }
double Cbrt(double a) { return std::cbrt(a); }
double Trunc(double a) { return std::trunc(a); }
double Sin(double a) { return std::sin(a); }
double Cos(double a) { return std::cos(a); }
double Tan(double a) { return std::tan(a); }
double Asin(double a) { return std::asin(a); }
double Acos(double a) { return std::acos(a); }
double Atan(double a) { return std::atan(a); }
double Degrees(double a) { return a * (180 / std::numbers::pi); }
double Radians(double a) { return a * (std::numbers::pi / 180); }

// Most runs lie in the domain as a whole and take the loop without tests.
template <double (*kOf)(double), bool (*kIsDefined)(double)>
void MapReals(const RowCallContext&, const Operand* in, Operand* out, size_t rows) {
  const double* const a = in[0].as<double>();
  unsigned undefined = 0;
  for (size_t i = 0; i < rows; ++i) undefined |= kIsDefined(a[i]) ? 0U : 1U;
  if (undefined == 0) {
    return MapRows<double, double>(in, out, rows, [](double x) { return kOf(x); });
  }
  MapPresentRows<double>(in, 1, out, rows, [a](size_t row, double* result) {
    if (!kIsDefined(a[row])) return false;
    *result = kOf(a[row]);
    return true;
  });
}

void Atan2(const RowCallContext&, const Operand* in, Operand* out, size_t rows) {
  MapRows2<double, double>(in, out, rows, [](double y, double x) { return std::atan2(y, x); });
}

void IsNan(const RowCallContext&, const Operand* in, Operand* out, size_t rows) {
  MapRows<double, uint8_t>(in, out, rows, [](double a) { return uint8_t{a != a}; });
}

void IsFinite(const RowCallContext&, const Operand* in, Operand* out, size_t rows) {
  MapRows<double, uint8_t>(in, out, rows, [](double a) { return uint8_t{std::isfinite(a)}; });
}

int DigitsOf(const RowCallContext& context) {
  const auto& numbers = context.parameters.numbers;
  const double digits = numbers.empty() ? 0 : numbers[0];
  // Beyond these nothing is rounded, or everything.
  return digits > 400 ? 400 : (digits < -400 ? -400 : static_cast<int>(digits));
}

// As DuckDB does it: scaled, rounded and scaled back. What is too large to be scaled has no digits
// to round; what is far below half of the last digit is zero.
void RoundReals(const RowCallContext& context, const Operand* in, Operand* out, size_t rows) {
  const int digits = DigitsOf(context);
  const double scale = std::pow(10.0, std::abs(digits));
  if (digits < 0) {
    return MapRows<double, double>(in, out, rows, [scale](double a) {
      const double rounded = std::round(a / scale) * scale;
      return std::isfinite(rounded) ? rounded : 0.0;
    });
  }
  MapRows<double, double>(in, out, rows, [scale](double a) {
    const double rounded = std::round(a * scale) / scale;
    return std::isfinite(rounded) ? rounded : a;
  });
}

// Halves away from zero; NULL where the result does not fit.
void RoundIntegers(const RowCallContext& context, const Operand* in, Operand* out, size_t rows) {
  constexpr int kMostDigits = 18;  // of which every value fits
  const int digits = DigitsOf(context);
  if (digits >= 0) return MapRows<int64_t, int64_t>(in, out, rows, [](int64_t a) { return a; });
  if (-digits > kMostDigits) {
    return MapRows<int64_t, int64_t>(in, out, rows, [](int64_t) { return INT64_C(0); });
  }
  int64_t scale = 1;
  for (int i = 0; i < -digits; ++i) scale *= 10;
  MapPresentRows<int64_t>(in, 1, out, rows, [&](size_t row, int64_t* result) {
    const int64_t value = in[0].as<int64_t>()[row];
    const int64_t left = value % scale;
    const int64_t away = left >= scale / 2 ? scale : (left <= -scale / 2 ? -scale : 0);
    return !__builtin_add_overflow(value - left, away, result);
  });
}

RowFunction RealFunction(Function function) {
  switch (function) {
    case Function::kRound:
      return RoundReals;
    case Function::kTrunc:
      return MapReals<Trunc, IsAlways>;
    case Function::kLog2:
      return MapReals<Log2, IsPositive>;
    case Function::kCbrt:
      return MapReals<Cbrt, IsAlways>;
    case Function::kSin:
      return MapReals<Sin, IsNotInfinite>;
    case Function::kCos:
      return MapReals<Cos, IsNotInfinite>;
    case Function::kTan:
      return MapReals<Tan, IsNotInfinite>;
    case Function::kAsin:
      return MapReals<Asin, IsUnit>;
    case Function::kAcos:
      return MapReals<Acos, IsUnit>;
    case Function::kAtan:
      return MapReals<Atan, IsAlways>;
    case Function::kAtan2:
      return Atan2;
    case Function::kDegrees:
      return MapReals<Degrees, IsAlways>;
    case Function::kRadians:
      return MapReals<Radians, IsAlways>;
    case Function::kIsNan:
      return IsNan;
    case Function::kIsFinite:
      return IsFinite;
    default:
      return nullptr;
  }
}

}  // namespace

RowFunction MathFunction(Function function, ValueType first_argument) {
  if (first_argument == ValueType::kFloat64) return RealFunction(function);
  const bool rounds = function == Function::kRound && first_argument == ValueType::kInt64;
  return rounds ? RoundIntegers : nullptr;
}

}  // namespace metricstore::compute::vector
