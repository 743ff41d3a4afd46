// From buckets of instants to buckets of microseconds.
#pragma once

#include "common/calendar/buckets.h"
#include "compute_service/engine/vector/program/program.h"

namespace metricstore::compute::vector {

BucketList MakeBucketList(const calendar::WindowBuckets& buckets);

}  // namespace metricstore::compute::vector
