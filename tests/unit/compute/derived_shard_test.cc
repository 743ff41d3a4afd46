// Shards of metrics that read others: what is read, in which order, and which points come out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "compute_service/runner/shard_runner.h"
#include "tests/testing/matchers.h"
#include "tests/unit/compute/derived_fixture.h"
#include "tests/unit/compute/fake_pacer.h"

namespace metricstore::compute {
namespace {

using ::metricstore::testing::HasMetadata;
using ::metricstore::testing::IsOk;
using ::metricstore::testing::StatusIs;
using ::metricstore::testing::ViolatesField;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using vector::MetricPoints;
using vector::PointStatus;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr auto kOk = PointStatus::kOk;
constexpr auto kNull = PointStatus::kNull;

class DerivedShardTest : public ::testing::Test, protected DerivedFixture {
 protected:
  absl::StatusOr<ShardResults> Results(const std::vector<MetricDefinition>& metrics,
                                       absl::CivilDay start, absl::CivilDay end,
                                       std::vector<std::string> entities = {"A"},
                                       std::optional<Grain> grain = std::nullopt) {
    LeasedShard shard = ShardOf({}, std::move(entities), start, end);
    for (const MetricDefinition& metric : metrics) {
      shard.metrics.push_back({Add(metric).ref, grain.value_or(metric.grain)});
    }
    return Run(shard);
  }
  absl::StatusOr<ShardResults> Run(const LeasedShard& shard) {
    return ShardRunner(registry_, compute_instruments_, pacer_, RetryPolicy()).Compute(shard, {});
  }
  // Of its first series.
  std::vector<double> ValuesOf(const LeasedShard& shard) {
    const auto results = Run(shard);
    EXPECT_THAT(results, IsOk());
    if (!results.ok() || results->series.empty()) return {};
    return results->series.front().points.values;
  }

  // The series of A, one for each metric.
  std::vector<MetricPoints> Compute(const std::vector<MetricDefinition>& metrics,
                                    absl::CivilDay start, absl::CivilDay end,
                                    std::optional<Grain> grain = std::nullopt) {
    const auto results = Results(metrics, start, end, {"A"}, grain);
    EXPECT_THAT(results, IsOk());
    std::vector<MetricPoints> points;
    if (!results.ok()) return points;
    for (const SeriesPoints& series : results->series) points.push_back(series.points);
    return points;
  }

  absl::Status Refusal(const MetricDefinition& metric) {
    return Results({metric}, absl::CivilDay(2024, 3, 1), absl::CivilDay(2024, 4, 1)).status();
  }

