#include "compute_service/engine/vector/execution/column_aggregates.h"

#include <span>

namespace metricstore::compute::vector {

void ColumnAggregates::Enter(size_t rows) {
  rows_ = rows;
  ranks_.clear();
}

bool ColumnAggregates::Run(ValueId id, const BucketRows& rows, Operand* out) {
  const RankQuestion question = RankQuestionOf(program_, id);
  if (question.kind == RankQuestion::Kind::kNone) return false;
  const ValueId column = RankedColumn(id, question);
  if (column == kNoValue) return false;
  const ValueRanks* const ranks = RanksOf(column, rows.reaches);
  if (ranks == nullptr) return false;
  RankAnswers answers(question, *ranks, &window_);
  RowRange last;
  for (size_t i = 0; i < rows.positions.size(); ++i) {
    Slide(last, rows.positions[i], rows);
    last = rows.positions[i];
    answers.Answer(i, out);
  }
  Slide(last, {}, rows);
  return true;
}

// Integers that are made reals keep their order, though not all that differ do so as reals.
ValueId ColumnAggregates::RankedColumn(ValueId id, const RankQuestion& question) const {
  const Value* argument = &program_.values[program_.values[id].arguments[0]];
  if (argument->op == Op::kToFloat64 && question.kind != RankQuestion::Kind::kDistinct) {
    const Value& integers = program_.values[argument->arguments[0]];
    if (integers.type == ValueType::kInt64) argument = &integers;
  }
  return argument->op == Op::kSlice ? argument->arguments[0] : kNoValue;
}

const ValueRanks* ColumnAggregates::RanksOf(ValueId column, bool ranks) {
  const auto found = ranks_.find(column);
  if (found != ranks_.end()) return found->second.get();
  if (!ranks) return nullptr;
  std::unique_ptr<ValueRanks>& made = ranks_[column];
  made = std::make_unique<ValueRanks>();
  ranker_.Rank(store_[column], program_.values[column].type, rows_, made.get());
  return made.get();
}

// A range of positions is a few of rows.
void ColumnAggregates::Slide(RowRange from, RowRange to, const BucketRows& rows) {
  const auto rows_at = [&](RowRange positions) -> std::span<const RowRange> {
    pieces_.clear();
    if (positions.rows() > 0) AppendRowsAt(rows.stretches, positions, &pieces_);
    return pieces_;
  };
  const RangeChange change = ChangeOf(from, to);
  if (change.keeps_none) {
    window_.Clear(rows_at(from));
  } else {
    for (const RowRange& removed : change.removed) {
      for (const RowRange& piece : rows_at(removed)) window_.Remove(piece);
    }
  }
  for (const RowRange& added : change.added) {
    for (const RowRange& piece : rows_at(added)) window_.Add(piece);
  }
}

}  // namespace metricstore::compute::vector
