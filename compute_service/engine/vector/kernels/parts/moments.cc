#include "compute_service/engine/vector/kernels/parts/moments.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "compute_service/engine/vector/kernels/loops/reductions.h"

namespace metricstore::compute::vector {
namespace {

using expression::Function;

// Whether the values that are not NULL are equal.
bool AreEqual(const double* values, const uint8_t* valid, size_t rows) {
  if (valid == nullptr) return AreAllEqual(values, rows);
  const double* first = nullptr;
  for (size_t i = 0; i < rows; ++i) {
    if (valid[i] == 0) continue;
    if (first == nullptr) first = values + i;
    if (values[i] != *first) return false;
  }
  return true;
}

// Sums of the second to fourth powers of deviations from the mean itself.
struct CentralSums {
  double second = 0;
  double third = 0;
  double fourth = 0;
};

// With s_p the sums around the rounded mean and d = s_1 / n, the mean of the deviations, expands
// the sum of (x - d)^p.
CentralSums CentralSumsOf(std::span<const double> values) {
  const auto count = static_cast<double>(values.size());
  const double mean = SumOf(values.data(), values.size()) / count;
  double sums[4];
  SumPowersAround(values.data(), values.size(), mean, sums);
  const double shift = sums[0] / count;
  return {.second = sums[1] - shift * sums[0],
          .third = sums[2] - 3 * shift * sums[1] + 2 * shift * shift * sums[0],
          .fourth = sums[3] - 4 * shift * sums[2] + 6 * shift * shift * sums[1] -
                    3 * shift * shift * shift * sums[0]};
}

// Powers of deviations that differ may still be zero.
bool HasSpread(std::span<const double> values, double squares) {
  return !AreAllEqual(values.data(), values.size()) && !(squares <= 0);  // NaN is spread
}

std::optional<double> Variance(Function function, std::span<const double> values) {
  const bool is_sample = function == Function::kVarSamp || function == Function::kStddevSamp;
  const auto count = static_cast<double>(values.size());
  const double divisor = is_sample ? count - 1 : count;
  if (divisor <= 0) return std::nullopt;
  const double sum = SumOf(values.data(), values.size());
  const double variance =
      SquaresAroundMean(values.data(), nullptr, values.size(), sum, count) / divisor;
  const bool is_root = function == Function::kStddevSamp || function == Function::kStddevPop;
  return is_root ? std::sqrt(variance) : variance;
}

// D. N. Joanes and C. A. Gill, "Comparing measures of sample skewness and kurtosis", 1998: g1, G1.
std::optional<double> Skewness(std::span<const double> values, bool is_sample) {
  if (values.empty() || (is_sample && values.size() < 3)) return std::nullopt;
  const CentralSums sums = CentralSumsOf(values);
  if (!HasSpread(values, sums.second)) return std::nullopt;
  const auto n = static_cast<double>(values.size());
  const double m2 = sums.second / n;
  const double skewness = sums.third / n / (m2 * std::sqrt(m2));
  return is_sample ? skewness * std::sqrt(n * (n - 1)) / (n - 2) : skewness;
}

// The same: g2, G2.
std::optional<double> Kurtosis(std::span<const double> values, bool is_sample) {
  if (values.empty() || (is_sample && values.size() < 4)) return std::nullopt;
  const CentralSums sums = CentralSumsOf(values);
  if (!HasSpread(values, sums.second)) return std::nullopt;
  const auto n = static_cast<double>(values.size());
  const double m2 = sums.second / n;
  const double kurtosis = sums.fourth / n / (m2 * m2) - 3;
  if (!is_sample) return kurtosis;
  return (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * kurtosis + 6);
}

// Of y and x around their means.
struct PairSums {
  double count = 0;
  double mean_y = 0;
  double mean_x = 0;
  double squares_y = 0;
  double squares_x = 0;
  double products = 0;
};

PairSums PairSumsOf(std::span<const double> y, std::span<const double> x) {
  const auto count = static_cast<double>(y.size());
  PairSums pairs{.count = count,
                 .mean_y = SumOf(y.data(), y.size()) / count,
                 .mean_x = SumOf(x.data(), x.size()) / count};
  double sums[5];
  SumPairsAround(y.data(), x.data(), y.size(), pairs.mean_y, pairs.mean_x, sums);
  pairs.squares_y = sums[2] - sums[0] * sums[0] / count;
  pairs.squares_x = sums[3] - sums[1] * sums[1] / count;
  pairs.products = sums[4] - sums[0] * sums[1] / count;
  return pairs;
}

double Correlation(const PairSums& pairs) {
  // One root is exact more often than two, which neither overflow nor vanish.
  const double squares = pairs.squares_y * pairs.squares_x;
  const double scale = std::isnormal(squares)
                           ? std::sqrt(squares)
                           : std::sqrt(pairs.squares_y) * std::sqrt(pairs.squares_x);
  const double correlation = pairs.products / scale;
  // Rounding only; NaN stays.
  return correlation > 1 ? 1 : (correlation < -1 ? -1 : correlation);
}

}  // namespace

double SquaresAroundMean(const double* values, const uint8_t* valid, size_t rows, double sum,
                         double count) {
  const double mean = sum / count;
  double sums[2];
  SumSquaresAround(values, valid, rows, mean, sums);
  const double squares = sums[1] - sums[0] * sums[0] / count;
  // Equal values may be a rounding away from their mean, which leaves next to nothing, or the
  // square of nothing small.
  constexpr double kRoundings = 4 * std::numeric_limits<double>::epsilon();
  const double rounding = mean * kRoundings;
  const bool is_clear = std::isfinite(squares) && squares > count * rounding * rounding;
  if (!is_clear && AreEqual(values, valid, rows)) return 0;
  return squares < 0 ? 0 : squares;  // rounding only; NaN stays
}

std::optional<double> Moment(Function function, std::span<const double> values) {
  switch (function) {
    case Function::kSkewnessSamp:
    case Function::kSkewnessPop:
      return Skewness(values, function == Function::kSkewnessSamp);
    case Function::kKurtosisSamp:
    case Function::kKurtosisPop:
      return Kurtosis(values, function == Function::kKurtosisSamp);
    default:
      return Variance(function, values);
  }
}

std::optional<double> PairMoment(Function function, std::span<const double> y,
                                 std::span<const double> x) {
  const bool is_sample = function == Function::kCovarSamp;
  if (y.size() < (is_sample ? 2 : 1)) return std::nullopt;
  const PairSums pairs = PairSumsOf(y, x);
  if (is_sample) return pairs.products / (pairs.count - 1);
  if (function == Function::kCovarPop) return pairs.products / pairs.count;
  if (!HasSpread(x, pairs.squares_x)) return std::nullopt;
  const bool reads_squares_y = function == Function::kCorr || function == Function::kRegrR2;
  // Of equal values too, the squares of what their mean was rounded by may overflow.
  if (reads_squares_y && !HasSpread(y, pairs.squares_y)) {
    return function == Function::kCorr ? std::nullopt : std::optional(1.0);
  }
  // Divided by what overflowed, everything would be zero.
  if (!std::isfinite(pairs.squares_x) || (reads_squares_y && !std::isfinite(pairs.squares_y))) {
    return std::numeric_limits<double>::quiet_NaN();
  }
  switch (function) {
    case Function::kCorr:
      return Correlation(pairs);
    case Function::kRegrR2: {
      const double correlation = Correlation(pairs);
      return correlation * correlation;
    }
    case Function::kRegrIntercept:
      return pairs.mean_y - pairs.products / pairs.squares_x * pairs.mean_x;
    default:
      return pairs.products / pairs.squares_x;
  }
}

}  // namespace metricstore::compute::vector
