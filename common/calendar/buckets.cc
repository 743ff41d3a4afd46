#include "common/calendar/buckets.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
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
  SpanAppender(const std::vector<TimeRange>& slices, std::vector<WindowBuckets::Span>& spans)
      : slices_(slices), spans_(spans) {}

  // Nothing is added where `range` shows nothing.
  void Append(absl::Time start, const TimeRange& range) {
    while (first_ < slices_.size() && slices_[first_].end <= range.start) ++first_;
    end_ = std::max(end_, first_);
    while (end_ < slices_.size() && slices_[end_].start < range.end) ++end_;
    if (first_ == end_) return;
    const TimeRange shown{std::max(range.start, slices_[first_].start),
                          std::min(range.end, slices_[end_ - 1].end)};
    if (shown.start >= shown.end) return;
    spans_.push_back({start, shown, static_cast<uint32_t>(first_), static_cast<uint32_t>(end_)});
  }

 private:
  const std::vector<TimeRange>& slices_;
  std::vector<WindowBuckets::Span>& spans_;
  size_t first_ = 0;
  size_t end_ = 0;
};

// How many of the dates shown lie before `date`.
uint32_t DatesBefore(const ShownBase& base, absl::CivilDay date) {
  const auto from = std::partition_point(base.dates.begin(), base.dates.end(),
                                         [&](const auto& shown) { return shown.date < date; });
  return static_cast<uint32_t>(from - base.dates.begin());
}

// Lets each bucket show what the `count`-th before it shows; the first `before` ones are left out.
void ShowPrevious(size_t count, size_t before, std::vector<WindowBuckets::Span>& spans) {
  const size_t first = std::min(std::max(before, count), spans.size());
  for (size_t i = first; i < spans.size(); ++i) {
    const absl::Time start = spans[i].start;
    spans[i - first] = spans[i - count];
    spans[i - first].start = start;
  }
  spans.erase(spans.end() - static_cast<std::ptrdiff_t>(first), spans.end());
}

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
  const uint32_t asked = DatesBefore(base, dates.start);
  const bool previous = window.reach == WindowReach::kPrevious;
  buckets.spans.reserve(MostOwnBuckets(grain, base));
  SpanAppender spans(base.slices, buckets.spans);
  Reach reach(calendar, window, base);
  size_t before = 0;  // buckets that nobody asks for: they are there to be shown in later ones
  VisitOwnBuckets(calendar, grain, base, [&](const OwnBucket& own) {
    if (own.last_shown < asked) ++before;
    if (own.last_shown < asked && !previous) return;
    spans.Append(own.start, {reach.StartOf(own), own.shown.end});
  });
  if (previous) ShowPrevious(static_cast<size_t>(window.count), before, buckets.spans);
  buckets.slices = std::move(base.slices);
  return buckets;
}

}  // namespace metricstore::calendar
