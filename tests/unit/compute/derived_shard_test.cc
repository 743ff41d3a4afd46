// Shards of metrics that read others: what is read, in which order, and which points come out.

#include <map>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "gmock/gmock.h"
#include "tests/unit/compute/derived_shard_fixture.h"

namespace metricstore::compute {
namespace {

using ::metricstore::testing::IsOk;
using ::metricstore::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::SizeIs;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr auto kOk = vector::PointStatus::kOk;
constexpr auto kNull = vector::PointStatus::kNull;

TEST_F(DerivedShardTest, ReadsTheVersionsThatTheLeaseNames) {
  Add(BarsMetric("a/close", "last(close)"));
  MetricDefinition second = BarsMetric("a/close", "last(close) + 100");
  second.ref.version = 2;
  Add(second);
  AddRow("fact_bars", "A", Utc(2024, 3, 4, 10), 6);
  LeasedShard shard = ShardOf({}, {"A"}, absl::CivilDay(2024, 3, 4), absl::CivilDay(2024, 3, 5));
  shard.metrics.push_back({Add(Derived("a/outer", "metric('a/doubled')")).ref, Grain::kDay});
  Add(Derived("a/doubled", "metric('a/close') * 2"));
  EXPECT_THAT(ValuesOf(shard), ElementsAre(212)) << "as it is served";
  shard.reads = {{"a/close", 1}, {"a/doubled", 1}};
  EXPECT_THAT(ValuesOf(shard), ElementsAre(12));
}

TEST_F(DerivedShardTest, ReadsTheMetricsThatItNames) {
  Add(BarsMetric("a/high", "max(close)"));
  Add(BarsMetric("a/low", "min(close)"));
  AddRow("fact_bars", "A", Utc(2024, 3, 4, 10), 6);
  AddRow("fact_bars", "A", Utc(2024, 3, 4, 11), 2);
  AddRow("fact_bars", "A", Utc(2024, 3, 5, 10), 5);
  const auto series = Compute({Derived("a/ratio", "metric('a/high') / metric('a/low')")},
                              absl::CivilDay(2024, 3, 4), absl::CivilDay(2024, 3, 7));
  ASSERT_THAT(series, SizeIs(1)) << "what is read is hidden";
  EXPECT_THAT(DaysOf(series[0]), ElementsAre("2024-03-04", "2024-03-05"));
  EXPECT_THAT(series[0].values, ElementsAre(3, 1));
  EXPECT_THAT(registry_.windows(), SizeIs(1)) << "one pass";
  EXPECT_THAT(registry_.windows()[0].columns, ElementsAre("close"));
}

TEST_F(DerivedShardTest, ReadsTheActiveVersion) {
  Add(BarsMetric("a/x", "min(close)"));
  MetricDefinition newer = BarsMetric("a/x", "max(close)");
  newer.ref.version = 4;
  Add(newer);
  AddRow("fact_bars", "A", Utc(2024, 3, 4, 10), 6);
  AddRow("fact_bars", "A", Utc(2024, 3, 4, 11), 2);
  const auto series = Compute({Derived("a/twice", "metric('a/x') * 2")}, absl::CivilDay(2024, 3, 4),
                              absl::CivilDay(2024, 3, 5));
  EXPECT_THAT(series.at(0).values, ElementsAre(12));
}

TEST_F(DerivedShardTest, ChainsAreEvaluatedInOrder) {
  Add(BarsMetric("a/base", "sum(close)"));
  Add(Derived("a/z_first", "metric('a/base') + 1"));
  Add(Derived("a/a_second", "metric('a/z_first') * 10"));
  AddRow("fact_bars", "A", Utc(2024, 3, 4, 10), 6);
  // Also asked for itself, and read twice.
  const auto series = Compute({Derived("a/third", "metric('a/a_second') - metric('a/base')"),
                               BarsMetric("a/base", "sum(close)")},
                              absl::CivilDay(2024, 3, 4), absl::CivilDay(2024, 3, 5));
  ASSERT_THAT(series, SizeIs(2));
  EXPECT_THAT(series[0].values, ElementsAre(64));
  EXPECT_THAT(series[1].values, ElementsAre(6));
}

TEST_F(DerivedShardTest, OwnAggregatesStandBesideOtherMetrics) {
  Add(BarsMetric("a/volume", "sum(volume)"));
  AddRow("fact_bars", "A", Utc(2024, 3, 4, 10), 6, 2);
  AddRow("fact_bars", "A", Utc(2024, 3, 4, 11), 3, 4);
  MetricDefinition metric = BarsMetric(
      "a/mixed", "sum(close) / metric('a/volume') + count(*) - sum(close) / metric('a/volume')",
      {"close > 4"});
  const auto series = Compute({metric}, absl::CivilDay(2024, 3, 4), absl::CivilDay(2024, 3, 5));
  EXPECT_THAT(series.at(0).values, ElementsAre(1)) << "the filter is of its own aggregates";
  metric.expression = "sum(close) / metric('a/volume')";
  EXPECT_THAT(
      Compute({metric}, absl::CivilDay(2024, 3, 4), absl::CivilDay(2024, 3, 5)).at(0).values,
      ElementsAre(1));
}

TEST_F(DerivedShardTest, OwnAggregatesMayBeOfBars) {
  Add(BarsMetric("a/last", "last(close)"));
  for (int minute = 0; minute < 60; minute += 10) {
    AddRow("fact_bars", "A", Utc(2024, 3, 4, 10, minute), minute);
  }
  MetricDefinition metric = BarsMetric("a/bars", "avg(close) / metric('a/last')");
  metric.timeframe = absl::Minutes(30);
  EXPECT_THAT(
      Compute({metric}, absl::CivilDay(2024, 3, 4), absl::CivilDay(2024, 3, 5)).at(0).values,
      ElementsAre((20 + 50) / 2.0 / 50));
}

TEST_F(DerivedShardTest, WhatIsReadFollowsTheGrainOfTheReader) {
  Add(BarsMetric("a/rows", "avg(close)"));
  MetricDefinition folded = BarsMetric("a/folded", "avg(close)");
  folded.rollup = "sum";
  Add(folded);
  AddRow("fact_bars", "A", Utc(2024, 3, 4, 10), 1);
  AddRow("fact_bars", "A", Utc(2024, 3, 4, 11), 3);
  AddRow("fact_bars", "A", Utc(2024, 3, 5, 10), 8);
  const auto series = Compute({Derived("a/of_rows", "metric('a/rows') * 1", Grain::kMonth),
                               Derived("a/of_points", "metric('a/folded') * 1", Grain::kMonth)},
                              absl::CivilDay(2024, 3, 1), absl::CivilDay(2024, 4, 1));
  EXPECT_THAT(series.at(0).values, ElementsAre(4)) << "of all rows of the month";
  EXPECT_THAT(series.at(1).values, ElementsAre(10)) << "of the points of the days";
}

TEST_F(DerivedShardTest, ADerivedMetricWithARollupIsFoldedFromItsPoints) {
  Add(BarsMetric("a/x", "sum(close)"));
  AddRow("fact_bars", "A", Utc(2024, 2, 29, 10), 100);
  AddRow("fact_bars", "A", Utc(2024, 3, 4, 10), 1);
  AddRow("fact_bars", "A", Utc(2024, 3, 5, 10), 4);
  MetricDefinition squares = Derived("a/squares", "metric('a/x') * metric('a/x')");
  squares.rollup = "max";
  EXPECT_THAT(
      Compute({squares}, absl::CivilDay(2024, 3, 1), absl::CivilDay(2024, 4, 1), Grain::kMonth)
          .at(0)
          .values,
      ElementsAre(16));
  squares.rollup.clear();
  EXPECT_THAT(
      Compute({squares}, absl::CivilDay(2024, 3, 1), absl::CivilDay(2024, 4, 1), Grain::kMonth)
          .at(0)
          .values,
      ElementsAre(25));
}

TEST_F(DerivedShardTest, MissingPointsAndDivisionByZeroAreNull) {
  Add(BarsMetric("a/x", "sum(close)"));
  Add(BarsMetric("a/y", "sum(close)", {"close > 5"}));
  AddRow("fact_bars", "A", Utc(2024, 3, 4, 10), 1);
  AddRow("fact_bars", "A", Utc(2024, 3, 5, 10), 8);
  AddRow("fact_bars", "A", Utc(2024, 3, 6, 10), 0);
  const auto series = Compute({Derived("a/missing", "metric('a/x') / metric('a/y')"),
                               Derived("a/zero", "1 / metric('a/x')")},
                              absl::CivilDay(2024, 3, 4), absl::CivilDay(2024, 3, 7));
  EXPECT_THAT(series.at(0).statuses, ElementsAre(kNull, kOk, kNull));
  EXPECT_THAT(series.at(1).values, ElementsAre(1, 0.125, 0));
  EXPECT_THAT(series.at(1).statuses, ElementsAre(kOk, kOk, kNull));
}

TEST_F(DerivedShardTest, MetricsOfSeveralDatasetsAreMatchedByEntity) {
  Add(BarsMetric("a/x", "sum(close)"));
  Add(OfOther(BarsMetric("b/y", "sum(volume)")));
  AddRow("fact_bars", "A", Utc(2024, 3, 4, 10), 6);
  AddRow("fact_bars", "C", Utc(2024, 3, 4, 10), 7);
  AddRow("fact_other", "A", Utc(2024, 3, 4, 10), 0, 2);
  AddRow("fact_other", "B", Utc(2024, 3, 4, 10), 0, 5);
  AddRow("fact_other", "D", Utc(2024, 3, 4, 10), 0, 9);  // not of the shard
  const MetricDefinition metric =
      Derived("a/both", "coalesce(metric('a/x'), 0) * 10 + coalesce(metric('b/y'), 0)");
  const auto results = Results({metric}, absl::CivilDay(2024, 3, 4), absl::CivilDay(2024, 3, 5),
                               {"A", "B", "C", "E"});
  ASSERT_THAT(results, IsOk());
  std::map<std::string, std::vector<double>> values;
  for (const SeriesPoints& series : results->series) values[series.entity] = series.points.values;
  EXPECT_EQ(values, (std::map<std::string, std::vector<double>>{
                        {"A", {62}}, {"B", {5}}, {"C", {70}}, {"E", {}}}));
  EXPECT_EQ(results->rows_read, 4);
  ASSERT_THAT(registry_.windows(), SizeIs(2));
  EXPECT_EQ(registry_.windows()[0].dataset, "fact_other") << "the home dataset comes last";
  EXPECT_THAT(registry_.windows()[0].entities, ElementsAre("A", "B", "C", "E"));
  EXPECT_EQ(results->read_watermark, 1) << "the least of both";
}

TEST_F(DerivedShardTest, ADerivedMetricMayGiveTexts) {
  Add(BarsMetric("a/x", "sum(close)"));
  AddRow("fact_bars", "A", Utc(2024, 3, 4, 10), 1);
  AddRow("fact_bars", "A", Utc(2024, 3, 5, 10), 4);
  MetricDefinition metric =
      Derived("a/side", "CASE WHEN metric('a/x') > 2 THEN 'high' ELSE 'low' END");
  EXPECT_THAT(Compute({metric}, absl::CivilDay(2024, 3, 4), absl::CivilDay(2024, 3, 6)).at(0).texts,
              ElementsAre("low", "high"));
  metric.rollup = "last";
  EXPECT_THAT(
      Compute({metric}, absl::CivilDay(2024, 3, 1), absl::CivilDay(2024, 4, 1), Grain::kMonth)
          .at(0)
          .texts,
      ElementsAre("high"));
  metric.rollup = "sum";
  EXPECT_THAT(Results({metric}, absl::CivilDay(2024, 3, 1), absl::CivilDay(2024, 4, 1), {"A"},
                      Grain::kMonth),
              StatusIs(kInvalid, "DEFINITION_INVALID"));
}

}  // namespace
}  // namespace metricstore::compute
