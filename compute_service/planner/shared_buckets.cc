#include "compute_service/planner/shared_buckets.h"

#include <algorithm>
#include <utility>

#include "common/calendar/window.h"
#include "common/status/macros.h"

namespace metricstore::compute {
namespace {

using calendar::WindowBuckets;

void Append(WindowBuckets&& more, WindowBuckets* buckets) {
  buckets->reaches = more.reaches;
  const auto offset = static_cast<uint32_t>(buckets->slices.size());
  buckets->slices.insert(buckets->slices.end(), more.slices.begin(), more.slices.end());
  for (WindowBuckets::Span span : more.spans) {
    span.first_slice += offset;
    span.end_slice += offset;
    buckets->spans.push_back(span);
  }
  buckets->reaches = more.reaches;
}

// Buckets of other dates are left out.
void KeepDates(const calendar::Calendar& calendar, const Dates& dates, WindowBuckets* buckets) {
  auto range = dates.begin();
  TimeRange extent = calendar.ExtentOf(*range);
  std::erase_if(buckets->spans, [&](const WindowBuckets::Span& span) {
    while (span.start >= extent.end && range + 1 != dates.end()) {
      extent = calendar.ExtentOf(*++range);
    }
    return span.start < extent.start || span.start >= extent.end;
  });
}

}  // namespace

absl::StatusOr<Buckets> SharedBuckets::Get(const calendar::Window& window, Grain grain,
                                           const Dates& dates) {
  for (const Entry& entry : entries_) {
    if (entry.grain == grain && entry.window == window && entry.dates == dates) {
      return entry.buckets;
    }
  }
  ASSIGN_OR_RETURN(WindowBuckets resolved, Resolve(window, grain, dates));
  auto buckets = std::make_shared<const WindowBuckets>(std::move(resolved));
  entries_.push_back({window, grain, dates, buckets});
  return buckets;
}

absl::StatusOr<WindowBuckets> SharedBuckets::Resolve(const calendar::Window& window, Grain grain,
                                                     const Dates& dates) const {
  RETURN_IF_ERROR(calendar::CheckWindow(window, calendar_, grain));
  WindowBuckets buckets;
  if (dates.empty()) return buckets;
  // Windows that reach back may show the same rows for several ranges: slices of all dates between
  // are disjoint, those of the ranges one by one are not.
  if (window.reach != calendar::WindowReach::kBucket && dates.size() > 1) {
    ASSIGN_OR_RETURN(buckets, calendar::ResolveBuckets(calendar_, window, grain,
                                                       {dates.front().start, dates.back().end}));
    KeepDates(calendar_, dates, &buckets);
    return buckets;
  }
  for (const DateRange& range : dates) {
    ASSIGN_OR_RETURN(WindowBuckets some, calendar::ResolveBuckets(calendar_, window, grain, range));
    Append(std::move(some), &buckets);
  }
  return buckets;
}

absl::StatusOr<BucketStarts> SharedBuckets::StartsOf(Grain grain, const Dates& dates) const {
  ASSIGN_OR_RETURN(const WindowBuckets buckets, Resolve(calendar::Window(), grain, dates));
  std::vector<int64_t> starts;
  for (const WindowBuckets::Span& span : buckets.spans) starts.push_back(ToMicros(span.start));
  return std::make_shared<const std::vector<int64_t>>(std::move(starts));
}

std::optional<TimeRange> SharedBuckets::Extent() const {
  std::optional<TimeRange> extent;
  for (const Entry& entry : entries_) {
    for (const WindowBuckets::Span& span : entry.buckets->spans) {
      if (span.first_slice >= span.end_slice) continue;
      if (!extent) extent = span.shown;
      extent->start = std::min(extent->start, span.shown.start);
      extent->end = std::max(extent->end, span.shown.end);
    }
  }
  return extent;
}

}  // namespace metricstore::compute
