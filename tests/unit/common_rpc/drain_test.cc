// Start, health and the end of a server.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "tests/unit/common_rpc/health_client.h"
#include "tests/unit/common_rpc/probe_server.h"

namespace metricstore::rpc {
namespace {

constexpr char kProbeName[] = "metricstore.probe.v1.ProbeService";

TEST(Server, ReportsAPortThatIsTaken) {
  ProbeServer server;
  telemetry::Instruments instruments;
  ServerRuntime runtime({.listen = server.address()}, instruments);
  ProbeHandlers handlers(runtime);
  EXPECT_THAT(Server::Start(runtime, {&handlers}).status(),
              FailsWith(absl::StatusCode::kFailedPrecondition, "LISTEN_FAILED"));
}

TEST(Server, IsAliveAtOnceAndReadyWhenToldSo) {
  ProbeServer server;
  EXPECT_EQ(CheckHealth(server.channel(), ""), "SERVING");
  EXPECT_EQ(CheckHealth(server.channel(), kProbeName), "NOT_SERVING");
  server.server().SetReady(true);
  EXPECT_EQ(CheckHealth(server.channel(), kProbeName), "SERVING");
  server.server().SetReady(false);
  EXPECT_EQ(CheckHealth(server.channel(), kProbeName), "NOT_SERVING");
  EXPECT_EQ(CheckHealth(server.channel(), "unknown"), "NOT_FOUND");
}

TEST(Drain, LetsRunningCallsEndAndRefusesNewOnes) {
  ProbeServer server;
  absl::Notification entered, release;
  server.handlers().ask = [&](const CallContext&, const ProbeRequest&, ProbeResponse& response) {
    entered.Notify();
    release.WaitForNotification();
    response.set_number(7);
    return absl::OkStatus();
  };
  server.server().SetReady(true);
  HealthWatch health(server.channel(), kProbeName);
  EXPECT_EQ(health.Next(), "SERVING");

  std::thread running([&] {
    ProbeResponse response;
    EXPECT_TRUE(server.Ask({}, &response).ok());
    EXPECT_EQ(response.number(), 7);
  });
  entered.WaitForNotification();
  std::thread draining([&] { server.server().Drain(absl::Minutes(5)); });
  EXPECT_EQ(health.Next(), "NOT_SERVING");
  health.Stop();
  // A channel of its own: no repeats, and no connection from before the drain.
  grpc::ChannelArguments args;
  args.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  const auto late = ProbeService::NewStub(
      grpc::CreateCustomChannel(server.address(), grpc::InsecureChannelCredentials(), args));
  grpc::ClientContext context;
  ProbeResponse response;
  EXPECT_EQ(late->Ask(&context, {}, &response).error_code(), grpc::StatusCode::UNAVAILABLE);
  release.Notify();
  running.join();
  draining.join();
  EXPECT_FALSE(server.server().abandoned_calls());
}

// gRPC's own shutdown cancels calls that arrive while it is at work.
TEST(Drain, NeverCancelsCallsThatArriveMeanwhile) {
  for (int round = 0; round < 10; ++round) {
    ProbeServer server;
    server.handlers().ask = [](const CallContext&, const ProbeRequest&, ProbeResponse&) {
      return absl::OkStatus();
    };
    std::atomic<int> answered = 0;
    std::vector<std::thread> clients;
    for (int i = 0; i < 4; ++i) {
      clients.emplace_back([&, i] {
        grpc::ChannelArguments args;
        args.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
        args.SetInt("probe.client", i);  // a connection of its own
        const auto stub = ProbeService::NewStub(
            grpc::CreateCustomChannel(server.address(), grpc::InsecureChannelCredentials(), args));
        absl::Status status;
        while (status.ok() || status::ReasonOf(status) == "DRAINING") {
          grpc::ClientContext context;
          ProbeResponse response;
          status = FromGrpc(stub->Ask(&context, {}, &response));
          ++answered;
        }
        EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
      });
    }
    while (answered < 20) std::this_thread::yield();
    server.server().Drain(absl::Minutes(1));
    for (std::thread& client : clients) client.join();
    EXPECT_FALSE(server.server().abandoned_calls());
  }
}

TEST(Drain, EndsWhileAWatchOfItsHealthIsOpen) {
  ProbeServer server;
  HealthWatch health(server.channel(), kProbeName);
  EXPECT_EQ(health.Next(), "NOT_SERVING");
  const absl::Time start = absl::Now();
  server.server().Drain(absl::Minutes(5));
  EXPECT_LT(absl::Now() - start, absl::Minutes(1));
  EXPECT_FALSE(server.server().abandoned_calls());
  health.Stop();
}

TEST(Drain, CancelsWhatRunsLongerThanTheGraceTime) {
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
  std::thread running([&] { EXPECT_FALSE(server.Ask().ok()); });
  entered.WaitForNotification();
  server.server().Drain(absl::Milliseconds(20));
  EXPECT_FALSE(server.server().abandoned_calls());
  EXPECT_THAT(seen, FailsWith(absl::StatusCode::kCancelled, "CANCELLED"));
  running.join();
}

TEST(Drain, GivesUpOnABodyThatIgnoresItsCancellation) {
  ProbeServer server;
  absl::Notification entered, release;
  server.handlers().ask = [&](const CallContext&, const ProbeRequest&, ProbeResponse&) {
    entered.Notify();
    release.WaitForNotification();
    return absl::OkStatus();
  };
  std::thread running([&] { EXPECT_FALSE(server.Ask().ok()); });
  entered.WaitForNotification();
  const absl::Time start = absl::Now();
  server.server().Drain(absl::Milliseconds(20));
  EXPECT_LT(absl::Now() - start, absl::Seconds(5));
  EXPECT_TRUE(server.server().abandoned_calls());
  release.Notify();
  running.join();
}

TEST(Drain, MayBeCalledAgain) {
  ProbeServer server;
  server.server().Drain(absl::Seconds(1));
  server.server().Drain(absl::Seconds(1));
  EXPECT_FALSE(server.server().abandoned_calls());
}

}  // namespace
}  // namespace metricstore::rpc
