// Aggregates that counts of ranks answer: distinct counts and quantiles.
#pragma once

#include <cstddef>
#include <cstdint>

#include "compute_service/engine/vector/kernels/loops/operand.h"
#include "compute_service/engine/vector/kernels/ranks/sliding_ranks.h"
#include "compute_service/engine/vector/kernels/ranks/value_ranks.h"
#include "compute_service/engine/vector/program/program.h"

namespace metricstore::compute::vector {

struct RankQuestion {
  enum class Kind { kNone, kDistinct, kMedian, kInterpolated, kDiscrete };

  Kind kind = Kind::kNone;
  double share = 0;                      // kInterpolated, kDiscrete
  ValueType type = ValueType::kFloat64;  // of the values; ranks may be those of integers still
};

// What an aggregate asks of the ranks of its argument: kNone if they do not answer it.
RankQuestion RankQuestionOf(const Program& program, ValueId aggregate);

// Answers a question about the rows in a window. Not thread-safe.
class RankAnswers {
 public:
  // Starts `window`, which has no rows; the caller slides it, and clears it in the end. All must
  // outlive this.
  RankAnswers(const RankQuestion& question, const ValueRanks& ranks, SlidingRanks* window);

  // Computes element `bucket` of `out`, whose `valid` has a byte for each.
  void Answer(size_t bucket, Operand* out);

 private:
  uint64_t Bits();
  double Median();
  double Interpolated();
  uint64_t Discrete();
  // The k-th lowest value, and the one before it.
  double ValueAt(size_t k) { return ranks_.RealOf(window_.Select(k)); }
  double ValueBefore() const { return ranks_.RealOf(window_.SelectBefore()); }

  const RankQuestion question_;
  const ValueRanks& ranks_;
  SlidingRanks& window_;
};

}  // namespace metricstore::compute::vector
