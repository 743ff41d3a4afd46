#include "compute_service/evaluation/row_evaluation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/testing/matchers.h"
#include "tests/unit/compute/shard_fixture.h"

namespace metricstore::compute {
namespace {

using ::metricstore::testing::HasMetadata;
using ::metricstore::testing::IsOk;
using ::metricstore::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

absl::StatusOr<std::vector<EntityPoints>> Evaluate(const MetricDefinition& metric,
                                                   const columns::ColumnBatch& rows) {
  return EvaluateMetric(metric, Bars(), *NewYork(), rows, CallBounds());
}

MetricDefinition At(Grain grain, MetricDefinition metric) {
  metric.grain = grain;
  return metric;
}

calendar::Window Rth() { return {.kind = calendar::WindowKind::kSession, .session = "rth"}; }

columns::ColumnBatch WithVenues(columns::ColumnBatch rows, const std::vector<std::string>& venues) {
  columns::Column venue{.name = "venue", .type = columns::ColumnType::kText};
  columns::DictionaryBuilder texts;
  for (const std::string& text : venues) venue.codes.push_back(texts.CodeOf(text));
  venue.dictionary = texts.Take();
  rows.columns.push_back(std::move(venue));
  return rows;
}

TEST(EvaluateMetricTest, GivesAPointForEveryBucketWithRowsOfEachEntity) {
  const auto points =
      Evaluate(BarsMetric("a/last", "last(close)"), BarsBatch({{"A", Utc(2024, 3, 4, 15), 1, 10},
                                                               {"A", Utc(2024, 3, 4, 16), 2, 10},
                                                               {"A", Utc(2024, 7, 1, 15), 3, 10},
                                                               {"B", Utc(2024, 3, 5, 15), 4, 10}}));
  ASSERT_THAT(points, IsOk());
  ASSERT_THAT(*points, SizeIs(2));
  EXPECT_EQ((*points)[0].entity, "A");
  // Local midnight: daylight saving has begun in July.
  EXPECT_THAT((*points)[0].points.bucket_start_micros,
              ElementsAre(ToMicros(Utc(2024, 3, 4, 5)), ToMicros(Utc(2024, 7, 1, 4))));
  EXPECT_THAT((*points)[0].points.values, ElementsAre(2, 3));
  EXPECT_EQ((*points)[1].entity, "B");
  EXPECT_THAT((*points)[1].points.values, ElementsAre(4));
}

TEST(EvaluateMetricTest, WindowsAndFiltersLeaveRowsOut) {
  const auto rows = BarsBatch({{"A", Utc(2024, 3, 4, 14, 29), 1, 10},   // before the session
                               {"A", Utc(2024, 3, 4, 14, 30), 2, 10},   // its first instant
                               {"A", Utc(2024, 3, 4, 21, 0), 4, 10},    // its end
                               {"A", Utc(2024, 3, 9, 15, 0), 8, 10}});  // a Saturday
  const auto in_session = Evaluate(BarsMetric("a/sum", "sum(close)", {}, Rth()), rows);
  ASSERT_THAT(in_session, IsOk());
  EXPECT_THAT(in_session->front().points.values, ElementsAre(2));
  const auto filtered = Evaluate(BarsMetric("a/sum", "sum(close)", {"close > 2"}), rows);
  ASSERT_THAT(filtered, IsOk());
  EXPECT_THAT(filtered->front().points.values, ElementsAre(4, 8));
}

TEST(EvaluateMetricTest, BucketsAreThoseOfTheMetricsGrain) {
  const auto rows = BarsBatch({{"A", Utc(2024, 1, 31, 15), 1, 10},
                               {"A", Utc(2024, 1, 31, 16), 2, 10},
                               {"A", Utc(2024, 2, 1, 15), 4, 10}});
  const auto hourly = Evaluate(At(Grain::kHour, BarsMetric("a/sum", "sum(close)")), rows);
  ASSERT_THAT(hourly, IsOk());
  EXPECT_THAT(hourly->front().points.values, ElementsAre(1, 2, 4));
  const auto weekly = Evaluate(At(Grain::kWeek, BarsMetric("a/sum", "sum(close)")), rows);
  ASSERT_THAT(weekly, IsOk());
  EXPECT_THAT(weekly->front().points.values, ElementsAre(7));
  const auto monthly = Evaluate(At(Grain::kMonth, BarsMetric("a/sum", "sum(close)")), rows);
  ASSERT_THAT(monthly, IsOk());
  EXPECT_THAT(monthly->front().points.bucket_start_micros,
              ElementsAre(ToMicros(Utc(2024, 1, 1, 5)), ToMicros(Utc(2024, 2, 1, 5))));
  EXPECT_THAT(monthly->front().points.values, ElementsAre(3, 4));
}

// The session that opens at 18:00 is the next date's.
TEST(EvaluateMetricTest, RowsBelongToTheirTradeDate) {
  auto calendar =
      calendar::Calendar::Create({.name = "CME",
                                  .description = "For tests.",
                                  .time_zone = "America/New_York",
                                  .open_days = {absl::Weekday::monday, absl::Weekday::tuesday},
                                  .sessions = {{"globex", {18 * 3600, -1}, {17 * 3600, 0}}},
                                  .first_date = absl::CivilDay(2024, 3, 5),
                                  .last_date = absl::CivilDay(2024, 3, 5)},
                                 1);
  ASSERT_THAT(calendar, IsOk());
  const MetricDefinition metric = BarsMetric("a/sum", "sum(close)");
  const auto inside = EvaluateMetric(
      metric, Bars(), **calendar,
      BarsBatch({{"A", Utc(2024, 3, 4, 23, 0), 1, 1}, {"A", Utc(2024, 3, 5, 22, 59), 2, 1}}),
      CallBounds());
  ASSERT_THAT(inside, IsOk());
  EXPECT_THAT(inside->front().points.values, ElementsAre(3));
  for (const absl::Time outside : {Utc(2024, 3, 4, 22, 59), Utc(2024, 3, 5, 23, 0)}) {
    EXPECT_THAT(
        EvaluateMetric(metric, Bars(), **calendar, BarsBatch({{"A", outside, 1, 1}}), CallBounds()),
        StatusIs(kInvalid, "BATCH_INVALID"));
  }
}

// A metric's test says what comes of its rows: later dates, on which there is no row, are left out.
TEST(EvaluateMetricTest, WindowsThatReachBackGivePointsForTheDatesOfRows) {
  const auto rows = BarsBatch({{"A", Utc(2024, 3, 4, 15), 1, 10},
                               {"A", Utc(2024, 3, 5, 15), 2, 10},
                               {"A", Utc(2024, 3, 8, 15), 4, 10},
                               {"A", Utc(2024, 6, 3, 15), 8, 10}});
  const auto evaluate = [&](const char* window) {
    const auto points =
        Evaluate(BarsMetric("a/sum", "sum(close)", {}, *calendar::ParseWindow(window)), rows);
    EXPECT_THAT(points, IsOk());
    return points->front().points;
  };
  const vector::MetricPoints rolling = evaluate("rolling_5_sessions of rth");
  EXPECT_THAT(rolling.bucket_start_micros,
              ElementsAre(ToMicros(Utc(2024, 3, 4, 5)), ToMicros(Utc(2024, 3, 5, 5)),
                          ToMicros(Utc(2024, 3, 8, 5)), ToMicros(Utc(2024, 6, 3, 4))));
  EXPECT_THAT(rolling.values, ElementsAre(1, 3, 7, 8));
  EXPECT_THAT(evaluate("month_to_date").values, ElementsAre(1, 3, 7, 8));
  EXPECT_THAT(evaluate("year_to_date").values, ElementsAre(1, 3, 7, 15));
  const vector::MetricPoints previous = evaluate("previous of rth");
  EXPECT_THAT(previous.bucket_start_micros, ElementsAre(ToMicros(Utc(2024, 3, 5, 5))));
  EXPECT_THAT(previous.values, ElementsAre(1));
}

TEST(EvaluateMetricTest, RowsBecomeBarsWhereThereIsATimeframe) {
  MetricDefinition metric = BarsMetric("a/n", "count(*) * 100 + sum(close)", {"volume > 0"});
  metric.timeframe = absl::Hours(1);
  const auto points = Evaluate(metric, BarsBatch({{"A", Utc(2024, 3, 4, 15, 1), 1, 1},
                                                  {"A", Utc(2024, 3, 4, 15, 59), 2, 1},
                                                  {"A", Utc(2024, 3, 4, 16, 0), 4, 1},
                                                  {"A", Utc(2024, 3, 4, 16, 1), 8, 0},
                                                  {"B", Utc(2024, 3, 5, 15, 0), 16, 1}}));
  ASSERT_THAT(points, IsOk());
  ASSERT_THAT(*points, SizeIs(2));
  EXPECT_THAT((*points)[0].points.values, ElementsAre(206));
  EXPECT_THAT((*points)[1].points.values, ElementsAre(116));
  MetricDefinition unknown = BarsMetric("a/n", "count(DISTINCT venue)");
  unknown.timeframe = absl::Hours(1);
  EXPECT_THAT(Evaluate(unknown, BarsBatch({})), StatusIs(kInvalid, "DEFINITION_INVALID"));
}

TEST(EvaluateMetricTest, TextsAreCountedDistinctly) {
  const auto rows = WithVenues(BarsBatch({{"A", Utc(2024, 3, 4, 15), 1, 10},
                                          {"A", Utc(2024, 3, 4, 16), 2, 10},
                                          {"B", Utc(2024, 3, 4, 16), 2, 10}}),
                               {"X", "Y", "X"});
  const auto points = Evaluate(BarsMetric("a/venues", "count(DISTINCT venue)"), rows);
  ASSERT_THAT(points, IsOk());
  ASSERT_THAT(*points, SizeIs(2));
  EXPECT_THAT((*points)[0].points.values, ElementsAre(2));
  EXPECT_THAT((*points)[1].points.values, ElementsAre(1));
}

TEST(EvaluateMetricTest, ADatasetWithoutEntitiesHasOneSeries) {
  Dataset dataset = Bars();
  dataset.entity_column.clear();
  const auto points = EvaluateMetric(
      BarsMetric("a/n", "count(DISTINCT symbol)"), dataset, *NewYork(),
      BarsBatch({{"B", Utc(2024, 3, 4, 15), 1, 10}, {"A", Utc(2024, 3, 4, 16), 2, 10}}),
      CallBounds());
  ASSERT_THAT(points, IsOk());
  ASSERT_THAT(*points, SizeIs(1));
  EXPECT_EQ(points->front().entity, "");
  EXPECT_THAT(points->front().points.values, ElementsAre(2));
}

TEST(EvaluateMetricTest, NoRowsGiveNoPointsButTheDefinitionIsChecked) {
  const auto points = Evaluate(BarsMetric("a/last", "last(close)"), {});
  ASSERT_THAT(points, IsOk());
  EXPECT_THAT(*points, IsEmpty());
  EXPECT_THAT(Evaluate(BarsMetric("a/last", "last(clse)"), {}),
              StatusIs(kInvalid, "EXPRESSION_INVALID"));
}

TEST(EvaluateMetricTest, RowsOutOfOrderAreRefused) {
  const MetricDefinition metric = BarsMetric("a/last", "last(close)");
  const auto entities = Evaluate(
      metric, BarsBatch({{"B", Utc(2024, 3, 4, 15), 1, 1}, {"A", Utc(2024, 3, 4, 16), 2, 1}}));
  EXPECT_THAT(entities, StatusIs(kInvalid, "BATCH_INVALID"));
  EXPECT_THAT(entities, HasMetadata("column", "symbol"));
  const auto times = Evaluate(
      metric, BarsBatch({{"A", Utc(2024, 3, 4, 16), 1, 1}, {"A", Utc(2024, 3, 4, 15), 2, 1}}));
  EXPECT_THAT(times, StatusIs(kInvalid, "BATCH_INVALID"));
  EXPECT_THAT(times, HasMetadata("column", "ts"));
}

TEST(EvaluateMetricTest, ColumnsThatAreMissingOrOfAnotherTypeAreNamed) {
  const auto rows = BarsBatch({{"A", Utc(2024, 3, 4, 15), 1, 1}});
  for (size_t i = 0; i < 3; ++i) {  // symbol, ts, close
    columns::ColumnBatch without = rows;
    without.columns.erase(without.columns.begin() + static_cast<ptrdiff_t>(i));
    const auto missing = Evaluate(BarsMetric("a/last", "last(close)"), without);
    EXPECT_THAT(missing, StatusIs(kInvalid, "BATCH_INVALID"));
    EXPECT_THAT(missing, HasMetadata("column", rows.columns[i].name));

    columns::ColumnBatch other = rows;
    other.columns[i] = {.name = rows.columns[i].name,
                        .type = columns::ColumnType::kBool,
                        .boolean = std::vector<uint8_t>(1)};
    const auto mistyped = Evaluate(BarsMetric("a/last", "last(close)"), other);
    EXPECT_THAT(mistyped, StatusIs(kInvalid, "BATCH_INVALID"));
    EXPECT_THAT(mistyped, HasMetadata("column", rows.columns[i].name));
  }
}

TEST(EvaluateMetricTest, ARowWithoutTimeOrEntityIsRefused) {
  for (size_t i = 0; i < 2; ++i) {
    columns::ColumnBatch rows = BarsBatch({{"A", Utc(2024, 3, 4, 15), 1, 1}});
    rows.columns[i].validity.SetNull(0, 1);
    const auto points = Evaluate(BarsMetric("a/last", "last(close)"), rows);
    EXPECT_THAT(points, StatusIs(kInvalid, "BATCH_INVALID"));
    EXPECT_THAT(points, HasMetadata("column", rows.columns[i].name));
  }
}

TEST(EvaluateMetricTest, RowsBeyondTheCalendarAreRefused) {
  const auto late =
      Evaluate(BarsMetric("a/last", "last(close)"), BarsBatch({{"A", Utc(2031, 1, 1, 15), 1, 1}}));
  EXPECT_THAT(late, StatusIs(kInvalid, "BATCH_INVALID"));
  EXPECT_THAT(late, HasMetadata("column", "ts"));
  EXPECT_THAT(std::string(late.status().message()), HasSubstr("2020-01-01 to 2030-12-31"));
  // The first days of 2020 are known, but not the whole of their week.
  EXPECT_THAT(Evaluate(At(Grain::kWeek, BarsMetric("a/last", "last(close)")),
                       BarsBatch({{"A", Utc(2020, 1, 2, 15), 1, 1}})),
              StatusIs(kInvalid, "BATCH_INVALID"));
}

TEST(EvaluateMetricTest, WhatIsNotComputedIsNotSupported) {
  const auto rows = BarsBatch({{"A", Utc(2024, 3, 4, 15), 1, 1}});
  EXPECT_THAT(Evaluate(BarsMetric("a/ratio", "sum(close) / metric('a/sum')"), rows),
              StatusIs(kInvalid, "NOT_SUPPORTED"));
}

TEST(EvaluateMetricTest, StopsWhenCancelled) {
  CallBounds bounds;
  bounds.cancel.Cancel();
  EXPECT_THAT(EvaluateMetric(BarsMetric("a/last", "last(close)"), Bars(), *NewYork(),
                             BarsBatch({{"A", Utc(2024, 3, 4, 15), 1, 1}}), bounds),
              StatusIs(absl::StatusCode::kCancelled));
}

}  // namespace
}  // namespace metricstore::compute