 private:
  telemetry::Instruments instruments_;
  ComputeInstruments compute_instruments_{instruments_};
  SkippingPacer pacer_;
};

std::vector<std::string> DaysOf(const MetricPoints& points) {
  std::vector<std::string> days;
  for (const int64_t start : points.bucket_start_micros) {
    days.push_back(FormatInstant(FromMicros(start)).substr(0, 10));
  }
  return days;
}

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

TEST_F(DerivedShardTest, OffsetsCrossMonthEnds) {
  Add(BarsMetric("a/x", "sum(close)"));
  AddRow("fact_bars", "A", Utc(2024, 2, 29, 10), 4);
  for (int day = 29; day <= 31; ++day) AddRow("fact_bars", "A", Utc(2024, 3, day, 10), day);
  const auto series = Compute({Derived("a/before", "metric('a/x', offset => '1 month')"),
                               Derived("a/change", "metric('a/x') - metric('a/x', '1 month')")},
                              absl::CivilDay(2024, 3, 28), absl::CivilDay(2024, 4, 1));
  EXPECT_THAT(DaysOf(series.at(0)), ElementsAre("2024-03-29", "2024-03-30", "2024-03-31"));
  EXPECT_THAT(series[0].values, ElementsAre(4, 4, 4)) << "cut to the month's end";
  EXPECT_THAT(series[1].values, ElementsAre(25, 26, 27));
  EXPECT_EQ(registry_.windows().at(0).interval, (TimeRange{Utc(2024, 2, 28), Utc(2024, 4, 1)}))
      << "widened by the offset";
}

TEST_F(DerivedShardTest, OffsetsCrossYearEnds) {
  Add(At(Grain::kMonth, BarsMetric("a/x", "sum(close)")));
  AddRow("fact_bars", "A", Utc(2023, 1, 10), 4);
  AddRow("fact_bars", "A", Utc(2023, 12, 31, 23), 8);
  AddRow("fact_bars", "A", Utc(2024, 1, 1), 10);
  const auto series =
      Compute({Derived("a/yoy", "metric('a/x') / metric('a/x', '1 year') - 1", Grain::kMonth),
               Derived("a/mom", "metric('a/x') / metric('a/x', '1 month') - 1", Grain::kMonth)},
              absl::CivilDay(2024, 1, 1), absl::CivilDay(2024, 2, 1));
  EXPECT_THAT(series.at(0).values, ElementsAre(1.5));
  EXPECT_THAT(series.at(1).values, ElementsAre(0.25));
}

TEST_F(DerivedShardTest, OffsetsAddUpAlongAChain) {
  Add(BarsMetric("a/x", "sum(close)"));
  Add(Derived("a/yesterday", "metric('a/x', '1 day')"));
  AddRow("fact_bars", "A", Utc(2024, 3, 1, 10), 5);
  const auto series = Compute({Derived("a/then", "metric('a/yesterday', '2 days')")},
                              absl::CivilDay(2024, 3, 4), absl::CivilDay(2024, 3, 5));
  EXPECT_THAT(series.at(0).values, ElementsAre(5));
}

TEST_F(DerivedShardTest, TheCutOfShardsDoesNotShow) {
  Add(BarsMetric("a/x", "sum(close)"));
  for (int day = 1; day <= 31; ++day) AddRow("fact_bars", "A", Utc(2024, 3, day, 10), day * day);
  const MetricDefinition metric = Derived("a/week", "metric('a/x') - metric('a/x', '1 week')");
  const auto whole = Compute({metric}, absl::CivilDay(2024, 3, 1), absl::CivilDay(2024, 4, 1));
  MetricPoints parts;
  for (int day = 1; day <= 31; ++day) {
    const absl::CivilDay date(2024, 3, day);
    const auto part = Compute({metric}, date, date + 1);
    ASSERT_THAT(part.at(0).values, SizeIs(1)) << "and none of the dates that were only read";
    parts.bucket_start_micros.push_back(part[0].bucket_start_micros[0]);
    parts.values.push_back(part[0].values[0]);
    parts.statuses.push_back(part[0].statuses[0]);
  }
  EXPECT_EQ(parts.bucket_start_micros, whole.at(0).bucket_start_micros);
  EXPECT_EQ(parts.values, whole[0].values);
  EXPECT_EQ(parts.statuses, whole[0].statuses);
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

TEST_F(DerivedShardTest, TheHomeIsTheDatasetOfTheFirstMetricRead) {
  Add(BarsMetric("z/x", "sum(close)"));
  Add(OfOther(BarsMetric("b/y", "sum(volume)")));
  Add(Derived("c/of_x", "metric('z/x') + metric('b/y')"));
  AddRow("fact_bars", "A", Utc(2024, 3, 4, 10), 6);
  EXPECT_THAT(Results({Derived("a/first", "metric('c/of_x') + metric('b/y')")},
                      absl::CivilDay(2024, 3, 4), absl::CivilDay(2024, 3, 5)),
              IsOk());
  const absl::Status other = Refusal(Derived("a/other_first", "metric('b/y') + metric('c/of_x')"));
  EXPECT_THAT(other, StatusIs(kInvalid, "FIELD_INVALID"));
  EXPECT_THAT(std::string(other.message()), HasSubstr("a/other_first"));
}

TEST_F(DerivedShardTest, DatasetsThatCannotBeLinedUpAreRefused) {
  Add(BarsMetric("a/x", "sum(close)"));
  Add(OfOther(BarsMetric("b/y", "sum(volume)")));
  const MetricDefinition metric = Derived("a/both", "metric('a/x') + metric('b/y')");
  Dataset dataset = *registry_.datasets["fact_other"];
  dataset.calendar = "XNYS";
  registry_.datasets["fact_other"] = std::make_shared<const Dataset>(dataset);
  absl::Status refused = Refusal(metric);
  EXPECT_THAT(refused, StatusIs(kInvalid, "NOT_SUPPORTED"));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("calendar XNYS"));
  dataset.calendar = "24_7";
  dataset.entity_column.clear();
  registry_.datasets["fact_other"] = std::make_shared<const Dataset>(dataset);
  refused = Refusal(metric);
  EXPECT_THAT(refused, StatusIs(kInvalid, "NOT_SUPPORTED"));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("entities"));
}

TEST_F(DerivedShardTest, ACircleIsRefusedWithItsPath) {
  Add(Derived("a/y", "metric('a/z') + 1"));
  Add(Derived("a/z", "metric('a/x') + 1"));
  const absl::Status refused = Refusal(Derived("a/x", "metric('a/y') + 1"));
  EXPECT_THAT(refused, StatusIs(kInvalid, "DEPENDENCY_CYCLE"));
  EXPECT_THAT(refused, HasMetadata("cycle", "a/x -> a/y -> a/z -> a/x"));
  EXPECT_THAT(refused, HasMetadata("position", "8"));
  EXPECT_THAT(refused, ViolatesField("expression"));
}

TEST_F(DerivedShardTest, ChainsAreBounded) {
  Add(BarsMetric("a/m1", "sum(close)"));
  const auto link = [](int n) {
    return Derived(absl::StrCat("a/m", n), absl::StrCat("metric('a/m", n - 1, "') + 1"));
  };
  for (int n = 2; n <= 40; ++n) Add(link(n));
  AddRow("fact_bars", "A", Utc(2024, 3, 4, 10), 1);
  EXPECT_THAT(
      Compute({link(32)}, absl::CivilDay(2024, 3, 4), absl::CivilDay(2024, 3, 5)).at(0).values,
      ElementsAre(32));
  EXPECT_THAT(Refusal(link(33)), StatusIs(kInvalid, "NOT_SUPPORTED"));
  EXPECT_THAT(Refusal(link(40)), StatusIs(kInvalid, "NOT_SUPPORTED"));
}

TEST_F(DerivedShardTest, AMetricThatIsNotThereIsSaidByItsReader) {
  const absl::Status refused = Refusal(Derived("a/x", "1 + metric('a/nowhere')"));
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kNotFound, "METRIC_NOT_FOUND"));
  EXPECT_THAT(refused, HasMetadata("metric", "a/nowhere"));
  EXPECT_THAT(refused, HasMetadata("position", "12"));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("metric a/x version 1: position 12: "));
}

