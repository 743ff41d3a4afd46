#include "common/calendar/buckets.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/calendar/date_text.h"
#include "common/calendar/reach.h"
#include "common/calendar/shown_base.h"
#include "common/status/error.h"
#include "common/status/macros.h"

namespace metricstore::calendar {
namespace {

absl::Status CheckDates(const Calendar& calendar, Grain grain, DateRange dates) {
  const std::string text = DatesText(dates);
  if (dates.start > dates.end) {
    return status::FieldInvalid("dates", text, "the end lies before the start");
  }
  if (dates.start == dates.end) return absl::OkStatus();
  if (!calendar.Knows(dates.start) || !calendar.Knows(dates.end - 1)) {
    return status::FieldInvalid("dates", text, absl::StrCat(KnownDatesText(calendar), " only"));
  }
  if (AlignToGrain(calendar, grain, dates) != dates) {
    return status::FieldInvalid("dates", text, "does not start and end with whole buckets");
  }
  return absl::OkStatus();
}

// Adds spans whose starts and ends do not go back, so that their slices are found in one pass.
class SpanAppender {
 public:
  explicit SpanAppender(WindowBuckets& buckets) : buckets_(buckets) {}

  // Nothing is added where `range` shows nothing.
  void Append(absl::Time start, const TimeRange& range) {
    const std::vector<TimeRange>& slices = buckets_.slices;
    while (first_ < slices.size() && slices[first_].end <= range.start) ++first_;
    end_ = std::max(end_, first_);
    while (end_ < slices.size() && slices[end_].start < range.end) ++end_;
    if (first_ == end_) return;
    const TimeRange shown{std::max(range.start, slices[first_].start),
                          std::min(range.end, slices[end_ - 1].end)};
    if (shown.start >= shown.end) return;
    buckets_.spans.push_back(
        {start, shown, static_cast<uint32_t>(first_), static_cast<uint32_t>(end_)});
  }

 private:
  WindowBuckets& buckets_;
  size_t first_ = 0;
  size_t end_ = 0;
};

}  // namespace

Bucket WindowBuckets::BucketAt(size_t i) const {
  const Span& span = spans[i];
  Bucket bucket{span.start, {slices.begin() + span.first_slice, slices.begin() + span.end_slice}};
  if (bucket.slices.empty()) return bucket;
  bucket.slices.front().start = std::max(bucket.slices.front().start, span.shown.start);
  bucket.slices.back().end = std::min(bucket.slices.back().end, span.shown.end);
  return bucket;
}

std::vector<Bucket> WindowBuckets::ToBuckets() const {
  std::vector<Bucket> buckets;
  buckets.reserve(spans.size());
  for (size_t i = 0; i < spans.size(); ++i) buckets.push_back(BucketAt(i));
  return buckets;
}

WindowBuckets WindowBuckets::From(const std::vector<Bucket>& buckets) {
  WindowBuckets made;
  made.spans.reserve(buckets.size());
  for (const Bucket& bucket : buckets) {
    const auto first = static_cast<uint32_t>(made.slices.size());
    made.slices.insert(made.slices.end(), bucket.slices.begin(), bucket.slices.end());
    TimeRange shown{bucket.start, bucket.start};
    if (!bucket.slices.empty()) {
      shown = {bucket.slices.front().start, bucket.slices.back().end};
    }
    made.spans.push_back({bucket.start, shown, first, static_cast<uint32_t>(made.slices.size())});
  }
  return made;
}

absl::StatusOr<WindowBuckets> ResolveBuckets(const Calendar& calendar, const Window& window,
                                             Grain grain, DateRange dates) {
  RETURN_IF_ERROR(CheckWindow(window, calendar, grain));
  RETURN_IF_ERROR(CheckDates(calendar, grain, dates));
  WindowBuckets buckets;
  buckets.reaches = window.reach == WindowReach::kRolling || window.reach == WindowReach::kToDate;
  if (dates.start == dates.end) return buckets;
  const absl::CivilDay first = FirstDateShown(calendar, window, grain, dates.start);
  ShownBase base = ShowBase(calendar, window, {first, dates.end});
  const std::vector<OwnBucket> own = OwnBuckets(calendar, grain, base);
  Reach reach(calendar, window, grain, base, own);
  buckets.slices = std::move(base.slices);
  buckets.spans.reserve(own.size());
  SpanAppender spans(buckets);
  for (size_t i = 0; i < own.size(); ++i) {
    if (base.dates[own[i].last_shown].date < dates.start) continue;
    if (const auto range = reach.Of(i)) spans.Append(own[i].start, *range);
  }
  return buckets;
}

}  // namespace metricstore::calendar
