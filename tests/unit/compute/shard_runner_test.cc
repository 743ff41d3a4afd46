#include "compute_service/runner/shard_runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <malloc.h>

#include "common/status/error.h"
#include "common/status/macros.h"
#include "tests/unit/compute/fake_pacer.h"
#include "tests/unit/compute/fake_registry_client.h"
#include "tests/unit/compute/shard_fixture.h"

namespace metricstore::compute {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const absl::CivilDay kDay(2024, 3, 4);

class ShardRunnerTest : public ::testing::Test {
 protected:
  ShardRunnerTest() {
    registry_.dataset = std::make_shared<const Dataset>(Bars());
    registry_.calendar = AlwaysOpen();
  }

  // Makes the metrics known and leases a shard of them over two days.
  LeasedShard Leased(std::initializer_list<MetricDefinition> metrics,
                     std::vector<std::string> entities) {
    for (const MetricDefinition& metric : metrics) {
      registry_.metrics[metric.ref] = std::make_shared<const MetricDefinition>(metric);
    }
    registry_.Enqueue(ShardOf(metrics, std::move(entities), kDay, kDay + 2));
    return registry_.LeaseShards("test", 1, absl::Seconds(30), {})->front();
  }

  void ServeBatches(std::vector<std::vector<Bar>> batches) {
    registry_.stream = [batches = std::move(batches)](const WindowRequest&, const WindowSink& sink,
                                                      const CallBounds&) {
      for (const std::vector<Bar>& batch : batches) {
        if (absl::Status status = sink(BarsBatch(batch)); !status.ok()) return status;
      }
      return absl::OkStatus();
    };
  }

  absl::StatusOr<ShardSummary> Run(const LeasedShard& shard, const CallBounds& bounds = {}) {
    const ShardRunner runner(registry_, compute_instruments_, pacer_, policy_);
    ASSIGN_OR_RETURN(const ShardResults results, runner.Compute(shard, bounds));
    return runner.Commit(shard, results, bounds);
  }

