#include "compute_service/runner/worker_pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "common/status/error.h"
#include "tests/unit/compute/fake_pacer.h"
#include "tests/unit/compute/fake_registry_client.h"
#include "tests/unit/compute/shard_fixture.h"

namespace metricstore::compute {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const absl::CivilDay kDay(2024, 3, 4);

class WorkerPoolTest : public ::testing::Test {
 protected:
  WorkerPoolTest() {
    registry_.dataset = std::make_shared<const Dataset>(Bars());
    registry_.calendar = AlwaysOpen();
    registry_.metrics[metric_.ref] = std::make_shared<const MetricDefinition>(metric_);
    contact_.Record(absl::OkStatus());
    options_.worker = "tester";
    options_.slots = 1;
    options_.lease = absl::Seconds(30);
  }

  LeasedShard Shard(int64_t id, int64_t fence = 1) {
    LeasedShard shard = ShardOf({metric_}, {"A"}, kDay, kDay + 1);
    shard.lease = {id, fence};
    return shard;
  }

  void Start() {
    pool_.emplace(registry_, runner_, contact_, compute_instruments_, pacer_, options_);
    pool_->Start();
  }

  // Streams block until their bounds are cancelled or Open is called.
  void BlockStreams() {
    registry_.stream = [this](const WindowRequest&, const WindowSink&, const CallBounds& bounds) {
      const auto registration = bounds.cancel.OnCancel([this] { Notify(); });
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return open_ || bounds.cancel.cancelled(); });
      return bounds.Check();
    };
  }
  void Open() {
    {
      std::lock_guard lock(mutex_);
      open_ = true;
    }
    Notify();
  }
  void Notify() {
    std::lock_guard lock(mutex_);
    changed_.notify_all();
  }

  void AwaitStreams(size_t count) {
    registry_.Await([&](const auto& registry) { return registry.windows().size() >= count; });
  }

  // Waits for what threads do after their last call.
  template <typename Condition>
  void AwaitStatus(Condition condition) {
    while (!condition(pool_->Status())) std::this_thread::yield();
  }

  const MetricDefinition metric_ = BarsMetric("a/last", "last(close)");
  telemetry::Instruments instruments_;
  ComputeInstruments compute_instruments_{instruments_};
  FakeRegistryClient registry_;
  FakePacer pacer_;
  RegistryContact contact_{pacer_};
  ShardRunner runner_{registry_, compute_instruments_, pacer_, RetryPolicy{}};
  WorkerPoolOptions options_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
  std::optional<WorkerPool> pool_;
};

TEST_F(WorkerPoolTest, FinishesWhatItLeases) {
  for (int64_t id = 1; id <= 5; ++id) registry_.Enqueue(Shard(id));
  options_.slots = 2;
  Start();
  registry_.Await([](const auto& registry) { return registry.committed().size() == 5; });
  AwaitStatus([](const WorkerStatus& status) { return status.shards_done == 5; });
  pool_->Stop(absl::ZeroDuration());
  EXPECT_THAT(registry_.releases(), IsEmpty());
  EXPECT_THAT(pool_->Status().active, IsEmpty());
  EXPECT_THAT(instruments_.Render(), HasSubstr("metricstore_shards_total{outcome=\"done\"} 5"));
}

TEST_F(WorkerPoolTest, LeasesNoMoreThanItsSlots) {
  for (int64_t id = 1; id <= 3; ++id) registry_.Enqueue(Shard(id));
  options_.slots = 2;
  BlockStreams();
  Start();
  AwaitStreams(2);
  EXPECT_THAT(pool_->Status().active, SizeIs(2));
  EXPECT_EQ(registry_.lease_calls(), 1);
  Open();
  registry_.Await([](const auto& registry) { return registry.committed().size() == 3; });
}

