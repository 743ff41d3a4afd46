#include "compute_service/conversion/definition_conversion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/testing/matchers.h"

namespace metricstore::compute {
namespace {

namespace pb = ::metricstore::registry::v1;

using ::metricstore::testing::IsOk;
using ::metricstore::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::Pair;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

pb::Metric MetricMessage() {
  pb::Metric proto;
  proto.set_id("a/metric");
  proto.set_dataset("fact_bars");
  proto.set_grain(pb::GRAIN_DAY);
  proto.set_expression("last(close)");
  return proto;
}

TEST(ToMetricDefinitionTest, KeepsHowRowsAreResampledAndPointsFolded) {
  pb::Metric proto = MetricMessage();
  proto.mutable_timeframe()->set_seconds(900);
  proto.set_timeframe_alignment(pb::BAR_ALIGNMENT_SESSION);
  proto.set_rollup("last");
  const auto metric = ToMetricDefinition(proto);
  ASSERT_THAT(metric, IsOk());
  EXPECT_EQ(metric->timeframe, absl::Minutes(15));
  EXPECT_EQ(metric->alignment, calendar::BarAlignment::kSession);
  EXPECT_EQ(metric->rollup, "last");
  proto.set_timeframe_alignment(pb::BAR_ALIGNMENT_UNSPECIFIED);
  EXPECT_EQ(ToMetricDefinition(proto)->alignment, calendar::BarAlignment::kClock);
}

TEST(ToMetricDefinitionTest, KeepsTheReachOfAWindow) {
  pb::Metric proto = MetricMessage();
  pb::Window* window = proto.mutable_window();
  window->set_kind(pb::Window::KIND_FIRST);
  window->set_session("rth");
  window->mutable_length()->set_seconds(1800);
  EXPECT_EQ(ToMetricDefinition(proto)->window, *calendar::ParseWindow("first_30m"));
  window->mutable_rolling()->set_count(20);
  window->mutable_rolling()->set_unit(pb::Window::ROLLING_UNIT_SESSIONS);
  EXPECT_EQ(ToMetricDefinition(proto)->window,
            *calendar::ParseWindow("rolling_20_sessions of first_30m"));
  window->set_to_date(pb::GRAIN_MONTH);
  EXPECT_EQ(ToMetricDefinition(proto)->window,
            *calendar::ParseWindow("month_to_date of first_30m"));
  window->set_previous(2);
  EXPECT_EQ(ToMetricDefinition(proto)->window, *calendar::ParseWindow("previous_2 of first_30m"));
}

TEST(ToMetricDefinitionTest, RefusesValuesThatItDoesNotKnow) {
  pb::Metric proto = MetricMessage();
  proto.set_timeframe_alignment(static_cast<pb::BarAlignment>(9));
  EXPECT_THAT(ToMetricDefinition(proto), StatusIs(kInvalid, "FIELD_INVALID"));
  proto = MetricMessage();
  proto.mutable_window()->mutable_rolling()->set_count(3);
  EXPECT_THAT(ToMetricDefinition(proto), StatusIs(kInvalid, "FIELD_INVALID"));
  proto.mutable_window()->set_to_date(static_cast<pb::Grain>(9));
  EXPECT_THAT(ToMetricDefinition(proto), StatusIs(kInvalid, "FIELD_INVALID"));
}

TEST(ToDatasetTest, KeepsTheRollupsOfColumns) {
  pb::Dataset proto;
  proto.set_name("fact_bars");
  const auto add = [&](const char* name, pb::ColumnRollup rollup) {
    pb::DatasetColumn* column = proto.add_columns();
    column->set_name(name);
    column->set_type(common::v1::COLUMN_TYPE_FLOAT64);
    column->set_rollup(rollup);
  };
  add("a", pb::COLUMN_ROLLUP_FIRST);
  add("b", pb::COLUMN_ROLLUP_LAST);
  add("c", pb::COLUMN_ROLLUP_MIN);
  add("d", pb::COLUMN_ROLLUP_MAX);
  add("e", pb::COLUMN_ROLLUP_SUM);
  add("f", pb::COLUMN_ROLLUP_AVG);
  add("g", pb::COLUMN_ROLLUP_UNSPECIFIED);
  const auto dataset = ToDataset(proto);
  ASSERT_THAT(dataset, IsOk());
  EXPECT_THAT(dataset->rollups,
              UnorderedElementsAre(Pair("a", "first"), Pair("b", "last"), Pair("c", "min"),
                                   Pair("d", "max"), Pair("e", "sum"), Pair("f", "avg")));
  add("h", static_cast<pb::ColumnRollup>(77));
  EXPECT_THAT(ToDataset(proto), StatusIs(kInvalid, "FIELD_INVALID"));
}

pb::Calendar CalendarMessage() {
  pb::Calendar proto;
  proto.set_name("XTKS");
  proto.set_description("For tests.");
  proto.set_time_zone("Asia/Tokyo");
  proto.add_open_days(pb::WEEKDAY_MONDAY);
  proto.set_first_date("2020-01-01");
  proto.set_last_date("2030-12-31");
  pb::Session* session = proto.add_sessions();
  session->set_name("rth");
  session->mutable_open()->set_second_of_day(9 * 3600);
  session->mutable_close()->set_second_of_day(15 * 3600);
  return proto;
}

TEST(ToCalendarSpecTest, KeepsBreaksDaysAndDatesOfSessions) {
  pb::Calendar proto = CalendarMessage();
  proto.set_week_start(pb::WEEKDAY_SUNDAY);
  pb::Session* session = proto.mutable_sessions(0);
  pb::Break* pause = session->add_breaks();
  pause->mutable_start()->set_second_of_day(41400);
  pause->mutable_end()->set_second_of_day(45000);
  session->add_days(pb::WEEKDAY_FRIDAY);
  session->set_first_date("2024-11-05");
  const auto spec = ToCalendarSpec(proto);
  ASSERT_THAT(spec, IsOk());
  EXPECT_EQ(spec->week_start, absl::Weekday::sunday);
  ASSERT_THAT(spec->sessions, SizeIs(1));
  const calendar::SessionRule& rule = spec->sessions[0];
  EXPECT_THAT(rule.breaks, ElementsAre(calendar::BreakRule{{41400, 0}, {45000, 0}}));
  EXPECT_THAT(rule.days, ElementsAre(absl::Weekday::friday));
  EXPECT_EQ(rule.first_date, absl::CivilDay(2024, 11, 5));
  EXPECT_EQ(rule.last_date, std::nullopt);
  EXPECT_EQ(ToCalendarSpec(CalendarMessage())->week_start, absl::Weekday::monday);
}

TEST(ToCalendarSpecTest, KeepsSpecialSessionsAndWhatHolidaysClose) {
  pb::Calendar proto = CalendarMessage();
  pb::Holiday* holiday = proto.add_holidays();
  holiday->set_name("New Year");
  holiday->add_sessions("rth");
  pb::DateRule* on = holiday->mutable_on();
  on->mutable_dates()->add_dates("2024-02-12");
  on->mutable_dates()->add_dates("2025-01-31");
  on->set_observance(pb::OBSERVANCE_WEEKEND_TO_FRIDAY);
  pb::SpecialSession* special = proto.add_special_sessions();
  special->set_name("A Saturday");
  special->mutable_on()->set_date("2024-03-02");
  special->set_session("rth");
  special->mutable_open()->set_second_of_day(36000);
  special->mutable_close()->set_second_of_day(43200);
  pb::Break* pause = special->add_breaks();
  pause->mutable_start()->set_second_of_day(37000);
  pause->mutable_end()->set_second_of_day(38000);
  const auto spec = ToCalendarSpec(proto);
  ASSERT_THAT(spec, IsOk());
  ASSERT_THAT(spec->holidays, SizeIs(1));
  EXPECT_THAT(spec->holidays[0].sessions, ElementsAre("rth"));
  EXPECT_EQ(spec->holidays[0].on.observance, calendar::Observance::kWeekendToFriday);
  EXPECT_THAT(std::get<calendar::DateRule::Dates>(spec->holidays[0].on.rule).dates,
              ElementsAre(absl::CivilDay(2024, 2, 12), absl::CivilDay(2025, 1, 31)));
  ASSERT_THAT(spec->special_sessions, SizeIs(1));
  const calendar::SpecialSession& kept = spec->special_sessions[0];
  EXPECT_EQ(kept.session, "rth");
  EXPECT_EQ(kept.open, (calendar::LocalTime{36000, 0}));
  EXPECT_EQ(kept.close, (calendar::LocalTime{43200, 0}));
  EXPECT_THAT(kept.breaks, ElementsAre(calendar::BreakRule{{37000, 0}, {38000, 0}}));
  EXPECT_THAT(std::get<calendar::DateRule::Dates>(kept.on.rule).dates,
              ElementsAre(absl::CivilDay(2024, 3, 2)));
}

TEST(ToCalendarSpecTest, RefusesDatesAndDaysThatAreNone) {
  pb::Calendar proto = CalendarMessage();
  proto.mutable_sessions(0)->set_last_date("2024-02-30");
  EXPECT_THAT(ToCalendarSpec(proto), StatusIs(kInvalid, "FIELD_INVALID"));
  proto = CalendarMessage();
  proto.set_week_start(static_cast<pb::Weekday>(8));
  EXPECT_THAT(ToCalendarSpec(proto), StatusIs(kInvalid, "FIELD_INVALID"));
  proto = CalendarMessage();
  proto.add_holidays()->mutable_on()->set_observance(static_cast<pb::Observance>(77));
  EXPECT_THAT(ToCalendarSpec(proto), StatusIs(kInvalid, "FIELD_INVALID"));
}

}  // namespace
}  // namespace metricstore::compute
