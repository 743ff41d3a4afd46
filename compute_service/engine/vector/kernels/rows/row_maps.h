// Loops over the rows of row functions.
#pragma once

#include <cstddef>

#include "compute_service/engine/vector/kernels/loops/operand.h"
#include "compute_service/engine/vector/kernels/loops/row_validity.h"
#include "compute_service/engine/vector/kernels/rows/row_functions.h"

namespace metricstore::compute::vector {

// Total functions: `of` gives a value for every value, also for the zero of a NULL row.
template <typename In, typename Out, typename Of>
void MapRows(const Operand* in, Operand* out, size_t rows, const Of& of) {
  const In* const a = in[0].as<In>();
  Out* const r = out->as<Out>();
  for (size_t i = 0; i < rows; ++i) r[i] = of(a[i]);
  PropagateNulls(in[0], out, rows);
  ZeroNulls<Out>(*out, rows);
}

template <typename In, typename Out, typename Of>
void MapRows2(const Operand* in, Operand* out, size_t rows, const Of& of) {
  const In* const a = in[0].as<In>();
  const In* const b = in[1].as<In>();
  Out* const r = out->as<Out>();
  for (size_t i = 0; i < rows; ++i) r[i] = of(a[i], b[i]);
  PropagateNulls(in[0], in[1], out, rows);
  ZeroNulls<Out>(*out, rows);
}

// A row is present where all `count` arguments are.
inline bool IsPresent(const Operand* in, size_t count, size_t row) {
  for (size_t i = 0; i < count; ++i) {
    if (in[i].valid != nullptr && in[i].valid[row] == 0) return false;
  }
  return true;
}

// Partial functions of `count` arguments: `of(row, &result)` says whether there is a result; it is
// asked where no argument is NULL.
template <typename Out, typename Of>
void MapPresentRows(const Operand* in, size_t count, Operand* out, size_t rows, const Of& of) {
  Out* const r = out->as<Out>();
  for (size_t i = 0; i < rows; ++i) {
    Out result = {};
    const bool valid = IsPresent(in, count, i) && of(i, &result);
    r[i] = valid ? result : Out{};
    out->valid[i] = valid ? 1 : 0;
  }
  DropFullMask(out, rows);
}

// Makes all rows NULL.
template <typename Out>
void MakeNull(Operand* out, size_t rows) {
  for (size_t i = 0; i < rows; ++i) out->as<Out>()[i] = Out{};
  for (size_t i = 0; i < rows; ++i) out->valid[i] = 0;
}

}  // namespace metricstore::compute::vector
