// BackfillService and ResultService over the wire.
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/integration/data/handler_fixture.h"

namespace metricstore::registry {
namespace {

using ::metricstore::testing::HasMetadata;
using ::metricstore::testing::IsOk;
using ::metricstore::testing::StatusIs;
using ::metricstore::testing::ViolatesField;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::internal::CaptureStderr;
using ::testing::internal::GetCapturedStderr;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr auto kNotFound = absl::StatusCode::kNotFound;

class BackfillHandlerTest : public HandlerTest {
 protected:
  BackfillHandlerTest() { StoreMinutes("SPY", Utc(2024, 1, 2), 10); }

  static v1::CreateBackfillRequest Request(const std::string& metric = "last_close") {
    v1::CreateBackfillRequest request;
    request.add_metrics(metric);
    request.mutable_dates()->set_start_date("2024-01-01");
    request.mutable_dates()->set_end_date("2024-02-01");
    return request;
  }

  template <typename Request, typename Response>
  using Method = grpc::Status (v1::BackfillService::Stub::*)(grpc::ClientContext*, const Request&,
                                                             Response*);
  template <typename Request, typename Response>
  absl::StatusOr<Response> Call(Method<Request, Response> method, const Request& request) {
    rpc::BoundedContext context({});
    Response response;
    const absl::Status status = rpc::FromGrpc((jobs().*method)(context.get(), request, &response));
    if (!status.ok()) return status;
    return response;
  }
  auto Create(const v1::CreateBackfillRequest& request) {
    return Call(&v1::BackfillService::Stub::CreateBackfill, request);
  }
  auto Lease(const v1::LeaseShardsRequest& request) {
    return Call(&v1::BackfillService::Stub::LeaseShards, request);
  }
  v1::LeasedShard LeaseOne() {
    v1::LeaseShardsRequest request;
    request.set_worker("worker");
    request.set_max_shards(1);
    const auto leased = Lease(request);
    EXPECT_OK(leased);
    EXPECT_EQ(leased->shards_size(), 1);
    return leased->shards(0);
  }

