#include "compute_service/engine/vector/kernels/aggregates/ordered_aggregates.h"

#include <cmath>
#include <limits>

#include "compute_service/engine/vector/kernels/loops/compensated_sum.h"

namespace metricstore::compute::vector {

std::optional<double> MaxDrawdown(std::span<const double> values) {
  double greatest = 0;
  double least_ratio = 2;  // none yet
  for (const double value : values) {
    if (std::isnan(value)) return std::numeric_limits<double>::quiet_NaN();
    if (!(value > 0)) continue;
    greatest = value > greatest ? value : greatest;
    const double ratio = value / greatest;
    if (std::isnan(ratio)) return ratio;  // infinity after infinity
    least_ratio = ratio < least_ratio ? ratio : least_ratio;
  }
  if (greatest == 0) return std::nullopt;
  return 1 - least_ratio;
}

// T. G. Andersen and T. Bollerslev, "Answering the skeptics", 1998.
std::optional<double> RealizedVolatility(std::span<const double> values) {
  Accumulator<double> squares;
  bool has_return = false;
  for (size_t i = 1; i < values.size(); ++i) {
    const double ratio = values[i] / values[i - 1];
    if (values[i - 1] == 0 || ratio <= 0) continue;  // NaN counts
    const double change = std::log(ratio);
    squares.Add(change * change);
    has_return = true;
  }
  if (!has_return) return std::nullopt;
  return std::sqrt(Total(squares));
}

std::optional<double> TimeWeightedMean(std::span<const double> values,
                                       std::span<const int64_t> times) {
  if (values.size() == 1) return values[0];
  const int64_t duration = times.back() - times.front();
  if (duration == 0) return std::nullopt;
  Accumulator<double> sum;
  for (size_t i = 0; i + 1 < values.size(); ++i) {
    sum.Add(values[i] * static_cast<double>(times[i + 1] - times[i]));
  }
  return Total(sum) / static_cast<double>(duration);
}

}  // namespace metricstore::compute::vector
