// The bounds of the executor.
#include "common/rpc/executor.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <string>
#include <thread>

#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/rpc/server.h"

namespace metricstore::rpc {
namespace {

TEST(BoundedExecutor, AcceptsAsManyTasksAsThreadsAndQueueHold) {
  absl::Notification release;
  absl::BlockingCounter entered(2);
  std::atomic<int> ran = 0;
  {
    BoundedExecutor executor("test", 2, 3);
    for (int i = 0; i < 2; ++i) {
      ASSERT_TRUE(executor.TrySubmit([&] {
        entered.DecrementCount();
        release.WaitForNotification();
        ++ran;
      }));
    }
    entered.Wait();
    EXPECT_EQ(executor.busy_threads(), 2);
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(executor.TrySubmit([&] { ++ran; }));
    EXPECT_EQ(executor.queued(), 3u);
    EXPECT_FALSE(executor.TrySubmit([&] { ++ran; }));
    EXPECT_GT(executor.oldest_task_seconds(), 0);
    release.Notify();
  }
  EXPECT_EQ(ran, 5);
}

TEST(BoundedExecutor, TakesATaskWithoutAQueueWhenAThreadIsIdle) {
  BoundedExecutor executor("test", 1, 0);
  absl::Notification entered, release;
  ASSERT_TRUE(executor.TrySubmit([&] {
    entered.Notify();
    release.WaitForNotification();
  }));
  entered.WaitForNotification();
  EXPECT_FALSE(executor.TrySubmit([] {}));
  release.Notify();
}

TEST(BoundedExecutor, RunsWhatIsQueuedAfterStopAndRefusesTheRest) {
  std::atomic<int> ran = 0;
  absl::Notification entered, release;
  {
    BoundedExecutor executor("test", 1, 2);
    ASSERT_TRUE(executor.TrySubmit([&] {
      entered.Notify();
      release.WaitForNotification();
    }));
    entered.WaitForNotification();
    ASSERT_TRUE(executor.TrySubmit([&] { ++ran; }));
    executor.Stop();
    EXPECT_FALSE(executor.TrySubmit([&] { ++ran; }));
    release.Notify();
  }
  EXPECT_EQ(ran, 1);
}

TEST(BoundedExecutor, SurvivesATaskThatThrows) {
  BoundedExecutor executor("test", 1, 2);
  absl::Notification done;
  ASSERT_TRUE(executor.TrySubmit([] { throw std::runtime_error("a fault"); }));
  ASSERT_TRUE(executor.TrySubmit([&] { done.Notify(); }));
  done.WaitForNotification();
}

TEST(BoundedExecutor, IsIdleWithoutTasks) {
  BoundedExecutor executor("test", 1, 1);
  EXPECT_EQ(executor.queued(), 0u);
  EXPECT_EQ(executor.busy_threads(), 0);
  EXPECT_EQ(executor.oldest_task_seconds(), 0);
}

double OldestUnaryTask(const telemetry::Instruments& instruments) {
  const std::string line = "metricstore_executor_oldest_task_seconds{executor=\"unary\"} ";
  const std::string text = instruments.Render();
  const size_t at = text.find(line);
  return at == std::string::npos ? -1 : std::stod(text.substr(at + line.size()));
}

TEST(ServerRuntime, ExportsHowLongTheOldestTaskHasRun) {
  telemetry::Instruments instruments;
  ServerOptions options;
  options.sample_interval = absl::Milliseconds(1);
  ServerRuntime runtime(options, instruments);
  absl::Notification release;
  ASSERT_TRUE(runtime.unary_executor().TrySubmit([&] { release.WaitForNotification(); }));
  const absl::Time deadline = absl::Now() + absl::Seconds(30);
  while (OldestUnaryTask(instruments) <= 0 && absl::Now() < deadline) std::this_thread::yield();
  EXPECT_GT(OldestUnaryTask(instruments), 0);
  release.Notify();
  while (OldestUnaryTask(instruments) != 0 && absl::Now() < deadline) std::this_thread::yield();
  EXPECT_EQ(OldestUnaryTask(instruments), 0);
}

}  // namespace
}  // namespace metricstore::rpc
