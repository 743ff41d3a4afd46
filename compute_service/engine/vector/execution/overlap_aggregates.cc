#include "compute_service/engine/vector/execution/overlap_aggregates.h"

#include "compute_service/engine/vector/kernels/ranks/rank_answers.h"

namespace metricstore::compute::vector {

void OverlapAggregates::Enter(const BucketRun& run) {
  run_ = &run;
  ranked_ = kNoValue;
}

bool OverlapAggregates::RunRanked(ValueId id, std::span<const RowRange> ranges, size_t first,
                                  Operand* out) {
  const RankQuestion question = RankQuestionOf(program_, id);
  if (question.kind == RankQuestion::Kind::kNone) return false;
  RankAnswers answers(question, RanksOf(program_.values[id].arguments[0]), &window_);
  RowRange last;
  for (size_t i = 0; i < ranges.size(); ++i) {
    Slide(last, ranges[i]);
    last = ranges[i];
    answers.Answer(first + i, out);
  }
  Slide(last, {});
  return true;
}

void OverlapAggregates::Slide(RowRange from, RowRange to) {
  const RangeChange change = ChangeOf(from, to);
  if (change.keeps_none) {
    window_.Clear({&from, 1});
  } else {
    for (const RowRange& removed : change.removed) window_.Remove(removed);
  }
  for (const RowRange& added : change.added) window_.Add(added);
}

const ValueRanks& OverlapAggregates::RanksOf(ValueId id) {
  if (ranked_ != id) {
    ranker_.Rank(store_[id], program_.values[id].type, run_->rows, &ranks_);
    ranked_ = id;
  }
  return ranks_;
}

}  // namespace metricstore::compute::vector
