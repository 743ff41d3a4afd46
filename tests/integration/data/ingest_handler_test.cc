// IngestService over the wire.
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/protobuf/util/json_util.h"
#include "tests/integration/data/handler_fixture.h"

namespace metricstore::registry {
namespace {

using ::metricstore::testing::HasMetadata;
using ::metricstore::testing::IsOk;
using ::metricstore::testing::StatusIs;
using ::metricstore::testing::ViolatesField;
using ::testing::HasSubstr;

class IngestHandlerTest : public HandlerTest {
 protected:
  static v1::StreamRowsRequest Open(const std::string& dataset, const std::string& project = "") {
    v1::StreamRowsRequest request;
    request.mutable_open()->set_dataset(dataset);
    request.mutable_open()->set_project(project);
    return request;
  }
  static v1::StreamRowsRequest Batch(const std::string& id, const common::v1::ColumnBatch& rows) {
    v1::StreamRowsRequest request;
    request.mutable_batch()->set_batch_id(id);
    *request.mutable_batch()->mutable_rows() = rows;
    return request;
  }
  // Sends all messages, reads all acks.
  absl::Status Stream(const std::vector<v1::StreamRowsRequest>& messages) {
    acks_.clear();
    rpc::BoundedContext context({});
    const auto stream = ingest().StreamRows(context.get());
    for (const auto& message : messages) {
      if (!stream->Write(message)) break;
    }
    stream->WritesDone();
    v1::StreamRowsResponse ack;
    while (stream->Read(&ack)) acks_.push_back(ack.result());
    return rpc::FromGrpc(stream->Finish());
  }
  absl::StatusOr<v1::BatchResult> IngestJson(const std::string& json) {
    v1::IngestRowsRequest request;
    const auto parsed = google::protobuf::util::JsonStringToMessage(json, &request);
    EXPECT_TRUE(parsed.ok()) << parsed.ToString();
    rpc::BoundedContext context({});
    v1::IngestRowsResponse response;
    const absl::Status status =
        rpc::FromGrpc(ingest().IngestRows(context.get(), request, &response));
    if (!status.ok()) return status;
    return response.result();
  }

  std::vector<v1::BatchResult> acks_;
};

TEST_F(IngestHandlerTest, BatchesAreAckedInOrderAndStored) {
  ASSERT_OK(Stream({Open("fact_bars"), Batch("1", BarRows("SPY", Minute(0), 10)),
                    Batch("2", BarRows("SPY", Minute(5), 10))}));
  ASSERT_EQ(acks_.size(), 2u);
  EXPECT_EQ(acks_[0].batch_id(), "1");
  EXPECT_EQ(acks_[0].inserted_rows(), 10);
  EXPECT_EQ(acks_[1].inserted_rows(), 5);
  EXPECT_EQ(acks_[1].updated_rows(), 5);
  EXPECT_EQ(Number("SELECT count(*) FROM fact_bars"), 15);
}

TEST_F(IngestHandlerTest, BatchesSentAgainAreAckedAsStored) {
  const std::vector<v1::StreamRowsRequest> messages = {Open("fact_bars"),
                                                       Batch("1", BarRows("SPY", Minute(0), 10))};
  ASSERT_OK(Stream(messages));
  ASSERT_OK(Stream(messages));
  ASSERT_EQ(acks_.size(), 1u);
  EXPECT_TRUE(acks_[0].already_stored());
  EXPECT_EQ(acks_[0].inserted_rows(), 10);
}

TEST_F(IngestHandlerTest, BatchIdWithOtherContentEndsTheStreamAfterTheBatchesBefore) {
  ASSERT_OK(Stream({Open("fact_bars"), Batch("1", BarRows("SPY", Minute(0), 1))}));
  const absl::Status status =
      Stream({Open("fact_bars"), Batch("2", BarRows("SPY", Minute(1), 1)),
              Batch("1", BarRows("SPY", Minute(2), 1)), Batch("3", BarRows("SPY", Minute(3), 1))});
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kAlreadyExists, "BATCH_ID_REUSED"));
  EXPECT_THAT(status, HasMetadata("batch_id", "1"));
  EXPECT_EQ(acks_.size(), 1u);
  EXPECT_EQ(Number("SELECT count(*) FROM fact_bars"), 2);
}

