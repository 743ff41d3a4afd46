// When points are stale, and what the answer says.
#include "registry_service/query/freshness_rules.h"

#include "gmock/gmock.h"
#include "tests/testing/matchers.h"
#include "tests/unit/registry_view/entry_builder.h"

namespace metricstore::registry {
namespace {

using calendar::Calendar;
using calendar::Window;
using calendar::WindowKind;
using ::testing::HasSubstr;

absl::Time Utc(int month, int day, int hour, int minute = 0) {
  return absl::FromCivil(absl::CivilMinute(2024, month, day, hour, minute), absl::UTCTimeZone());
}

DateRange Days(absl::CivilDay first, absl::CivilDay last) { return {first, last}; }
absl::CivilDay March(int day) { return absl::CivilDay(2024, 3, day); }

// Weekdays 09:30 to 16:00 in New York, with an evening that belongs to the next day.
std::shared_ptr<const Calendar> Exchange() {
  calendar::CalendarSpec spec;
  spec.name = "X";
  spec.time_zone = "America/New_York";
  for (const auto day : {absl::Weekday::monday, absl::Weekday::tuesday, absl::Weekday::wednesday,
                         absl::Weekday::thursday, absl::Weekday::friday}) {
    spec.open_days.push_back(day);
  }
  spec.sessions = {{"evening", {18 * 3600, -1}, {17 * 3600, 0}},
                   {"rth", {9 * 3600 + 1800, 0}, {16 * 3600, 0}}};
  spec.first_date = absl::CivilDay(2024, 1, 1);
  spec.last_date = absl::CivilDay(2024, 12, 31);
  auto calendar = Calendar::Create(spec, 1);
  EXPECT_OK(calendar);
  return *calendar;
}

const Window kRth{.kind = WindowKind::kSession, .session = "rth"};

// The start of the trade date in UTC: New York is 5 hours behind until 10 March.
absl::Time DayStart(int day) { return Utc(3, day - 1, 23); }

TEST(DatesAfter, RowsAfterTheEndOfTheNewestBucketCount) {
  const auto calendar = Exchange();
  const auto after = [&](absl::Time row) {
    return DatesAfter(*calendar, Window{}, Grain::kDay, DayStart(5), row);
  };
  EXPECT_EQ(after(Utc(3, 5, 20)), std::nullopt);
  EXPECT_EQ(after(Utc(3, 4, 20)), std::nullopt);
  EXPECT_EQ(after(Utc(3, 5, 22, 59)), std::nullopt);
  // The evening belongs to the next trade date.
  EXPECT_EQ(after(Utc(3, 5, 23)), Days(March(6), March(6)));
  EXPECT_EQ(after(Utc(3, 8, 15)), Days(March(6), March(8)));
}

TEST(DatesAfter, RowsThatTheWindowNeverShowsDoNot) {
  const auto calendar = Exchange();
  const auto after = [&](absl::Time row) {
    return DatesAfter(*calendar, kRth, Grain::kDay, DayStart(8), row);
  };
  EXPECT_EQ(after(Utc(3, 9, 15)), std::nullopt);               // a Saturday
  EXPECT_EQ(after(Utc(3, 11, 3)), Days(March(9), March(11)));  // Monday before the open
}

TEST(DatesAfter, HoursAndCoarseGrainsHaveTheirOwnEnds) {
  const auto calendar = Exchange();
  EXPECT_EQ(DatesAfter(*calendar, Window{}, Grain::kHour, Utc(3, 5, 15), Utc(3, 5, 15, 59)),
            std::nullopt);
  EXPECT_EQ(DatesAfter(*calendar, Window{}, Grain::kHour, Utc(3, 5, 15), Utc(3, 5, 16)),
            Days(March(5), March(5)));
  // The week of Monday 4 March ends on Sunday evening.
  EXPECT_EQ(DatesAfter(*calendar, Window{}, Grain::kWeek, DayStart(4), Utc(3, 10, 20)),
            std::nullopt);
  EXPECT_EQ(DatesAfter(*calendar, Window{}, Grain::kWeek, DayStart(4), Utc(3, 11, 15)),
            Days(March(11), March(11)));
}

TEST(DatesAfter, RowsBeyondTheCalendarCannotBeComputed) {
  const auto calendar = Exchange();
  EXPECT_EQ(DatesAfter(*calendar, Window{}, Grain::kDay, DayStart(5),
                       Utc(3, 5, 20) + absl::Hours(24 * 365)),
            std::nullopt);
}

FreshnessFacts Computed() {
  FreshnessFacts facts;
  facts.has_rows = true;
  facts.newest_row = Utc(3, 8, 15);
  facts.newest_bucket = DayStart(8);
  facts.rows = Days(March(1), March(8));
  return facts;
}

MetricFreshness Judged(const FreshnessFacts& facts) {
  return JudgeFreshness(*EntryOf(MetricOf("a/x")), facts);
}

TEST(JudgeFreshness, PointsOfAllRowsAreFresh) {
  const MetricFreshness freshness = Judged(Computed());
  EXPECT_EQ(freshness.state, FreshnessState::kFresh);
  EXPECT_EQ(freshness.metric, "a/x");
  EXPECT_EQ(freshness.newest_bucket, DayStart(8));
  EXPECT_EQ(freshness.newest_row, Utc(3, 8, 15));
}

TEST(JudgeFreshness, SaysHowToComputeWhatIsMissing) {
  FreshnessFacts facts = Computed();
  facts.newer = Days(March(6), March(8));
  MetricFreshness freshness = Judged(facts);
  EXPECT_EQ(freshness.state, FreshnessState::kNewerRows);
  EXPECT_THAT(freshness.reason, HasSubstr("metricctl backfill --metrics a/x --from 2024-03-06 "
                                          "--to 2024-03-08"));
  facts.newest_bucket.reset();
  freshness = Judged(facts);
  EXPECT_EQ(freshness.state, FreshnessState::kNeverComputed);
  EXPECT_THAT(freshness.reason, HasSubstr("version 1 has no points: metricctl backfill --metrics "
                                          "a/x --from 2024-03-01 --to 2024-03-08"));
  facts = {};
  freshness = Judged(facts);
  EXPECT_EQ(freshness.state, FreshnessState::kNoRows);
  EXPECT_THAT(freshness.reason, HasSubstr("dataset fact_orders has no rows"));
}

TEST(JudgeFreshness, AStaleMetricThatItReadsMakesItStale) {
  FreshnessFacts facts = Computed();
  facts.stale_upstream = "a/base";
  const MetricFreshness freshness = Judged(facts);
  EXPECT_EQ(freshness.state, FreshnessState::kUpstreamStale);
  EXPECT_THAT(freshness.reason, HasSubstr("metricctl freshness a/base"));
}

TEST(JudgeFreshness, WhatIsNotComputedSaysWhy) {
  MetricDefinition metric = MetricOf("a/x");
  metric.dimensions = {"plan"};
  FreshnessFacts facts = Computed();
  facts.newest_bucket.reset();
  MetricFreshness freshness = JudgeFreshness(*EntryOf(metric), facts);
  EXPECT_EQ(freshness.state, FreshnessState::kNotComputed);
  EXPECT_EQ(freshness.reason, "this release does not compute it: has dimensions");
  facts.stale_upstream = "a/base";
  EXPECT_THAT(JudgeFreshness(*EntryOf(metric), facts).reason, HasSubstr("a/base, which it reads"));
}

TEST(JudgeFreshness, MentionsANewerVersionEvenWhenFresh) {
  const auto entry = EntryOf(MetricOf("a/x"), MetricOf("a/x"));
  FreshnessFacts facts = Computed();
  MetricFreshness freshness = JudgeFreshness(*entry, facts);
  EXPECT_EQ(freshness.state, FreshnessState::kFresh);
  EXPECT_EQ(freshness.active_version, 1);
  EXPECT_EQ(freshness.latest_version, 2);
  EXPECT_THAT(freshness.reason,
              HasSubstr("version 2 has no points: metricctl backfill --metrics a/x --latest --from "
                        "2024-03-01 --to 2024-03-08; metricctl metrics promote a/x"));
  facts.newest_pending_bucket = DayStart(7);
  EXPECT_THAT(JudgeFreshness(*entry, facts).reason, HasSubstr("version 2 has fewer points"));
  facts.newest_pending_bucket = DayStart(8);
  EXPECT_THAT(JudgeFreshness(*entry, facts).reason,
              HasSubstr("version 2 waits to be promoted: metricctl metrics promote a/x"));
}

}  // namespace
}  // namespace metricstore::registry
