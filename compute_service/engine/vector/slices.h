// From buckets of time to ranges of rows.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "common/calendar/window.h"
#include "common/time/cancellation.h"
#include "compute_service/engine/vector/operand.h"
#include "compute_service/engine/vector/program.h"

namespace metricstore::compute::vector {

BucketList MakeBucketList(const std::vector<calendar::Bucket>& buckets);

// The rows of those buckets that have any: each bucket has one or more stretches of them.
struct BucketRows {
  std::vector<uint32_t> buckets;        // indexes into the list
  std::vector<uint32_t> first_stretch;  // of each of these buckets, and the end
  std::vector<RowRange> stretches;
};

// `times` ascend. CANCELLED / DEADLINE_EXCEEDED by `bounds`.
absl::StatusOr<BucketRows> FindBucketRows(const BucketList& list, std::span<const int64_t> times,
                                          const CallBounds& bounds);

// Some buckets in succession, small enough that all values of their rows stay in cache. Each is one
// range of a vector of `rows` rows: of the rows from `base` on, or, if `gathered` is not empty, of
// a copy made of those stretches.
struct BucketRun {
  size_t first = 0;  // of BucketRows::buckets
  std::vector<RowRange> ranges;
  size_t rows = 0;
  size_t base = 0;
  std::span<const RowRange> gathered;
};

// The run that starts with the bucket `first`. `computes` says that every row of the vector costs
// something, so that gaps between buckets are worth a copy.
BucketRun MakeRun(const BucketRows& rows, size_t first, bool computes);

}  // namespace metricstore::compute::vector