TEST_F(IngestHandlerTest, StreamsThatAreNotWellFormedAreRefused) {
  const auto batch = Batch("1", BarRows("SPY", Minute(0), 1));
  EXPECT_THAT(Stream({}), StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_REQUIRED"));
  EXPECT_THAT(Stream({batch}), ViolatesField("open"));
  EXPECT_THAT(Stream({Open("")}), ViolatesField("open.dataset"));
  EXPECT_THAT(Stream({Open("fact_bars"), Open("fact_bars")}),
              StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
  EXPECT_THAT(Stream({Open("fact_bars"), {}}), ViolatesField("batch"));
  EXPECT_THAT(Stream({Open("fact_bars"), Batch("", BarRows("SPY", Minute(0), 1))}),
              StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_REQUIRED"));
  EXPECT_THAT(Stream({Open("fact_barz"), batch}),
              StatusIs(absl::StatusCode::kNotFound, "DATASET_NOT_FOUND"));
  EXPECT_THAT(Stream({Open("fact_bars", "nobody"), batch}),
              StatusIs(absl::StatusCode::kNotFound, "PROJECT_NOT_FOUND"));
}

TEST_F(IngestHandlerTest, MalformedBatchNamesBatchAndColumn) {
  common::v1::ColumnBatch rows = BarRows("SPY", Minute(0), 2);
  rows.mutable_columns(2)->set_values("short");
  const absl::Status status = Stream({Open("fact_bars"), Batch("b7", rows)});
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument, "BATCH_INVALID"));
  EXPECT_THAT(status, HasMetadata("column", "close"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("b7"));
}

TEST_F(IngestHandlerTest, BatchAboveTheLimitIsTooLarge) {
  const absl::Status status =
      Stream({Open("fact_bars"), Batch("1", BarRows("SPY", Minute(0), 38'000))});
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kResourceExhausted, "TOO_LARGE"));
  EXPECT_THAT(status, HasMetadata("limit_bytes", "1048576"));
}

TEST_F(IngestHandlerTest, JsonRowsAreStored) {
  const auto result = IngestJson(R"({"dataset": "fact_ticks", "batch_id": "a", "rows": [
      {"ts": "2024-01-02T14:30:00Z", "seq": 1, "price": 472.5},
      {"ts": "2024-01-02T09:30:00.25-05:00", "seq": "9007199254740993", "price": -1e3}]})");
  ASSERT_OK(result);
  EXPECT_EQ(result->inserted_rows(), 2);
  EXPECT_EQ(Select("SELECT to_char(ts AT TIME ZONE 'UTC', 'HH24:MI:SS.MS') AS t, seq, price "
                   "FROM fact_ticks ORDER BY ts"),
            "14:30:00.000|1|472.5\n14:30:00.250|9007199254740993|-1000\n");
}

TEST_F(IngestHandlerTest, JsonRowsWithBadValuesAreRejectedOneByOne) {
  const auto result = IngestJson(R"({"dataset": "fact_bars", "batch_id": "a", "rows": [
      {"symbol": "SPY", "ts": "2024-01-02T14:30:00Z", "close": 1, "volume": 1, "note": null},
      {"symbol": "SPY", "ts": "2024-01-02 14:31", "close": 1, "volume": 1},
      {"symbol": "SPY", "ts": "2024-01-02T14:32:00Z", "close": "1", "volume": 1},
      {"symbol": 5, "ts": "2024-01-02T14:33:00Z", "close": 1, "volume": 1},
      {"symbol": "SPY", "ts": "2024-01-02T14:34:00Z", "close": 1},
      {"symbol": "SPY", "ts": "infinite-future", "close": 1, "volume": 1}]})");
  ASSERT_OK(result);
  EXPECT_EQ(result->inserted_rows(), 1);
  EXPECT_EQ(result->rejected_rows(), 5);
  ASSERT_EQ(result->rejects_size(), 5);
  EXPECT_EQ(result->rejects(0).row(), 1u);
  EXPECT_EQ(result->rejects(0).column(), "ts");
  EXPECT_EQ(result->rejects(1).column(), "close");
  EXPECT_EQ(result->rejects(2).column(), "symbol");
  EXPECT_EQ(result->rejects(3).column(), "volume");
  EXPECT_EQ(result->rejects(4).column(), "ts");
}

TEST_F(IngestHandlerTest, JsonRowsAgainAreOneBatchWhateverTheOrderOfKeys) {
  ASSERT_OK(IngestJson(R"({"dataset": "fact_ticks", "batch_id": "a",
      "rows": [{"ts": "2024-01-02T14:30:00Z", "seq": 1, "price": 1}]})"));
  const auto again = IngestJson(R"({"dataset": "fact_ticks", "batch_id": "a",
      "rows": [{"price": 1, "seq": 1, "ts": "2024-01-02T14:30:00Z"}]})");
  ASSERT_OK(again);
  EXPECT_TRUE(again->already_stored());
  EXPECT_THAT(IngestJson(R"({"dataset": "fact_ticks", "batch_id": "a",
      "rows": [{"ts": "2024-01-02T14:30:00Z", "seq": 1, "price": 2}]})"),
              StatusIs(absl::StatusCode::kAlreadyExists, "BATCH_ID_REUSED"));
}

TEST_F(IngestHandlerTest, JsonRequestsThatAreNotWellFormedAreRefused) {
  EXPECT_THAT(IngestJson(R"({"dataset": "fact_bars", "batch_id": "a",
                            "rows": [{"symbl": "SPY"}]})"),
              StatusIs(absl::StatusCode::kInvalidArgument, "BATCH_INVALID"));
  EXPECT_THAT(IngestJson(R"({"dataset": "fact_bars", "batch_id": "a",
                            "rows": [{"symbl": "SPY"}]})"),
              HasMetadata("column", "symbl"));
  EXPECT_THAT(IngestJson(R"({"batch_id": "a", "rows": [{}]})"), ViolatesField("dataset"));
  EXPECT_THAT(IngestJson(R"({"dataset": "fact_bars", "batch_id": "a"})"), ViolatesField("rows"));
  std::string many = R"({"dataset": "fact_bars", "batch_id": "a", "rows": [{})";
  for (int i = 0; i < 1000; ++i) many += ",{}";
  EXPECT_THAT(IngestJson(many + "]}"),
              StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
  EXPECT_THAT(IngestJson(R"({"dataset": "fact_bar", "batch_id": "a", "rows": [{}]})"),
              HasMetadata("suggestion", "fact_bars"));
}

}  // namespace
}  // namespace metricstore::registry
