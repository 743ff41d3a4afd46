#include "compute_service/engine/vector/execution.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "common/status/macros.h"
#include "compute_service/engine/vector/gathering_aggregates.h"
#include "compute_service/engine/vector/group_runner.h"
#include "compute_service/engine/vector/pass_runner.h"
#include "compute_service/engine/vector/slices.h"

namespace metricstore::compute::vector {
namespace {

// Where the values of a column lie, without its NULLs.
const void* ValuesOf(const columns::Column& column) {
  switch (column.type) {
    case columns::ColumnType::kFloat64:
      return column.float64.data();
    case columns::ColumnType::kInt64:
    case columns::ColumnType::kTimestamp:
      return column.int64.data();
    case columns::ColumnType::kBool:
      return column.boolean.data();
    case columns::ColumnType::kText:
      return column.codes.data();
    case columns::ColumnType::kDate:
      break;
  }
  return column.date.data();
}

class Execution {
 public:
  Execution(const Program& program, const ExecutionInput& input, const CallBounds& bounds,
            GroupSink sink)
      : program_(program),
        input_(input),
        bounds_(bounds),
        sink_(sink),
        store_(program.values),
        answers_(program.values.size()) {}

  absl::Status Run();

 private:
  // The rows of a filter set.
  struct FilteredRows {
    size_t count = 0;
    std::span<const int64_t> times;
    std::vector<int64_t> selected_times;  // unless no row is left out
  };

  void AnswerTextTests();
  void LoadColumns(const FilterGroup& filter);
  FilteredRows SelectRows(const FilterGroup& filter);
  absl::Status RunFilter(const FilterGroup& filter);
  bool IsPredicate(ValueId id) const;
  absl::Status RunGroup(const FilteredRows& rows, const BucketGroup& group);

  const Program& program_;
  const ExecutionInput& input_;
  const CallBounds& bounds_;
  const GroupSink sink_;
  VectorStore store_;
  TextAnswers answers_;
  GatheringAggregates gathering_;
};

absl::Status Execution::Run() {
  AnswerTextTests();
  // Set 0 is first: it computes the predicates of the others.
  for (const FilterGroup& filter : program_.filters) RETURN_IF_ERROR(RunFilter(filter));
  return absl::OkStatus();
}

void Execution::AnswerTextTests() {
  for (ValueId id = 0; id < program_.values.size(); ++id) {
    const Value& value = program_.values[id];
    if (value.op != Op::kTextTest) continue;
    const Value* column = &program_.values[value.arguments[0]];
    if (column->op == Op::kSlice) column = &program_.values[column->arguments[0]];
    const std::vector<std::string>& texts = input_.columns[column->payload]->dictionary;
    // NULL rows have code 0 even where the dictionary is empty.
    answers_[id].resize(std::max<size_t>(texts.size(), 1));
    const TextTest& test = program_.tests[value.payload];
    for (size_t code = 0; code < texts.size(); ++code) answers_[id][code] = test(texts[code]);
  }
}

void Execution::LoadColumns(const FilterGroup& filter) {
  for (const ValueId id : filter.columns) {
    const columns::Column& column = *input_.columns[program_.values[id].payload];
    // Operands are mutable for the sake of results; nothing writes to an argument.
    const Operand whole = {.values = const_cast<void*>(ValuesOf(column))};
    store_.SetView(id, From(whole, input_.range.begin, ElementBytes(program_.values[id].type)));
    if (column.validity.all_valid()) continue;
    const size_t rows = input_.range.rows();
    uint8_t* const mask = store_.AllocateMask(id, rows);
    for (size_t row = 0; row < rows; ++row) {
      mask[row] = column.validity.valid(input_.range.begin + row) ? 1 : 0;
    }
    store_.DropFullMask(id, rows);
  }
}

Execution::FilteredRows Execution::SelectRows(const FilterGroup& filter) {
  LoadColumns(filter);
  const size_t all = input_.range.rows();
  if (filter.predicate == kNoValue) {
    return {.count = all, .times = input_.times, .selected_times = {}};
  }
  // A condition that is NULL has the value zero.
  const uint8_t* const passes = store_[filter.predicate].as<uint8_t>();
  std::vector<uint32_t> selection(all + 1);
  size_t count = 0;
  for (size_t row = 0; row < all; ++row) {
    selection[count] = static_cast<uint32_t>(row);
    count += passes[row];
  }
  selection.resize(count);
  if (count == all) {
    return {.count = count, .times = input_.times, .selected_times = {}};
  }
  for (const ValueId id : filter.columns) store_.Select(id, selection);
  FilteredRows rows{.count = count, .times = {}, .selected_times = std::vector<int64_t>(count)};
  for (size_t i = 0; i < count; ++i) rows.selected_times[i] = input_.times[selection[i]];
  rows.times = rows.selected_times;
  return rows;
}

absl::Status Execution::RunFilter(const FilterGroup& filter) {
  const FilteredRows rows = SelectRows(filter);
  PassRunner row_pass(filter.row_pass, program_.values, answers_, &store_);
  RETURN_IF_ERROR(row_pass.Run(rows.count, {}, bounds_));
  for (const BucketGroup& group : filter.groups) RETURN_IF_ERROR(RunGroup(rows, group));
  std::vector<ValueId> done = filter.row_pass.values;
  done.insert(done.end(), filter.columns.begin(), filter.columns.end());
  std::erase_if(done, [this](ValueId id) { return IsPredicate(id); });
  store_.Release(done);
  return absl::OkStatus();
}

// Predicates serve filter sets that come later. They may be columns too.
bool Execution::IsPredicate(ValueId id) const {
  return std::any_of(program_.filters.begin(), program_.filters.end(),
                     [id](const FilterGroup& filter) { return filter.predicate == id; });
}

absl::Status Execution::RunGroup(const FilteredRows& rows, const BucketGroup& group) {
  const BucketList& list = input_.bucket_lists[group.bucket_list];
  ASSIGN_OR_RETURN(const BucketRows found, FindBucketRows(list, rows.times, bounds_));
  GroupRunner runner(program_, group, answers_, &store_, &gathering_);
  RETURN_IF_ERROR(runner.Run(found, bounds_));
  RETURN_IF_ERROR(sink_({group, list, found.buckets, store_}));
  runner.Release();
  return absl::OkStatus();
}

}  // namespace

absl::Status Execute(const Program& program, const ExecutionInput& input, const CallBounds& bounds,
                     GroupSink sink) {
  return Execution(program, input, bounds, sink).Run();
}

}  // namespace metricstore::compute::vector
