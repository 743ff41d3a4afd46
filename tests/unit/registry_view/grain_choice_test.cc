// At which grains metrics are computed.
#include "registry_service/backfills/grain_choice.h"

#include <map>

#include "gmock/gmock.h"
#include "registry_service/catalog/sources/row_sources.h"
#include "tests/testing/matchers.h"
#include "tests/unit/registry_view/entry_builder.h"

namespace metricstore::registry {
namespace {

using ::metricstore::testing::HasMetadata;
using ::metricstore::testing::StatusIs;
using ::metricstore::testing::ViolatesField;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ChooseGrainsTest : public ::testing::Test {
 protected:
  ChooseGrainsTest() {
    calendar::CalendarSpec spec;
    spec.name = "24_7";
    spec.time_zone = "UTC";
    spec.open_days = {absl::Weekday::monday};
    spec.sessions = {{.name = "all", .open = {0, 0}, .close = {86400, 0}}};
    spec.first_date = absl::CivilDay(2020, 1, 1);
    spec.last_date = absl::CivilDay(2030, 12, 31);
    const auto calendar = calendar::Calendar::Create(spec, 1);
    EXPECT_OK(calendar);
    if (calendar.ok()) calendars_["fact_orders"] = *calendar;
  }

  static MetricDefinition Seen(const std::string& id, const std::string& window) {
    MetricDefinition metric = MetricOf(id);
    const auto parsed = calendar::ParseWindow(window);
    EXPECT_OK(parsed);
    if (parsed.ok()) metric.window = *parsed;
    return metric;
  }

  // "id grain", one a line.
  static std::string Text(const std::vector<ChosenGrain>& chosen) {
    std::string text;
    for (const ChosenGrain& choice : chosen) {
      text += choice.metric->id() + " " + std::string(GrainName(choice.grain)) + "\n";
    }
    return text;
  }

  Calendars calendars_;
  std::map<std::string, MetricDefinition> read_;
  SourceFinder finder_{[this](const std::string& id) {
                         const auto found = read_.find(id);
                         return found == read_.end() ? nullptr : &found->second;
                       },
                       [](const std::string&) { return nullptr; }};
};

TEST_F(ChooseGrainsTest, WhatAMetricReadsMustAllowTheGrainToo) {
  read_["a/y"] = Seen("a/y", "week_to_date");
  const auto reading = [](const std::string& id, const std::string& expression) {
    MetricDefinition metric = MetricOf(id);
    metric.dataset.clear();
    metric.depends_on = {"a/y"};
    metric.expression = expression;
    return metric;
  };
  MetricChoice choice{.computed = {reading("b/twice", "metric('a/y') * 2"),
                                   reading("b/late", "metric('a/y', offset => '24 hours')")}};
  const auto chosen = ChooseGrains(choice, {"b/*"}, {Grain::kHour, Grain::kDay, Grain::kMonth},
                                   calendars_, finder_);
  ASSERT_OK(chosen);
  EXPECT_EQ(Text(*chosen), "b/twice hour\nb/twice day\nb/late hour\n");
  ASSERT_EQ(choice.skipped.size(), 3u);
  EXPECT_THAT(choice.skipped[0].reason, HasSubstr("not by day: it reads a/y by an offset of 24"));
  EXPECT_THAT(choice.skipped[2].reason,
              HasSubstr("not by month: it reads a/y, computed not by month: "));
}

TEST_F(ChooseGrainsTest, AreTheMetricsOwnUnlessTheRequestNamesThem) {
  MetricChoice choice{.computed = {MetricOf("a/x"), Seen("a/y", "week_to_date")}};
  auto chosen = ChooseGrains(choice, {"a/*"}, {}, calendars_, finder_);
  ASSERT_OK(chosen);
  EXPECT_EQ(Text(*chosen), "a/x day\na/y day\n");
  chosen = ChooseGrains(choice, {"a/*"}, {Grain::kWeek, Grain::kHour, Grain::kWeek}, calendars_,
                        finder_);
  ASSERT_OK(chosen);
  EXPECT_EQ(Text(*chosen), "a/x hour\na/x week\na/y hour\na/y week\n");
  EXPECT_THAT(choice.skipped, IsEmpty());
}

TEST_F(ChooseGrainsTest, PatternsLeaveOutWhatAWindowDoesNotAllow) {
  MetricChoice choice{.computed = {MetricOf("a/x"), Seen("a/y", "week_to_date")},
                      .skipped = {{"a/z", "has dimensions"}}};
  const auto chosen =
      ChooseGrains(choice, {"a/*"}, {Grain::kDay, Grain::kMonth}, calendars_, finder_);
  ASSERT_OK(chosen);
  EXPECT_EQ(Text(*chosen), "a/x day\na/x month\na/y day\n");
  ASSERT_EQ(choice.skipped.size(), 2u);
  EXPECT_EQ(choice.skipped[0].id, "a/y");
  EXPECT_THAT(choice.skipped[0].reason, HasSubstr("not by month: "));
  EXPECT_EQ(choice.skipped[1].id, "a/z");
}

TEST_F(ChooseGrainsTest, WeeksDoNotFoldIntoMonths) {
  MetricDefinition weekly = MetricOf("a/x");
  weekly.grain = Grain::kWeek;
  weekly.rollup = "last";
  MetricChoice choice{.computed = {weekly}};
  EXPECT_THAT(ChooseGrains(choice, {"a/x"}, {Grain::kMonth}, calendars_, finder_),
              StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
  EXPECT_OK(ChooseGrains(choice, {"a/x"}, {Grain::kWeek}, calendars_, finder_));
  choice.computed[0].rollup.clear();  // then months are computed from rows
  EXPECT_OK(ChooseGrains(choice, {"a/x"}, {Grain::kMonth}, calendars_, finder_));
}

TEST_F(ChooseGrainsTest, WhatIsNamedOrAloneIsRefused) {
  for (const std::vector<std::string>& globs :
       {std::vector<std::string>{"a/y"}, {"y"}, {"a/*", "a/y"}}) {
    MetricChoice choice{.computed = {MetricOf("a/x"), Seen("a/y", "week_to_date")}};
    const auto chosen = ChooseGrains(choice, globs, {Grain::kMonth}, calendars_, finder_);
    EXPECT_THAT(chosen, StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
    EXPECT_THAT(chosen, ViolatesField("grains"));
    EXPECT_THAT(chosen, HasMetadata("value", "month"));
  }
  MetricChoice choice{.computed = {Seen("a/y", "week_to_date")}};
  EXPECT_THAT(ChooseGrains(choice, {"a/*"}, {Grain::kMonth}, calendars_, finder_),
              ViolatesField("grains"));
}

TEST_F(ChooseGrainsTest, PointsThatAreFoldedAreSeenAtTheMetricsOwnGrain) {
  MetricDefinition metric = Seen("a/y", "week_to_date");
  EXPECT_EQ(GrainOfWindow(metric, Grain::kMonth), Grain::kMonth);
  metric.rollup = "last";
  EXPECT_EQ(GrainOfWindow(metric, Grain::kMonth), Grain::kDay);
  EXPECT_EQ(GrainOfWindow(metric, Grain::kHour), Grain::kHour);
  MetricChoice choice{.computed = {metric}};
  const auto chosen = ChooseGrains(choice, {"a/y"}, {Grain::kMonth}, calendars_, finder_);
  ASSERT_OK(chosen);
  EXPECT_EQ(Text(*chosen), "a/y month\n");
}

}  // namespace
}  // namespace metricstore::registry
