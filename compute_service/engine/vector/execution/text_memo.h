// Results of a function of one text, computed once for each distinct text.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/functional/function_ref.h"
#include "compute_service/engine/vector/kernels/loops/operand.h"

namespace metricstore::compute::vector {

// Of one function that gives NULL for NULL. Not thread-safe.
class TextMemo {
 public:
  explicit TextMemo(size_t element_bytes) : element_bytes_(element_bytes) {}

  // Computes the results of `codes`, all distinct and none NULL, like a RowKernel.
  using Compute = absl::FunctionRef<void(const Operand& codes, Operand* out, size_t count)>;

  // Fills `rows` rows of `out` like a RowKernel; asks `compute` for at most as many codes at once.
  // All codes are below `code_count`.
  void Run(const Operand& codes, size_t rows, size_t code_count, Compute compute, Operand* out);

 private:
  enum Known : uint8_t { kUnknown, kAsked, kNull, kValue };

  void Learn(const Operand& codes, size_t rows, Compute compute);
  template <typename T>
  void Recall(const Operand& codes, size_t rows, Operand* out) const;

  const size_t element_bytes_;
  std::vector<uint8_t> known_;      // by code
  std::vector<std::byte> results_;  // by code
  std::vector<uint32_t> asked_;
  std::vector<std::byte> answers_;
  std::vector<uint8_t> answers_valid_;
};

}  // namespace metricstore::compute::vector