  telemetry::Instruments instruments_;
  ComputeInstruments compute_instruments_{instruments_};
  FakeRegistryClient registry_;
  SkippingPacer pacer_;
  RetryPolicy policy_;
};

TEST_F(ShardRunnerTest, ComputesThePointsOfEachMetricAndEntity) {
  const LeasedShard shard = Leased(
      {BarsMetric("a/last", "last(close)"), BarsMetric("a/volume", "sum(volume)", {"volume > 5"})},
      {"A", "B"});
  ServeBatches({{{"A", Utc(2024, 3, 4, 10), 1, 10}, {"A", Utc(2024, 3, 4, 11), 2, 5}},
                {{"A", Utc(2024, 3, 5, 10), 3, 30}, {"B", Utc(2024, 3, 5, 10), 4, 40}}});

  const auto summary = Run(shard);
  ASSERT_TRUE(summary.ok()) << summary.status();
  EXPECT_EQ(summary->rows, 4);
  EXPECT_EQ(summary->points, 6);
  const ShardResults results = registry_.committed().at(7);
  EXPECT_EQ(results.rows_read, 4);
  EXPECT_EQ(results.read_watermark, 1);
  ASSERT_THAT(results.series, SizeIs(4));
  const int64_t first = ToMicros(Utc(2024, 3, 4));
  const int64_t second = ToMicros(Utc(2024, 3, 5));
  EXPECT_EQ(results.series[0].metric.id, "a/last");
  EXPECT_EQ(results.series[0].entity, "A");
  EXPECT_THAT(results.series[0].points.bucket_start_micros, ElementsAre(first, second));
  EXPECT_THAT(results.series[0].points.values, ElementsAre(2, 3));
  EXPECT_EQ(results.series[1].metric.id, "a/volume");
  EXPECT_THAT(results.series[1].points.values, ElementsAre(10, 30));
  EXPECT_EQ(results.series[3].entity, "B");
  EXPECT_THAT(results.series[3].points.bucket_start_micros, ElementsAre(second));
  EXPECT_THAT(results.series[3].points.values, ElementsAre(40));
}

// Each batch has a dictionary of its own, in which the same text may have another code.
TEST_F(ShardRunnerTest, CountsDistinctTextsAcrossBatches) {
  const LeasedShard shard = Leased({BarsMetric("a/venues", "count(DISTINCT venue)")}, {"A"});
  const auto batch = [](int hour, std::vector<uint32_t> codes, std::vector<std::string> venues) {
    std::vector<Bar> bars;
    for (size_t i = 0; i < codes.size(); ++i) bars.push_back({"A", Utc(2024, 3, 4, hour), 1, 1});
    columns::ColumnBatch rows = BarsBatch(bars);
    rows.columns.push_back({.name = "venue",
                            .type = columns::ColumnType::kText,
                            .codes = std::move(codes),
                            .dictionary = std::move(venues)});
    return rows;
  };
  registry_.stream = [&](const WindowRequest& request, const WindowSink& sink, const CallBounds&) {
    EXPECT_THAT(request.columns, ElementsAre("venue"));
    if (absl::Status status = sink(batch(10, {0, 1, 0}, {"X", "Y"})); !status.ok()) return status;
    return sink(batch(11, {0, 1, 2}, {"Y", "Z", "X"}));
  };
  ASSERT_TRUE(Run(shard).ok());
  EXPECT_THAT(registry_.committed().at(7).series.at(0).points.values, ElementsAre(3));
}

TEST_F(ShardRunnerTest, AsksForTheRowsOfThePlan) {
  ASSERT_TRUE(Run(Leased({BarsMetric("a/last", "last(close)")}, {"A", "B"})).ok());
  ASSERT_THAT(registry_.windows(), SizeIs(1));
  const WindowRequest request = registry_.windows().front();
  EXPECT_EQ(request.project, "default");
  EXPECT_EQ(request.dataset, "fact_bars");
  EXPECT_THAT(request.entities, ElementsAre("A", "B"));
  EXPECT_THAT(request.columns, ElementsAre("close"));
  EXPECT_EQ(request.interval, (TimeRange{Utc(2024, 3, 4), Utc(2024, 3, 6)}));
}

TEST_F(ShardRunnerTest, AnEntityWithoutRowsGivesEmptySeries) {
  const LeasedShard shard = Leased({BarsMetric("a/last", "last(close)")}, {"A", "B", "C"});
  ServeBatches({{{"B", Utc(2024, 3, 4, 10), 1, 10}}});
  ASSERT_TRUE(Run(shard).ok());
  const ShardResults results = registry_.committed().at(7);
  ASSERT_THAT(results.series, SizeIs(3));
  std::map<std::string, size_t> points;
  for (const SeriesPoints& series : results.series) {
    points[series.entity] = series.points.values.size();
  }
  EXPECT_EQ(points, (std::map<std::string, size_t>{{"A", 0}, {"B", 1}, {"C", 0}}));
}

TEST_F(ShardRunnerTest, WhereEveryWindowIsClosedOnlyTheWatermarkIsReadAndSeriesAreEmpty) {
  registry_.calendar = NewYork();
  const MetricDefinition metric = BarsMetric(
      "a/rth", "last(close)", {}, {.kind = calendar::WindowKind::kSession, .session = "rth"});
  LeasedShard shard = Leased({metric}, {"A"});
  shard.dates = {absl::CivilDay(2024, 3, 9), absl::CivilDay(2024, 3, 11)};
  ASSERT_TRUE(Run(shard).ok());
  ASSERT_THAT(registry_.windows(), SizeIs(1));
  const TimeRange interval = registry_.windows().front().interval;
  EXPECT_EQ(interval.end - interval.start, absl::Microseconds(1));
  const ShardResults results = registry_.committed().at(7);
  ASSERT_THAT(results.series, SizeIs(1));
  EXPECT_THAT(results.series[0].points.values, IsEmpty());
  EXPECT_EQ(results.read_watermark, 1);
}

TEST_F(ShardRunnerTest, ADatasetWithoutEntitiesIsReadWhole) {
  Dataset dataset = Bars();
  dataset.entity_column.clear();
  registry_.dataset = std::make_shared<const Dataset>(dataset);
  const LeasedShard shard = Leased({BarsMetric("a/sum", "sum(close)")}, {""});
  ServeBatches({{{"A", Utc(2024, 3, 4, 10), 1, 0}, {"A", Utc(2024, 3, 4, 11), 2, 0}}});
  ASSERT_TRUE(Run(shard).ok());
  EXPECT_THAT(registry_.windows().front().entities, IsEmpty());
  const ShardResults results = registry_.committed().at(7);
  ASSERT_THAT(results.series, SizeIs(1));
  EXPECT_EQ(results.series[0].entity, "");
  EXPECT_THAT(results.series[0].points.values, ElementsAre(3));
}

TEST_F(ShardRunnerTest, RowsOfAnEntityThatWasNotAskedForAreAnError) {
  const LeasedShard shard = Leased({BarsMetric("a/last", "last(close)")}, {"A"});
  ServeBatches({{{"X", Utc(2024, 3, 4, 10), 1, 10}}});
  EXPECT_EQ(Run(shard).status().code(), absl::StatusCode::kInternal);
  EXPECT_THAT(registry_.persist_calls(), IsEmpty());
}

TEST_F(ShardRunnerTest, AfterALostAnswerTheCommitIsSentAgainUnderTheSameFence) {
  const LeasedShard shard = Leased({BarsMetric("a/last", "last(close)")}, {"A"});
  ServeBatches({{{"A", Utc(2024, 3, 4, 10), 1, 10}}});
  registry_.LosePersistAnswer(absl::UnavailableError("connection reset"));
  const auto summary = Run(shard);
  ASSERT_TRUE(summary.ok()) << summary.status();
  EXPECT_THAT(registry_.persist_calls(), ElementsAre(Lease{7, 3}, Lease{7, 3}));
  EXPECT_THAT(registry_.committed(), SizeIs(1));
  EXPECT_THAT(registry_.windows(), SizeIs(1)) << "nothing is computed twice";
}

TEST_F(ShardRunnerTest, WhileTheRegistryIsAwayTheReadWaits) {
  const LeasedShard shard = Leased({BarsMetric("a/last", "last(close)")}, {"A"});
  int tries = 0;
  registry_.stream = [&](const WindowRequest&, const WindowSink& sink, const CallBounds&) {
    // The stream breaks after rows have come: they must not count twice.
    absl::Status status = sink(BarsBatch({{"A", Utc(2024, 3, 4, 10), 1, 10}}));
    return ++tries < 4 ? absl::UnavailableError("away") : status;
  };
  const absl::Time start = pacer_.Now();
  const auto summary = Run(shard);
  ASSERT_TRUE(summary.ok()) << summary.status();
  EXPECT_EQ(summary->rows, 1);
  EXPECT_GE(pacer_.Now() - start, absl::Milliseconds(50 + 100 + 200));
}

TEST_F(ShardRunnerTest, TheRegistrysRetryDelayIsKept) {
  const LeasedShard shard = Leased({BarsMetric("a/last", "last(close)")}, {"A"});
  registry_.FailPersist(
      status::ErrorBuilder(absl::StatusCode::kResourceExhausted, "OVERLOADED", "busy")
          .RetryAfter(absl::Seconds(20))
          .Build());
  const absl::Time start = pacer_.Now();
  ASSERT_TRUE(Run(shard).ok());
  EXPECT_EQ(pacer_.Now() - start, absl::Seconds(20));
}

TEST_F(ShardRunnerTest, PatienceEnds) {
  policy_.patience = absl::Seconds(10);
  const LeasedShard shard = Leased({BarsMetric("a/last", "last(close)")}, {"A"});
  registry_.stream = [](const WindowRequest&, const WindowSink&, const CallBounds&) {
    return absl::UnavailableError("away");
  };
  const absl::Time start = pacer_.Now();
  EXPECT_EQ(Run(shard).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_LE(pacer_.Now() - start, absl::Seconds(10));
  EXPECT_THAT(registry_.persist_calls(), IsEmpty());
}

TEST_F(ShardRunnerTest, ErrorsThatWouldComeAgainAreNotRetried) {
  LeasedShard shard = Leased({BarsMetric("a/bad", "last(nothing)")}, {"A"});
  EXPECT_EQ(status::ReasonOf(Run(shard).status()), "EXPRESSION_INVALID");
  EXPECT_THAT(registry_.windows(), IsEmpty());

  shard = Leased({BarsMetric("a/last", "last(close)")}, {"A"});
  registry_.FailPersist(
      status::ErrorBuilder(absl::StatusCode::kResourceExhausted, "TOO_LARGE", "64 MiB").Build());
  EXPECT_EQ(status::ReasonOf(Run(shard).status()), "TOO_LARGE");
  EXPECT_THAT(registry_.persist_calls(), SizeIs(1));
}

TEST_F(ShardRunnerTest, ALeaseLostMidWayStopsTheWorkAndPersistsNothing) {
  const LeasedShard shard = Leased({BarsMetric("a/last", "last(close)")}, {"A", "B"});
  const CallBounds bounds;
  registry_.stream = [&](const WindowRequest&, const WindowSink& sink, const CallBounds& given) {
    EXPECT_TRUE(sink(BarsBatch({{"A", Utc(2024, 3, 4, 10), 1, 10}})).ok());
    bounds.cancel.Cancel();
    EXPECT_TRUE(given.cancel.cancelled()) << "the stream runs under the shard's bounds";
    // The evaluation of A notices.
    return sink(BarsBatch({{"B", Utc(2024, 3, 4, 10), 1, 10}}));
  };
  EXPECT_EQ(status::ReasonOf(Run(shard, bounds).status()), "CANCELLED");
  EXPECT_THAT(registry_.persist_calls(), IsEmpty());
}

TEST_F(ShardRunnerTest, ACommitUnderALostLeaseIsDropped) {
  const LeasedShard shard = Leased({BarsMetric("a/last", "last(close)")}, {"A"});
  registry_.Revoke(shard.lease.shard_id);
  EXPECT_EQ(status::ReasonOf(Run(shard).status()), "LEASE_LOST");
  EXPECT_THAT(registry_.persist_calls(), SizeIs(1));
  EXPECT_THAT(registry_.committed(), IsEmpty());
}

TEST_F(ShardRunnerTest, TimeIsCountedByStage) {
  const LeasedShard shard = Leased({BarsMetric("a/last", "last(close)")}, {"A"});
  registry_.stream = [&](const WindowRequest&, const WindowSink& sink, const CallBounds&) {
    pacer_.Advance(absl::Seconds(2));
    return sink(BarsBatch({{"A", Utc(2024, 3, 4, 10), 1, 10}}));
  };
  ASSERT_TRUE(Run(shard).ok());
  const std::string text = instruments_.Render();
  EXPECT_THAT(text, HasSubstr("metricstore_shard_stage_seconds_total{stage=\"read\"} 2"));
  EXPECT_THAT(text, HasSubstr("metricstore_shard_stage_seconds_total{stage=\"evaluate\"} 0"));
  EXPECT_THAT(text, HasSubstr("metricstore_shard_rows_total 1"));
  EXPECT_THAT(text, HasSubstr("metricstore_shard_points_total 1"));
}

size_t HeapBytes() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

TEST_F(ShardRunnerTest, RowsOfAFinishedEntityAreFreed) {
  constexpr size_t kEntities = 40;
  constexpr size_t kRowsPerEntity = 20'000;  // 0.6 MB each, 24 MB in all
  std::vector<std::string> entities;
  for (size_t i = 0; i < kEntities; ++i) entities.push_back("E" + std::to_string(100 + i));
  const LeasedShard shard = Leased({BarsMetric("a/last", "last(close)")}, entities);
  const size_t before = HeapBytes();
  size_t most = 0;
  registry_.stream = [&](const WindowRequest&, const WindowSink& sink, const CallBounds&) {
    for (const std::string& entity : entities) {
      {
        std::vector<Bar> bars(kRowsPerEntity, {entity, Utc(2024, 3, 4, 10), 1, 10});
        columns::ColumnBatch batch = BarsBatch(bars);
        bars = {};
        EXPECT_TRUE(sink(std::move(batch)).ok());
      }
      most = std::max(most, HeapBytes() - before);
    }
    return absl::OkStatus();
  };
  ASSERT_TRUE(Run(shard).ok());
  EXPECT_LT(most, 4u << 20);
}

}  // namespace
}  // namespace metricstore::compute
