// The bounds of the executor.
#include "common/rpc/executor.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>

#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/notification.h"

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

}  // namespace
}  // namespace metricstore::rpc
