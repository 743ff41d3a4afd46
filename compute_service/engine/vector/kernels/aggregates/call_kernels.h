// What each aggregate call makes of the rows of one bucket.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "compute_service/engine/vector/kernels/aggregates/aggregate_calls.h"
#include "compute_service/engine/vector/kernels/aggregates/distinct_values.h"
#include "compute_service/engine/vector/kernels/aggregates/frequencies.h"
#include "compute_service/engine/vector/kernels/aggregates/present_rows.h"
#include "compute_service/engine/vector/kernels/texts/text_code.h"
#include "compute_service/engine/vector/kernels/texts/vector_text.h"

namespace metricstore::compute::vector {

// What kernels work with; nothing in it outlasts a bucket but memory. Not thread-safe.
struct CallScratch {
  explicit CallScratch(TextPool* pool) : texts(*pool) {}

  // Values that may be put into another order.
  template <typename T>
  std::span<T> CopyOf(std::span<const T> values) {
    auto& copy = std::get<std::vector<T>>(copies);
    copy.assign(values.begin(), values.end());
    return copy;
  }

  TextPool& texts;
  ValueOrder order{texts};
  DistinctValues distinct;
  std::vector<ValueFrequency> frequencies;
  std::tuple<std::vector<double>, std::vector<int64_t>, std::vector<uint8_t>, std::vector<TextCode>>
      copies;
  std::vector<int64_t> counts;
  VectorText list;
  std::string text;
};

// Writes the result of one bucket to `result`, or returns false for NULL. `rows` is not empty.
using CallKernel = bool (*)(CallScratch& scratch, const AggregateCall& call,
                            const PresentRows& rows, std::byte* result);

// `wants_reals`: the first argument is to be doubles, whatever its type.
struct CallKernelChoice {
  CallKernel kernel = nullptr;
  bool wants_reals = false;
};

// No kernel where the function is not computed so, see AggregateCalls.
CallKernelChoice KernelOfCall(const AggregateCall& call);

}  // namespace metricstore::compute::vector
