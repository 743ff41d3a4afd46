// Sums of doubles whose rounding errors are summed apart (Neumaier's variant of Kahan's method).
#pragma once

#include <cmath>

namespace metricstore::compute::vector {

// A running sum and the sum of what its additions rounded away.
template <typename T>
struct Accumulator {
  T sum = {};
  T lost = {};

  void Add(T value) {
    // Knuth's two-sum: exact for any order of magnitudes, and free of branches.
    const T total = sum + value;
    const T part = total - sum;
    lost += (sum - (total - part)) + (value - part);
    sum = total;
  }
  void Add(const Accumulator& other) {
    Add(other.sum);
    lost += other.lost;
  }
};

inline double Total(const Accumulator<double>& sum) {
  const double total = sum.sum + sum.lost;
  // Once a sum overflows, what was lost is NaN and says nothing.
  return std::isfinite(total) ? total : sum.sum;
}

}  // namespace metricstore::compute::vector
