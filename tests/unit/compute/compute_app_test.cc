#include "compute_service/app/compute_app.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "common/columns/proto_conversion.h"
#include "common/rpc/client.h"
#include "common/status/error.h"
#include "compute_service/app/compute_config.h"
#include "metricstore/compute/v1/compute_service.grpc.pb.h"
#include "tests/unit/common_rpc/health_client.h"
#include "tests/unit/compute/fake_registry_server.h"
#include "tests/unit/compute/shard_fixture.h"

namespace metricstore::compute {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

absl::StatusOr<ComputeConfig> Parse(const std::string& text) {
  absl::StatusOr<config::File> file = config::File::Parse(text, "compute.yaml");
  EXPECT_TRUE(file.ok()) << file.status();
  return ReadComputeConfig(*file);
}

TEST(ComputeConfigTest, EverythingButTheRegistryHasADefault) {
  const auto config = Parse("registry: {target: 'registry:7001'}");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->registry.target, "registry:7001");
  EXPECT_EQ(config->service.server.listen, "127.0.0.1:0");
  EXPECT_GE(config->pool.slots, 1);
  EXPECT_EQ(config->pool.lease, absl::Seconds(30));
  EXPECT_EQ(config->service.ready_file, "");
}

TEST(ComputeConfigTest, ValuesAreRead) {
  const auto config = Parse(R"(
listen: 0.0.0.0:7002
metrics_listen: 0.0.0.0:9102
registry: {target: r:1, timeout: 3s, stall_limit: 5s}
slots: 6
lease: 12s
log_level: warning
ready_file: ready.json
drain_grace: 7s
server: {unary_threads: 2, max_request_bytes: 2097152}
)");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->service.server.listen, "0.0.0.0:7002");
  EXPECT_EQ(config->service.server.unary_threads, 2);
  EXPECT_EQ(config->service.server.max_request_bytes, 2u << 20);
  EXPECT_EQ(config->service.metrics_listen, "0.0.0.0:9102");
  EXPECT_EQ(config->registry.unary_timeout, absl::Seconds(3));
  EXPECT_EQ(config->registry.stall_limit, absl::Seconds(5));
  EXPECT_EQ(config->pool.slots, 6);
  EXPECT_EQ(config->pool.lease, absl::Seconds(12));
  EXPECT_EQ(config->service.log_level, logging::Level::kWarning);
  EXPECT_EQ(config->service.drain_grace, absl::Seconds(7));
}

TEST(ComputeConfigTest, AllProblemsAreToldAtOnce) {
  const auto config = Parse("slots: 0\nlese: 30s\nlog_level: loud\n");
  EXPECT_EQ(status::ReasonOf(config.status()), "FIELD_INVALID");
  EXPECT_THAT(status::DetailsOf(config.status())->violations, SizeIs(4))
      << "slots, the unknown key, the level and the missing registry";
}

class ComputeAppTest : public ::testing::Test {
 protected:
  ComputeAppTest() {
    config_.registry.target = registry_.target();
    config_.service.metrics_listen = "127.0.0.1:0";
    config_.pool.slots = 2;
    config_.service.drain_grace = absl::Seconds(5);
    config_.service.ready_file = ::testing::TempDir() + "compute_app_ready.json";
    std::filesystem::remove(config_.service.ready_file);
  }

  void ServeOneShard() {
    registry_.dataset.set_name("fact_bars");
    registry_.dataset.set_time_column("ts");
    registry_.dataset.set_entity_column("symbol");
    for (const expression::SchemaColumn& column : Bars().schema) {
      pb::DatasetColumn* added = registry_.dataset.add_columns();
      added->set_name(column.name);
      added->set_type(static_cast<common::v1::ColumnType>(column.type));
      added->set_nullable(column.nullable);
    }
    registry_.calendar.set_name("24_7");
    registry_.calendar.set_version(1);
    registry_.calendar.set_description("Always open.");
    registry_.calendar.set_time_zone("UTC");
    for (int day = 1; day <= 7; ++day) registry_.calendar.add_open_days(pb::Weekday(day));
    pb::Session* session = registry_.calendar.add_sessions();
    session->set_name("all");
    session->mutable_open()->set_second_of_day(0);
    session->mutable_close()->set_second_of_day(86400);
    registry_.calendar.set_first_date("2020-01-01");
    registry_.calendar.set_last_date("2030-12-31");
    pb::Metric metric;
    metric.set_id("a/range");
    metric.set_dataset("fact_bars");
    metric.set_grain(pb::GRAIN_DAY);
    metric.set_expression("max(close) - min(close)");
    registry_.metrics["a/range"] = metric;
    registry_.window.emplace_back();
    columns::ToProto(
        BarsBatch({{"A", Utc(2024, 3, 4, 10), 1, 10}, {"A", Utc(2024, 3, 4, 11), 4, 10}}),
        registry_.window.back().mutable_rows());
    pb::LeasedShard shard;
    shard.set_shard_id(1);
    shard.set_fence(1);
    shard.set_backfill_id(9);
    shard.set_project("default");
    shard.set_dataset("fact_bars");
    shard.add_entities("A");
    shard.mutable_dates()->set_start_date("2024-03-04");
    shard.mutable_dates()->set_end_date("2024-03-05");
    shard.add_metrics()->mutable_metric()->set_id("a/range");
    shard.mutable_metrics(0)->mutable_metric()->set_version(1);
    shard.mutable_metrics(0)->set_grain(pb::GRAIN_DAY);
    shard.set_calendar("24_7");
    shard.set_calendar_version(1);
    registry_.shards = {shard};
  }

