#include "compute_service/engine/vector/kernels/aggregates/products.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>

namespace metricstore::compute::vector {
namespace {

// (product + lost) * 2^exponent.
struct ScaledProduct {
  double product = 1;
  double lost = 0;
  int64_t exponent = 0;
};

double HighHalf(double x) {
  constexpr double kSplitter = 134'217'729;  // 2^27 + 1
  const double scaled = kSplitter * x;
  return scaled - (scaled - x);
}

// What a * b rounds away, of which `product` is the rounded value (T. J. Dekker, "A floating-point
// technique for extending the available precision", 1971).
double LostOf(double a, double b, double product) {
  const double a_high = HighHalf(a);
  const double b_high = HighHalf(b);
  const double a_low = a - a_high;
  const double b_low = b - b_high;
  return a_low * b_low - (product - a_high * b_high - a_low * b_high - a_high * b_low);
}

bool IsModerate(double x) {
  constexpr double kGreat = 0x1p200;
  const double size = std::abs(x);
  return size < kGreat && size > 1 / kGreat;
}

// T. Ogita, S. M. Rump and S. Oishi, "Accurate floating-point product and exponentiation", 2009,
// algorithm 4.1, with the exponent kept apart. Values are finite and not zero.
ScaledProduct Multiply(std::span<const double> values) {
  ScaledProduct all;
  for (double value : values) {
    if (!IsModerate(value)) {
      int exponent = 0;
      value = std::frexp(value, &exponent);
      all.exponent += exponent;
    }
    const double product = all.product * value;
    all.lost = all.lost * value + LostOf(all.product, value, product);
    all.product = product;
    if (IsModerate(product)) continue;
    int exponent = 0;
    all.product = std::frexp(product, &exponent);
    all.lost = std::ldexp(all.lost, -exponent);
    all.exponent += exponent;
  }
  return all;
}

bool IsOrdinary(double value) { return std::isfinite(value) && value != 0; }

}  // namespace

double Product(std::span<const double> values) {
  if (!std::all_of(values.begin(), values.end(), IsOrdinary)) {
    double product = 1;
    for (const double value : values) {
      // Zero times infinity is not a number, whichever comes first: what has grown too large on the
      // way must not be taken for infinity.
      product *= IsOrdinary(value) ? std::copysign(1.0, value) : value;
    }
    return product;
  }
  const ScaledProduct all = Multiply(values);
  constexpr int64_t kBeyond = 5000;  // of every double's exponent
  return std::ldexp(all.product + all.lost,
                    static_cast<int>(std::clamp(all.exponent, -kBeyond, kBeyond)));
}

// The logarithm of the product over n, without those of the values: n * q + r is the exponent, and
// 2^q needs no rounding.
std::optional<double> GeometricMean(std::span<const double> values) {
  if (std::any_of(values.begin(), values.end(), [](double value) { return value <= 0; })) {
    return std::nullopt;
  }
  if (!std::all_of(values.begin(), values.end(), IsOrdinary)) {
    double sum = 0;
    for (const double value : values) sum += value;
    return sum;  // infinite, or not a number
  }
  const ScaledProduct all = Multiply(values);
  int last_exponent = 0;
  const double product = std::frexp(all.product + all.lost, &last_exponent);
  const int64_t exponent = all.exponent + last_exponent;
  const auto count = static_cast<int64_t>(values.size());
  const double rest = static_cast<double>(exponent % count) * std::numbers::ln2;
  const double logarithm = std::log(product) + rest;
  return std::ldexp(std::exp(logarithm / static_cast<double>(count)),
                    static_cast<int>(exponent / count));
}

}  // namespace metricstore::compute::vector
