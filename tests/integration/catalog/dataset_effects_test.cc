// A dataset whose rows become other bars marks the stored results that are made of bars.

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/integration/catalog/effects_fixture.h"
#include "tests/testing/matchers.h"

namespace metricstore::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const char kBars[] = "timeframe: 15m\n";
const char kAllDates[] = " v1 day 2024-01-02..2024-03-30";

DefinitionFile WithRollup(const std::string& rollup) {
  return Edited(BarsFile(), "name: volume, type: float64, rollup: sum",
                absl::StrCat("name: volume, type: float64, rollup: ", rollup));
}

class DatasetEffectsTest : public EffectsTest {
 protected:
  void SetUp() override {
    EffectsTest::SetUp();
    ASSERT_OK(Import({MetricOf("rows", "rth"), MetricOf("bars", "rth", kBars),
                      Edited(MetricOf("closes", "rth", kBars), "sum(volume)", "sum(close)")}));
    for (const char* metric : {"price/rows", "price/bars", "price/closes"}) {
      Store(metric, Grain::kDay);
    }
  }

  std::string Details() {
    return Ask("SELECT string_agg(DISTINCT detail, '; ' ORDER BY detail) FROM dirty_ranges");
  }
};

TEST_F(DatasetEffectsTest, AnotherRollupMarksWhatIsMadeOfBarsOfTheColumn) {
  Store("price/bars", Grain::kMonth);
  const auto done = Import({WithRollup("max")});
  ASSERT_OK(done);
  EXPECT_THAT(Marks("dataset"), ElementsAre(absl::StrCat("price/bars", kAllDates),
                                            "price/bars v1 month 2024-01-01..2024-04-01"));
  EXPECT_THAT(Marks("calendar"), IsEmpty());
  EXPECT_EQ(Details(), "fact_bars: columns[volume].rollup");
  EXPECT_EQ(done->outcomes[0].kind, "dataset");
  const std::vector<std::string> lines = StaleLines(done->outcomes[0].stale);
  ASSERT_THAT(lines, SizeIs(2));
  EXPECT_EQ(lines[0],
            "price/bars v1 day 1/64 2024-01-02..2024-03-30 2024-01-02T05:00:00Z "
            "2024-03-29T04:00:00Z");
}

TEST_F(DatasetEffectsTest, APlanTellsTheSameAndMarksNothing) {
  const auto plan = planner_.Plan(project_, std::vector{WithRollup("max")}, false, {});
  ASSERT_OK(plan);
  EXPECT_THAT(StaleLines(plan->changes[0].outcome.stale), SizeIs(1));
  EXPECT_EQ(StaleLines(plan->stale), StaleLines(plan->changes[0].outcome.stale));
  EXPECT_EQ(plan->recompute_points, 64);
  EXPECT_THAT(Marks("dataset"), IsEmpty());
}

TEST_F(DatasetEffectsTest, BackfillsWithoutPointsCountToo) {
  AddJob("running", "2024-05-01", "2024-06-01",
         R"(, {"id": "price/bars", "version": 1, "grain": "day"})");
  ASSERT_OK(Import({WithRollup("max")}));
  EXPECT_THAT(Marks("dataset"), ElementsAre(absl::StrCat("price/bars", kAllDates),
                                            "price/bars v1 day 2024-05-01..2024-06-01"));
}

TEST_F(DatasetEffectsTest, WordsUnitsAndNewColumnsMarkNothing) {
  ASSERT_OK(Import({Edited(BarsFile(), "Minute bars.", "Bars of a minute.")}));
  ASSERT_OK(Import({Edited(BarsFile(), "unit: USD, rollup: first", "unit: EUR, rollup: first")}));
  ASSERT_OK(Import(
      {{BarsFile().path, BarsFile().content + "  - {name: high, type: float64, nullable: true, "
                                              "rollup: max}\n"}}));
  EXPECT_THAT(Marks("dataset"), IsEmpty());
  EXPECT_THAT(Marks("calendar"), IsEmpty());
}

TEST_F(DatasetEffectsTest, ATimeframeThatBecomesTheMetricsOwnTakesItsBarsAway) {
  // Bars of 15 minutes stay bars of 15 minutes, whatever rows they are made of.
  ASSERT_OK(Import({Edited(BarsFile(), "timeframe: 1m", "timeframe: 5m")}));
  EXPECT_THAT(Marks("dataset"), IsEmpty());
  ASSERT_OK(Import({Edited(BarsFile(), "timeframe: 1m", "timeframe: 15m")}));
  EXPECT_THAT(Marks("dataset"), ElementsAre(absl::StrCat("price/bars", kAllDates),
                                            absl::StrCat("price/closes", kAllDates)));
  EXPECT_EQ(Details(), "fact_bars: timeframe");
}

TEST_F(DatasetEffectsTest, WhatReadsAMetricOfBarsIsMarkedToo) {
  ASSERT_OK(Import({{"metrics/price/double.yaml",
                     "name: double\ndescription: d\ntype: derived\ngrain: day\n"
                     "expression: \"metric('price/bars') * 2\"\n"}}));
  Store("price/double", Grain::kDay);
  ASSERT_OK(Import({WithRollup("max")}));
  EXPECT_THAT(Marks("dataset"), ElementsAre(absl::StrCat("price/bars", kAllDates),
                                            absl::StrCat("price/double", kAllDates)));
}

TEST_F(DatasetEffectsTest, AnotherCalendarAndAnotherRollupAreTwoCauses) {
  const DefinitionFile other = Edited(WithHoliday("2024-01-16"), "name: XNYS", "name: XNAS");
  const auto done = Import({other, Edited(WithRollup("max"), "calendar: XNYS", "calendar: XNAS")});
  ASSERT_OK(done);
  const std::string date = " v1 day 2024-01-16..2024-01-17";
  EXPECT_THAT(Marks("dataset"), ElementsAre(absl::StrCat("price/bars", kAllDates)));
  EXPECT_THAT(Marks("calendar"),
              ElementsAre("price/bars" + date, "price/closes" + date, "price/rows" + date));
  EXPECT_EQ(Details(), "XNAS version 1; fact_bars: columns[volume].rollup");
  // What is told of the dataset is both, each metric once.
  const std::vector<StaleResults>& stale = done->outcomes[1].stale;
  ASSERT_THAT(stale, SizeIs(3));
  EXPECT_EQ(stale[0].metric, "price/bars");
  EXPECT_EQ(stale[0].points, 64);
  EXPECT_EQ(stale[1].metric, "price/closes");
  EXPECT_EQ(stale[1].points, 1);
}

}  // namespace
}  // namespace metricstore::registry
