// What a call of Evaluate streams: points of stored and given metrics, in messages of a bounded
// size, until the caller has enough.

#include "common/status/error.h"
#include "gmock/gmock.h"
#include "tests/unit/compute/evaluate_call_fixture.h"

namespace metricstore::compute {
namespace {

namespace pb = ::metricstore::registry::v1;

using ::metricstore::testing::IsOk;
using ::metricstore::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST_F(EvaluateTest, StreamsThePointsOfStoredAndGivenMetrics) {
  MetricDefinition stored = BarsMetric("a/stored", "sum(volume)");
  stored.ref.version = 3;
  Add(stored);
  Name("a/stored");
  Define("given", "last(close) * 2");
  const auto series = Series();
  ASSERT_THAT(series, SizeIs(4)) << "metric by metric within an entity";
  EXPECT_EQ(series[0].metric_index(), 0);
  EXPECT_EQ(series[0].metric(), "a/stored");
  EXPECT_EQ(series[0].version(), 3);
  EXPECT_EQ(series[0].grain(), pb::GRAIN_DAY);
  EXPECT_EQ(series[0].entity(), "A");
  EXPECT_THAT(series[0].points().values(), ElementsAre(10, 20));
  EXPECT_EQ(series[0].points().bucket_start_times(0).seconds(),
            absl::ToUnixSeconds(Utc(2024, 3, 4)));
  EXPECT_THAT(series[0].points().statuses(), IsEmpty()) << "all are OK";
  EXPECT_EQ(series[1].metric_index(), 1);
  EXPECT_EQ(series[1].metric(), "a/given");
  EXPECT_EQ(series[1].version(), 0);
  EXPECT_THAT(series[1].points().values(), ElementsAre(2, 6));
  EXPECT_EQ(series[2].entity(), "B");
  EXPECT_EQ(writer_.messages.back().rows_read(), 3);
  EXPECT_THAT(registry_.windows(), SizeIs(1)) << "one pass over one snapshot";
  EXPECT_THAT(registry_.windows()[0].entities, IsEmpty());
  EXPECT_THAT(registry_.committed(), IsEmpty());
}

TEST_F(EvaluateTest, BareNamesAndEntitiesAndGrainsAreTaken) {
  Add(BarsMetric("a/stored", "sum(volume)"));
  Name("stored");
  request_.add_entities("A");
  request_.set_grain(pb::GRAIN_MONTH);
  const auto series = Series();
  ASSERT_THAT(series, SizeIs(1)) << "points of the buckets that the dates touch";
  EXPECT_EQ(series[0].grain(), pb::GRAIN_MONTH);
  EXPECT_THAT(series[0].points().values(), ElementsAre(30));
  EXPECT_EQ(registry_.windows().at(0).interval, (TimeRange{Utc(2024, 3, 1), Utc(2024, 4, 1)}));
}

TEST_F(EvaluateTest, AGivenDefinitionReplacesTheStoredOneForItsReaders) {
  Add(BarsMetric("a/base", "sum(volume)"));
  Add(Derived("a/reader", "metric('a/base') * 2"));
  Name("a/reader");
  EXPECT_THAT(Series().at(0).points().values(), ElementsAre(20, 40));
  Define("base", "sum(close)");
  const auto series = Series();
  EXPECT_THAT(series.at(0).points().values(), ElementsAre(2, 6));
  EXPECT_THAT(series.at(1).points().values(), ElementsAre(1, 3));
}

TEST_F(EvaluateTest, AGivenDefinitionMayReadStoredMetricsAlone) {
  Add(BarsMetric("a/base", "sum(volume)"));
  Define("reader", "metric('a/base') - metric('a/base', '1 day')")->clear_dataset();
  const auto series = Series();
  EXPECT_THAT(series.at(0).points().values(), ElementsAre(0, 10));
  EXPECT_THAT(series.at(0).points().statuses(),
              ElementsAre(pb::POINT_STATUS_NULL, pb::POINT_STATUS_OK));
}

TEST_F(EvaluateTest, MetricsOfSeveralDatasetsComeDatasetByDataset) {
  AddRow("fact_other", "B", Utc(2024, 3, 4, 10), 1, 7);
  Add(BarsMetric("a/x", "sum(close)"));
  Add(OfOther(BarsMetric("a/y", "sum(volume)")));
  Name("a/x");
  Name("a/y");
  const auto series = Series();
  ASSERT_THAT(series, SizeIs(3));
  EXPECT_EQ(series[2].metric_index(), 1);
  EXPECT_THAT(series[2].points().values(), ElementsAre(7));
  EXPECT_EQ(writer_.messages.back().rows_read(), 4);
}

TEST_F(EvaluateTest, WithoutPointsOneMessageSaysHowManyRowsWereRead) {
  Define("never", "sum(close)")->add_filters("close > 100");
  EXPECT_THAT(Run(), IsOk());
  ASSERT_THAT(writer_.messages, SizeIs(1));
  EXPECT_THAT(writer_.messages[0].series(), IsEmpty());
  EXPECT_EQ(writer_.messages[0].rows_read(), 3);
}

TEST_F(EvaluateTest, TextsAndStatusesComeAlong) {
  Define("text", "CASE WHEN sum(close) > 2 THEN 'high' END");
  request_.add_entities("A");
  const auto series = Series();
  ASSERT_THAT(series, SizeIs(1));
  EXPECT_THAT(series[0].points().texts(), ElementsAre("", "high"));
  EXPECT_THAT(series[0].points().statuses(),
              ElementsAre(pb::POINT_STATUS_NULL, pb::POINT_STATUS_OK));
}

TEST_F(EvaluateTest, LongSeriesAreCutIntoMessagesOfAMegabyteAtMost) {
  for (int hour = 0; hour < 60'000; ++hour) {
    AddRow("fact_other", "A", Utc(2020, 1, 1) + absl::Hours(hour), hour);
  }
  pb::Metric* const metric = Define("hours", "sum(close)");
  metric->set_dataset("fact_other");
  metric->set_grain(pb::GRAIN_HOUR);
  request_.mutable_dates()->set_start_date("2020-01-01");
  request_.mutable_dates()->set_end_date("2026-11-06");
  const auto series = Series();
  EXPECT_GT(writer_.messages.size(), 2);
  double next = 0;
  for (const auto& message : writer_.messages) EXPECT_LE(message.ByteSizeLong(), 1u << 20);
  for (const auto& piece : series) {
    for (const double value : piece.points().values()) EXPECT_EQ(value, next++);
  }
  EXPECT_EQ(next, 60'000);
}

TEST_F(EvaluateTest, ACancelledCallStops) {
  Define("x", "sum(close)");
  CallBounds bounds;
  writer_.after_write = [&](const v1::EvaluateResponse&) { return bounds.Check(); };
  registry_.stream = [&](const WindowRequest&, const WindowSink& sink, const CallBounds& inner) {
    bounds.cancel.Cancel();
    EXPECT_THAT(inner.Check(), StatusIs(absl::StatusCode::kCancelled)) << "it is passed on";
    return sink(BarsBatch({{"A", Utc(2024, 3, 4, 10), 1, 1}}));
  };
  EXPECT_THAT(Run(bounds), StatusIs(absl::StatusCode::kCancelled, "CANCELLED"));
}

TEST_F(EvaluateTest, TheDeadlineIsHonoured) {
  Define("x", "sum(close)");
  CallBounds late;
  late.deadline = absl::UnixEpoch();
  EXPECT_THAT(Run(late), StatusIs(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED"));
}

TEST_F(EvaluateTest, AReaderThatIsGoneEndsTheEvaluation) {
  Define("x", "sum(close)");
  writer_.after_write = [](const v1::EvaluateResponse&) {
    return status::ErrorBuilder(absl::StatusCode::kAborted, "STREAM_STALLED", "stalled").Build();
  };
  EXPECT_THAT(Run(), StatusIs(absl::StatusCode::kAborted, "STREAM_STALLED"));
}

}  // namespace
}  // namespace metricstore::compute
