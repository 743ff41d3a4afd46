// Loops that reduce one run of values to a few numbers, compiled for the widths of several
// processors with the same bits on all of them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "compute_service/engine/vector/kernels/loops/compensated_sum.h"

namespace metricstore::compute::vector {

// Rows whose byte is 1.
size_t CountOf(const uint8_t* valid, size_t rows);

bool IsAscending(const int64_t* values, size_t rows);

// Compensated; a row's lane of eight is its number modulo eight, and lanes are joined by halves.
double SumOf(const double* values, size_t rows);
__int128 SumOf(const int64_t* values, size_t rows);
// The same with what the additions rounded away, to be added to others.
Accumulator<double> PartialSumOf(const double* values, size_t rows);

// Of rows whose byte in `valid` is 1 (nullptr: all), of which there is one at least. NaN counts as
// greater than every number, as in PostgreSQL and DuckDB.
double GreatestOf(const double* values, const uint8_t* valid, size_t rows);
double LeastOf(const double* values, const uint8_t* valid, size_t rows);
int64_t GreatestOf(const int64_t* values, const uint8_t* valid, size_t rows);
int64_t LeastOf(const int64_t* values, const uint8_t* valid, size_t rows);
uint8_t GreatestOf(const uint8_t* values, const uint8_t* valid, size_t rows);
uint8_t LeastOf(const uint8_t* values, const uint8_t* valid, size_t rows);

// Whether all values equal the first; NaN equals nothing. `rows` is not 0.
bool AreAllEqual(const double* values, size_t rows);

// sums[p - 1] is that of the powers p of what the values deviate from `center`, p = 1 and 2; rows
// whose byte in `valid` is 0 add nothing. `valid` may be nullptr, and ones instead give the same
// bits.
void SumSquaresAround(const double* values, const uint8_t* valid, size_t rows, double center,
                      double sums[2]);
// The same for p = 1 to 4.
void SumPowersAround(const double* values, size_t rows, double center, double sums[4]);

// Of deviations dy and dx from centers: sums of dy, dx, dy * dy, dx * dx and dy * dx.
void SumPairsAround(const double* y, const double* x, size_t rows, double center_y, double center_x,
                    double sums[5]);

}  // namespace metricstore::compute::vector