TEST_F(DerivedShardTest, OffsetsOfHoursAreForHours) {
  Add(BarsMetric("a/x", "sum(close)"));
  EXPECT_THAT(Refusal(Derived("a/day", "metric('a/x', '1 hour')")),
              StatusIs(kInvalid, "NOT_SUPPORTED"));
  AddRow("fact_bars", "A", Utc(2024, 3, 3, 23, 30), 5);
  const auto series = Compute({Derived("a/hour", "metric('a/x', '1 hour')", Grain::kHour)},
                              absl::CivilDay(2024, 3, 4), absl::CivilDay(2024, 3, 5));
  EXPECT_THAT(series.at(0).bucket_start_micros, ElementsAre(ToMicros(Utc(2024, 3, 4))));
  EXPECT_THAT(series.at(0).values, ElementsAre(5));
}

TEST_F(DerivedShardTest, AnOffsetBeyondTheCalendarReadsNull) {
  Add(BarsMetric("a/x", "sum(close)"));
  AddRow("fact_bars", "A", Utc(2020, 1, 2, 10), 5);
  const auto series = Compute({Derived("a/yoy", "metric('a/x') - metric('a/x', '1 year')")},
                              absl::CivilDay(2020, 1, 1), absl::CivilDay(2020, 2, 1));
  EXPECT_THAT(series.at(0).statuses, ElementsAre(kNull));
}

TEST_F(DerivedShardTest, WholeSelectsAreRefused) {
  MetricDefinition metric = BarsMetric("a/sql", "");
  EXPECT_THAT(Refusal(metric), StatusIs(kInvalid, "NOT_SUPPORTED"));
  Add(metric);
  EXPECT_THAT(Refusal(Derived("a/reader", "metric('a/sql') + 1")),
              StatusIs(kInvalid, "NOT_SUPPORTED"));
}

TEST_F(DerivedShardTest, TextsVectorsAndConditionsAreNotRead) {
  Add(BarsMetric("a/text", "last(venue)"));
  Add(BarsMetric("a/condition", "sum(close) > 1"));
  Add(BarsMetric("a/vector", "array_agg(close)"));
  for (const char* id : {"a/text", "a/condition", "a/vector"}) {
    EXPECT_THAT(Refusal(Derived("a/reader", absl::StrCat("metric('", id, "') + 1"))),
                StatusIs(kInvalid, "NOT_SUPPORTED"))
        << id;
  }
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

TEST_F(DerivedShardTest, WeeksOfADerivedMetricAreNotFolded) {
  Add(BarsMetric("a/x", "sum(close)"));
  MetricDefinition metric = Derived("a/weekly", "metric('a/x') * 1", Grain::kWeek);
  metric.rollup = "last";
  EXPECT_THAT(Results({metric}, absl::CivilDay(2024, 3, 1), absl::CivilDay(2024, 4, 1), {"A"},
                      Grain::kMonth),
              StatusIs(kInvalid, "NOT_SUPPORTED"));
}

}  // namespace
}  // namespace metricstore::compute
