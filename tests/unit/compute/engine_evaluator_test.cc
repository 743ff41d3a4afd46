// What the evaluator promises beyond the functions themselves: slices, filters, refusals,
// cancellation, the same bits every time.

#include <bit>
#include <thread>

#include "common/status/error.h"
#include "gmock/gmock.h"
#include "tests/unit/compute/engine_fixture.h"

namespace metricstore::compute::vector {
namespace {

using columns::ColumnBatch;
using columns::ColumnType;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(EngineBucketTest, EveryRowOfAHalfOpenSliceCountsOnce) {
  const BucketsPtr buckets = MakeBuckets({{{0, 3}}, {{3, 5}}, {{5, 5 + 1}}});
  const auto points = EvaluateAll({MakeTask("sum(a)", buckets)}, RowsOf({1, 2, 4, 8, 16, 32}));
  EXPECT_THAT(points[0].bucket_start_micros, ElementsAre(0, 3, 5));
  EXPECT_THAT(points[0].values, ElementsAre(7, 24, 32));
}

TEST(EngineBucketTest, BucketsWithoutRowsHaveNoPoint) {
  const BucketsPtr buckets = MakeBuckets({{{-9, -5}}, {{0, 1}}, {{1, 2}}, {{50, 60}}});
  const auto points =
      EvaluateAll({MakeTask("count(*)", buckets), MakeTask("count(*)", buckets, {"a > 1"}),
                   MakeTask("count(*)", buckets, {"a > 9"})},
                  RowsOf({1, 2}));
  EXPECT_THAT(points[0].bucket_start_micros, ElementsAre(0, 1));
  EXPECT_THAT(points[1].bucket_start_micros, ElementsAre(1));
  EXPECT_THAT(points[2].bucket_start_micros, IsEmpty());
  EXPECT_THAT(EvaluateAll({MakeTask("count(*)", buckets)}, RowsOf({}))[0].values, IsEmpty());
}

TEST(EngineBucketTest, LagGoesAcrossTheSlicesOfOneBucketButNotOfTwo) {
  const ColumnBatch rows = RowsOf({1, 2, 100, 4, 8, 16});
  const BucketsPtr gap = MakeBuckets({{{0, 2}, {3, 4}}, {{4, 6}}});
  const auto points = EvaluateAll({MakeTask("sum(delta(a))", gap), MakeTask("count(lag(a))", gap),
                                   MakeTask("last(lag(a, 2))", gap)},
                                  rows);
  EXPECT_THAT(points[0].values, ElementsAre(3, 8));
  EXPECT_THAT(points[1].values, ElementsAre(2, 1));
  EXPECT_THAT(points[2].values, ElementsAre(1, 0));
  EXPECT_THAT(points[2].statuses, ElementsAre(PointStatus::kOk, PointStatus::kNull));
}

TEST(EngineBucketTest, BucketsMayShareRows) {
  const BucketsPtr rolling = MakeBuckets({{{0, 2}}, {{0, 3}}, {{1, 4}}});
  const auto points = EvaluateAll({MakeTask("sum(a)", rolling), MakeTask("sum(delta(a))", rolling)},
                                  RowsOf({1, 2, 4, 8}));
  EXPECT_THAT(points[0].values, ElementsAre(3, 7, 14));
  EXPECT_THAT(points[1].values, ElementsAre(1, 3, 6));
}

TEST(EngineFilterTest, FilteredRowsAreNoNeighboursOfLag) {
  const MetricPoints points = EvaluateOne("sum(delta(a))", RowsOf({1, -1, 5, -7, 6}), {"a > 0"});
  EXPECT_THAT(points.values, ElementsAre(5));
}

TEST(EngineFilterTest, ARowWhoseConditionIsNullDoesNotPass) {
  ColumnBatch rows = RowsOf({1, 0, 3});
  rows.columns[1].validity.SetNull(1, 3);
  EXPECT_THAT(EvaluateOne("count(*)", rows, {"a < 2"}).values, ElementsAre(1));
  EXPECT_THAT(EvaluateOne("count(*)", rows, {"NOT a < 2"}).values, ElementsAre(1));
}

TEST(EngineFilterTest, TasksMayShareConditionsInAnyOrder) {
  const BucketsPtr buckets = MakeBuckets({{{0, 9}}});
  const auto points =
      EvaluateAll({MakeTask("sum(a)", buckets, {"a > 1", "a < 8"}),
                   MakeTask("max(a)", buckets, {"a < 8", "a > 1"}),
                   MakeTask("sum(a)", buckets, {"a < 8"}), MakeTask("sum(a)", buckets)},
                  RowsOf({1, 2, 4, 8}));
  EXPECT_THAT(points[0].values, ElementsAre(6));
  EXPECT_THAT(points[1].values, ElementsAre(4));
  EXPECT_THAT(points[2].values, ElementsAre(7));
  EXPECT_THAT(points[3].values, ElementsAre(15));
}

TEST(EngineDeterminismTest, TheSameRowsGiveTheSameBitsWhereverTheyLie) {
  std::mt19937_64 random(7);
  std::uniform_real_distribution<double> noise(-1e6, 1e6);
  std::vector<double> values;
  for (int i = 0; i < 3000; ++i) values.push_back(noise(random));
  const std::vector<std::string> metrics = {"sum(a)", "stddev_samp(a)", "sum(a * a)",
                                            "sum(log_return(abs(a)))"};
  // The same 997 rows at the start of a batch and behind others; whole and in two stretches.
  const auto at = [&](size_t offset) {
    std::vector<double> shifted(values.begin(), values.begin() + static_cast<ptrdiff_t>(offset));
    shifted.insert(shifted.end(), values.begin(), values.begin() + 997);
    shifted.insert(shifted.end(), values.begin() + 1500, values.end());
    const auto start = static_cast<int64_t>(offset);
    const BucketsPtr buckets = MakeBuckets({{{start, start + 997}}});
    std::vector<MetricTask> tasks;
    for (const std::string& metric : metrics) tasks.push_back(MakeTask(metric, buckets));
    std::vector<uint64_t> bits;
    for (const MetricPoints& points : EvaluateAll(tasks, RowsOf(shifted))) {
      bits.push_back(std::bit_cast<uint64_t>(points.values.at(0)));
    }
    return bits;
  };
  const std::vector<uint64_t> first = at(0);
  for (const size_t offset : {1, 2, 3, 500, 1023, 1024, 1500}) EXPECT_EQ(at(offset), first);
}

TEST(EngineDeterminismTest, OneEvaluatorServesManyThreads) {
  std::mt19937_64 random(11);
  const ColumnBatch rows = RandomRows(&random, 20'000, 10);
  const BucketsPtr buckets = MakeBuckets({{{0, 5000}}, {{5000, 9000}}, {{9000, 90'000}}});
  const auto evaluator = Evaluator::Create(
      {MakeTask("stddev_samp(log_return(a))", buckets, {"flag"}), MakeTask("sum(a * b)", buckets)},
      "ts", TestSchema());
  ASSERT_TRUE(evaluator.ok());
  const auto expected = (*evaluator)->Evaluate(rows, CallBounds());
  ASSERT_TRUE(expected.ok());
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 10; ++round) {
        const auto points = (*evaluator)->Evaluate(rows, CallBounds());
        ASSERT_TRUE(points.ok());
        for (size_t task = 0; task < points->size(); ++task) {
          EXPECT_EQ((*points)[task].values, (*expected)[task].values);
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(EngineColumnsTest, AreThoseOfExpressionsAndFiltersWithoutTheTime) {
  const BucketsPtr buckets = MakeBuckets({{{0, 9}}});
  const auto evaluator = Evaluator::Create(
      {MakeTask("sum(n) / count(ts)", buckets, {"side = 'B'"}), MakeTask("count(*)", buckets)},
      "ts", TestSchema());
  ASSERT_TRUE(evaluator.ok());
  EXPECT_THAT((*evaluator)->columns(), ElementsAre("n", "side"));
}

void ExpectBatchInvalid(const ColumnBatch& rows, const std::string& column) {
  const auto evaluator =
      Evaluator::Create({MakeTask("sum(a)", MakeBuckets({{{0, 9}}}))}, "ts", TestSchema());
  ASSERT_TRUE(evaluator.ok());
  const absl::Status status = (*evaluator)->Evaluate(rows, CallBounds()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
  EXPECT_EQ(status::ReasonOf(status), "BATCH_INVALID");
  EXPECT_EQ(status::DetailsOf(status)->metadata.at("column"), column);
}

TEST(EngineRefusalTest, RowsThatDoNotFitAreRefused) {
  ColumnBatch rows = RowsOf({1, 2, 3});
  std::swap(rows.columns[0].int64[0], rows.columns[0].int64[2]);
  ExpectBatchInvalid(rows, "ts");

  rows = RowsOf({1, 2, 3});
  rows.columns[0].validity.SetNull(0, 3);
  ExpectBatchInvalid(rows, "ts");

  rows = RowsOf({1, 2, 3});
  rows.columns[0].type = ColumnType::kInt64;
  ExpectBatchInvalid(rows, "ts");

  rows = RowsOf({1, 2, 3});
  rows.columns[1].name = "b";
  ExpectBatchInvalid(rows, "a");

  rows = RowsOf({1, 2, 3});
  rows.columns[1].type = ColumnType::kInt64;
  rows.columns[1].int64 = {1, 2, 3};
  ExpectBatchInvalid(rows, "a");

  rows = RowsOf({1, 2, 3});
  rows.columns[1].float64.pop_back();
  ExpectBatchInvalid(rows, "a");
}

TEST(EngineRefusalTest, AnExpressionOfAnotherSchemaIsRefused) {
  const auto evaluator =
      Evaluator::Create({MakeTask("sum(a)", MakeBuckets({{{0, 9}}}))}, "ts",
                        {{.name = "ts", .type = ColumnType::kTimestamp, .nullable = false}});
  EXPECT_EQ(evaluator.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status::ReasonOf(evaluator.status()), "EXPRESSION_INVALID");
}

TEST(EngineRefusalTest, MetricsThatReadOthersAreNotSupported) {
  for (const std::string text : {"metric('a/b')", "sum(a) / metric('a/b')"}) {
    const auto evaluator =
        Evaluator::Create({MakeTask(text, MakeBuckets({{{0, 9}}}))}, "ts", TestSchema());
    EXPECT_EQ(evaluator.status().code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_EQ(status::ReasonOf(evaluator.status()), "NOT_SUPPORTED") << text;
  }
}

TEST(EngineBoundsTest, StopsWhenCancelledOrLate) {
  const auto evaluator =
      Evaluator::Create({MakeTask("sum(a)", MakeBuckets({{{0, 9}}}))}, "ts", TestSchema());
  ASSERT_TRUE(evaluator.ok());
  CallBounds cancelled;
  cancelled.cancel.Cancel();
  EXPECT_EQ((*evaluator)->Evaluate(RowsOf({1}), cancelled).status().code(),
            absl::StatusCode::kCancelled);
  CallBounds late;
  late.deadline = absl::UnixEpoch();
  EXPECT_EQ((*evaluator)->Evaluate(RowsOf({1}), late).status().code(),
            absl::StatusCode::kDeadlineExceeded);
}

TEST(EngineScaleTest, NestedConditionsAreLoweredOnceEach) {
  // Read naively, every level doubles the work below it.
  std::string condition = "flag";
  std::string value = "n";
  for (int i = 0; i < 30; ++i) {
    condition = "(" + condition + " BETWEEN false AND true)";
    value = "CASE " + value + " WHEN 1 THEN 2 WHEN 2 THEN 1 ELSE 3 END";
  }
  const BucketsPtr buckets = MakeBuckets({{{0, 1000}}});
  std::mt19937_64 random(3);
  const auto points = EvaluateAll(
      {MakeTask("count(CASE WHEN " + condition + " THEN 1 END)", buckets),
       MakeTask("max(" + value + ")", buckets),
       MakeTask("sum(delta(delta(delta(delta(delta(delta(delta(delta(a)))))))))", buckets)},
      RandomRows(&random, 300, 0));
  EXPECT_THAT(points[0].values, ElementsAre(300));
  EXPECT_THAT(points[1].values, ElementsAre(3));
}

TEST(EngineScaleTest, AYearOfMinutesAndAHundredMetrics) {
  constexpr int64_t kDays = 250;
  constexpr int64_t kRowsOfDay = 390;
  std::vector<double> values;
  for (int64_t row = 0; row < kDays * kRowsOfDay; ++row) {
    values.push_back(static_cast<double>(row % kRowsOfDay));
  }
  std::vector<std::vector<Micros>> days;
  for (int64_t day = 0; day < kDays; ++day) {
    days.push_back({{day * kRowsOfDay, (day + 1) * kRowsOfDay}});
  }
  const BucketsPtr buckets = MakeBuckets(days);
  std::vector<MetricTask> tasks;
  for (int i = 0; i < 100; ++i) {
    tasks.push_back(MakeTask("sum(a * " + std::to_string(i) + ") + max(delta(a))", buckets));
  }
  const auto points = EvaluateAll(tasks, RowsOf(values));
  constexpr double kSumOfDay = kRowsOfDay * (kRowsOfDay - 1) / 2.0;
  for (size_t i = 0; i < tasks.size(); ++i) {
    EXPECT_EQ(points[i].values.size(), static_cast<size_t>(kDays));
    EXPECT_THAT(points[i].values, Each(kSumOfDay * static_cast<double>(i) + 1));
  }
}

}  // namespace
}  // namespace metricstore::compute::vector
