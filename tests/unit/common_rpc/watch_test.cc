// Watched calls: what is sent and when, and that they hold no thread.
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <vector>

#include "absl/synchronization/notification.h"
#include "tests/unit/common_rpc/probe_server.h"

namespace metricstore::rpc {
namespace {

using ::testing::ElementsAre;

// Says kChanged whenever the number differs from the last one sent, kEnded at 3.
PollBody<ProbeRequest, ProbeResponse> Follow(const std::atomic<int>& number) {
  return [&number, last = -1](const CallContext&, const ProbeRequest&,
                              ProbeResponse& response) mutable -> absl::StatusOr<PollOutcome> {
    const int now = number;
    response.set_number(now);
    if (now == 3) return PollOutcome::kEnded;
    return std::exchange(last, now) == now ? PollOutcome::kUnchanged : PollOutcome::kChanged;
  };
}

TEST(Watch, SendsTheStateAtOnceThenItsChangesAndTheEndLast) {
  ProbeServer server;
  std::atomic<int> number = 1;
  server.handlers().watch = Follow(number);
  grpc::ClientContext context;
  const auto reader = server.stub().Watch(&context, {});
  std::vector<int64_t> seen;
  ProbeResponse response;
  while (reader->Read(&response)) {
    seen.push_back(response.number());
    ++number;
  }
  EXPECT_TRUE(reader->Finish().ok());
  EXPECT_THAT(seen, ElementsAre(1, 2, 3));
}

TEST(Watch, EndsWithTheErrorOfAPoll) {
  ProbeServer server;
  server.handlers().watch = [](const CallContext&, const ProbeRequest&,
                               ProbeResponse&) -> absl::StatusOr<PollOutcome> {
    return status::FieldRequired("id");
  };
  grpc::ClientContext context;
  const auto reader = server.stub().Watch(&context, {});
  EXPECT_THAT(FromGrpc(reader->Finish()),
              FailsWith(absl::StatusCode::kInvalidArgument, "FIELD_REQUIRED"));
}

TEST(Watch, HoldsNoThreadBetweenPolls) {
  ProbeServer server({.unary_threads = 1});
  std::atomic<int> number = 1;
  server.handlers().watch = Follow(number);
  server.handlers().ask = [](const CallContext&, const ProbeRequest&, ProbeResponse&) {
    return absl::OkStatus();
  };
  std::vector<std::unique_ptr<grpc::ClientContext>> contexts;
  std::vector<std::unique_ptr<grpc::ClientReader<ProbeResponse>>> readers;
  ProbeResponse response;
  for (int i = 0; i < 5; ++i) {
    contexts.push_back(std::make_unique<grpc::ClientContext>());
    readers.push_back(server.stub().Watch(contexts.back().get(), {}));
    ASSERT_TRUE(readers.back()->Read(&response));
  }
  EXPECT_TRUE(server.Ask().ok());
  number = 3;
  for (const auto& reader : readers) {
    EXPECT_TRUE(reader->Read(&response));
    EXPECT_EQ(response.number(), 3);
    EXPECT_TRUE(reader->Finish().ok());
  }
}

TEST(Watch, StopsPollingWhenTheClientGoesAway) {
  ProbeServer server;
  std::atomic<int> number = 1;
  server.handlers().watch = Follow(number);
  grpc::ClientContext context;
  const auto reader = server.stub().Watch(&context, {});
  ProbeResponse response;
  ASSERT_TRUE(reader->Read(&response));
  context.TryCancel();
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::CANCELLED);
  // With nothing left to cancel a drain ends long before its grace time.
  server.server().Drain(absl::Minutes(5));
  EXPECT_FALSE(server.server().abandoned_calls());
}

TEST(Watch, IsEndedWhenTheClientStopsReading) {
  ProbeServer server({.stall_limit = absl::Milliseconds(100)});
  absl::Notification polled;
  server.handlers().watch = [&](const CallContext&, const ProbeRequest&,
                                ProbeResponse& response) -> absl::StatusOr<PollOutcome> {
    response.set_text(std::string(4 << 20, 'x'));
    polled.Notify();
    return PollOutcome::kEnded;
  };
  grpc::ClientContext context;
  const auto reader = server.stub().Watch(&context, {});
  polled.WaitForNotification();
  server.server().Drain(absl::Minutes(5));  // returns when the call has ended
  EXPECT_THAT(server.instruments().Render(), testing::HasSubstr("metricstore_rpc_stalled_total 1"));
  ProbeResponse response;
  EXPECT_FALSE(reader->Read(&response));
  EXPECT_FALSE(reader->Finish().ok());
}

TEST(Watch, EndsAtTheClientsDeadline) {
  ProbeServer server;
  std::atomic<int> number = 1;
  server.handlers().watch = Follow(number);
  BoundedContext context({.deadline = absl::Now() + absl::Milliseconds(100)});
  const auto reader = server.stub().Watch(context.get(), {});
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
}

TEST(Watch, SendsItsClientToAnotherReplicaWhenTheServerDrains) {
  ProbeServer server;
  std::atomic<int> number = 1;
  server.handlers().watch = Follow(number);
  grpc::ClientContext context;
  const auto reader = server.stub().Watch(&context, {});
  ProbeResponse response;
  ASSERT_TRUE(reader->Read(&response));
  server.server().Drain(absl::Minutes(5));
  EXPECT_THAT(FromGrpc(reader->Finish()), FailsWith(absl::StatusCode::kUnavailable, "DRAINING"));
}

}  // namespace
}  // namespace metricstore::rpc
