// How the NULLs of arguments become those of a result; shared by the row kernels.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "compute_service/engine/vector/kernels/loops/operand.h"

namespace metricstore::compute::vector {

// Of each file its own: one that is compiled for wide registers must not lend its code to others.
namespace {

// Loops over bytes say that what they write is nothing that they read (see RowKernel): a byte might
// be a part of anything, even of the pointers, and the loop would not be vectorised.
using ResultMask = uint8_t* __restrict;

// An unsigned integer of that many bytes. Choices are made on bits, without branches.
template <size_t kBytes>
using BitsOfSize =
    std::conditional_t<kBytes == 8, uint64_t, std::conditional_t<kBytes == 4, uint32_t, uint8_t>>;

// `a` where `condition` is 1, `b` where it is 0.
template <typename Bits>
Bits Chosen(uint8_t condition, Bits a, Bits b) {
  const auto mask = static_cast<Bits>(-static_cast<Bits>(condition));
  return static_cast<Bits>((a & mask) | (b & ~mask));
}

// As a number, so that loops stay free of branches; the compiler takes the test out of them.
inline uint8_t ValidAt(const uint8_t* valid, size_t row) {
  return valid == nullptr ? 1 : valid[row];
}

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
  const uint8_t* const a_valid = a.valid;
  const uint8_t* const b_valid = b.valid;
  const ResultMask valid = out->valid;
  for (size_t i = 0; i < rows; ++i) valid[i] = a_valid[i] & b_valid[i];
}

// The value of a NULL row is zero.
template <typename T>
void ZeroNulls(const Operand& out, size_t rows) {
  if (out.valid == nullptr) return;
  const uint8_t* const valid = out.valid;
  using Bits = BitsOfSize<sizeof(T)>;
  Bits* const __restrict bits = out.as<Bits>();
  for (size_t i = 0; i < rows; ++i) bits[i] = Chosen<Bits>(valid[i], bits[i], 0);
}

// Drops a mask without NULLs, so that later kernels take their faster path.
inline void DropFullMask(Operand* out, size_t rows) {
  if (rows == 0 || std::memchr(out->valid, 0, rows) == nullptr) out->valid = nullptr;
}

}  // namespace

}  // namespace metricstore::compute::vector
