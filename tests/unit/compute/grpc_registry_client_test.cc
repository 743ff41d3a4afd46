// Unary calls: leases, definitions, datasets, calendars, and what they say of the registry.

#include "common/status/error.h"
#include "gmock/gmock.h"
#include "tests/unit/compute/grpc_registry_client_fixture.h"
#include "tests/unit/compute/shard_fixture.h"

namespace metricstore::compute {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

pb::LeasedShard ShardMessage(int64_t id, pb::Grain grain) {
  pb::LeasedShard shard;
  shard.set_shard_id(id);
  shard.set_backfill_id(5);
  shard.set_fence(9);
  shard.set_project("default");
  shard.set_dataset("fact_bars");
  shard.add_entities("A");
  shard.add_entities("B");
  shard.mutable_dates()->set_start_date("2024-03-04");
  shard.mutable_dates()->set_end_date("2024-03-09");
  pb::MetricAtGrain* metric = shard.add_metrics();
  metric->mutable_metric()->set_id("a/last");
  metric->mutable_metric()->set_version(2);
  metric->set_grain(grain);
  shard.set_attempt(2);
  shard.set_calendar("XNYS");
  shard.set_calendar_version(4);
  pb::MetricRef* read = shard.add_reads();
  read->set_id("a/read");
  read->set_version(3);
  return shard;
}

TEST_F(GrpcRegistryClientTest, LeasesShards) {
  server_.shards = {ShardMessage(1, pb::GRAIN_HOUR)};
  const auto shards = client().LeaseShards("w", 3, absl::Milliseconds(2500), {});
  ASSERT_TRUE(shards.ok()) << shards.status();
  EXPECT_EQ(server_.lease_request.worker(), "w");
  EXPECT_EQ(server_.lease_request.max_shards(), 3);
  EXPECT_EQ(server_.lease_request.lease().seconds(), 2);
  EXPECT_EQ(server_.lease_request.lease().nanos(), 500'000'000);
  ASSERT_THAT(*shards, SizeIs(1));
  const LeasedShard& shard = shards->front();
  EXPECT_EQ(shard.lease, (Lease{1, 9}));
  EXPECT_EQ(shard.backfill_id, 5);
  EXPECT_EQ(shard.attempt, 2);
  EXPECT_THAT(shard.entities, ElementsAre("A", "B"));
  EXPECT_EQ(shard.dates, (DateRange{absl::CivilDay(2024, 3, 4), absl::CivilDay(2024, 3, 9)}));
  ASSERT_THAT(shard.metrics, SizeIs(1));
  EXPECT_EQ(shard.metrics[0].metric, (MetricRef{"a/last", 2}));
  EXPECT_EQ(shard.metrics[0].grain, Grain::kHour);
  EXPECT_EQ(shard.calendar, "XNYS");
  EXPECT_EQ(shard.calendar_version, 4);
  EXPECT_THAT(shard.reads, ElementsAre(MetricRef{"a/read", 3}));
}

TEST_F(GrpcRegistryClientTest, AShardThatCannotBeReadIsGivenBackAsFailed) {
  server_.shards = {ShardMessage(1, static_cast<pb::Grain>(77)), ShardMessage(2, pb::GRAIN_DAY)};
  const auto shards = client().LeaseShards("w", 3, absl::Seconds(30), {});
  ASSERT_TRUE(shards.ok()) << shards.status();
  ASSERT_THAT(*shards, SizeIs(1));
  EXPECT_EQ(shards->front().lease.shard_id, 2);
  ASSERT_THAT(server_.release_requests, SizeIs(1));
  EXPECT_EQ(server_.release_requests[0].shard_id(), 1);
  EXPECT_TRUE(server_.release_requests[0].permanent());
}

TEST_F(GrpcRegistryClientTest, RenewsAndReleases) {
  const std::vector<Lease> leases = {{1, 9}, {2, 0}};
  const auto renewed = client().RenewLeases("w", leases, absl::Seconds(30), {});
  ASSERT_TRUE(renewed.ok()) << renewed.status();
  EXPECT_THAT(*renewed, ElementsAre(1));
  EXPECT_EQ(server_.renew_request.leases(0).fence(), 9);

  ASSERT_TRUE(client().ReleaseShard({1, 9}, "why", true, {}).ok());
  ASSERT_THAT(server_.release_requests, SizeIs(1));
  EXPECT_EQ(server_.release_requests[0].fence(), 9);
  EXPECT_EQ(server_.release_requests[0].error(), "why");
}

pb::Metric MetricMessage(const std::string& id) {
  pb::Metric metric;
  metric.set_id(id);
  metric.set_dataset("fact_bars");
  metric.set_grain(pb::GRAIN_DAY);
  metric.set_expression("last(close)");
  metric.add_filters("volume > 0");
  metric.mutable_window()->set_kind(pb::Window::KIND_FIRST);
  metric.mutable_window()->set_session("rth");
  metric.mutable_window()->mutable_length()->set_seconds(1800);
  return metric;
}

TEST_F(GrpcRegistryClientTest, MetricVersionsAreFetchedOnceAndKeepTheirOrder) {
  for (const char* id : {"a/x", "a/y", "a/z"}) server_.metrics[id] = MetricMessage(id);
  const std::vector<MetricRef> one = {{"a/y", 2}};
  ASSERT_TRUE(client().GetMetrics("default", one, {}).ok());
  const std::vector<MetricRef> all = {{"a/x", 1}, {"a/y", 2}, {"a/z", 3}};
  const auto metrics = client().GetMetrics("default", all, {});
  ASSERT_TRUE(metrics.ok()) << metrics.status();
  ASSERT_THAT(*metrics, SizeIs(3));
  for (size_t i = 0; i < all.size(); ++i) EXPECT_EQ((*metrics)[i]->ref, all[i]);
  ASSERT_TRUE(client().GetMetrics("default", all, {}).ok());
  ASSERT_THAT(server_.metric_requests, SizeIs(2)) << "the third call needs nothing";
  EXPECT_EQ(server_.metric_requests[1].metrics_size(), 2) << "the known one is not asked for";

  const MetricDefinition& metric = *(*metrics)[0];
  EXPECT_EQ(metric.dataset, "fact_bars");
  EXPECT_EQ(metric.expression, "last(close)");
  EXPECT_THAT(metric.filters, ElementsAre("volume > 0"));
  EXPECT_EQ(metric.window, (calendar::Window{.kind = calendar::WindowKind::kFirst,
                                             .session = "rth",
                                             .length = absl::Minutes(30)}));
}

TEST_F(GrpcRegistryClientTest, TheActiveVersionIsAskedForEachTime) {
  server_.metrics["a/x"] = MetricMessage("a/x");
  const std::vector<MetricRef> refs = {{"a/x", 0}};
  ASSERT_TRUE(client().GetMetrics("default", refs, {}).ok());
  ASSERT_TRUE(client().GetMetrics("default", refs, {}).ok());
  EXPECT_THAT(server_.metric_requests, SizeIs(2));
}

TEST_F(GrpcRegistryClientTest, AMetricWithoutAnExpressionIsNotSupported) {
  server_.metrics["a/x"] = MetricMessage("a/x");
  server_.metrics["a/x"].clear_expression();
  const std::vector<MetricRef> refs = {{"a/x", 1}};
  EXPECT_EQ(status::ReasonOf(client().GetMetrics("default", refs, {}).status()), "NOT_SUPPORTED");
}

TEST_F(GrpcRegistryClientTest, ReadsADataset) {
  server_.dataset.set_name("fact_bars");
  server_.dataset.set_time_column("ts");
  server_.dataset.set_entity_column("symbol");
  pb::DatasetColumn* column = server_.dataset.add_columns();
  column->set_name("volume");
  column->set_type(common::v1::COLUMN_TYPE_INT64);
  column->set_nullable(true);
  const auto dataset = client().GetDataset("default", "fact_bars", {});
  ASSERT_TRUE(dataset.ok()) << dataset.status();
  EXPECT_EQ((*dataset)->time_column, "ts");
  EXPECT_EQ((*dataset)->entity_column, "symbol");
  ASSERT_THAT((*dataset)->schema, SizeIs(1));
  EXPECT_EQ((*dataset)->schema[0].name, "volume");
  EXPECT_EQ((*dataset)->schema[0].type, columns::ColumnType::kInt64);
  EXPECT_TRUE((*dataset)->schema[0].nullable);
}

pb::Calendar CalendarMessage() {
  pb::Calendar calendar;
  calendar.set_name("XNYS");
  calendar.set_version(4);
  calendar.set_description("For tests.");
  calendar.set_time_zone("America/New_York");
  for (int day = pb::WEEKDAY_MONDAY; day <= pb::WEEKDAY_FRIDAY; ++day) {
    calendar.add_open_days(static_cast<pb::Weekday>(day));
  }
  pb::Session* session = calendar.add_sessions();
  session->set_name("rth");
  session->mutable_open()->set_second_of_day(9 * 3600 + 1800);
  session->mutable_close()->set_second_of_day(16 * 3600);
  const auto holiday = [&](const char* name) {
    pb::Holiday* added = calendar.add_holidays();
    added->set_name(name);
    return added->mutable_on();
  };
  holiday("Good Friday")->set_easter_offset_days(-2);
  pb::DateRule* independence = holiday("Independence Day");
  independence->mutable_month_day()->set_month(7);
  independence->mutable_month_day()->set_day(4);
  independence->set_observance(pb::OBSERVANCE_NEAREST_WEEKDAY);
  pb::DateRule* thanksgiving = holiday("Thanksgiving");
  thanksgiving->mutable_nth_weekday()->set_month(11);
  thanksgiving->mutable_nth_weekday()->set_weekday(pb::WEEKDAY_THURSDAY);
  thanksgiving->mutable_nth_weekday()->set_n(4);
  holiday("Storm")->set_date("2024-02-13");
  pb::SpecialHours* early = calendar.add_special_hours();
  early->set_name("Christmas Eve");
  early->mutable_on()->mutable_month_day()->set_month(12);
  early->mutable_on()->mutable_month_day()->set_day(24);
  early->mutable_early_close()->set_second_of_day(13 * 3600);
  calendar.set_first_date("2020-01-01");
  calendar.set_last_date("2030-12-31");
  return calendar;
}

TEST_F(GrpcRegistryClientTest, CalendarsKeepAllTheirRulesAndAreFetchedOnce) {
  server_.calendar = CalendarMessage();
  const auto got = client().GetCalendar("default", "XNYS", 4, {});
  ASSERT_TRUE(got.ok()) << got.status();
  const calendar::Calendar& calendar = **got;
  EXPECT_EQ(calendar.version(), 4);
  EXPECT_THAT(calendar.NotesOn(absl::CivilDay(2024, 3, 29)), ElementsAre("Good Friday"));
  EXPECT_THAT(calendar.NotesOn(absl::CivilDay(2026, 7, 3)), ElementsAre("Independence Day"));
  EXPECT_THAT(calendar.NotesOn(absl::CivilDay(2024, 11, 28)), ElementsAre("Thanksgiving"));
  EXPECT_THAT(calendar.NotesOn(absl::CivilDay(2024, 2, 13)), ElementsAre("Storm"));
  const auto early = calendar.SessionOn(absl::CivilDay(2024, 12, 24), "rth");
  ASSERT_TRUE(early.has_value());
  EXPECT_EQ(early->range, (TimeRange{Utc(2024, 12, 24, 14, 30), Utc(2024, 12, 24, 18, 0)}));
  EXPECT_FALSE(calendar.SessionOn(absl::CivilDay(2024, 3, 9), "rth").has_value()) << "a Saturday";

  EXPECT_EQ(*client().GetCalendar("default", "XNYS", 4, {}), *got);
  EXPECT_EQ(server_.calendar_requests, 1);
}

TEST_F(GrpcRegistryClientTest, AUnaryCallThatGetsNoAnswerEnds) {
  options_.unary_timeout = absl::Milliseconds(100);
  server_.hang_lease = true;
  EXPECT_EQ(client().LeaseShards("w", 1, absl::Seconds(30), {}).status().code(),
            absl::StatusCode::kDeadlineExceeded);
  EXPECT_FALSE(contact_.last_error().ok());
}

TEST_F(GrpcRegistryClientTest, ContactFollowsTheRegistry) {
  EXPECT_EQ(contact_.Silence(), absl::InfiniteDuration());
  ASSERT_TRUE(client().LeaseShards("w", 1, absl::Seconds(30), {}).ok());
  EXPECT_TRUE(contact_.last_error().ok());
  EXPECT_LT(contact_.Silence(), absl::Minutes(1));
  server_.fail_lease =
      status::ErrorBuilder(absl::StatusCode::kInvalidArgument, "FIELD_INVALID", "no").Build();
  EXPECT_FALSE(client().LeaseShards("w", 1, absl::Seconds(30), {}).ok());
  EXPECT_TRUE(contact_.last_error().ok()) << "a refusal is an answer";
  server_.Shutdown();
  EXPECT_EQ(client().LeaseShards("w", 1, absl::Seconds(30), {}).status().code(),
            absl::StatusCode::kUnavailable);
  EXPECT_EQ(contact_.last_error().code(), absl::StatusCode::kUnavailable);
}

TEST_F(GrpcRegistryClientTest, GetsTheWholeMessageOfAMetric) {
  pb::Metric& metric = server_.metrics["last"];
  metric.set_id("a/last");
  metric.set_notes("kept");
  const auto message = client().GetMetric("north", {"last", 2}, {});
  ASSERT_TRUE(message.ok()) << message.status();
  EXPECT_EQ((*message)->notes(), "kept");
  EXPECT_EQ(server_.get_metric_request.project(), "north");
  EXPECT_EQ(server_.get_metric_request.version(), 2);
}

TEST_F(GrpcRegistryClientTest, CreatesBackfills) {
  server_.backfill_states.emplace_back().set_id(9);
  const BackfillRequest request{.project = "north",
                                .metrics = {"a/*"},
                                .entities = {"A"},
                                .dates = {absl::CivilDay(2024, 2, 29), absl::CivilDay(2024, 3, 1)},
                                .request_id = "nightly-1"};
  const auto created = client().CreateBackfill(request, {});
  ASSERT_TRUE(created.ok()) << created.status();
  EXPECT_EQ((*created)->id(), 9);
  EXPECT_EQ(server_.create_request.project(), "north");
  EXPECT_THAT(server_.create_request.metrics(), ElementsAre("a/*"));
  EXPECT_THAT(server_.create_request.entities(), ElementsAre("A"));
  EXPECT_EQ(server_.create_request.dates().start_date(), "2024-02-29");
  EXPECT_EQ(server_.create_request.dates().end_date(), "2024-03-01");
  EXPECT_EQ(server_.create_request.request_id(), "nightly-1");
  server_.fail_create =
      status::ErrorBuilder(absl::StatusCode::kInvalidArgument, "BACKFILL_EMPTY", "nothing").Build();
  EXPECT_EQ(status::ReasonOf(client().CreateBackfill(request, {}).status()), "BACKFILL_EMPTY");
}

}  // namespace
}  // namespace metricstore::compute
