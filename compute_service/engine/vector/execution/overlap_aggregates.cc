#include "compute_service/engine/vector/execution/overlap_aggregates.h"

#include "compute_service/engine/vector/kernels/ranks/rank_answers.h"

namespace metricstore::compute::vector {
namespace {

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
  leaves_.reset();
  ranked_ = kNoValue;
}

bool OverlapAggregates::RunFold(ValueId id, size_t own_rows, std::span<const RowRange> ranges,
                                size_t first, Operand* out) {
  const Value& value = program_.values[id];
  auto [entry, is_new] = folds_.try_emplace(id);
  if (is_new) entry->second = OverlapFold::Create(value.op, ArgumentType(value), Leaves());
  if (entry->second == nullptr) return false;
  entry->second->Run(store_[value.arguments[0]], ranges, own_rows, first, out);
  return true;
}

const TimeLeaves& OverlapAggregates::Leaves() {
  if (!leaves_.has_value()) {
    leaves_ = run_->gathered.empty() ? TimeLeaves(rows_->times.subspan(run_->base, run_->rows))
                                     : TimeLeaves(TimesOf(*rows_, *run_));
  }
  return *leaves_;
}

bool OverlapAggregates::RunRanked(ValueId id, std::span<const RowRange> ranges, size_t first,
                                  Operand* out) {
  const RankQuestion question = RankQuestionOf(program_, id);
  if (question.kind == RankQuestion::Kind::kNone) return false;
  RankAnswers answers(question, RanksOf(program_.values[id].arguments[0]), &window_);
  RowRange last;
  for (size_t i = 0; i < ranges.size(); ++i) {
    const RangeChange change = ChangeOf(last, ranges[i]);
    for (const RowRange& removed : change.removed) window_.Remove(removed);
    for (const RowRange& added : change.added) window_.Add(added);
    last = ranges[i];
    answers.Answer(first + i, out);
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
