// How the NULLs of arguments become those of a result; shared by the row kernels.
#pragma once

#include <cstring>

#include "compute_service/engine/vector/kernels/operand.h"

namespace metricstore::compute::vector {

// A result row is NULL where any argument is. Fills out->valid, or makes it nullptr.
inline void PropagateNulls(const Operand& a, Operand* out, size_t rows) {
  if (a.valid == nullptr) {
    out->valid = nullptr;
  } else {
    std::memcpy(out->valid, a.valid, rows);
  }
}

inline void PropagateNulls(const Operand& a, const Operand& b, Operand* out, size_t rows) {
  if (a.valid == nullptr) return PropagateNulls(b, out, rows);
  if (b.valid == nullptr) return PropagateNulls(a, out, rows);
  for (size_t i = 0; i < rows; ++i) out->valid[i] = a.valid[i] & b.valid[i];
}

// The value of a NULL row is zero.
template <typename T>
void ZeroNulls(const Operand& out, size_t rows) {
  if (out.valid == nullptr) return;
  T* const values = out.as<T>();
  for (size_t i = 0; i < rows; ++i) values[i] = out.valid[i] != 0 ? values[i] : T{};
}

// Drops a mask without NULLs, so that later kernels take their faster path.
inline void DropFullMask(Operand* out, size_t rows) {
  uint8_t all = 1;
  for (size_t i = 0; i < rows; ++i) all &= out->valid[i];
  if (all != 0) out->valid = nullptr;
}

}  // namespace metricstore::compute::vector
