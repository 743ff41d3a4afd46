// What holds for every calendar, window and date.
#include <algorithm>
#include <string>
#include <vector>

#include "common/calendar/buckets.h"
#include "common/status/macros.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/matchers.h"

namespace metricstore::calendar {
namespace {

using absl::CivilDay;

const std::vector<absl::Weekday> kWeekdays = {absl::Weekday::monday, absl::Weekday::tuesday,
                                              absl::Weekday::wednesday, absl::Weekday::thursday,
                                              absl::Weekday::friday};

// A zone with a way to cut dates. The dates hold every change of the zone's clock since 2007.
std::shared_ptr<const Calendar> Make(const std::string& zone, std::vector<SessionRule> sessions) {
  CalendarSpec spec;
  spec.name = zone;
  spec.time_zone = zone;
  spec.open_days = kWeekdays;
  spec.sessions = std::move(sessions);
  spec.first_date = CivilDay(2007, 1, 1);
  spec.last_date = CivilDay(2026, 12, 31);
  for (int month = 1; month <= 12; ++month) {
    spec.holidays.push_back({"H", DateRule{DateRule::NthWeekday{month, absl::Weekday::friday, 2}}});
    SpecialHours early{"E", DateRule{DateRule::NthWeekday{month, absl::Weekday::monday, 1}}};
    early.early_close = LocalTime{43200, 0};
    spec.special_hours.push_back(early);
  }
  auto calendar = Calendar::Create(std::move(spec), 1);
  EXPECT_OK(calendar);
  return *std::move(calendar);
}

std::vector<std::shared_ptr<const Calendar>> Calendars() {
  const std::vector<SessionRule> day = {{"pre", {14400, 0}, {34200, 0}},
                                        {"rth", {34200, 0}, {57600, 0}}};
  const std::vector<SessionRule> evening = {{"globex", {64800, -1}, {61200, 0}},
                                            {"rth", {34200, 0}, {57600, 0}}};
  const std::vector<SessionRule> night = {{"day", {33300, 0}, {59400, 0}},
                                          {"rth", {62100, 0}, {9000, 1}}};
  std::vector<std::shared_ptr<const Calendar>> calendars;
  for (const char* zone :
       {"UTC", "America/New_York", "America/St_Johns", "America/Sao_Paulo", "America/Caracas",
        "Asia/Kolkata", "Asia/Pyongyang", "Australia/Lord_Howe", "Pacific/Apia", "Europe/London",
        "Africa/Casablanca", "Antarctica/Troll"}) {
    calendars.push_back(Make(zone, day));
    calendars.push_back(Make(zone, evening));
    calendars.push_back(Make(zone, night));
  }
  return calendars;
}

std::vector<Window> Windows(const Calendar& calendar) {
  std::vector<Window> windows = {*ParseWindow("full_day"), *ParseWindow("first_30m"),
                                 *ParseWindow("last_1h")};
  for (const SessionRule& session : calendar.spec().sessions) {
    windows.push_back(*ParseWindow(session.name));
  }
  Window range;
  range.kind = WindowKind::kRange;
  range.from_second = 5400;
  range.to_second = 70000;
  windows.push_back(range);
  range.session = "rth";
  windows.push_back(range);
  return windows;
}

absl::StatusOr<std::vector<Bucket>> Resolved(const Calendar& calendar, const Window& window,
                                             Grain grain, DateRange dates) {
  ASSIGN_OR_RETURN(const WindowBuckets buckets, ResolveBuckets(calendar, window, grain, dates));
  return buckets.ToBuckets();
}

// All slices of all buckets, with those that touch made one.
std::vector<TimeRange> Union(const std::vector<Bucket>& buckets) {
  std::vector<TimeRange> all;
  for (const Bucket& bucket : buckets) {
    for (const TimeRange& slice : bucket.slices) {
      if (!all.empty() && all.back().end == slice.start) {
        all.back().end = slice.end;
      } else {
        all.push_back(slice);
      }
    }
  }
  return all;
}

TEST(CalendarProperty, ExtentsFollowEachOtherAndHoldTheirSessions) {
  for (const auto& calendar : Calendars()) {
    SCOPED_TRACE(calendar->spec().name);
    absl::Time end = calendar->ExtentOf(calendar->spec().first_date).start;
    absl::Time last_close = absl::InfinitePast();
    for (CivilDay date = calendar->spec().first_date; date <= calendar->spec().last_date; ++date) {
      const TimeRange extent = calendar->ExtentOf(date);
      ASSERT_EQ(extent.start, end) << date;
      ASSERT_LE(extent.start, extent.end) << date;
      end = extent.end;
      absl::Time close = last_close;
      for (const Session& session : calendar->SessionsOn(date)) {
        ASSERT_LT(session.range.start, session.range.end) << date;
        ASSERT_GE(session.range.start, extent.start) << date;
        ASSERT_LE(session.range.end, extent.end) << date;
        // Sessions of one date may overlap (globex and rth), those of two dates never.
        ASSERT_GE(session.range.start, last_close) << date;
        close = std::max(close, session.range.end);
      }
      last_close = close;
    }
  }
}

TEST(CalendarProperty, HoursOfFullDaysTileEveryDate) {
  for (const auto& calendar : Calendars()) {
    SCOPED_TRACE(calendar->spec().name);
    const DateRange dates{calendar->spec().first_date, calendar->spec().last_date + 1};
    const auto buckets = Resolved(*calendar, Window{}, Grain::kHour, dates);
    ASSERT_OK(buckets);
    absl::Time end = calendar->ExtentOf(dates).start;
    for (const Bucket& bucket : *buckets) {
      ASSERT_EQ(bucket.slices.size(), 1u) << bucket.start;
      ASSERT_EQ(bucket.start, end);
      ASSERT_EQ(bucket.slices[0].start, end);
      end = bucket.slices[0].end;
      ASSERT_LE(end - bucket.start, absl::Hours(1)) << bucket.start;
      // All of a bucket reads the same hour of the clock.
      const absl::CivilHour first(calendar->zone().At(bucket.start).cs);
      const absl::CivilHour last(calendar->zone().At(end - absl::Seconds(1)).cs);
      ASSERT_EQ(first, last) << bucket.start;
    }
    EXPECT_EQ(end, calendar->ExtentOf(dates).end);
  }
}

TEST(CalendarProperty, BucketsAndSlicesAreOrderedDisjointAndInsideTheirBucket) {
  for (const auto& calendar : Calendars()) {
    for (const Window& window : Windows(*calendar)) {
      for (Grain grain : {Grain::kHour, Grain::kDay, Grain::kMonth}) {
        SCOPED_TRACE(calendar->spec().name + " " + WindowText(window));
        const DateRange dates{CivilDay(2018, 1, 1), CivilDay(2020, 1, 1)};
        const auto buckets = Resolved(*calendar, window, grain, dates);
        ASSERT_OK(buckets);
        ASSERT_FALSE(buckets->empty());
        for (size_t i = 0; i < buckets->size(); ++i) {
          const Bucket& bucket = (*buckets)[i];
          const absl::Time bound =
              i + 1 < buckets->size() ? (*buckets)[i + 1].start : calendar->ExtentOf(dates).end;
          ASSERT_FALSE(bucket.slices.empty());
          absl::Time end = bucket.start;
          for (const TimeRange& slice : bucket.slices) {
            ASSERT_GE(slice.start, end);
            ASSERT_LT(slice.start, slice.end);
            end = slice.end;
          }
          ASSERT_LE(end, bound) << bucket.start;
        }
      }
    }
  }
}

TEST(CalendarProperty, EveryGrainShowsTheSameInstants) {
  for (const auto& calendar : Calendars()) {
    for (const Window& window : Windows(*calendar)) {
      SCOPED_TRACE(calendar->spec().name + " " + WindowText(window));
      // Starts and ends with whole buckets of all grains: 2007 and 2018 start on a Monday.
      const DateRange dates{CivilDay(2007, 1, 1), CivilDay(2018, 1, 1)};
      const auto days = Resolved(*calendar, window, Grain::kDay, dates);
      ASSERT_OK(days);
      const std::vector<TimeRange> expected = Union(*days);
      for (Grain grain :
           {Grain::kHour, Grain::kWeek, Grain::kMonth, Grain::kQuarter, Grain::kYear}) {
        const auto buckets = Resolved(*calendar, window, grain, dates);
        ASSERT_OK(buckets);
        ASSERT_EQ(Union(*buckets), expected) << GrainName(grain);
      }
    }
  }
}

TEST(CalendarProperty, FullDaysOfACoarseBucketAreOneSlice) {
  for (const auto& calendar : Calendars()) {
    for (Grain grain : {Grain::kWeek, Grain::kMonth, Grain::kQuarter, Grain::kYear}) {
      const auto buckets =
          Resolved(*calendar, Window{}, grain, {CivilDay(2007, 1, 1), CivilDay(2018, 1, 1)});
      ASSERT_OK(buckets);
      for (const Bucket& bucket : *buckets) ASSERT_EQ(bucket.slices.size(), 1u) << bucket.start;
    }
  }
}

}  // namespace
}  // namespace metricstore::calendar
