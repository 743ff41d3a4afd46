// From buckets of time to ranges of rows.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "common/time/cancellation.h"
#include "compute_service/engine/vector/kernels/loops/operand.h"
#include "compute_service/engine/vector/program/program.h"

namespace metricstore::compute::vector {

// Successive rows at successive positions.
struct Stretch {
  size_t position = 0;
  RowRange rows;
};

// The rows that the slices of a list show, laid end to end: each has a position in that order.
// Every bucket is one range of positions; those of buckets that overlap overlap too.
struct BucketRows {
  std::vector<uint32_t> buckets;    // those that have rows, as indexes into the list
  std::vector<RowRange> positions;  // of each of these buckets
  std::vector<Stretch> stretches;   // by position
  std::span<const int64_t> times;   // of all rows
  bool reaches = false;             // see BucketList
};

// `times` ascend. Takes one search a slice and at most two a bucket. CANCELLED / DEADLINE_EXCEEDED
// by `bounds`.
absl::StatusOr<BucketRows> FindBucketRows(const BucketList& list, std::span<const int64_t> times,
                                          const CallBounds& bounds);

// Appends the rows at these positions, in their order. `stretches` have them all, by position.
void AppendRowsAt(std::span<const Stretch> stretches, RowRange positions,
                  std::vector<RowRange>* ranges);

// Some buckets in succession. Each is one range of a vector of `rows` rows: of the rows from `base`
// on, or, if `gathered` is not empty, of a copy made of those stretches. The vector holds each
// shown row once, so what is computed by row costs the union of the buckets.
struct BucketRun {
  size_t first = 0;              // of BucketRows::buckets
  std::vector<RowRange> ranges;  // with ascending begins
  bool overlaps = false;         // whether ranges share rows
  size_t rows = 0;
  size_t base = 0;
  std::vector<RowRange> gathered;
};

// The run that starts with the bucket `first`: small enough that its values stay in cache or, where
// buckets overlap, so long that little is computed again by the next run. `computes` says that
// every row of the vector costs something, so that gaps between buckets are worth a copy.
BucketRun MakeRun(const BucketRows& rows, size_t first, bool computes);

}  // namespace metricstore::compute::vector
