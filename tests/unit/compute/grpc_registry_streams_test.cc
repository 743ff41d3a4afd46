// Streams: the batches of a window, and the results of a shard.

#include <map>
#include <string>
#include <vector>

#include "common/columns/proto_conversion.h"
#include "common/status/error.h"
#include "gmock/gmock.h"
#include "tests/unit/compute/grpc_registry_client_fixture.h"
#include "tests/unit/compute/shard_fixture.h"

namespace metricstore::compute {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

class GrpcRegistryStreamTest : public GrpcRegistryClientTest {};

WindowRequest BarsWindow() {
  return {.project = "default",
          .dataset = "fact_bars",
          .entities = {"A", "B"},
          .interval = {Utc(2024, 3, 4) + absl::Microseconds(1), Utc(2024, 3, 5)},
          .columns = {"close", "volume"}};
}

pb::StreamWindowResponse BarsMessage(const std::vector<Bar>& bars) {
  pb::StreamWindowResponse message;
  message.set_read_watermark(45);
  columns::ToProto(BarsBatch(bars), message.mutable_rows());
  return message;
}

const WindowSink kAcceptAll = [](columns::ColumnBatch&&) { return absl::OkStatus(); };

TEST_F(GrpcRegistryStreamTest, StreamsTheBatchesOfAWindow) {
  server_.window = {BarsMessage({{"A", Utc(2024, 3, 4, 10), 1, 10}}),
                    BarsMessage({{"B", Utc(2024, 3, 4, 11), 2, 20}})};
  std::vector<double> closes;
  const absl::StatusOr<int64_t> watermark =
      client().StreamWindow(BarsWindow(),
                            [&](columns::ColumnBatch&& batch) {
                              closes.push_back(batch.Find("close")->float64.at(0));
                              return absl::OkStatus();
                            },
                            {});
  ASSERT_TRUE(watermark.ok()) << watermark.status();
  EXPECT_EQ(*watermark, 45);
  EXPECT_THAT(closes, ElementsAre(1, 2));
  EXPECT_THAT(server_.window_request.entities(), ElementsAre("A", "B"));
  EXPECT_THAT(server_.window_request.columns(), ElementsAre("close", "volume"));
  EXPECT_EQ(server_.window_request.interval().start_time().seconds(),
            absl::ToUnixSeconds(Utc(2024, 3, 4)));
  EXPECT_EQ(server_.window_request.interval().start_time().nanos(), 1000);
}

TEST_F(GrpcRegistryStreamTest, AWindowWithoutRowsHasItsWatermark) {
  server_.window.resize(1);
  server_.window[0].set_read_watermark(45);
  int batches = 0;
  const auto watermark = client().StreamWindow(BarsWindow(),
                                               [&](columns::ColumnBatch&&) {
                                                 ++batches;
                                                 return absl::OkStatus();
                                               },
                                               {});
  ASSERT_TRUE(watermark.ok()) << watermark.status();
  EXPECT_EQ(*watermark, 45);
  EXPECT_EQ(batches, 0);
}

TEST_F(GrpcRegistryStreamTest, TheSinksErrorEndsTheStream) {
  server_.window.assign(3, BarsMessage({{"A", Utc(2024, 3, 4, 10), 1, 10}}));
  server_.hang_window = true;
  int batches = 0;
  const absl::Status status = client()
                                  .StreamWindow(BarsWindow(),
                                                [&](columns::ColumnBatch&&) {
                                                  ++batches;
                                                  return absl::InvalidArgumentError("enough");
                                                },
                                                {})
                                  .status();
  EXPECT_EQ(status, absl::InvalidArgumentError("enough"));
  EXPECT_EQ(batches, 1);
}

TEST_F(GrpcRegistryStreamTest, AMalformedBatchIsRefused) {
  server_.window = {BarsMessage({{"A", Utc(2024, 3, 4, 10), 1, 10}})};
  server_.window[0].mutable_rows()->mutable_columns(2)->set_values("short");
  EXPECT_EQ(status::ReasonOf(client().StreamWindow(BarsWindow(), kAcceptAll, {}).status()),
            "BATCH_INVALID");
}

TEST_F(GrpcRegistryStreamTest, ErrorsKeepCodeReasonAndMetadata) {
  server_.window = {BarsMessage({{"A", Utc(2024, 3, 4, 10), 1, 10}})};
  server_.fail_window =
      status::ErrorBuilder(absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE", "no database")
          .RetryAfter(absl::Seconds(3))
          .Build();
  const absl::Status status = client().StreamWindow(BarsWindow(), kAcceptAll, {}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(status::ReasonOf(status), "DATABASE_UNAVAILABLE");
  EXPECT_EQ(status::DetailsOf(status)->retry_after, absl::Seconds(3));

  server_.fail_persist = status::ErrorBuilder(absl::StatusCode::kAborted, "LEASE_LOST", "lost")
                             .Metadata("shard", "1")
                             .Build();
  const auto persisted = client().PersistShard({1, 9}, {}, {});
  EXPECT_EQ(status::ReasonOf(persisted.status()), "LEASE_LOST");
  EXPECT_EQ(status::DetailsOf(persisted.status())->metadata["shard"], "1");
}

TEST_F(GrpcRegistryStreamTest, AStalledStreamIsEnded) {
  options_.stall_limit = absl::Milliseconds(100);
  server_.hang_window = true;
  EXPECT_EQ(status::ReasonOf(client().StreamWindow(BarsWindow(), kAcceptAll, {}).status()),
            "STREAM_STALLED");
  server_.hang_persist = true;
  EXPECT_EQ(status::ReasonOf(client().PersistShard({1, 9}, {}, {}).status()), "STREAM_STALLED");
  EXPECT_EQ(status::ReasonOf(contact_.last_error()), "STREAM_STALLED");
}

TEST_F(GrpcRegistryStreamTest, ACancelledStreamEndsAsSuch) {
  server_.window = {BarsMessage({{"A", Utc(2024, 3, 4, 10), 1, 10}})};
  server_.hang_window = true;
  const CallBounds bounds;
  const absl::Status status = client()
                                  .StreamWindow(
                                      BarsWindow(),
                                      [&](columns::ColumnBatch&&) {
                                        bounds.cancel.Cancel();
                                        return absl::OkStatus();
                                      },
                                      bounds)
                                  .status();
  EXPECT_EQ(status::ReasonOf(status), "CANCELLED");
  EXPECT_TRUE(contact_.last_error().ok()) << "that says nothing of the registry";
}

SeriesPoints SeriesOf(const std::string& entity, size_t points) {
  SeriesPoints series{.metric = {"a/last", 2}, .grain = Grain::kHour, .entity = entity};
  for (size_t i = 0; i < points; ++i) {
    series.points.bucket_start_micros.push_back(static_cast<int64_t>(i) * 3'600'000'000);
    series.points.values.push_back(static_cast<double>(i) / 3);
    series.points.statuses.push_back(i % 1000 == 999 ? vector::PointStatus::kNull
                                                     : vector::PointStatus::kOk);
  }
  return series;
}

TEST_F(GrpcRegistryStreamTest, PersistsInMessagesOfBoundedSize) {
  ShardResults results{.rows_read = 123, .read_watermark = 45};
  results.series = {SeriesOf("A", 200'000), SeriesOf("B", 0), SeriesOf("C", 10)};
  for (int i = 0; i < 20'000; ++i) results.series.push_back(SeriesOf("E" + std::to_string(i), 1));
  const auto outcome = client().PersistShard({1, 9}, results, {});
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_EQ(outcome->points, results.point_count());
  EXPECT_EQ(outcome->chunks_written, 2);

  const auto& messages = server_.persist_messages;
  ASSERT_GT(messages.size(), 3);
  EXPECT_EQ(messages.front().shard_id(), 1);
  EXPECT_EQ(messages.front().fence(), 9);
  EXPECT_EQ(messages.back().rows_read(), 123);
  EXPECT_EQ(messages.back().read_watermark(), 45);
  std::map<std::string, SeriesPoints> received;
  for (size_t i = 0; i < messages.size(); ++i) {
    const bool last = i + 1 == messages.size();
    EXPECT_EQ(messages[i].last(), last);
    EXPECT_LE(messages[i].ByteSizeLong(), 900u << 10);
    if (!last) {
      EXPECT_GE(messages[i].ByteSizeLong(), 256u << 10);
    }
    for (const pb::SeriesPoints& series : messages[i].series()) {
      EXPECT_EQ(series.metric().version(), 2);
      EXPECT_EQ(series.grain(), pb::GRAIN_HOUR);
      EXPECT_TRUE(series.statuses_size() == 0 || series.statuses_size() == series.values_size());
      vector::MetricPoints& points = received[series.entity()].points;
      for (int p = 0; p < series.values_size(); ++p) {
        points.bucket_start_micros.push_back(series.bucket_start_micros(p));
        points.values.push_back(series.values(p));
        points.statuses.push_back(series.statuses_size() == 0
                                      ? vector::PointStatus::kOk
                                      : static_cast<vector::PointStatus>(series.statuses(p)));
      }
    }
  }
  ASSERT_THAT(received, SizeIs(results.series.size()));
  for (const SeriesPoints& sent : results.series) {
    const vector::MetricPoints& got = received[sent.entity].points;
    EXPECT_EQ(got.bucket_start_micros, sent.points.bucket_start_micros);
    EXPECT_EQ(got.values, sent.points.values);
    EXPECT_EQ(got.statuses, sent.points.statuses);
  }
}

TEST_F(GrpcRegistryStreamTest, AShardWithoutSeriesIsStillCommitted) {
  ASSERT_TRUE(client().PersistShard({1, 9}, {}, {}).ok());
  ASSERT_THAT(server_.persist_messages, SizeIs(1));
  EXPECT_TRUE(server_.persist_messages[0].last());
  EXPECT_EQ(server_.persist_messages[0].shard_id(), 1);
}

TEST_F(GrpcRegistryStreamTest, WatchesABackfillUntilItEnds) {
  for (int done = 0; done < 3; ++done) {
    server_.backfill_states.emplace_back().set_shards_done(done);
  }
  std::vector<int64_t> seen;
  const auto watch = [&](const CallBounds& bounds) {
    return client().WatchBackfill(
        "north", 9,
        [&](const pb::Backfill& backfill) {
          seen.push_back(backfill.shards_done());
          return absl::OkStatus();
        },
        bounds);
  };
  EXPECT_TRUE(watch({}).ok());
  EXPECT_THAT(seen, ElementsAre(0, 1, 2));
  EXPECT_EQ(server_.watch_request.project(), "north");
  EXPECT_EQ(server_.watch_request.id(), 9);
  server_.hang_watch = true;
  options_.stall_limit = absl::Milliseconds(200);
  client_.reset();
  EXPECT_EQ(status::ReasonOf(watch({})), "STREAM_STALLED");
}

TEST_F(GrpcRegistryStreamTest, TheSinksErrorEndsAWatch) {
  server_.backfill_states.resize(3);
  server_.hang_watch = true;
  const absl::Status ended = client().WatchBackfill(
      "north", 9, [](const pb::Backfill&) { return absl::AbortedError("enough"); }, {});
  EXPECT_EQ(ended, absl::AbortedError("enough"));
}

TEST_F(GrpcRegistryStreamTest, TextsArePersistedInMessagesOfBoundedSize) {
  ShardResults results;
  SeriesPoints series;
  series.metric = {"a/text", 1};
  for (int i = 0; i < 40; ++i) {
    series.points.bucket_start_micros.push_back(i);
    series.points.values.push_back(0);
    series.points.statuses.push_back(vector::PointStatus::kOk);
    series.points.texts.push_back(i % 2 == 0 ? std::string(60'000, 'x') : "");
  }
  SeriesPoints numbers = series;
  numbers.points.texts.assign(40, "");
  results.series = {series, numbers};
  ASSERT_TRUE(client().PersistShard({1, 1}, results, {}).ok());
  ASSERT_GT(server_.persist_messages.size(), 2);
  std::vector<std::string> texts;
  for (const pb::PersistShardRequest& message : server_.persist_messages) {
    EXPECT_LE(message.ByteSizeLong(), 1u << 20);
    for (const pb::SeriesPoints& piece : message.series()) {
      texts.insert(texts.end(), piece.texts().begin(), piece.texts().end());
    }
  }
  EXPECT_EQ(texts, series.points.texts) << "and none where all are empty";
}

}  // namespace
}  // namespace metricstore::compute