  absl::StatusOr<v1::PersistShardResponse> Persist(
      const std::vector<v1::PersistShardRequest>& messages) {
    rpc::BoundedContext context({});
    v1::PersistShardResponse response;
    const auto stream = results().PersistShard(context.get(), &response);
    for (const auto& message : messages) {
      if (!stream->Write(message)) break;
    }
    stream->WritesDone();
    const absl::Status status = rpc::FromGrpc(stream->Finish());
    if (!status.ok()) return status;
    return response;
  }
  // One message with so many daily points from 2024-01-`day`.
  static v1::PersistShardRequest Results(const v1::LeasedShard& shard, int day, int points,
                                         bool last) {
    v1::PersistShardRequest message;
    message.set_shard_id(shard.shard_id());
    message.set_fence(shard.fence());
    v1::SeriesPoints* series = message.add_series();
    *series->mutable_metric() = shard.metrics(0).metric();
    series->set_grain(shard.metrics(0).grain());
    series->set_entity("SPY");
    for (int i = 0; i < points; ++i) {
      series->add_bucket_start_micros(ToMicros(Utc(2024, 1, day + i)));
      series->add_values(day + i);
    }
    message.set_last(last);
    if (last) message.set_rows_read(10);
    return message;
  }
};

TEST_F(BackfillHandlerTest, TellsWhichMatchedMetricsAreLeftOutAndMayComputeTheNewestVersions) {
  ASSERT_OK(
      Import("name: split\ncategory: prices\ndescription: d\ntype: sum\ngrain: day\n"
             "table: fact_bars\nexpression: sum(volume)\ndimensions: [note]\n"));
  ASSERT_OK(
      Import("name: doubled\ncategory: prices\ndescription: d\ntype: derived\ngrain: day\n"
             "expression: metric('prices/split') * 2\n"));
  v1::CreateBackfillRequest request = Request("prices/*");
  request.set_validate_only(true);
  const auto created = Create(request);
  ASSERT_OK(created);
  ASSERT_EQ(created->skipped_size(), 2);
  EXPECT_EQ(created->skipped(0).metric(), "prices/doubled");
  EXPECT_EQ(created->skipped(0).reason(),
            "reads prices/split, which is not computed: has dimensions");
  EXPECT_THAT(Create(Request("prices/doubled")), StatusIs(kInvalid, "NOT_SUPPORTED"));
  Execute("UPDATE metric_definitions SET latest_version = 2 WHERE id = 'prices/last_close'");
  request = Request("last_close");
  request.set_validate_only(true);
  EXPECT_EQ(Create(request)->backfill().metrics(0).metric().version(), 1);
  request.set_latest_versions(true);
  EXPECT_EQ(Create(request)->backfill().metrics(0).metric().version(), 2);
}

TEST_F(BackfillHandlerTest, JobGoesFromCreationToSuccess) {
  v1::CreateBackfillRequest request = Request();
  request.set_request_id("nightly");
  const auto created = Create(request);
  ASSERT_OK(created);
  EXPECT_EQ(created->backfill().state(), v1::Backfill::STATE_RUNNING);
  EXPECT_EQ(created->backfill().metrics(0).metric().id(), "prices/last_close");
  EXPECT_EQ(created->backfill().dates().end_date(), "2024-02-01");
  EXPECT_FALSE(created->existing());
  const auto again = Create(request);
  ASSERT_OK(again);
  EXPECT_TRUE(again->existing());

  const v1::LeasedShard shard = LeaseOne();
  EXPECT_EQ(shard.backfill_id(), created->backfill().id());
  EXPECT_EQ(shard.project(), "default");
  EXPECT_EQ(shard.calendar(), "24_7");
  EXPECT_EQ(shard.calendar_version(), 1);
  EXPECT_THAT(shard.entities(), ElementsAre("SPY"));
  v1::RenewLeasesRequest renewal;
  renewal.set_worker("worker");
  renewal.add_leases()->set_shard_id(shard.shard_id());
  renewal.mutable_leases(0)->set_fence(shard.fence());
  const auto renewed = Call(&v1::BackfillService::Stub::RenewLeases, renewal);
  ASSERT_OK(renewed);
  EXPECT_THAT(renewed->renewed(), ElementsAre(shard.shard_id()));
  EXPECT_TRUE(renewed->has_lease_expire_time());

  const std::vector<v1::PersistShardRequest> messages = {Results(shard, 1, 5, false),
                                                         Results(shard, 6, 5, true)};
  const auto persisted = Persist(messages);
  ASSERT_OK(persisted);
  EXPECT_EQ(persisted->points(), 10);
  EXPECT_EQ(persisted->chunks_written(), 1);
  EXPECT_FALSE(persisted->already_committed());
  const auto twice = Persist(messages);
  ASSERT_OK(twice);
  EXPECT_TRUE(twice->already_committed());

  v1::GetBackfillRequest get;
  get.set_id(created->backfill().id());
  const auto ended = Call(&v1::BackfillService::Stub::GetBackfill, get);
  ASSERT_OK(ended);
  EXPECT_EQ(ended->backfill().state(), v1::Backfill::STATE_SUCCEEDED);
  EXPECT_EQ(ended->backfill().points(), 10);
  EXPECT_EQ(ended->backfill().rows_read(), 10);
  EXPECT_TRUE(ended->backfill().has_end_time());
}

TEST_F(BackfillHandlerTest, CreateRefusesBadRequestsWithTheirReason) {
  v1::CreateBackfillRequest request = Request();
  request.clear_metrics();
  EXPECT_THAT(Create(request), StatusIs(kInvalid, "FIELD_REQUIRED"));
  request = Request();
  request.clear_dates();
  EXPECT_THAT(Create(request), StatusIs(kInvalid, "FIELD_REQUIRED"));
  request = Request();
  request.mutable_dates()->set_end_date("2023-01-01");
  EXPECT_THAT(Create(request), StatusIs(kInvalid, "INTERVAL_REVERSED"));
  request = Request();
  request.add_grains(v1::GRAIN_UNSPECIFIED);
  EXPECT_THAT(Create(request), StatusIs(kInvalid, "FIELD_INVALID"));
  EXPECT_THAT(Create(Request("no_*")), StatusIs(kNotFound, "METRIC_NOT_FOUND"));
  request = Request();
  request.add_entities("TSLA");
  EXPECT_THAT(Create(request), StatusIs(kNotFound, "ENTITY_NOT_FOUND"));
  request = Request();
  request.set_project("nobody");
  EXPECT_THAT(Create(request), StatusIs(kNotFound, "PROJECT_NOT_FOUND"));
  EXPECT_THAT(Create(Request("tick_count")), StatusIs(kInvalid, "BACKFILL_EMPTY"));
  request = Request();
  request.set_request_id("once");
  ASSERT_OK(Create(request));
  request.set_validate_only(true);
  request.add_entities("SPY");
  EXPECT_THAT(Create(request), StatusIs(absl::StatusCode::kAlreadyExists, "REQUEST_ID_REUSED"));
}

TEST_F(BackfillHandlerTest, ListPagesNewestFirst) {
  for (const char* metric : {"last_close", "hourly_volume", "weekly_high"}) {
    ASSERT_OK(Create(Request(metric)));
  }
  v1::ListBackfillsRequest request;
  request.set_page_size(2);
  const auto first = Call(&v1::BackfillService::Stub::ListBackfills, request);
  ASSERT_OK(first);
  ASSERT_EQ(first->backfills_size(), 2);
  EXPECT_GT(first->backfills(0).id(), first->backfills(1).id());
  request.set_page_token(first->next_page_token());
  const auto second = Call(&v1::BackfillService::Stub::ListBackfills, request);
  ASSERT_OK(second);
  EXPECT_EQ(second->backfills_size(), 1);
  EXPECT_TRUE(second->next_page_token().empty());

  request.set_page_token("rubbish");
  EXPECT_THAT(Call(&v1::BackfillService::Stub::ListBackfills, request),
              StatusIs(kInvalid, "PAGE_TOKEN_INVALID"));
  request.set_page_size(-1);
  EXPECT_THAT(Call(&v1::BackfillService::Stub::ListBackfills, request),
              StatusIs(kInvalid, "FIELD_INVALID"));
  request.Clear();
  request.set_project("nobody");
  EXPECT_THAT(Call(&v1::BackfillService::Stub::ListBackfills, request),
              StatusIs(kNotFound, "PROJECT_NOT_FOUND"));
}

TEST_F(BackfillHandlerTest, UnknownJobIsNotFound) {
  v1::GetBackfillRequest get;
  get.set_id(404);
  EXPECT_THAT(Call(&v1::BackfillService::Stub::GetBackfill, get),
              StatusIs(kNotFound, "BACKFILL_NOT_FOUND"));
  v1::CancelBackfillRequest cancel;
  cancel.set_id(404);
  EXPECT_THAT(Call(&v1::BackfillService::Stub::CancelBackfill, cancel),
              HasMetadata("backfill", "404"));
  rpc::BoundedContext context({});
  v1::WatchBackfillRequest watch;
  watch.set_id(404);
  const auto stream = jobs().WatchBackfill(context.get(), watch);
  v1::WatchBackfillResponse message;
  EXPECT_FALSE(stream->Read(&message));
  EXPECT_THAT(rpc::FromGrpc(stream->Finish()), StatusIs(kNotFound, "BACKFILL_NOT_FOUND"));
}

TEST_F(BackfillHandlerTest, WatchShowsTheJobAtOnceThenEveryChangeUntilItsEnd) {
  const auto created = Create(Request());
  ASSERT_OK(created);
  rpc::BoundedContext context({});
  v1::WatchBackfillRequest request;
  request.set_id(created->backfill().id());
  const auto stream = jobs().WatchBackfill(context.get(), request);
  v1::WatchBackfillResponse message;
  ASSERT_TRUE(stream->Read(&message));
  EXPECT_EQ(message.backfill().shards_leased(), 0);
  EXPECT_TRUE(message.has_idle());
  LeaseOne();
  ASSERT_TRUE(stream->Read(&message));
  EXPECT_EQ(message.backfill().shards_leased(), 1);
  v1::CancelBackfillRequest cancel;
  cancel.set_id(created->backfill().id());
  const auto cancelled = Call(&v1::BackfillService::Stub::CancelBackfill, cancel);
  ASSERT_OK(cancelled);
  EXPECT_EQ(cancelled->backfill().state(), v1::Backfill::STATE_CANCELLED);
  ASSERT_TRUE(stream->Read(&message));
  EXPECT_EQ(message.backfill().state(), v1::Backfill::STATE_CANCELLED);
  EXPECT_FALSE(stream->Read(&message));
  EXPECT_OK(rpc::FromGrpc(stream->Finish()));
}

TEST_F(BackfillHandlerTest, OnlyLeasesThatChangeSomethingAreLogged) {
  v1::LeaseShardsRequest request;
  request.set_worker("worker");
  request.set_max_shards(1);
  v1::RenewLeasesRequest renewal;
  renewal.set_worker("worker");
  renewal.add_leases();
  CaptureStderr();
  ASSERT_OK(Lease(request));
  EXPECT_EQ(GetCapturedStderr(), "") << "there is no job";
  ASSERT_OK(Create(Request()));
  CaptureStderr();
  const v1::LeasedShard shard = LeaseOne();
  EXPECT_THAT(GetCapturedStderr(), HasSubstr("BackfillService/LeaseShards"));
  renewal.mutable_leases(0)->set_shard_id(shard.shard_id());
  renewal.mutable_leases(0)->set_fence(shard.fence());
  CaptureStderr();
  ASSERT_OK(Call(&v1::BackfillService::Stub::RenewLeases, renewal));
  EXPECT_EQ(GetCapturedStderr(), "");
  renewal.mutable_leases(0)->set_fence(shard.fence() + 1);
  CaptureStderr();
  ASSERT_OK(Call(&v1::BackfillService::Stub::RenewLeases, renewal));
  EXPECT_THAT(GetCapturedStderr(), HasSubstr("BackfillService/RenewLeases")) << "it is lost";
}

TEST_F(BackfillHandlerTest, LeaseRequestsAreChecked) {
  v1::LeaseShardsRequest request;
  request.set_max_shards(1);
  EXPECT_THAT(Lease(request), ViolatesField("worker"));
  request.set_worker("w");
  request.set_max_shards(0);
  EXPECT_THAT(Lease(request), StatusIs(kInvalid, "FIELD_REQUIRED"));
  request.set_max_shards(101);
  EXPECT_THAT(Lease(request), StatusIs(kInvalid, "FIELD_INVALID"));
  request.set_max_shards(1);
  request.mutable_lease()->set_seconds(601);
  EXPECT_THAT(Lease(request), ViolatesField("lease"));
  v1::RenewLeasesRequest renewal;
  renewal.set_worker("w");
  EXPECT_THAT(Call(&v1::BackfillService::Stub::RenewLeases, renewal), ViolatesField("leases"));
  for (int i = 0; i < 101; ++i) renewal.add_leases();
  EXPECT_THAT(Call(&v1::BackfillService::Stub::RenewLeases, renewal),
              StatusIs(kInvalid, "FIELD_INVALID"));
}

TEST_F(BackfillHandlerTest, ReleasedShardKeepsAnErrorOfAtMostOneKibibyte) {
  ASSERT_OK(Create(Request()));
  const v1::LeasedShard shard = LeaseOne();
  v1::ReleaseShardRequest request;
  request.set_shard_id(shard.shard_id());
  request.set_fence(shard.fence());
  std::string error = "x";
  while (error.size() < 3000) error += "\xC3\x9C";  // two bytes: 1024 falls inside one
  request.set_error(error);
  request.set_permanent(true);
  const auto released = Call(&v1::BackfillService::Stub::ReleaseShard, request);
  ASSERT_OK(released);
  EXPECT_TRUE(released->failed());
  EXPECT_EQ(Number("SELECT octet_length(error) FROM backfills"), 1023);
  EXPECT_THAT(Call(&v1::BackfillService::Stub::ReleaseShard, request),
              StatusIs(absl::StatusCode::kAborted, "LEASE_LOST"));
}

TEST_F(BackfillHandlerTest, PersistRefusesStreamsThatAreNotWellFormed) {
  ASSERT_OK(Create(Request()));
  const v1::LeasedShard shard = LeaseOne();
  EXPECT_THAT(Persist({}), ViolatesField("last"));
  EXPECT_THAT(Persist({Results(shard, 1, 5, false)}), StatusIs(kInvalid, "FIELD_REQUIRED"));
  v1::PersistShardRequest anonymous = Results(shard, 1, 5, true);
  anonymous.clear_shard_id();
  EXPECT_THAT(Persist({anonymous}), ViolatesField("shard_id"));
  anonymous.set_shard_id(shard.shard_id());
  anonymous.clear_fence();
  EXPECT_THAT(Persist({anonymous}), ViolatesField("fence"));
  EXPECT_THAT(Persist({Results(shard, 1, 5, true), Results(shard, 6, 5, true)}),
              StatusIs(kInvalid, "FIELD_INVALID"));
  v1::PersistShardRequest uneven = Results(shard, 1, 5, true);
  uneven.mutable_series(0)->add_values(1);
  EXPECT_THAT(Persist({uneven}), StatusIs(kInvalid, "FIELD_INVALID"));
  v1::PersistShardRequest foreign = Results(shard, 1, 5, true);
  foreign.mutable_series(0)->set_entity("QQQ");
  EXPECT_THAT(Persist({foreign}), ViolatesField("series.entity"));
  v1::PersistShardRequest stale = Results(shard, 1, 5, true);
  stale.set_fence(shard.fence() + 1);
  EXPECT_THAT(Persist({stale}), StatusIs(absl::StatusCode::kAborted, "LEASE_LOST"));
  EXPECT_EQ(Number("SELECT count(*) FROM metric_chunk"), 0);
}

TEST_F(BackfillHandlerTest, ShardBeyondTheLimitIsTooLarge) {
  ASSERT_OK(Create(Request()));
  const v1::LeasedShard shard = LeaseOne();
  v1::PersistShardRequest message = Results(shard, 1, 0, false);
  for (int i = 0; i < 60'000; ++i) {
    message.mutable_series(0)->add_bucket_start_micros(i);
    message.mutable_series(0)->add_values(i);
  }
  const std::vector<v1::PersistShardRequest> messages(71, message);
  const auto persisted = Persist(messages);
  EXPECT_THAT(persisted, StatusIs(absl::StatusCode::kResourceExhausted, "TOO_LARGE"));
  EXPECT_THAT(persisted, HasMetadata("limit_bytes", "67108864"));
}

}  // namespace
}  // namespace metricstore::registry
