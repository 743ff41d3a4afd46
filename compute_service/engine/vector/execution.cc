#include "compute_service/engine/vector/execution.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "common/status/macros.h"
#include "compute_service/engine/vector/aggregate_kernels.h"
#include "compute_service/engine/vector/gathering_aggregates.h"
#include "compute_service/engine/vector/pass_runner.h"
#include "compute_service/engine/vector/slices.h"
#include "compute_service/engine/vector/vector_store.h"

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
  Execution(const Program& program, const ExecutionInput& input, const CallBounds& bounds)
      : program_(program),
        input_(input),
        bounds_(bounds),
        store_(program.values),
        answers_(program.values.size()),
        points_(program.task_count) {}

  absl::StatusOr<std::vector<MetricPoints>> Run();

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
  void SliceColumns(const BucketGroup& group, const BucketRun& run);
  void Aggregate(const BucketGroup& group, const BucketRun& run);
  void EmitPoints(const BucketGroup& group, const BucketRows& rows);
  PassRunner RunnerOf(const Pass& pass) {
    return PassRunner(pass, program_.values, answers_, &store_);
  }

  const Program& program_;
  const ExecutionInput& input_;
  const CallBounds& bounds_;
  VectorStore store_;
  TextAnswers answers_;
  GatheringAggregates gathering_;
  std::vector<MetricPoints> points_;
};

absl::StatusOr<std::vector<MetricPoints>> Execution::Run() {
  AnswerTextTests();
  // Set 0 is first: it computes the predicates of the others.
  for (const FilterGroup& filter : program_.filters) RETURN_IF_ERROR(RunFilter(filter));
  return std::move(points_);
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
    store_.SetView(id, {.values = const_cast<void*>(ValuesOf(column))});
    if (column.validity.all_valid()) continue;
    uint8_t* const mask = store_.AllocateMask(id, input_.rows);
    for (size_t row = 0; row < input_.rows; ++row) mask[row] = column.validity.valid(row) ? 1 : 0;
    store_.DropFullMask(id, input_.rows);
  }
}

Execution::FilteredRows Execution::SelectRows(const FilterGroup& filter) {
  LoadColumns(filter);
  if (filter.predicate == kNoValue) {
    return {.count = input_.rows, .times = input_.times, .selected_times = {}};
  }
  // A condition that is NULL has the value zero.
  const uint8_t* const passes = store_[filter.predicate].as<uint8_t>();
  std::vector<uint32_t> selection(input_.rows + 1);
  size_t count = 0;
  for (size_t row = 0; row < input_.rows; ++row) {
    selection[count] = static_cast<uint32_t>(row);
    count += passes[row];
  }
  selection.resize(count);
  if (count == input_.rows) {
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
  RETURN_IF_ERROR(RunnerOf(filter.row_pass).Run(rows.count, {}, bounds_));
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
  ASSIGN_OR_RETURN(const BucketRows found,
                   FindBucketRows(program_.bucket_lists[group.bucket_list], rows.times, bounds_));
  const size_t buckets = found.buckets.size();
  for (const ValueId id : group.aggregates) {
    store_.Allocate(id, buckets);
    store_.AllocateMask(id, buckets);
  }
  std::vector<PassRunner> passes;
  for (const Pass& pass : group.sliced_passes) passes.push_back(RunnerOf(pass));
  for (size_t first = 0; first < buckets;) {
    RETURN_IF_ERROR(bounds_.Check());
    const BucketRun run = MakeRun(found, first, !passes.empty());
    SliceColumns(group, run);
    for (PassRunner& pass : passes) RETURN_IF_ERROR(pass.Run(run.rows, run.ranges, bounds_));
    Aggregate(group, run);
    first += run.ranges.size();
  }
  for (const ValueId id : group.aggregates) store_.DropFullMask(id, buckets);
  RETURN_IF_ERROR(RunnerOf(group.bucket_pass).Run(buckets, {}, bounds_));
  EmitPoints(group, found);
  store_.Release(group.slices);
  for (const Pass& pass : group.sliced_passes) store_.Release(pass.values);
  store_.Release(group.aggregates);
  store_.Release(group.bucket_pass.values);
  return absl::OkStatus();
}

void Execution::SliceColumns(const BucketGroup& group, const BucketRun& run) {
  for (const ValueId id : group.slices) {
    const ValueId column = program_.values[id].arguments[0];
    if (!run.gathered.empty()) {
      store_.CopyRanges(column, run.gathered, run.rows, id);
    } else {
      store_.SetView(id, From(store_[column], run.base, ElementBytes(program_.values[id].type)));
    }
  }
}

void Execution::Aggregate(const BucketGroup& group, const BucketRun& run) {
  for (const ValueId id : group.aggregates) {
    const Value& value = program_.values[id];
    Operand arguments[3];
    for (size_t i = 0; i < 3 && value.arguments[i] != kNoValue; ++i) {
      arguments[i] = store_[value.arguments[i]];
    }
    const ValueType type =
        value.op == Op::kCountRows ? value.type : program_.values[value.arguments[0]].type;
    Operand out = store_[id];
    if (value.op == Op::kCountDistinct) {
      gathering_.CountDistinct(arguments[0], type, run.ranges, run.first, &out);
    } else if (value.op == Op::kMedian) {
      gathering_.Median(arguments[0], run.ranges, run.first, &out);
    } else {
      KernelOfAggregate(value.op, type)(arguments, run.ranges, run.first, &out);
    }
  }
}

MetricPoints PointsOf(const Operand& result, ValueType type, size_t count) {
  MetricPoints points;
  points.values.resize(count);
  points.statuses.resize(count, PointStatus::kOk);
  for (size_t i = 0; i < count; ++i) {
    const double value = type == ValueType::kFloat64 ? result.as<double>()[i]
                                                     : static_cast<double>(result.as<int64_t>()[i]);
    if (result.valid != nullptr && result.valid[i] == 0) {
      points.statuses[i] = PointStatus::kNull;
    } else if (!std::isfinite(value)) {
      points.statuses[i] = PointStatus::kNotFinite;
    } else {
      points.values[i] = value;
    }
  }
  return points;
}

void Execution::EmitPoints(const BucketGroup& group, const BucketRows& rows) {
  const BucketList& list = program_.bucket_lists[group.bucket_list];
  std::vector<int64_t> starts;
  starts.reserve(rows.buckets.size());
  for (const uint32_t bucket : rows.buckets) starts.push_back(list.starts[bucket]);
  for (size_t i = 0; i < group.tasks.size(); ++i) {
    const ValueId root = group.roots[i];
    MetricPoints points = PointsOf(store_[root], program_.values[root].type, rows.buckets.size());
    points.bucket_start_micros = starts;
    points_[group.tasks[i]] = std::move(points);
  }
}

}  // namespace

absl::StatusOr<std::vector<MetricPoints>> Execute(const Program& program,
                                                  const ExecutionInput& input,
                                                  const CallBounds& bounds) {
  return Execution(program, input, bounds).Run();
}

}  // namespace metricstore::compute::vector
