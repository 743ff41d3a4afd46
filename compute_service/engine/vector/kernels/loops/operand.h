// What kernels read and write: a run of values and which of them are NULL.
#pragma once

#include <cstddef>
#include <cstdint>

namespace metricstore::compute::vector {

// `valid` has one byte a row, 0 or 1, or is nullptr where no row is NULL. The value of a NULL row
// is zero: sums rely on it. Owns nothing.
struct Operand {
  void* values = nullptr;
  uint8_t* valid = nullptr;

  template <typename T>
  T* as() const {
    return static_cast<T*>(values);
  }
};

// The same from row `row` on.
inline Operand From(const Operand& operand, size_t row, size_t element_bytes) {
  return {.values = operand.as<std::byte>() + row * element_bytes,
          .valid = operand.valid == nullptr ? nullptr : operand.valid + row};
}

// Rows [begin, end) of a vector.
struct RowRange {
  size_t begin = 0;
  size_t end = 0;
  size_t rows() const { return end - begin; }
  friend bool operator==(const RowRange&, const RowRange&) = default;
};

}  // namespace metricstore::compute::vector
