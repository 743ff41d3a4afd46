// Products of many values.
#pragma once

#include <optional>
#include <span>

namespace metricstore::compute::vector {

// The product, rounded about once: neither overflows nor vanishes on the way. Not a number where a
// plain product is not.
double Product(std::span<const double> values);

// exp(avg(ln(x))); nullopt if any value is negative or zero. `values` are not empty.
std::optional<double> GeometricMean(std::span<const double> values);

}  // namespace metricstore::compute::vector
