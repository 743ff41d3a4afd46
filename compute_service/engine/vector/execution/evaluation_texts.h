// The texts of one evaluation: those of its columns, literals and results under one set of codes.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "compute_service/engine/vector/execution/execution_input.h"
#include "compute_service/engine/vector/kernels/texts/text_pool.h"
#include "compute_service/engine/vector/program/program.h"

namespace metricstore::compute::vector {

// The program and the input must outlive it. Not thread-safe: the pool grows as texts are computed.
class EvaluationTexts {
 public:
  EvaluationTexts(const Program& program, const ExecutionInput& input);

  const Program& program() const { return program_; }
  TextPool& pool() const { return *pool_; }
  // Of a kTextTest value of a column: the answer for each of the column's codes.
  const std::vector<uint8_t>& answers(ValueId test) const { return answers_[test]; }
  // The pool's code for each code of a column that is pooled.
  const std::vector<uint32_t>& pooled(uint64_t column) const { return pooled_[column]; }
  // RESOURCE_EXHAUSTED (TOO_LARGE) once the pool's budget is spent.
  absl::Status Check() const;

 private:
  void Answer(ValueId id, const Value& test, const Value& column, const ExecutionInput& input);
  void Pool(uint64_t column, const ExecutionInput& input);

  const Program& program_;
  const std::unique_ptr<TextPool> pool_;
  std::vector<std::vector<uint8_t>> answers_;
  std::vector<std::vector<uint32_t>> pooled_;
};

// Whether a kTextTest reads codes of a column rather than of the pool.
bool TestsColumn(const Value& test, const std::vector<Value>& values);

}  // namespace metricstore::compute::vector
