#include "compute_service/engine/vector/kernels/aggregates/frequencies.h"

#include <cmath>

#include "compute_service/engine/vector/kernels/loops/compensated_sum.h"

namespace metricstore::compute::vector {

size_t RowOfMode(std::span<const ValueFrequency> frequencies) {
  const ValueFrequency* mode = frequencies.data();
  for (const ValueFrequency& each : frequencies) {
    if (each.rows > mode->rows) mode = &each;
  }
  return mode->first_row;
}

// C. E. Shannon, "A Mathematical Theory of Communication", 1948. No term is negative, so nothing is
// lost between them.
double Entropy(std::span<const ValueFrequency> frequencies) {
  double rows = 0;
  for (const ValueFrequency& each : frequencies) rows += static_cast<double>(each.rows);
  Accumulator<double> bits;
  for (const ValueFrequency& each : frequencies) {
    const auto count = static_cast<double>(each.rows);
    bits.Add(count / rows * std::log2(rows / count));
  }
  return Total(bits);
}

}  // namespace metricstore::compute::vector
