// Values by their place in the order of all values of a bucket.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

#include "compute_service/engine/vector/kernels/texts/text_code.h"

namespace metricstore::compute::vector {

// `values` are not empty and may be put into another order. NaN counts as greater than every
// number.

// The middle value, or the mean of the two in the middle, which neither overflows nor rounds twice.
double Median(std::span<double> values);

// Interpolated between the values on both sides of the place share * (n - 1), counted from 0: type
// 7 of R. J. Hyndman and Y. Fan, "Sample quantiles in statistical packages", 1996.
double InterpolatedQuantile(std::span<double> values, double share);

// That place: between `lower` and, unless `part` is 0, the next one.
struct QuantilePlace {
  size_t lower = 0;
  double part = 0;
};
inline QuantilePlace InterpolatedQuantilePlace(size_t count, double share) {
  const double place = static_cast<double>(count - 1) * share;
  const auto lower = static_cast<size_t>(place);
  return {lower, place - static_cast<double>(lower)};
}
// Between two values, of which the second is greater.
inline double Interpolated(double low, double high, double part) {
  if (std::isnan(low)) return low;
  const double step = high - low;
  // Only the difference of numbers of both signs overflows.
  return std::isinf(step) ? low * (1 - part) + high * part : low + step * part;
}

// The place, counted from 0, of the least value at or above which the share lies: their type 1.
// Like DuckDB it takes what is left from the far end, which hides that most shares, like 0.07, are
// no doubles.
inline size_t DiscreteQuantilePlace(size_t count, double share) {
  const auto n = static_cast<double>(count);
  const auto above = static_cast<size_t>(std::floor(n - n * share));
  return above >= count ? 0 : count - above - 1;
}

// The value at `place`, counted from 0. A zero has no sign: which one it was depends on the order.
double Select(std::span<double> values, size_t place);

template <typename T>
T Select(std::span<T> values, size_t place, const ValueOrder& order) {
  const auto at = values.begin() + static_cast<ptrdiff_t>(place);
  std::nth_element(values.begin(), at, values.end(), order);
  return *at;
}
inline double Select(std::span<double> values, size_t place, const ValueOrder&) {
  return Select(values, place);
}

// The first of the greatest or of the least values.
template <typename T>
size_t PlaceOfExtreme(std::span<const T> values, bool is_greatest, const ValueOrder& order) {
  size_t best = 0;
  for (size_t i = 1; i < values.size(); ++i) {
    const bool is_better =
        is_greatest ? order(values[best], values[i]) : order(values[i], values[best]);
    if (is_better) best = i;
  }
  return best;
}

// Puts the `count` greatest values, falling, or the least, rising, first; gives how many there are.
template <typename T>
size_t SortExtremes(std::span<T> values, size_t count, bool are_greatest, const ValueOrder& order) {
  const size_t kept = std::min(count, values.size());
  const auto end = values.begin() + static_cast<ptrdiff_t>(kept);
  std::partial_sort(values.begin(), end, values.end(), [&](const T& a, const T& b) {
    return are_greatest ? order(b, a) : order(a, b);
  });
  return kept;
}

}  // namespace metricstore::compute::vector
