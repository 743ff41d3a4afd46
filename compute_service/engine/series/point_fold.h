// From points to coarser points: the last stage of metrics with a rollup.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "compute_service/engine/vector/evaluator.h"
#include "compute_service/engine/vector/program/fold.h"

namespace metricstore::compute {

// How the points of a metric's own grain become those of a coarser one.
struct PointFold {
  vector::Fold fold = vector::Fold::kLast;
  // Where the coarser buckets start, ascending; each ends where the next one starts.
  std::shared_ptr<const std::vector<int64_t>> starts_micros;
};

// One point for each coarser bucket that has any. NULL points are left out; without others the
// point is NULL. A point that is not finite makes the result not finite, unless another one is the
// first or last that was asked for. First and last keep texts. `points` ascend and lie in the
// coarser buckets. The same points give the same bits.
vector::MetricPoints FoldPoints(const vector::MetricPoints& points, const PointFold& fold);

}  // namespace metricstore::compute
