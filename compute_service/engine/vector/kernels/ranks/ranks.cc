#include "compute_service/engine/vector/kernels/ranks/ranks.h"

#include <bit>
#include <limits>
#include <numeric>

#include "compute_service/engine/vector/kernels/loops/reductions.h"

namespace metricstore::compute::vector {
namespace {

// Moves NaN to the end, where comparisons do not meet it, and returns the number of the others.
size_t SetNanApart(std::span<double> values) {
  const auto end =
      std::partition(values.begin(), values.end(), [](double value) { return !std::isnan(value); });
  return static_cast<size_t>(end - values.begin());
}

double MiddleOfThree(double a, double b, double c) {
  return std::max(std::min(a, b), std::min(std::max(a, b), c));
}

// Moves the values for which `is_first` holds to the front, without branches, and returns how many
// they are.
template <typename IsFirst>
size_t Partition(std::span<double> values, const IsFirst& is_first) {
  size_t kept = 0;
  for (double& at : values) {
    const double value = at;
    at = values[kept];
    values[kept] = value;
    kept += is_first(value) ? 1 : 0;
  }
  return kept;
}

// Moves the value at `place` of the order there, what is less before it and what is not behind it:
// C. A. R. Hoare's "Find", 1961, with the middle of three as the pivot, which leaves the hard cases
// to the library. There is no NaN.
double SelectNumber(std::span<double> values, size_t place) {
  constexpr size_t kFewRows = 24;
  int rounds = 2 * std::bit_width(values.size());
  while (values.size() > kFewRows && rounds-- > 0) {
    const double pivot = MiddleOfThree(values.front(), values[values.size() / 2], values.back());
    const size_t less = Partition(values, [pivot](double value) { return value < pivot; });
    if (place < less) {
      values = values.first(less);
      continue;
    }
    values = values.subspan(less);
    place -= less;
    const size_t equal = Partition(values, [pivot](double value) { return value <= pivot; });
    if (place < equal) return pivot;
    values = values.subspan(equal);
    place -= equal;
  }
  const auto at = values.begin() + static_cast<ptrdiff_t>(place);
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

}  // namespace

double Select(std::span<double> values, size_t place) {
  const size_t numbers = SetNanApart(values);
  if (place >= numbers) return std::numeric_limits<double>::quiet_NaN();
  return SelectNumber(values.first(numbers), place) + 0.0;
}

double Median(std::span<double> values) {
  const size_t upper = values.size() / 2;
  const double middle = Select(values, upper);
  if (values.size() % 2 == 1 || std::isnan(middle)) return middle;
  return std::midpoint(GreatestOf(values.data(), nullptr, upper), middle);
}

double InterpolatedQuantile(std::span<double> values, double share) {
  const QuantilePlace place = InterpolatedQuantilePlace(values.size(), share);
  const double low = Select(values, place.lower);
  if (place.part == 0 || std::isnan(low)) return low;
  const std::span<double> above = values.subspan(place.lower + 1);
  return Interpolated(low, LeastOf(above.data(), nullptr, above.size()), place.part);
}

}  // namespace metricstore::compute::vector
