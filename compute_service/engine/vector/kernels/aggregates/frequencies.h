// How often each value of a bucket occurs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace metricstore::compute::vector {

// A value's first row and the number of its rows.
struct ValueFrequency {
  size_t first_row = 0;
  int64_t rows = 0;
};

// Those of each value, in the order of their first rows. `distinct` is of DistinctValues.
template <typename T, typename Distinct>
void CountFrequencies(std::span<const T> values, Distinct& distinct,
                      std::vector<ValueFrequency>* frequencies) {
  distinct.Start();
  frequencies->clear();
  for (size_t row = 0; row < values.size(); ++row) {
    const uint32_t number = distinct.NumberOf(values[row]);
    if (number == frequencies->size()) frequencies->push_back({.first_row = row});
    ++(*frequencies)[number].rows;
  }
}

// The first row of the most frequent value; of several the one that comes first. There is one.
size_t RowOfMode(std::span<const ValueFrequency> frequencies);

// C. E. Shannon's, in bits.
double Entropy(std::span<const ValueFrequency> frequencies);

}  // namespace metricstore::compute::vector
