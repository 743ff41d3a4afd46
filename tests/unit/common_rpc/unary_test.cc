// Unary calls: details of errors, deadlines, cancellation, overload, faults of a body.
#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <thread>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/logging/logging.h"
#include "tests/unit/common_rpc/probe_server.h"

namespace metricstore::rpc {
namespace {

using ::testing::AllOf;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::Le;
using ::testing::Not;

absl::Status Succeed(const CallContext&, const ProbeRequest&, ProbeResponse&) {
  return absl::OkStatus();
}

// A body that a test holds until it lets go.
struct HeldBody {
  absl::Notification entered;
  absl::Notification release;

  UnaryBody<ProbeRequest, ProbeResponse> body() {
    return [this](const CallContext&, const ProbeRequest&, ProbeResponse&) {
      if (!entered.HasBeenNotified()) entered.Notify();
      release.WaitForNotification();
      return absl::OkStatus();
    };
  }
};

TEST(UnaryCall, AnswersWhatTheBodyFilledIn) {
  ProbeServer server;
  server.handlers().ask = [](const CallContext&, const ProbeRequest& request,
                             ProbeResponse& response) {
    response.set_text("hello " + request.text());
    return absl::OkStatus();
  };
  grpc::ClientContext context;
  ProbeRequest request;
  request.set_text("world");
  ProbeResponse response;
  ASSERT_TRUE(server.stub().Ask(&context, request, &response).ok());
  EXPECT_EQ(response.text(), "hello world");
}

TEST(UnaryCall, CarriesErrorDetailsAndTheCallersTraceId) {
  ProbeServer server;
  std::string seen_trace_id;
  server.handlers().ask = [&](const CallContext& call, const ProbeRequest&, ProbeResponse&) {
    seen_trace_id = call.trace_id;
    return status::ErrorBuilder(absl::StatusCode::kNotFound, "DATASET_NOT_FOUND", "no such dataset")
        .Metadata("dataset", "fact_bar")
        .Field("dataset", "did you mean fact_bars?")
        .RetryAfter(absl::Milliseconds(1500))
        .Build();
  };
  grpc::ClientContext context;
  context.AddMetadata("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
  ProbeResponse response;
  const absl::Status status = FromGrpc(server.stub().Ask(&context, {}, &response));
  EXPECT_THAT(status, FailsWith(absl::StatusCode::kNotFound, "DATASET_NOT_FOUND"));
  EXPECT_EQ(status.message(), "no such dataset");
  const auto details = status::DetailsOf(status);
  ASSERT_TRUE(details.has_value());
  EXPECT_EQ(details->metadata.at("dataset"), "fact_bar");
  EXPECT_EQ(details->metadata.at("trace_id"), "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(seen_trace_id, "4bf92f3577b34da6a3ce929d0e0e4736");
  ASSERT_EQ(details->violations.size(), 1u);
  EXPECT_EQ(details->violations[0].field, "dataset");
  EXPECT_EQ(details->retry_after, absl::Milliseconds(1500));
}

TEST(UnaryCall, ShowsTheBodyTheClientsDeadline) {
  ProbeServer server;
  absl::Duration remaining;
  server.handlers().ask = [&](const CallContext& call, const ProbeRequest&, ProbeResponse&) {
    remaining = call.bounds.remaining();
    return absl::OkStatus();
  };
  ASSERT_TRUE(server.Ask({.deadline = absl::Now() + absl::Seconds(100)}).ok());
  EXPECT_THAT(remaining, AllOf(Ge(absl::Seconds(60)), Le(absl::Seconds(101))));
}

TEST(UnaryCall, HasADeadlineEvenIfTheClientBringsNoneOrTooMuch) {
  ProbeServer server(
      {.default_deadline = absl::Seconds(1000), .max_deadline = absl::Seconds(2000)});
  absl::Duration remaining;
  server.handlers().ask = [&](const CallContext& call, const ProbeRequest&, ProbeResponse&) {
    remaining = call.bounds.remaining();
    return absl::OkStatus();
  };
  ASSERT_TRUE(server.Ask().ok());
  EXPECT_THAT(remaining, AllOf(Ge(absl::Seconds(900)), Le(absl::Seconds(1000))));
  ASSERT_TRUE(server.Ask({.deadline = absl::Now() + absl::Hours(10)}).ok());
  EXPECT_THAT(remaining, AllOf(Ge(absl::Seconds(1900)), Le(absl::Seconds(2000))));
}

TEST(UnaryCall, IsCancelledAtTheServersOwnDeadline) {
  ProbeServer server({.default_deadline = absl::Milliseconds(50)});
  server.handlers().ask = [](const CallContext& call, const ProbeRequest&, ProbeResponse&) {
    absl::Notification cancelled;
    const auto registration = call.bounds.cancel.OnCancel([&] { cancelled.Notify(); });
    cancelled.WaitForNotification();
    return call.bounds.Check();
  };
  EXPECT_THAT(server.Ask(), FailsWith(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED"));
}

TEST(UnaryCall, CancelsTheBodyWhenTheClientCancels) {
  ProbeServer server;
  absl::Notification entered;
  absl::Status seen;
  server.handlers().ask = [&](const CallContext& call, const ProbeRequest&, ProbeResponse&) {
    absl::Notification cancelled;
    const auto registration = call.bounds.cancel.OnCancel([&] { cancelled.Notify(); });
    entered.Notify();
    cancelled.WaitForNotification();
    seen = call.bounds.Check();
    return seen;
  };
  CallBounds bounds;
  std::thread canceller([&] {
    entered.WaitForNotification();
    bounds.cancel.Cancel();
  });
  EXPECT_EQ(server.Ask(bounds).code(), absl::StatusCode::kCancelled);
  canceller.join();
  server.Stop();
  EXPECT_THAT(seen, FailsWith(absl::StatusCode::kCancelled, "CANCELLED"));
}

TEST(UnaryCall, DoesNotRunABodyWhoseDeadlineHasPassed) {
  ProbeServer server({.unary_threads = 1, .unary_queue = 4});
  HeldBody held;
  std::atomic<int> bodies = 0;
  server.handlers().ask = [&](const CallContext& call, const ProbeRequest& request,
                              ProbeResponse& response) {
    ++bodies;
    return held.body()(call, request, response);
  };
  std::thread first([&] { EXPECT_TRUE(server.Ask().ok()); });
  held.entered.WaitForNotification();
  // Waits in the queue behind the first until its deadline.
  EXPECT_EQ(server.Ask({.deadline = absl::Now() + absl::Milliseconds(50)}).code(),
            absl::StatusCode::kDeadlineExceeded);
  held.release.Notify();
  first.join();
  server.Stop();
  EXPECT_EQ(bodies, 1);
}

TEST(UnaryCall, RefusesAtOnceWhatDoesNotFitTheQueue) {
  ProbeServer server({.unary_threads = 1, .unary_queue = 0});
  HeldBody held;
  server.handlers().ask = held.body();
  std::thread first([&] { EXPECT_TRUE(server.Ask().ok()); });
  held.entered.WaitForNotification();
  const absl::Status refused = server.Ask();
  EXPECT_THAT(refused, FailsWith(absl::StatusCode::kResourceExhausted, "OVERLOADED"));
  const auto details = status::DetailsOf(refused);
  ASSERT_TRUE(details.has_value() && details->retry_after.has_value());
  EXPECT_THAT(*details->retry_after,
              AllOf(Ge(absl::Milliseconds(750)), Le(absl::Milliseconds(1250))));
  EXPECT_THAT(server.instruments().Render(), HasSubstr("metricstore_rpc_refused_total 1"));
  held.release.Notify();
  first.join();
}

TEST(UnaryCall, EndsWithInternalWhenTheBodyThrowsAndKeepsTheCauseInTheLog) {
  ProbeServer server;
  server.handlers().ask = [](const CallContext&, const ProbeRequest&,
                             ProbeResponse&) -> absl::Status {
    throw std::runtime_error("the secret cause");
  };
  testing::internal::CaptureStderr();
  const absl::Status status = server.Ask();
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_THAT(status, FailsWith(absl::StatusCode::kInternal, "INTERNAL"));
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("secret")));
  EXPECT_THAT(log, HasSubstr("the secret cause"));
  EXPECT_THAT(log, HasSubstr(R"("level":"warning")"));
  EXPECT_THAT(log, HasSubstr(status::DetailsOf(status)->metadata.at("trace_id")));
}

TEST(UnaryCall, RefusesARequestBeyondTheSizeLimit) {
  ProbeServer server({.max_request_bytes = 1000});
  std::atomic<int> bodies = 0;
  server.handlers().ask = [&](const CallContext&, const ProbeRequest&, ProbeResponse&) {
    ++bodies;
    return absl::OkStatus();
  };
  grpc::ClientContext context;
  ProbeRequest request;
  request.set_text(std::string(2000, 'x'));
  ProbeResponse response;
  EXPECT_EQ(server.stub().Ask(&context, request, &response).error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(bodies, 0);
}

TEST(UnaryCall, IsLoggedOnceAndCounted) {
  ProbeServer server;
  server.handlers().ask = Succeed;
  testing::internal::CaptureStderr();
  ASSERT_TRUE(server.Ask().ok());
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_EQ(std::count(log.begin(), log.end(), '\n'), 1) << log;
  EXPECT_THAT(log,
              HasSubstr(R"("message":"rpc finished","method":"ProbeService/Ask","code":"OK")"));
  EXPECT_THAT(log, HasSubstr(R"("peer":"ipv4:127.0.0.1:)"));
  const std::string text = server.instruments().Render();
  EXPECT_THAT(text, HasSubstr("metricstore_rpc_seconds_count{code=\"OK\","
                              "method=\"ProbeService/Ask\"} 1"));
  EXPECT_THAT(text, HasSubstr("metricstore_rpc_in_flight 0"));
  EXPECT_THAT(text, HasSubstr("metricstore_rpc_queued{executor=\"unary\"} 0"));
}

TEST(UnaryCall, IsLoggedForDebuggingAloneIfItsBodySaysThatItIsRoutineAndItEndsWell) {
  ProbeServer server;
  std::atomic<bool> fails = false;
  server.handlers().ask = [&](const CallContext& call, const ProbeRequest&, ProbeResponse&) {
    call.routine = true;
    return fails ? status::FieldRequired("name") : absl::OkStatus();
  };
  testing::internal::CaptureStderr();
  ASSERT_TRUE(server.Ask().ok());
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "") << "the level is info";
  logging::Configure("metricstore", logging::Level::kDebug);
  testing::internal::CaptureStderr();
  ASSERT_TRUE(server.Ask().ok());
  logging::Configure("metricstore", logging::Level::kInfo);
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              AllOf(HasSubstr(R"("level":"debug")"), HasSubstr(R"("message":"rpc finished")")));
  fails = true;
  testing::internal::CaptureStderr();
  ASSERT_THAT(server.Ask(), FailsWith(absl::StatusCode::kInvalidArgument, "FIELD_REQUIRED"));
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr(R"("code":"INVALID_ARGUMENT")"));
  EXPECT_THAT(server.instruments().Render(), HasSubstr("metricstore_rpc_seconds_count{code=\"OK\","
                                                       "method=\"ProbeService/Ask\"} 2"));
}

TEST(Channel, RepeatsAUnaryCallThatFoundTheServerUnavailable) {
  ProbeServer server;
  std::atomic<int> attempts = 0;
  server.handlers().ask = [&](const CallContext&, const ProbeRequest&, ProbeResponse&) {
    if (++attempts < 2) {
      return status::ErrorBuilder(absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE", "down")
          .Build();
    }
    return absl::OkStatus();
  };
  EXPECT_TRUE(server.Ask().ok());
  EXPECT_EQ(attempts, 2);
}

TEST(Channel, NeverRepeatsAStreamFromTheClientThatIsListed) {
  ProbeServer server;
  std::atomic<int> attempts = 0;
  server.handlers().upload = [&](const CallContext&, StreamReader<ProbeRequest>&,
                                 ProbeResponse&) -> absl::Status {
    ++attempts;
    return status::ErrorBuilder(absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE", "down")
        .Build();
  };
  const auto stub = ProbeService::NewStub(MakeChannel(
      server.address(), {.client_stream_methods = {"metricstore.probe.v1.ProbeService/Chat",
                                                   "metricstore.probe.v1.ProbeService/Upload"}}));
  grpc::ClientContext context;
  ProbeResponse response;
  const auto writer = stub->Upload(&context, &response);
  writer->Write(ProbeRequest());
  writer->WritesDone();
  EXPECT_THAT(FromGrpc(writer->Finish()),
              FailsWith(absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"));
  EXPECT_EQ(attempts, 1);
}

TEST(Channel, AcceptsATargetWithAScheme) {
  ProbeServer server;
  server.handlers().ask = Succeed;
  const auto stub = ProbeService::NewStub(MakeChannel("dns:///" + server.address(), {}));
  grpc::ClientContext context;
  ProbeResponse response;
  EXPECT_TRUE(stub->Ask(&context, {}, &response).ok());
}

}  // namespace
}  // namespace metricstore::rpc