  static std::shared_ptr<grpc::Channel> Channel(const ComputeApp& app) {
    return rpc::MakeChannel("127.0.0.1:" + std::to_string(app.grpc_port()), {});
  }

  static v1::GetWorkerStatusResponse WorkerStatus(const ComputeApp& app) {
    const auto stub = v1::ComputeService::NewStub(Channel(app));
    const CallBounds bounds{.deadline = absl::Now() + absl::Seconds(20)};
    rpc::BoundedContext context(bounds);
    v1::GetWorkerStatusResponse response;
    const grpc::Status status = stub->GetWorkerStatus(context.get(), {}, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }

  FakeRegistryServer registry_;
  ComputeConfig config_;
};

TEST_F(ComputeAppTest, ComputesALeasedShardAndShowsIt) {
  ServeOneShard();
  const auto app = ComputeApp::Start(config_);
  ASSERT_TRUE(app.ok()) << app.status();
  registry_.AwaitPersisted();
  v1::GetWorkerStatusResponse status = WorkerStatus(**app);
  while (status.shards_done() == 0) status = WorkerStatus(**app);
  EXPECT_EQ(status.shards_done(), 1);
  EXPECT_EQ(status.slots(), 2);
  EXPECT_TRUE(status.registry_reachable());
  EXPECT_EQ(status.registry_error(), "");
  EXPECT_EQ(status.worker(), registry_.lease_request.worker());
  ASSERT_THAT(registry_.persist_messages, SizeIs(1));
  const pb::PersistShardRequest& sent = registry_.persist_messages[0];
  ASSERT_THAT(sent.series(), SizeIs(1));
  EXPECT_EQ(sent.series(0).entity(), "A");
  EXPECT_EQ(sent.series(0).values(0), 3);
  EXPECT_EQ(sent.rows_read(), 2);
}

TEST_F(ComputeAppTest, EvaluatesRowsWithoutARegistry) {
  ServeOneShard();
  registry_.Shutdown();
  const auto app = ComputeApp::Start(config_);
  ASSERT_TRUE(app.ok()) << app.status();
  v1::EvaluateRowsRequest request;
  *request.add_datasets() = registry_.dataset;
  request.mutable_datasets(0)->set_calendar("24_7");
  *request.add_calendars() = registry_.calendar;
  *request.add_evaluations()->mutable_metric() = registry_.metrics["a/range"];
  *request.mutable_evaluations(0)->mutable_rows() = registry_.window.back().rows();
  const auto stub = v1::ComputeService::NewStub(Channel(**app));
  const CallBounds bounds{.deadline = absl::Now() + absl::Seconds(20)};
  v1::EvaluateRowsResponse response;
  rpc::BoundedContext context(bounds);
  const grpc::Status status = stub->EvaluateRows(context.get(), request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  ASSERT_THAT(response.results(), SizeIs(1));
  ASSERT_THAT(response.results(0).points(), SizeIs(1)) << response.results(0).error();
  EXPECT_EQ(response.results(0).points(0).value(), 3);

  rpc::BoundedContext refused(bounds);
  const absl::Status error =
      rpc::FromGrpc(stub->EvaluateRows(refused.get(), v1::EvaluateRowsRequest(), &response));
  EXPECT_EQ(status::ReasonOf(error), "FIELD_REQUIRED");
}

TEST_F(ComputeAppTest, IsReadyOnceTheRegistryAnswers) {
  const auto app = ComputeApp::Start(config_);
  ASSERT_TRUE(app.ok()) << app.status();
  rpc::HealthWatch health(Channel(**app), "metricstore.compute.v1.ComputeService");
  std::string state = health.Next();
  while (state == "NOT_SERVING") state = health.Next();
  EXPECT_EQ(state, "SERVING");
  health.Stop();
}

TEST_F(ComputeAppTest, WritesItsPortsWhenItServes) {
  const auto app = ComputeApp::Start(config_);
  ASSERT_TRUE(app.ok()) << app.status();
  std::ifstream file(config_.service.ready_file);
  const nlohmann::json ready = nlohmann::json::parse(file);
  EXPECT_EQ(ready["grpc"], (*app)->grpc_port());
  EXPECT_EQ(ready["metrics"], (*app)->metrics_port());
  EXPECT_EQ(ready["pid"], getpid());
}

TEST_F(ComputeAppTest, StartsAndStopsWithoutARegistry) {
  registry_.Shutdown();
  const auto app = ComputeApp::Start(config_);
  ASSERT_TRUE(app.ok()) << app.status();
  const v1::GetWorkerStatusResponse status = WorkerStatus(**app);
  EXPECT_FALSE(status.registry_reachable());
  EXPECT_NE(status.registry_error(), "");
  EXPECT_EQ(rpc::CheckHealth(Channel(**app), ""), "SERVING") << "it lives";
  EXPECT_EQ(rpc::CheckHealth(Channel(**app), "metricstore.compute.v1.ComputeService"),
            "NOT_SERVING");
  (*app)->Drain(absl::Seconds(5));
}

TEST_F(ComputeAppTest, APortInUseIsSaid) {
  const auto first = ComputeApp::Start(config_);
  ASSERT_TRUE(first.ok()) << first.status();
  ComputeConfig second = config_;
  second.service.server.listen = "127.0.0.1:" + std::to_string((*first)->grpc_port());
  EXPECT_EQ(ComputeApp::Start(second).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST(MakeWorkerNameTest, EachStartHasAnotherName) { EXPECT_NE(MakeWorkerName(), MakeWorkerName()); }

}  // namespace
}  // namespace metricstore::compute
