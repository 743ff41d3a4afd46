#include "compute_service/engine/vector/kernels/loops/reductions.h"

#include <algorithm>

#include "compute_service/engine/vector/kernels/loops/widths.h"

namespace metricstore::compute::vector {
namespace {

const Reductions& Widest() {
  static const Reductions& widest = WidestLoops().reductions;
  return widest;
}

}  // namespace

size_t CountOf(const uint8_t* valid, size_t rows) { return Widest().ones(valid, rows); }

bool IsAscending(const int64_t* values, size_t rows) { return Widest().is_ascending(values, rows); }

Accumulator<double> PartialSumOf(const double* values, size_t rows) {
  Accumulator<double> sum;
  Widest().sum(values, rows, &sum);
  return sum;
}

double SumOf(const double* values, size_t rows) { return Total(PartialSumOf(values, rows)); }

__int128 SumOf(const int64_t* values, size_t rows) { return Widest().integer_sum(values, rows); }

double GreatestOf(const double* values, const uint8_t* valid, size_t rows) {
  return Widest().greatest(values, valid, rows);
}
double LeastOf(const double* values, const uint8_t* valid, size_t rows) {
  return Widest().least(values, valid, rows);
}
int64_t GreatestOf(const int64_t* values, const uint8_t* valid, size_t rows) {
  return Widest().greatest_integer(values, valid, rows);
}
int64_t LeastOf(const int64_t* values, const uint8_t* valid, size_t rows) {
  return Widest().least_integer(values, valid, rows);
}
uint8_t GreatestOf(const uint8_t* values, const uint8_t* valid, size_t rows) {
  return Widest().greatest_byte(values, valid, rows);
}
uint8_t LeastOf(const uint8_t* values, const uint8_t* valid, size_t rows) {
  return Widest().least_byte(values, valid, rows);
}

bool AreAllEqual(const double* values, size_t rows) { return Widest().are_equal(values, rows); }

void SumSquaresAround(const double* values, const uint8_t* valid, size_t rows, double center,
                      double sums[2]) {
  Accumulator<double> parts[2];
  Widest().squares(values, valid, rows, center, parts);
  std::transform(std::begin(parts), std::end(parts), sums, Total);
}

void SumPowersAround(const double* values, size_t rows, double center, double sums[4]) {
  Accumulator<double> parts[4];
  Widest().four_powers(values, rows, center, parts);
  std::transform(std::begin(parts), std::end(parts), sums, Total);
}

void SumPairsAround(const double* y, const double* x, size_t rows, double center_y, double center_x,
                    double sums[5]) {
  Accumulator<double> parts[5];
  Widest().pairs(y, x, rows, center_y, center_x, parts);
  std::transform(std::begin(parts), std::end(parts), sums, Total);
}

}  // namespace metricstore::compute::vector
