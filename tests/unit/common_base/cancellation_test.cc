#include "common/time/cancellation.h"

#include <atomic>
#include <future>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "tests/testing/matchers.h"

namespace metricstore {
namespace {

using ::metricstore::testing::StatusIs;

TEST(CancelTokenTest, RunsCallbacksOnceAndOnTheCancellingThread) {
  const CancelToken token;
  int runs = 0;
  std::thread::id ran_on;
  const auto registration = token.OnCancel([&] {
    ++runs;
    ran_on = std::this_thread::get_id();
  });
  EXPECT_FALSE(token.cancelled());
  token.Cancel();
  token.Cancel();
  EXPECT_TRUE(token.cancelled());
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(ran_on, std::this_thread::get_id());
}

TEST(CancelTokenTest, CopiesShareTheFlag) {
  const CancelToken token;
  const CancelToken copy = token;  // NOLINT(performance-unnecessary-copy-initialization)
  copy.Cancel();
  EXPECT_TRUE(token.cancelled());
  EXPECT_FALSE(CancelToken().cancelled());
}

TEST(CancelTokenTest, RunsAtOnceIfRaisedBefore) {
  const CancelToken token;
  token.Cancel();
  bool ran = false;
  const auto registration = token.OnCancel([&] { ran = true; });
  EXPECT_TRUE(ran);
}

TEST(CancelTokenTest, DroppedRegistrationsDoNotRun) {
  const CancelToken token;
  int runs = 0;
  {
    const auto dropped = token.OnCancel([&] { ++runs; });
  }
  auto kept = token.OnCancel([&] { runs += 10; });
  auto replaced = token.OnCancel([&] { runs += 100; });
  replaced = std::move(kept);  // drops the one with 100
  token.Cancel();
  EXPECT_EQ(runs, 10);
}

TEST(CancelTokenTest, DestructionWaitsForARunningCallback) {
  const CancelToken token;
  std::promise<void> entered;
  std::promise<void> may_leave;
  std::atomic<bool> left = false;
  std::optional registration(token.OnCancel([&] {
    entered.set_value();
    may_leave.get_future().wait();
    left = true;
  }));
  std::thread canceller([&] { token.Cancel(); });
  entered.get_future().wait();
  std::thread releaser([&] { may_leave.set_value(); });
  registration.reset();
  EXPECT_TRUE(left);
  releaser.join();
  canceller.join();
}

TEST(CancelTokenTest, ACallbackMayDropItsOwnRegistration) {
  const CancelToken token;
  std::optional<CancelToken::Registration> registration;
  registration.emplace(token.OnCancel([&] { registration.reset(); }));
  token.Cancel();
  EXPECT_FALSE(registration.has_value());
}

TEST(CancelTokenTest, ConcurrentRegistrationsEachRunOnce) {
  const CancelToken token;
  constexpr int kThreads = 4;
  constexpr int kPerThread = 200;
  std::atomic<int> runs = 0;
  std::vector<std::vector<CancelToken::Registration>> kept(kThreads);
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      for (int k = 0; k < kPerThread; ++k) kept[i].push_back(token.OnCancel([&] { ++runs; }));
    });
  }
  token.Cancel();
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(runs, kThreads * kPerThread);
}

TEST(CallBoundsTest, UnboundedIsOk) {
  const CallBounds bounds;
  EXPECT_OK(bounds.Check());
  EXPECT_EQ(bounds.remaining(), absl::InfiniteDuration());
}

TEST(CallBoundsTest, TellsWhichBoundEnded) {
  const CallBounds late{.deadline = absl::Now() - absl::Seconds(1), .cancel = {}};
  EXPECT_THAT(late.Check(), StatusIs(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED"));
  EXPECT_EQ(late.remaining(), absl::ZeroDuration());
  const CallBounds cancelled{.deadline = absl::InfiniteFuture(), .cancel = {}};
  cancelled.cancel.Cancel();
  EXPECT_THAT(cancelled.Check(), StatusIs(absl::StatusCode::kCancelled, "CANCELLED"));
}

}  // namespace
}  // namespace metricstore
