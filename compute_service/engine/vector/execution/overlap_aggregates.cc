#include "compute_service/engine/vector/execution/overlap_aggregates.h"

#include <bit>
#include <cmath>
#include <numeric>

#include "compute_service/engine/vector/kernels/ranks.h"
#include "compute_service/engine/vector/kernels/sliding_ranks.h"

namespace metricstore::compute::vector {
namespace {

using expression::Function;

// What SlidingRanks answer.
enum class RankQuestion { kNone, kDistinct, kMedian, kInterpolated, kDiscrete };

RankQuestion QuestionOf(const Value& value, ValueType type) {
  if (value.function == Function::kCountDistinct) return RankQuestion::kDistinct;
  if (value.distinct) return RankQuestion::kNone;
  const bool is_real = type == ValueType::kFloat64;
  switch (value.function) {
    case Function::kMedian:
      return is_real ? RankQuestion::kMedian : RankQuestion::kNone;
    case Function::kQuantileCont:
      return is_real ? RankQuestion::kInterpolated : RankQuestion::kNone;
    case Function::kQuantileDisc:
      return is_real || type == ValueType::kInt64 ? RankQuestion::kDiscrete : RankQuestion::kNone;
    default:
      return RankQuestion::kNone;
  }
}

// The k-th lowest value in the window.
double ValueAt(const SlidingRanks& window, const ValueRanks& ranks, size_t k) {
  return std::bit_cast<double>(ranks.values[window.Select(k)]);
}

// Neither overflows nor rounds more than once.
double MedianOf(const SlidingRanks& window, const ValueRanks& ranks) {
  const size_t upper = window.size() / 2;
  const double middle = ValueAt(window, ranks, upper);
  if (window.size() % 2 == 1 || std::isnan(middle)) return middle;
  return std::midpoint(ValueAt(window, ranks, upper - 1), middle);
}

double InterpolatedOf(const SlidingRanks& window, const ValueRanks& ranks, double share) {
  const QuantilePlace place = InterpolatedQuantilePlace(window.size(), share);
  const double low = ValueAt(window, ranks, place.lower);
  return place.part == 0 ? low
                         : Interpolated(low, ValueAt(window, ranks, place.lower + 1), place.part);
}

void Answer(RankQuestion question, double share, const SlidingRanks& window,
            const ValueRanks& ranks, size_t bucket, Operand* out) {
  const bool found = question == RankQuestion::kDistinct || window.size() > 0;
  out->valid[bucket] = found ? 1 : 0;
  uint64_t& result = out->as<uint64_t>()[bucket];
  result = 0;
  if (!found) return;
  switch (question) {
    case RankQuestion::kNone:
      break;
    case RankQuestion::kDistinct:
      result = static_cast<uint64_t>(window.distinct());
      break;
    case RankQuestion::kMedian:
      result = std::bit_cast<uint64_t>(MedianOf(window, ranks));
      break;
    case RankQuestion::kInterpolated:
      result = std::bit_cast<uint64_t>(InterpolatedOf(window, ranks, share));
      break;
    case RankQuestion::kDiscrete:
      result = ranks.values[window.Select(DiscreteQuantilePlace(window.size(), share))];
      break;
  }
}

std::vector<int64_t> TimesOf(const BucketRows& rows, const BucketRun& run) {
  std::vector<int64_t> times;
  times.reserve(run.rows);
  const auto append = [&](RowRange range) {
    const auto from = rows.times.begin() + static_cast<ptrdiff_t>(range.begin);
    times.insert(times.end(), from, from + static_cast<ptrdiff_t>(range.rows()));
  };
  if (run.gathered.empty()) append({run.base, run.base + run.rows});
  for (const RowRange& range : run.gathered) append(range);
  return times;
}

}  // namespace

void OverlapAggregates::Enter(const BucketRows& rows, const BucketRun& run) {
  rows_ = &rows;
  run_ = &run;
  folds_.clear();
  tree_.reset();
  ranked_ = kNoValue;
}

bool OverlapAggregates::RunFold(ValueId id, size_t own_rows, std::span<const RowRange> ranges,
                                size_t first, Operand* out) {
  const Value& value = program_.values[id];
  auto [entry, is_new] = folds_.try_emplace(id);
  if (is_new) entry->second = OverlapFold::Create(value.op, ArgumentType(value), Tree());
  if (entry->second == nullptr) return false;
  entry->second->Run(store_[value.arguments[0]], ranges, own_rows, first, out);
  return true;
}

const TimeTree& OverlapAggregates::Tree() {
  if (!tree_.has_value()) {
    tree_ = run_->gathered.empty() ? TimeTree(rows_->times.subspan(run_->base, run_->rows))
                                   : TimeTree(TimesOf(*rows_, *run_));
  }
  return *tree_;
}

bool OverlapAggregates::RunRanked(ValueId id, std::span<const RowRange> ranges, size_t first,
                                  Operand* out) {
  const Value& value = program_.values[id];
  if (value.op != Op::kAggregateCall) return false;
  const RankQuestion question = QuestionOf(value, ArgumentType(value));
  if (question == RankQuestion::kNone) return false;
  const ValueRanks& ranks = RanksOf(value.arguments[0]);
  const auto share = program_.parameters[value.parameters].numbers;
  SlidingRanks window(ranks);
  for (size_t i = 0; i < ranges.size(); ++i) {
    window.MoveTo(ranges[i]);
    Answer(question, share.empty() ? 0 : share[0], window, ranks, first + i, out);
  }
  return true;
}

const ValueRanks& OverlapAggregates::RanksOf(ValueId id) {
  if (ranked_ != id) {
    ranker_.Rank(store_[id], program_.values[id].type, run_->rows, &ranks_);
    ranked_ = id;
  }
  return ranks_;
}

ValueType OverlapAggregates::ArgumentType(const Value& value) const {
  return program_.values[value.arguments[0]].type;
}

}  // namespace metricstore::compute::vector
