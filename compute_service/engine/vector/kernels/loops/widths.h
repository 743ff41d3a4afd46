// The widths of registers that loops are compiled for, and which of them this processor has.
//
// Loops stand in .inc files. Each loops_*.cc compiles all of them into a namespace of its own and
// with its own flags; wider registers hold more lanes of the same loop, and multiplications and
// additions stay apart, so every width gives the same bits. (The loader could pick functions by
// itself, but not from templates, and sanitizers do not bear it.)
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "compute_service/engine/vector/kernels/loops/compensated_sum.h"
#include "compute_service/engine/vector/kernels/loops/row_kernels.h"
#include "compute_service/engine/vector/program/program.h"

namespace metricstore::compute::vector {

// See reductions.h.
struct Reductions {
  size_t (*ones)(const uint8_t* bytes, size_t rows);
  bool (*is_ascending)(const int64_t* values, size_t rows);
  void (*sum)(const double* values, size_t rows, Accumulator<double>* sum);
  __int128 (*integer_sum)(const int64_t* values, size_t rows);
  void (*squares)(const double* values, const uint8_t* valid, size_t rows, double center,
                  Accumulator<double>* sums);
  void (*four_powers)(const double* values, size_t rows, double center, Accumulator<double>* sums);
  void (*pairs)(const double* y, const double* x, size_t rows, double center_y, double center_x,
                Accumulator<double>* sums);
  double (*greatest)(const double* values, const uint8_t* valid, size_t rows);
  double (*least)(const double* values, const uint8_t* valid, size_t rows);
  int64_t (*greatest_integer)(const int64_t* values, const uint8_t* valid, size_t rows);
  int64_t (*least_integer)(const int64_t* values, const uint8_t* valid, size_t rows);
  uint8_t (*greatest_byte)(const uint8_t* values, const uint8_t* valid, size_t rows);
  uint8_t (*least_byte)(const uint8_t* values, const uint8_t* valid, size_t rows);
  bool (*are_equal)(const double* values, size_t rows);
};

struct Loops {
  const char* name;
  RowKernel (*arithmetic)(Op op, ValueType type);
  RowKernel (*condition)(Op op, ValueType type);
  Reductions reductions;
};

// Those that this processor can run, from the narrowest to the widest.
std::span<const Loops* const> RunnableLoops();
// The widest of them.
const Loops& WidestLoops();

}  // namespace metricstore::compute::vector
