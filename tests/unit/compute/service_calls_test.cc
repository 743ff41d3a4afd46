// The streams of ComputeService through a server: cancellation by the client, and overload.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "common/rpc/client.h"
#include "common/rpc/server.h"
#include "compute_service/api/compute_service_handler.h"
#include "metricstore/compute/v1/compute_service.grpc.pb.h"
#include "metricstore/registry/v1/backfill.pb.h"
#include "tests/testing/matchers.h"
#include "tests/unit/compute/derived_fixture.h"
#include "tests/unit/compute/fake_pacer.h"

namespace metricstore::compute {
namespace {

using ::metricstore::testing::StatusIs;
using ::testing::SizeIs;

// Serves one stream at a time, and lets none wait.
class ServiceCallsTest : public ::testing::Test, protected DerivedFixture {
 protected:
  ServiceCallsTest() {
    options_.stream_threads = 1;
    options_.stream_queue = 0;
    runtime_.emplace(options_, instruments_);
    handler_.emplace(*runtime_, pool_, registry_);
    auto server = rpc::Server::Start(*runtime_, {&*handler_});
    EXPECT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    stub_ = v1::ComputeService::NewStub(
        rpc::MakeChannel("127.0.0.1:" + std::to_string(server_->port()), {}));
    request_.add_metrics()->set_name("a/x");
    request_.mutable_dates()->set_start_date("2024-03-04");
    request_.mutable_dates()->set_end_date("2024-03-05");
    Add(BarsMetric("a/x", "sum(close)"));
    AddRow("fact_bars", "A", Utc(2024, 3, 4, 10), 5);
  }

  // Makes windows hang until their call is cancelled.
  void HangWindows() {
    registry_.stream = [](const WindowRequest&, const WindowSink&, const CallBounds& bounds) {
      CancelToken cancelled;
      const auto registration = bounds.cancel.OnCancel([cancelled] { cancelled.Cancel(); });
      while (!cancelled.cancelled()) std::this_thread::yield();
      return bounds.Check();
    };
  }

  // How a call that is read to its end ends.
  template <typename Reader>
  absl::Status End(Reader& reader) {
    while (reader->Read(&response_)) ++messages_;
    return rpc::FromGrpc(reader->Finish());
  }

  telemetry::Instruments instruments_;
  ComputeInstruments compute_instruments_{instruments_};
  SkippingPacer pacer_;
  RegistryContact contact_{pacer_};
  ShardRunner runner_{registry_, compute_instruments_, pacer_, RetryPolicy()};
  WorkerPool pool_{registry_, runner_, contact_, compute_instruments_, pacer_, {.worker = "test"}};
  rpc::ServerOptions options_;
  std::optional<rpc::ServerRuntime> runtime_;
  std::optional<ComputeServiceHandler> handler_;
  std::unique_ptr<rpc::Server> server_;
  std::unique_ptr<v1::ComputeService::Stub> stub_;
  const CallBounds bounds_{.deadline = absl::Now() + absl::Seconds(30)};
  v1::EvaluateRequest request_;
  v1::EvaluateResponse response_;
  int messages_ = 0;
};

TEST_F(ServiceCallsTest, EvaluateStreamsPoints) {
  rpc::BoundedContext context(bounds_);
  const auto reader = stub_->Evaluate(context.get(), request_);
  EXPECT_TRUE(End(reader).ok());
  EXPECT_EQ(messages_, 1);
  ASSERT_THAT(response_.series(), SizeIs(1));
  EXPECT_EQ(response_.series(0).points().values(0), 5);
}

TEST_F(ServiceCallsTest, BeyondItsBoundItIsOverloadedUntilTheClientGoesAway) {
  HangWindows();
  const CallBounds first_bounds = bounds_;
  rpc::BoundedContext first(first_bounds);
  const auto hanging = stub_->Evaluate(first.get(), request_);
  registry_.Await([](const FakeRegistryClient& fake) { return !fake.windows().empty(); });
  rpc::BoundedContext second(bounds_);
  const auto refused = stub_->Evaluate(second.get(), request_);
  EXPECT_THAT(End(refused), StatusIs(absl::StatusCode::kResourceExhausted, "OVERLOADED"));
  first_bounds.cancel.Cancel();
  EXPECT_THAT(End(hanging), StatusIs(absl::StatusCode::kCancelled));
  // The evaluation has been stopped: its thread is free again.
  registry_.stream = [](const WindowRequest&, const WindowSink&, const CallBounds&) {
    return absl::OkStatus();
  };
  absl::Status status;
  do {
    const CallBounds bounds{.deadline = absl::Now() + absl::Seconds(30)};
    rpc::BoundedContext third(bounds);
    const auto reader = stub_->Evaluate(third.get(), request_);
    status = End(reader);
  } while (absl::IsResourceExhausted(status));
  EXPECT_TRUE(status.ok()) << status;
}

TEST_F(ServiceCallsTest, RunDayStreamsUntilTheJobEnds) {
  auto done = std::make_shared<registry::v1::Backfill>();
  done->set_state(registry::v1::Backfill::STATE_SUCCEEDED);
  registry_.backfill_states = {done};
  v1::RunDayRequest request;
  request.add_metrics("a/x");
  request.set_date("2024-03-04");
  rpc::BoundedContext context(bounds_);
  const auto reader = stub_->RunDay(context.get(), request);
  v1::RunDayResponse response;
  ASSERT_TRUE(reader->Read(&response));
  EXPECT_EQ(response.backfill().state(), registry::v1::Backfill::STATE_SUCCEEDED);
  EXPECT_FALSE(reader->Read(&response));
  EXPECT_TRUE(reader->Finish().ok());
}

TEST_F(ServiceCallsTest, ExplainMetricAnswersOnce) {
  v1::ExplainMetricRequest request;
  request.mutable_metric()->set_name("a/nowhere");
  request.set_date("2024-03-04");
  rpc::BoundedContext context(bounds_);
  v1::ExplainMetricResponse response;
  EXPECT_THAT(rpc::FromGrpc(stub_->ExplainMetric(context.get(), request, &response)),
              StatusIs(absl::StatusCode::kNotFound, "METRIC_NOT_FOUND"));
}

}  // namespace
}  // namespace metricstore::compute
