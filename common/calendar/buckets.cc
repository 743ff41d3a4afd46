#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/calendar/window.h"
#include "common/status/error.h"
#include "common/status/macros.h"

namespace metricstore::calendar {
namespace {

// The first date of the bucket that holds `date`.
absl::CivilDay BucketStart(Grain grain, absl::CivilDay date) {
  switch (grain) {
    case Grain::kHour:
    case Grain::kDay:
      return date;
    case Grain::kWeek:
      return absl::PrevWeekday(date + 1, absl::Weekday::monday);
    case Grain::kMonth:
      return absl::CivilDay(absl::CivilMonth(date));
    case Grain::kQuarter:
      return absl::CivilDay(date.year(), (date.month() - 1) / 3 * 3 + 1, 1);
    case Grain::kYear:
      break;
  }
  return absl::CivilDay(absl::CivilYear(date));
}

// The first date of the bucket after the one that starts on `start`.
absl::CivilDay NextBucketStart(Grain grain, absl::CivilDay start) {
  switch (grain) {
    case Grain::kHour:
    case Grain::kDay:
      return start + 1;
    case Grain::kWeek:
      return start + 7;
    case Grain::kMonth:
      return absl::CivilDay(absl::CivilMonth(start) + 1);
    case Grain::kQuarter:
      return absl::CivilDay(absl::CivilMonth(start) + 3);
    case Grain::kYear:
      break;
  }
  return absl::CivilDay(absl::CivilYear(start) + 1);
}

// The first instant in (after, by] at which the zone has another offset than at `after`.
absl::Time OffsetChange(absl::TimeZone zone, absl::Time after, absl::Time by) {
  const int offset = zone.At(after).offset;
  while (by - after > absl::Seconds(1)) {
    const absl::Time middle = after + absl::Seconds(absl::ToInt64Seconds(by - after) / 2);
    (zone.At(middle).offset == offset ? after : by) = middle;
  }
  return by;
}

// Where the hour bucket that starts at `start` ends: where the local clock next shows a whole hour
// or is set to another time. `here` is the clock at `start` and becomes that at the end.
absl::Time EndOfHour(absl::TimeZone zone, absl::Time start, absl::TimeZone::CivilInfo& here) {
  absl::Time end = start + absl::Seconds(3600 - here.cs.minute() * 60 - here.cs.second());
  absl::TimeZone::CivilInfo there = zone.At(end);
  if (there.offset != here.offset) {
    end = OffsetChange(zone, start, end);
    there = zone.At(end);
  }
  here = there;
  return end;
}

// The window's slices on one date go to the hours of its extent.
void AppendHours(const Calendar& calendar, const Window& window, absl::CivilDay date,
                 std::vector<Bucket>& buckets) {
  const std::vector<TimeRange> slices = ResolveWindow(calendar, window, date);
  if (slices.empty()) return;
  const TimeRange extent = calendar.ExtentOf(date);
  absl::TimeZone::CivilInfo here = calendar.zone().At(extent.start);
  for (absl::Time start = extent.start; start < extent.end;) {
    const absl::Time end = std::min(EndOfHour(calendar.zone(), start, here), extent.end);
    Bucket bucket{start, {}};
    for (const TimeRange& slice : slices) {
      const TimeRange cut{std::max(slice.start, start), std::min(slice.end, end)};
      if (cut.start < cut.end) bucket.slices.push_back(cut);
    }
    if (!bucket.slices.empty()) buckets.push_back(std::move(bucket));
    start = end;
  }
}

// Slices that touch become one: each costs its reader a search.
void AppendMerged(const std::vector<TimeRange>& more, std::vector<TimeRange>& slices) {
  for (const TimeRange& slice : more) {
    if (!slices.empty() && slices.back().end == slice.start) {
      slices.back().end = slice.end;
    } else {
      slices.push_back(slice);
    }
  }
}

// One bucket for the whole of `dates`.
void AppendBucket(const Calendar& calendar, const Window& window, DateRange dates,
                  std::vector<Bucket>& buckets) {
  const TimeRange extent = ExtentOf(calendar, dates);
  Bucket bucket{extent.start, {}};
  if (window.kind == WindowKind::kFullDay) {
    if (extent.start < extent.end) bucket.slices.push_back(extent);
  } else {
    for (absl::CivilDay date = dates.start; date < dates.end; ++date) {
      AppendMerged(ResolveWindow(calendar, window, date), bucket.slices);
    }
  }
  if (!bucket.slices.empty()) buckets.push_back(std::move(bucket));
}

absl::Status CheckDates(const Calendar& calendar, Grain grain, DateRange dates) {
  const std::string text = absl::StrCat(FormatDate(dates.start), "/", FormatDate(dates.end));
  if (dates.start > dates.end) {
    return status::FieldInvalid("dates", text, "the end lies before the start");
  }
  const CalendarSpec& spec = calendar.spec();
  if (!calendar.Knows(dates.start) || !calendar.Knows(dates.end - 1)) {
    return status::FieldInvalid(
        "dates", text,
        absl::StrCat("calendar ", spec.name, " knows ", FormatDate(spec.first_date), " to ",
                     FormatDate(spec.last_date), " only"));
  }
  if (AlignToGrain(grain, dates) != dates) {
    return status::FieldInvalid("dates", text, "does not start and end with whole buckets");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<Bucket>> ResolveBuckets(const Calendar& calendar, const Window& window,
                                                   Grain grain, DateRange dates) {
  std::vector<Bucket> buckets;
  if (dates.start == dates.end) return buckets;
  RETURN_IF_ERROR(CheckDates(calendar, grain, dates));
  for (absl::CivilDay start = dates.start; start < dates.end;) {
    const absl::CivilDay next = NextBucketStart(grain, start);
    if (grain == Grain::kHour) {
      AppendHours(calendar, window, start, buckets);
    } else {
      AppendBucket(calendar, window, {start, next}, buckets);
    }
    start = next;
  }
  return buckets;
}

DateRange AlignToGrain(Grain grain, DateRange dates) {
  if (dates.start >= dates.end) return dates;
  return {BucketStart(grain, dates.start),
          NextBucketStart(grain, BucketStart(grain, dates.end - 1))};
}

TimeRange ExtentOf(const Calendar& calendar, DateRange dates) {
  return {calendar.ExtentOf(dates.start).start, calendar.ExtentOf(dates.end).start};
}

}  // namespace metricstore::calendar
