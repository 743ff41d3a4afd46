#include "compute_service/engine/vector/execution/bucket_heads.h"

#include <algorithm>
#include <cstddef>

#include "common/status/macros.h"

namespace metricstore::compute::vector {

BucketHeads::BucketHeads(const Program& program, const BucketGroup& group,
                         const EvaluationTexts& texts, VectorStore* rows)
    : program_(program), group_(group), rows_(*rows), heads_(program.values) {
  passes_.reserve(group.sliced_passes.size());
  for (const Pass& pass : group.sliced_passes) {
    passes_.emplace_back(pass, texts, &heads_);
  }
  FindLagged();
}

// Columns are the same in all buckets, and not ours to write to.
void BucketHeads::FindLagged() {
  for (const ValueId id : group_.lagged_aggregates) {
    for (const ValueId argument : program_.values[id].arguments) {
      if (argument == kNoValue || !IsComputed(program_.values[argument].op)) continue;
      if (program_.values[argument].domain.kind == DomainKind::kSliced) lagged_.push_back(argument);
    }
  }
  std::sort(lagged_.begin(), lagged_.end());
  lagged_.erase(std::unique(lagged_.begin(), lagged_.end()), lagged_.end());
}

absl::Status BucketHeads::Enter(RowRange bucket, size_t rows, const CallBounds& bounds) {
  head_ = {bucket.begin, bucket.begin + std::min(bucket.rows(), group_.lag_rows)};
  for (const ValueId id : group_.slices) {
    heads_.SetView(id, From(rows_[id], head_.begin, ElementBytes(program_.values[id].type)));
  }
  const RowRange whole = {0, head_.rows()};
  for (PassRunner& pass : passes_) {
    RETURN_IF_ERROR(pass.Run(head_.rows(), std::span(&whole, 1), bounds));
  }
  for (const ValueId id : lagged_) {
    rows_.EnsureMask(id, rows);
    heads_.EnsureMask(id, head_.rows());
  }
  Swap();
  return absl::OkStatus();
}

void BucketHeads::Swap() {
  for (const ValueId id : lagged_) {
    const size_t element_bytes = ElementBytes(program_.values[id].type);
    const Operand here = From(rows_[id], head_.begin, element_bytes);
    const Operand there = heads_[id];
    std::swap_ranges(there.as<std::byte>(), there.as<std::byte>() + head_.rows() * element_bytes,
                     here.as<std::byte>());
    std::swap_ranges(there.valid, there.valid + head_.rows(), here.valid);
  }
}

}  // namespace metricstore::compute::vector
