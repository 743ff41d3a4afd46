#include "compute_service/engine/vector/execution/group_runner.h"

#include "common/status/macros.h"
#include "compute_service/engine/vector/kernels/aggregates/aggregate_kernels.h"

namespace metricstore::compute::vector {
namespace {

// Takes milliseconds to aggregate.
constexpr size_t kRowsBetweenChecks = 1u << 22;

}  // namespace

GroupRunner::GroupRunner(const Program& program, const BucketGroup& group,
                         const EvaluationTexts& texts, VectorStore* store,
                         ColumnAggregates* columns, AggregateCalls* calls)
    : program_(program),
      group_(group),
      texts_(texts),
      store_(*store),
      columns_(*columns),
      calls_(*calls),
      bucket_pass_(group.bucket_pass, texts, store) {
  passes_.reserve(group.sliced_passes.size());
  for (const Pass& pass : group.sliced_passes) {
    passes_.emplace_back(pass, texts, store);
  }
}

absl::Status GroupRunner::Run(const BucketRows& rows, const CallBounds& bounds) {
  const size_t buckets = rows.buckets.size();
  AllocateAggregates(buckets);
  overlaps_.reset();
  if (rows.reaches) overlaps_.emplace(program_, store_);
  RETURN_IF_ERROR(AggregateColumns(rows, bounds));
  const bool is_done = run_aggregates_.empty() && group_.lagged_aggregates.empty();
  for (size_t first = 0; first < buckets && !is_done;) {
    RETURN_IF_ERROR(bounds.Check());
    const BucketRun run = MakeRun(rows, first, !passes_.empty());
    RETURN_IF_ERROR(RunBuckets(run, bounds));
    first += run.ranges.size();
  }
  for (const auto* ids : {&group_.aggregates, &group_.lagged_aggregates}) {
    for (const ValueId id : *ids) store_.DropFullMask(id, buckets);
  }
  return bucket_pass_.Run(buckets, {}, bounds);
}

void GroupRunner::Release() {
  store_.Release(group_.slices);
  for (const Pass& pass : group_.sliced_passes) store_.Release(pass.values);
  store_.Release(group_.aggregates);
  store_.Release(group_.lagged_aggregates);
  for (const SharedUse& use : group_.shared_uses) store_.Release({&use.aggregate, 1});
  store_.Release(group_.bucket_pass.values);
}

void GroupRunner::AllocateAggregates(size_t buckets) {
  for (const auto* ids : {&group_.aggregates, &group_.lagged_aggregates}) {
    for (const ValueId id : *ids) {
      store_.Allocate(id, buckets);
      store_.AllocateMask(id, buckets);
    }
  }
}

absl::Status GroupRunner::AggregateColumns(const BucketRows& rows, const CallBounds& bounds) {
  run_aggregates_.clear();
  for (const ValueId id : group_.aggregates) {
    RETURN_IF_ERROR(bounds.Check());
    Operand out = store_[id];
    if (!columns_.Run(id, rows, &out)) run_aggregates_.push_back(id);
  }
  return absl::OkStatus();
}

absl::Status GroupRunner::RunBuckets(const BucketRun& run, const CallBounds& bounds) {
  SliceColumns(run);
  // Where buckets share rows, lags look back through all of them: see BucketHeads for the rest.
  const RowRange whole = {0, run.rows};
  const std::span<const RowRange> lag_ranges =
      run.overlaps ? std::span(&whole, 1) : std::span(run.ranges);
  for (PassRunner& pass : passes_) RETURN_IF_ERROR(pass.Run(run.rows, lag_ranges, bounds));
  if (overlaps_.has_value()) overlaps_->Enter(run);
  RETURN_IF_ERROR(AggregateShared(run, bounds));
  if (run.overlaps) return AggregateWithHeads(run, bounds);
  return AggregateLagged(run.ranges, run.first, bounds);
}

absl::Status GroupRunner::AggregateShared(const BucketRun& run, const CallBounds& bounds) {
  for (const ValueId id : run_aggregates_) {
    RETURN_IF_ERROR(bounds.Check());
    Operand out = store_[id];
    if (overlaps_.has_value() && overlaps_->RunRanked(id, run.ranges, run.first, &out)) continue;
    RETURN_IF_ERROR(Aggregate(id, run.ranges, run.first, bounds));
  }
  return absl::OkStatus();
}

absl::Status GroupRunner::AggregateLagged(std::span<const RowRange> ranges, size_t first,
                                          const CallBounds& bounds) {
  for (const ValueId id : group_.lagged_aggregates) {
    RETURN_IF_ERROR(Aggregate(id, ranges, first, bounds));
  }
  return absl::OkStatus();
}

void GroupRunner::SliceColumns(const BucketRun& run) {
  for (const ValueId id : group_.slices) {
    const ValueId column = program_.values[id].arguments[0];
    if (!run.gathered.empty()) {
      store_.CopyRanges(column, run.gathered, run.rows, id);
    } else {
      store_.SetView(id, From(store_[column], run.base, ElementBytes(program_.values[id].type)));
    }
  }
}

absl::Status GroupRunner::AggregateWithHeads(const BucketRun& run, const CallBounds& bounds) {
  if (group_.lagged_aggregates.empty()) return absl::OkStatus();
  if (!heads_.has_value()) heads_.emplace(program_, group_, texts_, &store_);
  for (size_t i = 0; i < run.ranges.size(); ++i) {
    RETURN_IF_ERROR(heads_->Enter(run.ranges[i], run.rows, bounds));
    RETURN_IF_ERROR(AggregateLagged(std::span(run.ranges).subspan(i, 1), run.first + i, bounds));
    heads_->Leave();
  }
  return absl::OkStatus();
}

absl::Status GroupRunner::Aggregate(ValueId id, std::span<const RowRange> ranges, size_t first,
                                    const CallBounds& bounds) {
  for (size_t begin = 0; begin < ranges.size();) {
    RETURN_IF_ERROR(bounds.Check());
    size_t end = begin;
    for (size_t rows = 0; end < ranges.size() && rows < kRowsBetweenChecks; ++end) {
      rows += ranges[end].rows();
    }
    AggregateValue(id, ranges.subspan(begin, end - begin), first + begin);
    begin = end;
  }
  return absl::OkStatus();
}

AggregateCall GroupRunner::CallOf(const Value& value) const {
  const Value& rows = program_.values[value.arguments[0]];
  AggregateCall call{.function = value.function,
                     .distinct = value.distinct,
                     .type = rows.type,
                     .argument_type = value.argument_type,
                     .parameters = &program_.parameters[value.parameters]};
  for (size_t i = 0; i < 3 && value.arguments[i] != kNoValue; ++i) {
    call.rows[i] = store_[value.arguments[i]];
  }
  if (value.arguments[1] != kNoValue) call.second_type = program_.values[value.arguments[1]].type;
  return call;
}

void GroupRunner::AggregateValue(ValueId id, std::span<const RowRange> ranges, size_t first) {
  const Value& value = program_.values[id];
  Operand out = store_[id];
  if (value.op == Op::kAggregateCall) return calls_.Run(CallOf(value), ranges, first, &out);
  Operand arguments[3];
  for (size_t i = 0; i < 3 && value.arguments[i] != kNoValue; ++i) {
    arguments[i] = store_[value.arguments[i]];
  }
  const ValueType type =
      value.op == Op::kCountRows ? value.type : program_.values[value.arguments[0]].type;
  KernelOfAggregate(value.op, type)(arguments, ranges, first, &out);
}

}  // namespace metricstore::compute::vector