TEST_F(WorkerPoolTest, RenewsAtAThirdOfTheLease) {
  registry_.Enqueue(Shard(1));
  BlockStreams();
  Start();
  AwaitStreams(1);
  for (int renewal = 1; renewal <= 3; ++renewal) {
    for (int second = 1; second <= 10; ++second) {
      pacer_.AwaitWaits(1);
      EXPECT_EQ(registry_.renew_calls(), renewal - 1) << "after " << second - 1 << " s";
      contact_.Record(absl::OkStatus());
      pacer_.Advance(absl::Seconds(1));
    }
    registry_.Await([&](const auto& registry) { return registry.renew_calls() == renewal; });
  }
  Open();
  registry_.Await([](const auto& registry) { return registry.committed().size() == 1; });
}

TEST_F(WorkerPoolTest, ASilentRegistryIsAskedEarlier) {
  registry_.Enqueue(Shard(1));
  BlockStreams();
  Start();
  AwaitStreams(1);
  for (int second = 1; second <= 4; ++second) {
    pacer_.AwaitWaits(1);
    pacer_.Advance(absl::Seconds(1));
  }
  registry_.Await([](const auto& registry) { return registry.renew_calls() == 1; });
}

absl::Status Outdated() {
  return status::ErrorBuilder(absl::StatusCode::kAborted, "READ_OUTDATED", "overtaken").Build();
}

TEST_F(WorkerPoolTest, RowsThatOthersHaveOvertakenAreReadAgainUnderTheSameFence) {
  registry_.Enqueue(Shard(1));
  registry_.FailPersist(Outdated());
  Start();
  registry_.Await([](const auto& registry) { return registry.committed().size() == 1; });
  AwaitStatus([](const WorkerStatus& status) { return status.shards_done == 1; });
  pool_->Stop(absl::ZeroDuration());
  EXPECT_EQ(registry_.committed().at(1).read_watermark, 2) << "the results of the second read";
  EXPECT_THAT(registry_.persist_calls(), SizeIs(2));
  EXPECT_THAT(registry_.releases(), IsEmpty());
}

TEST_F(WorkerPoolTest, AShardThatIsOvertakenAgainAndAgainIsGivenBack) {
  registry_.Enqueue(Shard(1));
  for (int i = 0; i < 3; ++i) registry_.FailPersist(Outdated());
  Start();
  registry_.Await([](const auto& registry) { return registry.persist_calls().size() == 3; });
  pacer_.AwaitWaits(2);  // the heartbeat, and the shard on its way back
  pacer_.Advance(options_.retry_delay);
  registry_.Await([](const auto& registry) { return registry.releases().size() == 1; });
  EXPECT_FALSE(registry_.releases().front().permanent);
  EXPECT_THAT(registry_.windows(), SizeIs(3));
  pool_->Stop(absl::ZeroDuration());
}

TEST_F(WorkerPoolTest, ALeaseThatIsNotRenewedStopsTheShardAndPersistsNothing) {
  registry_.Enqueue(Shard(1));
  BlockStreams();
  Start();
  AwaitStreams(1);
  registry_.Revoke(1);
  pacer_.AwaitWaits(1);
  pacer_.Advance(absl::Seconds(10));
  AwaitStatus([](const WorkerStatus& status) { return status.leases_lost == 1; });
  EXPECT_THAT(registry_.persist_calls(), IsEmpty());
  EXPECT_THAT(registry_.releases(), IsEmpty());
  EXPECT_EQ(pool_->Status().shards_failed, 0);
}

TEST_F(WorkerPoolTest, ALeaseThatEndedByItsOwnCommitIsNotLost) {
  registry_.Enqueue(Shard(1));
  registry_.before_persist_answer = [this](const CallBounds&) {
    // The commit has ended the lease; the renewal between it and its answer finds none.
    pacer_.AwaitWaits(1);
    pacer_.Advance(absl::Seconds(10));
    registry_.Await([](const auto& registry) { return registry.renew_calls() == 1; });
    pacer_.AwaitWaits(1);
  };
  Start();
  AwaitStatus([](const WorkerStatus& status) { return status.shards_done == 1; });
  EXPECT_EQ(pool_->Status().leases_lost, 0);
}

