#include "compute_service/engine/vector/group_runner.h"

#include "common/status/macros.h"
#include "compute_service/engine/vector/aggregate_kernels.h"

namespace metricstore::compute::vector {
namespace {

// Takes milliseconds to aggregate.
constexpr size_t kRowsBetweenChecks = 1u << 22;

}  // namespace

GroupRunner::GroupRunner(const Program& program, const BucketGroup& group,
                         const TextAnswers& answers, VectorStore* store,
                         GatheringAggregates* gathering)
    : program_(program),
      group_(group),
      store_(*store),
      gathering_(*gathering),
      bucket_pass_(group.bucket_pass, program.values, answers, store),
      heads_(program, group, answers, store) {
  passes_.reserve(group.sliced_passes.size());
  for (const Pass& pass : group.sliced_passes) {
    passes_.emplace_back(pass, program.values, answers, store);
  }
}

absl::Status GroupRunner::Run(const BucketRows& rows, const CallBounds& bounds) {
  const size_t buckets = rows.buckets.size();
  AllocateAggregates(buckets);
  for (size_t first = 0; first < buckets;) {
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

absl::Status GroupRunner::RunBuckets(const BucketRun& run, const CallBounds& bounds) {
  SliceColumns(run);
  // Where buckets share rows, lags look back through all of them: see BucketHeads for the rest.
  const RowRange whole = {0, run.rows};
  const std::span<const RowRange> lag_ranges =
      run.overlaps ? std::span(&whole, 1) : std::span(run.ranges);
  for (PassRunner& pass : passes_) RETURN_IF_ERROR(pass.Run(run.rows, lag_ranges, bounds));
  RETURN_IF_ERROR(Aggregate(group_.aggregates, run.ranges, run.first, bounds));
  if (run.overlaps) return AggregateWithHeads(run, bounds);
  return Aggregate(group_.lagged_aggregates, run.ranges, run.first, bounds);
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
  for (size_t i = 0; i < run.ranges.size(); ++i) {
    RETURN_IF_ERROR(heads_.Enter(run.ranges[i], run.rows, bounds));
    RETURN_IF_ERROR(Aggregate(group_.lagged_aggregates, std::span(run.ranges).subspan(i, 1),
                              run.first + i, bounds));
    heads_.Leave();
  }
  return absl::OkStatus();
}

absl::Status GroupRunner::Aggregate(std::span<const ValueId> ids, std::span<const RowRange> ranges,
                                    size_t first, const CallBounds& bounds) {
  for (size_t begin = 0; begin < ranges.size();) {
    size_t end = begin;
    for (size_t rows = 0; end < ranges.size() && rows < kRowsBetweenChecks; ++end) {
      rows += ranges[end].rows();
    }
    for (const ValueId id : ids) {
      RETURN_IF_ERROR(bounds.Check());
      AggregateValue(id, ranges.subspan(begin, end - begin), first + begin);
    }
    begin = end;
  }
  return absl::OkStatus();
}

void GroupRunner::AggregateValue(ValueId id, std::span<const RowRange> ranges, size_t first) {
  const Value& value = program_.values[id];
  Operand arguments[3];
  for (size_t i = 0; i < 3 && value.arguments[i] != kNoValue; ++i) {
    arguments[i] = store_[value.arguments[i]];
  }
  const ValueType type =
      value.op == Op::kCountRows ? value.type : program_.values[value.arguments[0]].type;
  Operand out = store_[id];
  if (value.op == Op::kCountDistinct) {
    gathering_.CountDistinct(arguments[0], type, ranges, first, &out);
  } else if (value.op == Op::kMedian) {
    gathering_.Median(arguments[0], ranges, first, &out);
  } else {
    KernelOfAggregate(value.op, type)(arguments, ranges, first, &out);
  }
}

}  // namespace metricstore::compute::vector
