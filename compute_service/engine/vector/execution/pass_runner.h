// Runs the values of a pass over rows, a block at a time, so that what lies between stays in cache.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "common/time/cancellation.h"
#include "compute_service/engine/vector/execution/evaluation_texts.h"
#include "compute_service/engine/vector/execution/text_memo.h"
#include "compute_service/engine/vector/execution/vector_store.h"
#include "compute_service/engine/vector/kernels/loops/operand.h"
#include "compute_service/engine/vector/kernels/loops/row_kernels.h"
#include "compute_service/engine/vector/kernels/rows/row_functions.h"
#include "compute_service/engine/vector/kernels/rows/running_values.h"
#include "compute_service/engine/vector/program/program.h"

namespace metricstore::compute::vector {

// Runs one pass any number of times. What it is made from must outlive it. Not thread-safe.
class PassRunner {
 public:
  PassRunner(const Pass& pass, const EvaluationTexts& texts, VectorStore* store);

  // Leaves `rows` rows of each output in the store, where the inputs are. `buckets` are ascending,
  // disjoint ranges of the rows, for what looks around. CANCELLED / DEADLINE_EXCEEDED by `bounds`;
  // RESOURCE_EXHAUSTED for texts beyond the budget.
  absl::Status Run(size_t rows, std::span<const RowRange> buckets, const CallBounds& bounds);
  // Hands each output to `take` as soon as all its rows are there, and leaves none in the store: of
  // few rows it is then still in the cache that is nearest.
  using TakeOutput = absl::FunctionRef<void(ValueId id, const Operand& output)>;
  absl::Status RunInto(size_t rows, std::span<const RowRange> buckets, const CallBounds& bounds,
                       TakeOutput take);

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
    RowFunction call = nullptr;             // kRowCall
    std::unique_ptr<TextMemo> memo;         // of functions of one text
    size_t memo_source = 0;                 // that text
    std::unique_ptr<RunningValue> running;  // kRunning
    size_t element_bytes = 0;
    Source sources[3];
    size_t source_count = 0;
    bool is_output = false;
    std::byte* scratch = nullptr;
    std::byte* output = nullptr;
    Operand current;  // of this block
  };

  void AddStep(const Pass& pass, size_t index);
  void AddSource(ValueId argument, Step* step);
  void AddTable(const void* table, Step* step);
  void Prepare(const Value& value, Step* step);
  void PrepareCall(const Value& value, Step* step);
  // Makes constants `rows` rows long at least.
  void FillConstants(size_t rows);
  // Where outputs go: to the store, or to the scratch memory like other values.
  void FindVectors(bool keeps_outputs);
  absl::Status RunBlocks(const CallBounds& bounds);
  void RunBlock(size_t start, size_t rows, const TakeOutput* take);
  void RunStep(Step* step, const Operand* arguments, size_t start, size_t rows, Operand* out);
  void RunMemo(Step* step, const Operand* arguments, size_t rows, Operand* out) const;
  void RunOn(const Step& step, const Operand& in, size_t start, size_t rows, Operand* out) const;
  void KeepMask(const Step& step, size_t start, size_t rows);

  const Program& program_;
  const EvaluationTexts& texts_;
  VectorStore& store_;
  std::unique_ptr<std::byte[]> scratch_;
  std::vector<Step> steps_;
  absl::flat_hash_map<ValueId, size_t> step_of_;
  size_t constant_rows_ = 0;
  size_t rows_ = 0;                    // of the present run
  std::span<const RowRange> buckets_;  // of the present run
};

}  // namespace metricstore::compute::vector
