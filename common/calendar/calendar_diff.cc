#include "common/calendar/calendar_diff.h"

#include <algorithm>
#include <utility>

#include "common/calendar/grain_steps.h"
#include "common/calendar/reach.h"

namespace metricstore::calendar {
namespace {

// By how many dates the dates of an instant may differ: zones lie 26 hours apart at most, and each
// calendar cuts its dates up to 24 hours from midnight.
constexpr absl::civil_diff_t kFurthestDates = 4;

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
  absl::Time start;  // of hours; other buckets are known by their dates
  TimeRange shown;
  friend bool operator==(const DatedSpan&, const DatedSpan&) = default;
};

struct Side {
  std::vector<DatedSpan> spans;
  std::vector<TimeRange> slices;
  std::optional<BaseBars> bars;
};

// Tells the dates of buckets whose starts do not go back.
class Dating {
 public:
  Dating(const Calendar& calendar, Grain grain) : calendar_(calendar), grain_(grain) {}

  DateRange Of(absl::Time start) {
    const absl::CivilDay date = calendar_.DateAt(start);
    if (date >= step_.end) {
      step_.start = StepStart(calendar_, grain_, date);
      step_.end = NextStep(grain_, step_.start);
    }
    return step_;
  }

 private:
  const Calendar& calendar_;
  const Grain grain_;
  DateRange step_{absl::CivilDay::min(), absl::CivilDay::min()};
};

// What is compared: one window at one grain.
struct Question {
  const Window& window;
  Grain grain;
  const std::optional<BarCut>& bars;
};

// Only windows that roll by hours start between the ends of what the base shows, so inside of bars.
bool CutsBars(const Window& window) {
  return window.reach == WindowReach::kRolling && window.unit == RollingUnit::kHours;
}

// Unset if the calendar cannot resolve the window. Hours are dated by `dates_of_hours`.
std::optional<Side> Resolve(const Calendar& calendar, const Calendar& dates_of_hours,
                            const Question& question, DateRange dates) {
  const auto& [window, grain, bars] = question;
  const DateRange steps = KnownSteps(calendar, grain, dates);
  auto buckets = ResolveBuckets(calendar, window, grain, steps);
  if (!buckets.ok()) return std::nullopt;
  const bool hours = grain == Grain::kHour;
  Side side;
  side.slices = std::move(buckets->slices);
  if (bars && steps.start < steps.end) {
    const absl::CivilDay first = FirstDateShown(calendar, window, grain, steps.start);
    side.bars.emplace(calendar, window, *bars, grain, DateRange{first, steps.end});
  }
  side.spans.reserve(buckets->spans.size());
  Dating dating(hours ? dates_of_hours : calendar, grain);
  for (WindowBuckets::Span& span : buckets->spans) {
    if (side.bars && CutsBars(window)) {
      span.shown.start = side.bars->FirstFrom(span.shown.start);
      if (span.shown.start >= span.shown.end) continue;
    }
    side.spans.push_back(
        {dating.Of(span.start), hours ? span.start : absl::UnixEpoch(), span.shown});
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

// Where what the base shows differs: bars, or instants.
std::vector<TimeRange> ShownDifference(const Side& before, const Side& after) {
  if (before.bars && after.bars) return BaseBars::Difference(*before.bars, *after.bars);
  return Difference(before.slices, after.slices);
}

std::vector<DateRange> Compare(const Side& before, const Side& after) {
  const std::vector<TimeRange> difference = ShownDifference(before, after);
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
      // The same bucket; what it shows is alike if its bounds are and nothing between differs.
      if (*a != *b || MeetsAny(a->shown, difference)) {
        AppendRange({a->dates.start, std::max(a->dates.end, b->dates.end)}, changed);
      }
      ++a;
      ++b;
    }
  }
  return changed;
}

// The whole steps around the dates: the two may start their weeks on different days.
DateRange StepsOfBoth(const Calendar& before, const Calendar& after, Grain grain, DateRange dates) {
  const DateRange old_steps = AlignToGrain(before, grain, dates);
  const DateRange new_steps = AlignToGrain(after, grain, dates);
  return {std::min(old_steps.start, new_steps.start), std::max(old_steps.end, new_steps.end)};
}

std::vector<DateRange> ClippedTo(const DateRange& bounds, const std::vector<DateRange>& ranges) {
  std::vector<DateRange> clipped;
  for (const DateRange& range : ranges) {
    const DateRange part{std::max(range.start, bounds.start), std::min(range.end, bounds.end)};
    if (part.start < part.end) clipped.push_back(part);
  }
  return clipped;
}

// Those of two ranges that are not empty, as ranges in order that do not touch.
std::vector<DateRange> Parts(DateRange a, DateRange b) {
  if (b.start < a.start) std::swap(a, b);
  std::vector<DateRange> parts;
  for (const DateRange& range : {a, b}) {
    if (range.start < range.end) AppendRange(range, parts);
  }
  return parts;
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
                                      const Window& window, Grain grain, DateRange dates,
                                      const std::optional<BarCut>& bars) {
  if (dates.start >= dates.end) return {};
  const Question question{window, grain, bars};
  // Hours may lie on other dates of the other calendar.
  const absl::civil_diff_t margin = grain == Grain::kHour ? kFurthestDates : 0;
  const DateRange around{dates.start - margin, dates.end + margin};
  const auto old_side = Resolve(before, after, question, AlignToGrain(before, grain, around));
  const auto new_side = Resolve(after, after, question, AlignToGrain(after, grain, around));
  const DateRange steps = StepsOfBoth(before, after, grain, dates);
  if (!old_side || !new_side) return {steps};
  return ClippedTo(steps, Compare(*old_side, *new_side));
}

std::vector<DateRange> ChangedSteps(const Calendar& before, const Calendar& after, Grain grain,
                                    DateRange dates) {
  if (dates.start >= dates.end) return {};
  const DateRange steps = StepsOfBoth(before, after, grain, dates);
  if (grain == Grain::kWeek && before.spec().week_start != after.spec().week_start) return {steps};
  const DateRange a = KnownSteps(before, grain, steps);
  const DateRange b = KnownSteps(after, grain, steps);
  const DateRange both{std::max(a.start, b.start), std::min(a.end, b.end)};
  if (both.start >= both.end) return Parts(a, b);
  return Parts({std::min(a.start, b.start), both.start}, {both.end, std::max(a.end, b.end)});
}

}  // namespace metricstore::calendar
