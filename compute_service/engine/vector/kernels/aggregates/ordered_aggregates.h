// Aggregates that read the order of rows.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace metricstore::compute::vector {

// The greatest of 1 - x / (the greatest x so far), over the rows where x > 0; nullopt without one.
std::optional<double> MaxDrawdown(std::span<const double> values);

// The root of the sum of squared logarithmic returns from each value to the next; nullopt without a
// return. Where two values have no ratio, or none above zero, there is no return.
std::optional<double> RealizedVolatility(std::span<const double> values);

// The mean of the values weighted with the time to the next; one value alone is its own, nullopt
// where no time passes. `times` ascend.
std::optional<double> TimeWeightedMean(std::span<const double> values,
                                       std::span<const int64_t> times);

}  // namespace metricstore::compute::vector
