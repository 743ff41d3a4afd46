// Moments of values and of pairs of values.
//
// Two passes: sums of powers of the deviations from the rounded mean, each compensated, then
// corrected for what the mean's rounding adds (T. F. Chan, G. H. Golub and R. J. LeVeque,
// "Algorithms for computing the sample variance", 1983, equation 1.7, and its like for higher
// powers). Values are doubles without NULL; not a number where any value is not finite.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "common/expression/catalog/function_catalog.h"

namespace metricstore::compute::vector {

// The sum of squared deviations from the mean of `count` values, those of `rows` rows whose byte in
// `valid` is not 0 (nullptr: all); `sum` is theirs. Exactly 0 where all are equal.
double SquaresAroundMean(const double* values, const uint8_t* valid, size_t rows, double sum,
                         double count);

// kVarSamp, kVarPop, kStddevSamp, kStddevPop, kSkewnessSamp, kSkewnessPop, kKurtosisSamp and
// kKurtosisPop; nullopt is NULL.
std::optional<double> Moment(expression::Function function, std::span<const double> values);

// kCovarSamp, kCovarPop, kCorr, kRegrSlope, kRegrIntercept and kRegrR2, of as many y as x.
std::optional<double> PairMoment(expression::Function function, std::span<const double> y,
                                 std::span<const double> x);

}  // namespace metricstore::compute::vector