TEST_F(WorkerPoolTest, AShardThatCommitsIsNotGivenUpWhenItsLeaseHasRunOut) {
  registry_.Enqueue(Shard(1));
  for (int i = 0; i < 40; ++i) registry_.FailRenew(absl::UnavailableError("away"));
  registry_.before_persist_answer = [this](const CallBounds&) {
    for (int second = 1; second <= 35; ++second) {
      pacer_.AwaitWaits(1);
      pacer_.Advance(absl::Seconds(1));
    }
    pacer_.AwaitWaits(1);
  };
  Start();
  AwaitStatus([](const WorkerStatus& status) {
    return status.shards_done + status.shards_failed + status.leases_lost == 1;
  });
  EXPECT_EQ(pool_->Status().shards_done, 1);
}

TEST_F(WorkerPoolTest, AShardWhoseCommitFailedIsGivenUpWhenItsLeaseHasRunOut) {
  registry_.Enqueue(Shard(1));
  for (int i = 0; i < 400; ++i) {
    registry_.FailRenew(absl::UnavailableError("away"));
    registry_.FailRelease(absl::UnavailableError("away"));
  }
  registry_.FailPersist(absl::InternalError("fault"));
  Start();
  for (int second = 1; second <= 31; ++second) {
    pacer_.AwaitWaits(2);  // the heartbeat, and the shard on its way back
    pacer_.Advance(absl::Seconds(1));
  }
  AwaitStatus([](const WorkerStatus& status) { return status.leases_lost == 1; });
  EXPECT_THAT(registry_.releases(), IsEmpty());
}

TEST_F(WorkerPoolTest, ALeaseThatCannotBeRenewedIsGivenUpWhenItHasRunOut) {
  registry_.Enqueue(Shard(1));
  BlockStreams();
  Start();
  AwaitStreams(1);
  for (int i = 0; i < 40; ++i) registry_.FailRenew(absl::UnavailableError("away"));
  for (int second = 1; second <= 29; ++second) {
    pacer_.AwaitWaits(1);
    pacer_.Advance(absl::Seconds(1));
  }
  pacer_.AwaitWaits(1);
  EXPECT_THAT(pool_->Status().active, SizeIs(1)) << "the lease may still stand";
  pacer_.Advance(absl::Seconds(1));
  AwaitStatus([](const WorkerStatus& status) { return status.leases_lost == 1; });
  EXPECT_THAT(registry_.persist_calls(), IsEmpty());
}

TEST_F(WorkerPoolTest, AnErrorThatWouldComeAgainFailsTheShardForGood) {
  registry_.stream = [](const WindowRequest&, const WindowSink&, const CallBounds&) {
    return status::ErrorBuilder(absl::StatusCode::kNotFound, "DATASET_NOT_FOUND", "no fact_bars")
        .Build();
  };
  registry_.Enqueue(Shard(1));
  Start();
  registry_.Await([](const auto& registry) { return registry.releases().size() == 1; });
  EXPECT_TRUE(registry_.releases()[0].permanent);
  EXPECT_EQ(registry_.releases()[0].error, "DATASET_NOT_FOUND: no fact_bars");
  AwaitStatus([](const WorkerStatus& status) { return status.shards_failed == 1; });
}

TEST_F(WorkerPoolTest, AnErrorThatMayPassGivesTheShardBackAfterADelay) {
  registry_.stream = [](const WindowRequest&, const WindowSink&, const CallBounds&) {
    return status::ErrorBuilder(absl::StatusCode::kAborted, "STREAM_STALLED", "stalled").Build();
  };
  LeasedShard shard = Shard(1);
  shard.attempt = 2;
  registry_.Enqueue(shard);
  Start();
  // Heartbeat and the delay of the second attempt.
  const auto waits = pacer_.AwaitWaits(2);
  EXPECT_EQ(*waits.rbegin(), pacer_.Now() + 2 * options_.retry_delay);
  EXPECT_THAT(registry_.releases(), IsEmpty());
  pacer_.Advance(2 * options_.retry_delay);
  registry_.Await([](const auto& registry) { return registry.releases().size() == 1; });
  EXPECT_FALSE(registry_.releases()[0].permanent);
  EXPECT_EQ(registry_.releases()[0].error, "STREAM_STALLED: stalled");
}

