#include "compute_service/engine/vector/program/bucket_list.h"

#include "common/time/iso8601.h"

namespace metricstore::compute::vector {

BucketList MakeBucketList(const calendar::WindowBuckets& buckets) {
  BucketList list{.reaches = buckets.reaches};
  list.slices.reserve(buckets.slices.size());
  list.spans.reserve(buckets.spans.size());
  for (const TimeRange& slice : buckets.slices) {
    list.slices.push_back({ToMicros(slice.start), ToMicros(slice.end)});
  }
  for (const calendar::WindowBuckets::Span& span : buckets.spans) {
    list.spans.push_back({ToMicros(span.start), ToMicros(span.shown.start),
                          ToMicros(span.shown.end), span.first_slice, span.end_slice});
  }
  return list;
}

}  // namespace metricstore::compute::vector
