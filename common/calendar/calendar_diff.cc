#include "common/calendar/calendar_diff.h"

#include <algorithm>
#include <utility>

#include "common/calendar/grain_steps.h"

namespace metricstore::calendar {
namespace {

// Ranges that touch or overlap become one.
void AppendRange(const DateRange& range, std::vector<DateRange>& ranges) {
  if (!ranges.empty() && range.start <= ranges.back().end) {
    ranges.back().end = std::max(ranges.back().end, range.end);
  } else {
    ranges.push_back(range);
  }
}

bool SameSessions(const std::vector<Session>& a, const std::vector<Session>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Session& x, const Session& y) {
    return x.name == y.name && x.pieces == y.pieces;
  });
}

bool DateDiffers(const Calendar& before, const Calendar& after, absl::CivilDay date) {
  if (before.Knows(date) != after.Knows(date)) return true;
  if (!before.Knows(date)) return false;
  return before.ExtentOf(date) != after.ExtentOf(date) ||
         !SameSessions(before.SessionsOn(date), after.SessionsOn(date));
}

// A bucket with the dates that it is of.
struct DatedSpan {
  DateRange dates;
  absl::Time start;
  TimeRange shown;
  friend bool operator==(const DatedSpan&, const DatedSpan&) = default;
};

struct Side {
  std::vector<DatedSpan> spans;
  std::vector<TimeRange> slices;
};

// Unset if the calendar cannot resolve the window.
std::optional<Side> Resolve(const Calendar& calendar, const Window& window, Grain grain,
                            DateRange dates) {
  auto buckets = ResolveBuckets(calendar, window, grain, KnownSteps(calendar, grain, dates));
  if (!buckets.ok()) return std::nullopt;
  Side side;
  side.slices = std::move(buckets->slices);
  side.spans.reserve(buckets->spans.size());
  DateRange step{absl::CivilDay::min(), absl::CivilDay::min()};
  for (const WindowBuckets::Span& span : buckets->spans) {
    const absl::CivilDay date = calendar.DateAt(span.start);
    if (date >= step.end) {
      step.start = StepStart(calendar, grain, date);
      step.end = NextStep(grain, step.start);
    }
    side.spans.push_back({step, span.start, span.shown});
  }
  return side;
}

// The stretches that one of the two shows and the other does not, in order.
std::vector<TimeRange> Difference(const std::vector<TimeRange>& a,
                                  const std::vector<TimeRange>& b) {
  // Each start and end turns one of the two on or off: between two turns they are alike or not.
  std::vector<absl::Time> turns;
  turns.reserve(2 * (a.size() + b.size()));
  for (const auto* slices : {&a, &b}) {
    for (const TimeRange& slice : *slices) {
      turns.push_back(slice.start);
      turns.push_back(slice.end);
    }
  }
  std::sort(turns.begin(), turns.end());
  std::vector<TimeRange> difference;
  for (size_t i = 0; i + 1 < turns.size(); i += 2) {
    if (turns[i] < turns[i + 1]) difference.push_back({turns[i], turns[i + 1]});
  }
  return difference;
}

bool MeetsAny(const TimeRange& range, const std::vector<TimeRange>& slices) {
  const auto first =
      std::partition_point(slices.begin(), slices.end(),
                           [&](const TimeRange& slice) { return slice.end <= range.start; });
  return first != slices.end() && first->start < range.end;
}

std::vector<DateRange> Compare(const Side& before, const Side& after) {
  const std::vector<TimeRange> difference = Difference(before.slices, after.slices);
  std::vector<DateRange> changed;
  auto a = before.spans.begin();
  auto b = after.spans.begin();
  const auto precedes = [](const DatedSpan& x, const DatedSpan& y) {
    return std::pair(x.dates.start, x.start) < std::pair(y.dates.start, y.start);
  };
  while (a != before.spans.end() || b != after.spans.end()) {
    if (b == after.spans.end() || (a != before.spans.end() && precedes(*a, *b))) {
      AppendRange((a++)->dates, changed);
    } else if (a == before.spans.end() || precedes(*b, *a)) {
      AppendRange((b++)->dates, changed);
    } else {
      // Of the same start; what they show is alike if its bounds are and nothing between differs.
      if (*a != *b || MeetsAny(a->shown, difference)) {
        AppendRange({a->dates.start, std::max(a->dates.end, b->dates.end)}, changed);
      }
      ++a;
      ++b;
    }
  }
  return changed;
}

}  // namespace

std::vector<DateRange> ChangedDates(const Calendar& before, const Calendar& after,
                                    DateRange dates) {
  std::vector<DateRange> changed;
  for (absl::CivilDay date = dates.start; date < dates.end; ++date) {
    if (DateDiffers(before, after, date)) AppendRange({date, date + 1}, changed);
  }
  return changed;
}

std::vector<DateRange> ChangedBuckets(const Calendar& before, const Calendar& after,
                                      const Window& window, Grain grain, DateRange dates) {
  if (dates.start >= dates.end) return {};
  // The two may start their weeks on different days.
  const DateRange old_steps = AlignToGrain(before, grain, dates);
  const DateRange new_steps = AlignToGrain(after, grain, dates);
  const DateRange steps{std::min(old_steps.start, new_steps.start),
                        std::max(old_steps.end, new_steps.end)};
  const auto old_side = Resolve(before, window, grain, old_steps);
  const auto new_side = Resolve(after, window, grain, new_steps);
  if (!old_side || !new_side) return {steps};
  return Compare(*old_side, *new_side);
}

}  // namespace metricstore::calendar
