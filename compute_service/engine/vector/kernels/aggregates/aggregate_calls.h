// Aggregates that are more than one running value: they gather, rank, count or weigh the rows of a
// bucket.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "common/columns/column_batch.h"
#include "common/expression/catalog/function_catalog.h"
#include "compute_service/engine/vector/kernels/loops/operand.h"
#include "compute_service/engine/vector/kernels/texts/text_pool.h"
#include "compute_service/engine/vector/kernels/texts/vector_text.h"   // kNotFiniteVector
#include "compute_service/engine/vector/program/aggregate_lowering.h"  // ResultTypeOf
#include "compute_service/engine/vector/program/program.h"

namespace metricstore::compute::vector {

// One aggregate over row vectors.
struct AggregateCall {
  expression::Function function;
  bool distinct = false;  // only rows on which the value of rows[0] is new in its bucket
  // Of rows[0], in memory and in the language.
  ValueType type = ValueType::kFloat64;
  columns::ColumnType argument_type = columns::ColumnType::kFloat64;
  // As many as the function has arguments that are no literals, and the time where it reads it.
  Operand rows[3];
  ValueType second_type = ValueType::kFloat64;  // of rows[1], in memory
  const Parameters* parameters = nullptr;
};

// Every aggregate whose form in the catalogue is kWalk or kRanked, those of texts that are
// compared, and all that may be DISTINCT. Vectors are texts: a list of JSON (see VectorText), or
// kNotFiniteVector. A list of more than kMaxListBytes is cut off behind them, other texts behind
// TextPool::kMaxRowTextBytes.
//
// Memory is that of the largest bucket and of the largest dictionary, and is used again. Not
// thread-safe.
class AggregateCalls {
 public:
  // `texts` must outlive it; codes are of this pool.
  explicit AggregateCalls(TextPool* texts);
  ~AggregateCalls();

  // Computes elements [first, first + ranges.size()) of `out` like an AggregateKernel: ranges are
  // not empty, out->valid has a byte for each element, and the same rows give the same bits
  // wherever they lie.
  void Run(const AggregateCall& call, std::span<const RowRange> ranges, size_t first, Operand* out);

 private:
  struct Scratch;
  std::unique_ptr<Scratch> scratch_;
};

}  // namespace metricstore::compute::vector
