// Finds the aggregates whose rows all bucket lists of a filter set can share.
#pragma once

#include "compute_service/engine/vector/program/program.h"

namespace metricstore::compute::vector {

// Moves what sums, counts, extremes, ends and squared deviations read into the domain kShared, in
// which it is computed and folded once for all windows: values of a row alone, and in windows that
// reach beyond their buckets those that look back. Left in the domains of their lists is what looks
// ahead, far back or runs on, because that depends on the bucket, and what aggregates need that
// cannot be joined from parts. Whether an aggregate is moved
// follows from its own definition, never from its neighbours: it decides in which order values are
// summed.
//
// Values that nobody reads any more are left out. To be called before SchedulePasses.
void ShareRows(Program* program);

}  // namespace metricstore::compute::vector
