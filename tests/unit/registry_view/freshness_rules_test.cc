// When points are stale, and what the answer says.
#include "registry_service/query/freshness_rules.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "registry_service/query/freshness_findings.h"
#include "tests/testing/matchers.h"
#include "tests/unit/registry_view/entry_builder.h"

namespace metricstore::registry {
namespace {

using calendar::Calendar;
using calendar::Window;
using calendar::WindowKind;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

absl::Time Utc(int month, int day, int hour, int minute = 0) {
  return absl::FromCivil(absl::CivilMinute(2024, month, day, hour, minute), absl::UTCTimeZone());
}

DateRange Days(absl::CivilDay start, absl::CivilDay end) { return {start, end}; }
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
  spec.sessions = {{.name = "evening", .open = {18 * 3600, -1}, .close = {9 * 3600, 0}},
                   {.name = "rth", .open = {9 * 3600 + 1800, 0}, .close = {16 * 3600, 0}}};
  spec.first_date = absl::CivilDay(2024, 1, 1);
  spec.last_date = absl::CivilDay(2024, 12, 31);
  auto calendar = Calendar::Create(spec, 1);
  EXPECT_OK(calendar);
  return *calendar;
}

const Window kRth{.kind = WindowKind::kSession, .session = "rth"};

// The start of the trade date in UTC: New York is 5 hours behind until 10 March.
absl::Time DayStart(int day) { return Utc(3, day - 1, 23); }

TEST(WantedDates, AreThoseOfBucketsThatMayShowTheRows) {
  const auto calendar = Exchange();
  struct Case {
    std::string window;
    Grain grain;
    DateRange rows, wanted;
  };
  const auto day = [](int month, int date) { return absl::CivilDay(2024, month, date); };
  for (const Case& c : {
           Case{"full_day", Grain::kDay, {day(3, 5), day(3, 6)}, {day(3, 5), day(3, 6)}},
           Case{"full_day", Grain::kHour, {day(3, 5), day(3, 6)}, {day(3, 5), day(3, 6)}},
           Case{"rth", Grain::kWeek, {day(3, 5), day(3, 6)}, {day(3, 4), day(3, 11)}},
           Case{"rolling_3_sessions of rth",
                Grain::kDay,
                {day(3, 7), day(3, 8)},
                {day(3, 7), day(3, 12)}},
           Case{"month_to_date", Grain::kDay, {day(3, 7), day(3, 8)}, {day(3, 7), day(4, 1)}},
           // Dates that the calendar does not know are not computed.
           Case{"full_day",
                Grain::kDay,
                {absl::CivilDay(2023, 5, 1), day(1, 3)},
                {day(1, 1), day(1, 3)}},
           Case{"full_day", Grain::kMonth, {day(12, 5), day(12, 6)}, {day(12, 1), day(12, 1) + 31}},
       }) {
    const auto window = calendar::ParseWindow(c.window);
    ASSERT_OK(window);
    EXPECT_EQ(WantedDates(*calendar, {"", *window, c.grain, {}}, c.grain, c.rows), c.wanted)
        << c.window;
  }
  // Nor are weeks of which it does not know all.
  for (const DateRange& rows :
       {DateRange{day(12, 30), day(12, 31)}, DateRange{day(12, 30) + 30, day(12, 30) + 40}}) {
    const DateRange wanted =
        WantedDates(*calendar, {"", Window{}, Grain::kWeek, {}}, Grain::kWeek, rows);
    EXPECT_EQ(wanted.start, wanted.end);
  }
}

TEST(ShownDates, AreBucketsOfWhichTheWindowShowsAnything) {
  const auto calendar = Exchange();
  const auto shown = [&](const Window& window, Grain grain, DateRanges dates) {
    return ShownDates(*calendar, window, grain, dates);
  };
  EXPECT_THAT(shown(kRth, Grain::kDay, {{March(9), March(11)}}), IsEmpty());  // a weekend
  EXPECT_THAT(shown(Window{}, Grain::kDay, {{March(9), March(11)}}),
              ElementsAre(Days(March(9), March(11))));
  EXPECT_THAT(shown(kRth, Grain::kDay, {{March(9), March(12)}}),
              ElementsAre(Days(March(11), March(12))));
  // Nothing that could be computed lies between Friday and Monday.
  EXPECT_THAT(shown(kRth, Grain::kHour, {{March(8), March(9)}, {March(11), March(12)}}),
              ElementsAre(Days(March(8), March(12))));
  EXPECT_THAT(shown(kRth, Grain::kDay, {{March(7), March(8)}, {March(11), March(12)}}),
              ElementsAre(Days(March(7), March(8)), Days(March(11), March(12))));
  EXPECT_THAT(shown(kRth, Grain::kWeek, {{March(4), March(18)}}),
              ElementsAre(Days(March(4), March(18))));
  EXPECT_THAT(shown(kRth, Grain::kDay, {}), IsEmpty());
}

FreshnessFacts Computed() {
  FreshnessFacts facts;
  facts.has_rows = true;
  facts.newest_row = Utc(3, 8, 15);
  facts.newest_bucket = DayStart(8);
  facts.wanted = Days(March(1), March(9));
  facts.computed_end = March(9);
  facts.dataset = "fact_orders";
  facts.marked.detail = "X version 2";
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
  EXPECT_THAT(freshness.stale_dates, IsEmpty());
}

TEST(JudgeFreshness, SaysWhatIsStaleAndHowToComputeIt) {
  struct Case {
    std::string name;
    DateRanges rows, never_computed, marked;
    FreshnessState state;
    std::string reason;
    DateRanges stale;
  };
  const DateRanges sixth = {Days(March(6), March(7))};
  const DateRanges newer = {Days(March(9), March(12))};
  const std::string command = "metricctl backfill --metrics a/x --from ";
  for (const Case& c : {
           Case{"late rows",
                sixth,
                {},
                {},
                FreshnessState::kRowsChanged,
                "rows were accepted after their buckets were computed: " + command +
                    "2024-03-06 --to 2024-03-06",
                sixth},
           Case{"gap",
                sixth,
                sixth,
                {},
                FreshnessState::kRowsChanged,
                "rows lie in dates that were never computed: " + command +
                    "2024-03-06 --to 2024-03-06",
                sixth},
           Case{"newer rows",
                newer,
                newer,
                {},
                FreshnessState::kNewerRows,
                "rows came after the dates that were computed: " + command +
                    "2024-03-09 --to 2024-03-11",
                newer},
           Case{"late and newer rows",
                {sixth[0], newer[0]},
                newer,
                {},
                FreshnessState::kRowsChanged,
                command + "2024-03-06 --to 2024-03-11",
                {sixth[0], newer[0]}},
           Case{"calendar",
                {},
                {},
                sixth,
                FreshnessState::kCalendarChanged,
                "the calendar changed after buckets were computed (X version 2): " + command +
                    "2024-03-06 --to 2024-03-06",
                sixth},
           Case{"calendar and newer rows",
                newer,
                newer,
                sixth,
                FreshnessState::kCalendarChanged,
                "(X version 2), and newer rows came: " + command + "2024-03-06 --to 2024-03-11",
                {sixth[0], newer[0]}},
           Case{"calendar and late rows",
                sixth,
                {},
                sixth,
                FreshnessState::kRowsChanged,
                "were computed, and the calendar changed after buckets were computed (X version 2)",
                sixth},
       }) {
    SCOPED_TRACE(c.name);
    FreshnessFacts facts = Computed();
    facts.stale_rows = c.rows;
    facts.never_computed = c.never_computed;
    facts.marked.dates = c.marked;
    const MetricFreshness freshness = Judged(facts);
    EXPECT_EQ(freshness.state, c.state);
    EXPECT_THAT(freshness.reason, HasSubstr(c.reason));
    EXPECT_EQ(freshness.stale_dates, c.stale);
    EXPECT_TRUE(IsStale(*EntryOf(MetricOf("a/x")), facts));
  }
}

TEST(JudgeFreshness, WithoutAFinishedBackfillAllIsToBeComputed) {
  FreshnessFacts facts = Computed();
  facts.newest_bucket.reset();
  facts.computed_end.reset();
  facts.stale_rows = facts.never_computed = {facts.wanted};
  MetricFreshness freshness = Judged(facts);
  EXPECT_EQ(freshness.state, FreshnessState::kNeverComputed);
  EXPECT_THAT(freshness.reason,
              HasSubstr("version 1 was never computed: metricctl backfill --metrics a/x --from "
                        "2024-03-01 --to 2024-03-08"));
  EXPECT_THAT(freshness.stale_dates, ElementsAre(facts.wanted));
  facts.newest_bucket = DayStart(8);  // of a backfill of some entities
  EXPECT_THAT(Judged(facts).reason, HasSubstr("never computed for all entities"));
  facts.stale_rows.clear();
  freshness = Judged(facts);
  EXPECT_EQ(freshness.state, FreshnessState::kFresh);
  EXPECT_THAT(freshness.reason, HasSubstr("shows none of the rows"));
}

TEST(JudgeFreshness, WithoutRowsThereIsNothingToCompute) {
  FreshnessFacts facts;
  facts.dataset = "fact_orders";
  MetricFreshness freshness = Judged(facts);
  EXPECT_EQ(freshness.state, FreshnessState::kNoRows);
  EXPECT_THAT(freshness.reason, HasSubstr("dataset fact_orders has no rows"));
  facts.has_rows = true;
  facts.calendar = "X";
  freshness = Judged(facts);
  EXPECT_EQ(freshness.state, FreshnessState::kNoRows);
  EXPECT_THAT(freshness.reason, HasSubstr("lies in buckets that calendar X knows"));
  EXPECT_FALSE(IsStale(*EntryOf(MetricOf("a/x")), facts));
}

TEST(JudgeFreshness, OfVeryManyRangesTheLastCoversTheRest) {
  FreshnessFacts facts = Computed();
  for (int i = 0; i < 150; ++i)
    facts.stale_rows.push_back(Days(March(1) + 2 * i, March(2) + 2 * i));
  const DateRanges stale = Judged(facts).stale_dates;
  ASSERT_EQ(stale.size(), kMaxStaleRanges);
  EXPECT_EQ(stale[98], facts.stale_rows[98]);
  EXPECT_EQ(stale[99], Days(facts.stale_rows[99].start, facts.stale_rows[149].end));
}

TEST(JudgeFreshness, AStaleMetricThatItReadsMakesItStale) {
  FreshnessFacts facts = Computed();
  facts.stale_upstream = "a/base";
  const MetricFreshness freshness = Judged(facts);
  EXPECT_EQ(freshness.state, FreshnessState::kUpstreamStale);
  EXPECT_THAT(freshness.reason, HasSubstr("metricctl freshness a/base"));
}

TEST(JudgeFreshness, OtherGrainsAreToldWhereTheyAreStale) {
  FreshnessFacts facts = Computed();
  const DateRange march = Days(March(1), absl::CivilDay(2024, 4, 1));
  GrainFacts month{.grain = Grain::kMonth, .computed = true, .stale_rows = {march}};
  GrainFacts year{.grain = Grain::kYear, .computed = true};
  facts.others = {month, year};
  MetricFreshness freshness = Judged(facts);
  EXPECT_EQ(freshness.state, FreshnessState::kFresh);
  EXPECT_EQ(freshness.grain, Grain::kDay);
  ASSERT_EQ(freshness.other_grains.size(), 1u);
  const GrainFreshness& other = freshness.other_grains[0];
  EXPECT_EQ(other.grain, Grain::kMonth);
  EXPECT_EQ(other.state, FreshnessState::kRowsChanged);
  EXPECT_EQ(other.reason,
            "by month: rows were accepted after their buckets were computed: metricctl backfill "
            "--metrics a/x --grain month --from 2024-03-01 --to 2024-03-31");
  EXPECT_THAT(other.stale_dates, ElementsAre(march));
  facts.others[0] = {.grain = Grain::kMonth, .stale_rows = {march}};
  EXPECT_EQ(Judged(facts).other_grains[0].state, FreshnessState::kNeverComputed);
  EXPECT_THAT(Judged(facts).other_grains[0].reason, HasSubstr("for some entities only"));
  facts.others[0] = {.grain = Grain::kMonth,
                     .computed = true,
                     .marked = {{march}, "dataset", "fact_orders: timeframe"}};
  EXPECT_EQ(Judged(facts).other_grains[0].state, FreshnessState::kDatasetChanged);
  EXPECT_THAT(
      Judged(facts).other_grains[0].reason,
      HasSubstr("the dataset changed after buckets were computed (fact_orders: timeframe)"));
}

TEST(JudgeFreshness, ADatasetThatChangedIsToldApartFromItsCalendar) {
  FreshnessFacts facts = Computed();
  facts.marked = {{Days(March(6), March(7))}, "dataset", "fact_orders: columns[amount].rollup"};
  const MetricFreshness freshness = Judged(facts);
  EXPECT_EQ(freshness.state, FreshnessState::kDatasetChanged);
  EXPECT_THAT(freshness.reason,
              HasSubstr("the dataset changed after buckets were computed (fact_orders: "
                        "columns[amount].rollup): metricctl backfill"));
  EXPECT_TRUE(IsStale(*EntryOf(MetricOf("a/x")), facts));
}

TEST(JudgeFreshness, AMetricThatItReadsAndThatChangedIsNamed) {
  FreshnessFacts facts = Computed();
  facts.marked = {{Days(March(6), March(7))}, "upstream", "a/base version 2"};
  facts.stale_upstream = "a/base";
  const MetricFreshness freshness = Judged(facts);
  EXPECT_EQ(freshness.state, FreshnessState::kUpstreamChanged);
  EXPECT_EQ(freshness.reason,
            "a metric that it reads changed after buckets were computed (a/base version 2): "
            "metricctl backfill --metrics a/x --from 2024-03-06 --to 2024-03-06");
  EXPECT_THAT(freshness.stale_dates, ElementsAre(Days(March(6), March(7))));
  EXPECT_TRUE(IsStale(*EntryOf(MetricOf("a/x")), facts));
}

CatalogEntryPtr Reading(const std::string& id, std::vector<std::string> upstream) {
  MetricDefinition metric = MetricOf(id);
  metric.depends_on = std::move(upstream);
  return EntryOf(metric);
}

TEST(NearestStale, IsFoundThroughOthersAndInCircles) {
  const std::vector<CatalogEntryPtr> entries = {
      Reading("a/base", {}),           Reading("a/other", {}),
      Reading("a/near", {"a/base"}),   Reading("a/far", {"a/near", "a/other"}),
      Reading("a/apart", {"a/other"}), Reading("a/round", {"a/about", "a/far"}),
      Reading("a/about", {"a/round"})};
  EXPECT_THAT(NearestStale(entries, {"a/base"}),
              ElementsAre(Pair("a/about", "a/base"), Pair("a/far", "a/base"),
                          Pair("a/near", "a/base"), Pair("a/round", "a/base")));
  EXPECT_THAT(NearestStale(entries, {"a/base", "a/near"}),
              ElementsAre(Pair("a/about", "a/near"), Pair("a/far", "a/near"),
                          Pair("a/near", "a/base"), Pair("a/round", "a/near")));
  EXPECT_THAT(NearestStale(entries, {}), IsEmpty());
}

TEST(NearestStale, HasNoLimitOfDepth) {
  constexpr int kDepth = 50'000;
  std::vector<CatalogEntryPtr> entries = {Reading("a/m0", {})};
  for (int i = 1; i < kDepth; ++i) {
    entries.push_back(Reading(absl::StrCat("a/m", i), {absl::StrCat("a/m", i - 1)}));
  }
  const auto nearest = NearestStale(entries, {"a/m0"});
  EXPECT_EQ(nearest.size(), static_cast<size_t>(kDepth - 1));
  EXPECT_EQ(nearest.at(absl::StrCat("a/m", kDepth - 1)), "a/m0");
}

TEST(JudgeFreshness, WhatIsNotComputedSaysWhy) {
  const MetricDefinition metric = MetricOf("a/x");
  FreshnessFacts facts = Computed();
  facts.why_not = "has dimensions";
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
