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
  constexpr size_t kLanes = 2 * kPairs;
  Accumulator<double> lanes[kLanes];
  size_t at = 0;
  if (rows >= 2 * kLanes) {
    Accumulator<Pair> pairs[kPairs];
    for (; at + kLanes <= rows; at += kLanes) {
      for (size_t i = 0; i < kPairs; ++i) pairs[i].Add(map(LoadPair(values + at + 2 * i)));
    }
    for (size_t i = 0; i < kLanes; ++i)
      lanes[i] = {pairs[i / 2].sum[i % 2], pairs[i / 2].lost[i % 2]};
  }
  for (size_t lane = 0; at < rows; ++at, lane = (lane + 1) % kLanes) {
    lanes[lane].Add(map(values[at]));
  }
  for (size_t half = kLanes / 2; half > 0; half /= 2) {
    for (size_t lane = 0; lane < half; ++lane) lanes[lane].Add(lanes[lane + half]);
  }
  return lanes[0];
}

template <typename Map>
double CompensatedSum(const double* values, size_t rows, const Map& map) {
  return Total(Accumulate(values, rows, map));
}

}  // namespace metricstore::compute::vector
