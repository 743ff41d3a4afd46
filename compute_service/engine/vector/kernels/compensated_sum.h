// Sums of doubles whose rounding errors are summed apart (Neumaier's variant of Kahan's method).
#pragma once

#include <cmath>
#include <cstddef>
#include <cstring>

namespace metricstore::compute::vector {

// Two doubles that the processor adds at once; every 64-bit processor has such registers.
typedef double Pair __attribute__((vector_size(16)));

inline Pair LoadPair(const double* from) {
  Pair pair;
  std::memcpy(&pair, from, sizeof(pair));
  return pair;
}

// A running sum and the sum of what its additions rounded away. T is double or Pair.
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

// The sum of `map` over values[0..rows). `map` takes and gives a double or a Pair. Lanes are
// assigned by position in the range only, so the same values always give the same bits.
template <typename Map>
Accumulator<double> Accumulate(const double* values, size_t rows, const Map& map) {
  constexpr size_t kPairs = 4;
  constexpr size_t kStep = 2 * kPairs;
  Accumulator<double> total;
  size_t at = 0;
  if (rows >= 2 * kStep) {
    Accumulator<Pair> lanes[kPairs];
    for (; at + kStep <= rows; at += kStep) {
      for (size_t i = 0; i < kPairs; ++i) lanes[i].Add(map(LoadPair(values + at + 2 * i)));
    }
    for (const Accumulator<Pair>& lane : lanes) {
      for (int i = 0; i < 2; ++i) total.Add(Accumulator<double>{lane.sum[i], lane.lost[i]});
    }
  }
  for (; at < rows; ++at) total.Add(map(values[at]));
  return total;
}

template <typename Map>
double CompensatedSum(const double* values, size_t rows, const Map& map) {
  return Total(Accumulate(values, rows, map));
}

}  // namespace metricstore::compute::vector
