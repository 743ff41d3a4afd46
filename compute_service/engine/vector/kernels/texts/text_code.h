// Codes of texts, apart from other small integers, and the order of all values.
#pragma once

#include <cmath>
#include <cstdint>

#include "compute_service/engine/vector/kernels/texts/text_pool.h"

namespace metricstore::compute::vector {

// An element of a vector of codes of the pool.
enum class TextCode : uint32_t {};

inline std::string_view TextOf(const TextPool& texts, TextCode code) {
  return texts[static_cast<uint32_t>(code)];
}

// Whether `a` is less than `b`. NaN is greater than every number and equals itself, as in
// PostgreSQL and DuckDB; texts go by their bytes.
struct ValueOrder {
  const TextPool& texts;

  bool operator()(double a, double b) const { return a < b || (std::isnan(b) && !std::isnan(a)); }
  bool operator()(int64_t a, int64_t b) const { return a < b; }
  bool operator()(uint8_t a, uint8_t b) const { return a < b; }
  bool operator()(TextCode a, TextCode b) const {
    return a != b && TextOf(texts, a) < TextOf(texts, b);
  }
};

}  // namespace metricstore::compute::vector