TEST_F(WorkerPoolTest, AShardIsGivenBackOnceTheRegistryIsThereAgain) {
  registry_.stream = [](const WindowRequest&, const WindowSink&, const CallBounds&) {
    return absl::InvalidArgumentError("no");
  };
  registry_.FailRelease(absl::UnavailableError("away"));
  registry_.Enqueue(Shard(1));
  Start();
  pacer_.AwaitWaits(2);
  EXPECT_THAT(registry_.releases(), IsEmpty());
  pacer_.Advance(absl::Seconds(1));
  registry_.Await([](const auto& registry) { return registry.releases().size() == 1; });
}

TEST_F(WorkerPoolTest, PollingSlowsDownWhenIdleAndIsResetByWork) {
  Start();
  absl::Duration limit = absl::Milliseconds(100);
  for (int call = 1; call <= 6; ++call) {
    registry_.Await([&](const auto& registry) { return registry.lease_calls() == call; });
    // The heartbeat waits too, for up to a second.
    const absl::Duration delay = *pacer_.AwaitWaits(2).begin() - pacer_.Now();
    EXPECT_LE(delay, limit);
    EXPECT_GE(delay, std::min(limit / 2, absl::Milliseconds(1)));
    limit = std::min(2 * limit, absl::Seconds(1));
    if (call == 6) registry_.Enqueue(Shard(1));
    while (registry_.lease_calls() == call) {
      pacer_.AwaitWaits(1);
      pacer_.Advance(absl::Milliseconds(50));
    }
  }
  registry_.Await([](const auto& registry) { return registry.committed().size() == 1; });
  // The slot is free again: asked at once, then from the shortest delay on.
  registry_.Await([](const auto& registry) { return registry.lease_calls() >= 8; });
  EXPECT_LE(*pacer_.AwaitWaits(2).begin() - pacer_.Now(), absl::Milliseconds(100));
}

TEST_F(WorkerPoolTest, LeasingGoesOnAfterAnError) {
  registry_.FailLease(absl::UnavailableError("away"));
  registry_.Enqueue(Shard(1));
  Start();
  pacer_.AwaitWaits(2);
  pacer_.Advance(absl::Seconds(1));
  registry_.Await([](const auto& registry) { return registry.committed().size() == 1; });
}

TEST_F(WorkerPoolTest, StopLetsRunningShardsFinish) {
  registry_.Enqueue(Shard(1));
  registry_.Enqueue(Shard(2));
  BlockStreams();
  Start();
  AwaitStreams(1);
  std::thread stopping([&] { pool_->Stop(absl::Seconds(20)); });
  pacer_.AwaitWaits(2);  // heartbeat and grace
  Open();
  stopping.join();
  EXPECT_TRUE(registry_.committed().contains(1));
  EXPECT_FALSE(registry_.committed().contains(2)) << "nothing is leased after the stop";
  EXPECT_THAT(registry_.releases(), IsEmpty());
}

TEST_F(WorkerPoolTest, StopGivesBackWhatTheGraceCuts) {
  registry_.Enqueue(Shard(1));
  BlockStreams();
  Start();
  AwaitStreams(1);
  std::thread stopping([&] { pool_->Stop(absl::Seconds(20)); });
  pacer_.AwaitWaits(2);
  pacer_.Advance(absl::Seconds(20));
  stopping.join();
  ASSERT_THAT(registry_.releases(), SizeIs(1));
  EXPECT_EQ(registry_.releases()[0].error, "") << "the attempt does not count";
  EXPECT_FALSE(registry_.releases()[0].permanent);
  EXPECT_THAT(registry_.persist_calls(), IsEmpty());
  EXPECT_THAT(instruments_.Render(), HasSubstr("metricstore_shards_total{outcome=\"released\"} 1"));
}

TEST_F(WorkerPoolTest, StopEndsWithoutARegistry) {
  registry_.Enqueue(Shard(1));
  registry_.FailRelease(absl::UnavailableError("away"));
  BlockStreams();
  Start();
  AwaitStreams(1);
  pool_->Stop(absl::ZeroDuration());
  EXPECT_THAT(registry_.releases(), IsEmpty());
  EXPECT_THAT(pool_->Status().active, IsEmpty());
}

}  // namespace
}  // namespace metricstore::compute
