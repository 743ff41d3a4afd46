#include "compute_service/engine/vector/kernels/ranks/rank_answers.h"

#include <bit>
#include <cmath>
#include <numeric>
#include <vector>

#include "compute_service/engine/vector/kernels/ranks/ranks.h"

namespace metricstore::compute::vector {
namespace {

using expression::Function;
using Kind = RankQuestion::Kind;

Kind KindOf(const Value& aggregate, ValueType type) {
  if (aggregate.function == Function::kCountDistinct) return Kind::kDistinct;
  if (aggregate.distinct) return Kind::kNone;
  const bool is_real = type == ValueType::kFloat64;
  switch (aggregate.function) {
    case Function::kMedian:
      return is_real ? Kind::kMedian : Kind::kNone;
    case Function::kQuantileCont:
      return is_real ? Kind::kInterpolated : Kind::kNone;
    case Function::kQuantileDisc:
      return is_real || type == ValueType::kInt64 ? Kind::kDiscrete : Kind::kNone;
    default:
      return Kind::kNone;
  }
}

}  // namespace

RankQuestion RankQuestionOf(const Program& program, ValueId aggregate) {
  const Value& value = program.values[aggregate];
  if (value.op != Op::kAggregateCall) return {};
  const ValueType type = program.values[value.arguments[0]].type;
  const std::vector<double>& shares = program.parameters[value.parameters].numbers;
  return {.kind = KindOf(value, type), .share = shares.empty() ? 0 : shares[0], .type = type};
}

RankAnswers::RankAnswers(const RankQuestion& question, const ValueRanks& ranks,
                         SlidingRanks* window)
    : question_(question), ranks_(ranks), window_(*window) {
  window_.Start(ranks, question.kind == Kind::kDistinct ? SlidingRanks::Question::kDistinct
                                                        : SlidingRanks::Question::kSelect);
}

void RankAnswers::Answer(size_t bucket, Operand* out) {
  const bool found = question_.kind == Kind::kDistinct || window_.size() > 0;
  out->valid[bucket] = found ? 1 : 0;
  out->as<uint64_t>()[bucket] = found ? Bits() : 0;
}

uint64_t RankAnswers::Bits() {
  switch (question_.kind) {
    case Kind::kNone:
      break;
    case Kind::kDistinct:
      return window_.distinct();
    case Kind::kMedian:
      return std::bit_cast<uint64_t>(Median());
    case Kind::kInterpolated:
      return std::bit_cast<uint64_t>(Interpolated());
    case Kind::kDiscrete:
      return Discrete();
  }
  return 0;
}

// Neither overflows nor rounds more than once.
double RankAnswers::Median() {
  const size_t upper = window_.size() / 2;
  const double middle = ValueAt(upper);
  if (window_.size() % 2 == 1 || std::isnan(middle)) return middle;
  return std::midpoint(ValueBefore(), middle);
}

double RankAnswers::Interpolated() {
  const QuantilePlace place = InterpolatedQuantilePlace(window_.size(), question_.share);
  if (place.part == 0) return ValueAt(place.lower);
  const double high = ValueAt(place.lower + 1);
  return vector::Interpolated(ValueBefore(), high, place.part);
}

uint64_t RankAnswers::Discrete() {
  const size_t place = DiscreteQuantilePlace(window_.size(), question_.share);
  return question_.type == ValueType::kFloat64 ? std::bit_cast<uint64_t>(ValueAt(place))
                                               : ranks_.BitsOf(window_.Select(place));
}

}  // namespace metricstore::compute::vector
