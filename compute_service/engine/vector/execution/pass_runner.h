// Runs the values of a pass over rows, a block at a time, so that what lies between stays in cache.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "common/time/cancellation.h"
#include "compute_service/engine/vector/operand.h"
#include "compute_service/engine/vector/program.h"
#include "compute_service/engine/vector/row_kernels.h"
#include "compute_service/engine/vector/vector_store.h"

namespace metricstore::compute::vector {

// For each kTextTest value its answer for each code.
using TextAnswers = std::vector<std::vector<uint8_t>>;

// Runs one pass any number of times. What it is made from must outlive it. Not thread-safe.
class PassRunner {
 public:
  PassRunner(const Pass& pass, const std::vector<Value>& values, const TextAnswers& answers,
             VectorStore* store);

  // Leaves `rows` rows of each output in the store, where the inputs are. `buckets` are ascending,
  // disjoint ranges of the rows, for lags. CANCELLED / DEADLINE_EXCEEDED by `bounds`.
  absl::Status Run(size_t rows, std::span<const RowRange> buckets, const CallBounds& bounds);

 private:
  // An argument of a step: a step of this pass, or a whole vector that lies ready.
  struct Source {
    ValueId value = kNoValue;
    size_t step = SIZE_MAX;
    Operand whole;
    size_t element_bytes = 0;  // 0: the same values for every block
  };
  struct Step {
    ValueId id = kNoValue;
    Op op = Op::kConstant;
    RowKernel kernel = nullptr;
    size_t element_bytes = 0;
    Source sources[3];
    size_t source_count = 0;
    size_t lag_rows = 0;
    bool is_output = false;
    std::byte* scratch = nullptr;
    std::byte* output = nullptr;
    Operand current;  // of this block
  };

  void AddStep(const Pass& pass, size_t index, const TextAnswers& answers);
  void AddSource(ValueId argument, Step* step);
  static void FillConstant(const Value& value, Step* step);
  void FindVectors();
  void RunBlock(size_t start, size_t rows);
  void RunLag(const Step& step, size_t start, size_t rows, Operand* out) const;
  void ForgetOtherBuckets(const Step& step, size_t start, size_t rows, Operand* out) const;
  void KeepMask(const Step& step, size_t start, size_t rows);

  const std::vector<Value>& values_;
  VectorStore& store_;
  std::unique_ptr<std::byte[]> scratch_;
  std::vector<Step> steps_;
  absl::flat_hash_map<ValueId, size_t> step_of_;
  size_t rows_ = 0;                    // of the present run
  std::span<const RowRange> buckets_;  // of the present run
};

}  // namespace metricstore::compute::vector
