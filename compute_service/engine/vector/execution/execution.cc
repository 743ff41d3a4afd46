#include "compute_service/engine/vector/execution/execution.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <numeric>
#include <utility>
#include <vector>

#include "common/status/macros.h"
#include "compute_service/engine/vector/execution/column_aggregates.h"
#include "compute_service/engine/vector/execution/evaluation_texts.h"
#include "compute_service/engine/vector/execution/group_runner.h"
#include "compute_service/engine/vector/execution/pass_runner.h"
#include "compute_service/engine/vector/execution/shared_rows.h"
#include "compute_service/engine/vector/kernels/aggregates/aggregate_calls.h"
#include "compute_service/engine/vector/layout/row_layout.h"
#include "compute_service/engine/vector/layout/slices.h"

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

// The groups of these rows. Those whose windows reach rank columns, and others use the ranks.
std::vector<size_t> ReachingFirst(const std::vector<BucketRows>& groups) {
  std::vector<size_t> order(groups.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_partition(order.begin(), order.end(),
                        [&groups](size_t group) { return groups[group].reaches; });
  return order;
}

class Execution {
 public:
  Execution(const Program& program, const ExecutionInput& input, const CallBounds& bounds)
      : program_(program),
        input_(input),
        bounds_(bounds),
        store_(program.values),
        texts_(program, input),
        columns_(program, store_),
        calls_(&texts_.pool()) {}

  absl::Status Run(GroupSink sink);
  absl::Status RunRows(RowSink sink);

 private:
  // The rows of a filter set.
  struct FilteredRows {
    size_t count = 0;
    std::span<const int64_t> times;
    std::vector<int64_t> selected_times;  // unless no row is left out
  };

  void LoadColumns(const FilterGroup& filter);
  FilteredRows SelectRows(const FilterGroup& filter);
  absl::Status RunRowPass(const FilterGroup& filter, size_t rows);
  absl::Status RunFilter(const FilterGroup& filter, GroupSink sink);
  absl::StatusOr<std::shared_ptr<const RowLayout>> LayoutOf(const FilterGroup& filter,
                                                            std::span<const int64_t> times) const;
  bool IsPredicate(ValueId id) const;
  absl::Status RunGroup(const BucketRows& found, const BucketGroup& group, GroupSink sink);

  const Program& program_;
  const ExecutionInput& input_;
  const CallBounds& bounds_;
  VectorStore store_;
  EvaluationTexts texts_;
  ColumnAggregates columns_;
  AggregateCalls calls_;
};

absl::Status Execution::Run(GroupSink sink) {
  // Set 0 is first: it computes the predicates of the others.
  for (const FilterGroup& filter : program_.filters) RETURN_IF_ERROR(RunFilter(filter, sink));
  return absl::OkStatus();
}

absl::Status Execution::RunRows(RowSink sink) {
  const FilterGroup& filter = program_.filters.front();
  LoadColumns(filter);
  RETURN_IF_ERROR(RunRowPass(filter, input_.range.rows()));
  sink(store_[program_.row_root], texts_.pool());
  return absl::OkStatus();
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

absl::Status Execution::RunRowPass(const FilterGroup& filter, size_t rows) {
  return PassRunner(filter.row_pass, texts_, &store_).Run(rows, {}, bounds_);
}

absl::Status Execution::RunFilter(const FilterGroup& filter, GroupSink sink) {
  const FilteredRows rows = SelectRows(filter);
  RETURN_IF_ERROR(RunRowPass(filter, rows.count));
  ASSIGN_OR_RETURN(const std::shared_ptr<const RowLayout> layout, LayoutOf(filter, rows.times));
  for (size_t work = 0; work < filter.shared.size(); ++work) {
    SharedRows shared(program_, filter, work, texts_, &store_);
    RETURN_IF_ERROR(shared.Run(layout->shared, bounds_));
  }
  columns_.Enter(rows.count);
  for (const size_t group : ReachingFirst(layout->lists)) {
    RETURN_IF_ERROR(RunGroup(layout->lists[group], filter.groups[group], sink));
  }
  std::vector<ValueId> done = filter.row_pass.values;
  done.insert(done.end(), filter.columns.begin(), filter.columns.end());
  std::erase_if(done, [this](ValueId id) { return IsPredicate(id); });
  store_.Release(done);
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<const RowLayout>> Execution::LayoutOf(
    const FilterGroup& filter, std::span<const int64_t> times) const {
  if (filter.predicate == kNoValue && input_.layout != nullptr) return input_.layout;
  if (filter.predicate == kNoValue && input_.layouts != nullptr) {
    return input_.layouts->LayOut(filter, input_.bucket_lists, times, bounds_);
  }
  ASSIGN_OR_RETURN(RowLayout layout, LayOutRows(filter, input_.bucket_lists, times, bounds_));
  return std::make_shared<const RowLayout>(std::move(layout));
}

// Predicates serve filter sets that come later. They may be columns too.
bool Execution::IsPredicate(ValueId id) const {
  return std::any_of(program_.filters.begin(), program_.filters.end(),
                     [id](const FilterGroup& filter) { return filter.predicate == id; });
}

absl::Status Execution::RunGroup(const BucketRows& found, const BucketGroup& group,
                                 GroupSink sink) {
  const BucketList& list = input_.bucket_lists[group.bucket_list];
  GroupRunner runner(program_, group, texts_, &store_, &columns_, &calls_);
  RETURN_IF_ERROR(runner.Run(found, bounds_));
  RETURN_IF_ERROR(texts_.Check());
  RETURN_IF_ERROR(sink({group, list, found.buckets, store_, texts_.pool()}));
  runner.Release();
  return absl::OkStatus();
}

}  // namespace

absl::Status Execute(const Program& program, const ExecutionInput& input, const CallBounds& bounds,
                     GroupSink sink) {
  return Execution(program, input, bounds).Run(sink);
}

absl::Status ExecuteRows(const Program& program, const ExecutionInput& input,
                         const CallBounds& bounds, RowSink sink) {
  return Execution(program, input, bounds).RunRows(sink);
}

}  // namespace metricstore::compute::vector
