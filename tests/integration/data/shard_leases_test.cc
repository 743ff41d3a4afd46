// Leases on a real database: one holder at a time, by the database's clock.
#include <mutex>
#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "tests/integration/data/data_fixture.h"

namespace metricstore::registry {
namespace {

using ::metricstore::testing::HasMetadata;
using ::metricstore::testing::IsOk;
using ::metricstore::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ShardLeasesTest : public DataTest {
 protected:
  // A job of one shard for each of so many entities.
  int64_t CreateJob(int shards) {
    std::vector<Bar> bars;
    for (int i = 0; i < shards; ++i) bars.push_back({absl::StrCat("S", i), Minute(i)});
    EXPECT_OK(Store(Bars("rows", bars)));
    Execute("UPDATE dataset_entities SET row_count = 400000");
    const auto job = CreateBackfill({"last_close"},
                                    Dates(absl::CivilDay(2024, 1, 1), absl::CivilDay(2024, 2, 1)));
    EXPECT_OK(job);
    EXPECT_EQ(job.ok() ? job->backfill.shards_total : -1, shards);
    return job.ok() ? job->backfill.id : -1;
  }

  absl::StatusOr<std::vector<LeasedShard>> LeaseUpTo(const std::string& worker, int count) {
    return backfills_.LeaseShards(worker, count, absl::Seconds(30), {});
  }
  static Lease LeaseOf(const LeasedShard& shard) { return {shard.shard_id, shard.fence}; }
  absl::StatusOr<bool> Release(const LeasedShard& shard, const std::string& error,
                               bool permanent = false) {
    return backfills_.Release(LeaseOf(shard), error, permanent, {});
  }
  void ExpireAll() {
    Execute(
        "UPDATE backfill_shards SET lease_until = now() - interval '1 s' WHERE state = 'leased'");
  }
  Backfill Job(int64_t id) {
    auto job = backfills_.Get(project_, id, {});
    EXPECT_OK(job);
    return job.ok() ? *std::move(job) : Backfill{};
  }
};

TEST_F(ShardLeasesTest, LeasedShardsAreNotLeasedAgain) {
  const int64_t job = CreateJob(3);
  const auto first = LeaseUpTo("a", 2);
  ASSERT_OK(first);
  ASSERT_EQ(first->size(), 2u);
  EXPECT_LT((*first)[0].shard_id, (*first)[1].shard_id);
  EXPECT_EQ((*first)[0].fence, 1);
  EXPECT_EQ((*first)[0].attempt, 1);
  EXPECT_GT((*first)[0].expire_time, absl::Now());
  const auto second = LeaseUpTo("b", 100);
  ASSERT_OK(second);
  EXPECT_EQ(second->size(), 1u);
  EXPECT_THAT(LeaseAll(), IsEmpty());
  EXPECT_EQ(Job(job).shards_leased, 3);
}

TEST_F(ShardLeasesTest, RacingWorkersNeverShareAShard) {
  constexpr int kShards = 60;
  CreateJob(kShards);
  std::mutex mutex;
  std::multiset<int64_t> leased;
  std::vector<std::thread> workers;
  for (int worker = 0; worker < 6; ++worker) {
    workers.emplace_back([&, worker] {
      while (true) {
        const auto shards = LeaseUpTo(absl::StrCat("w", worker), 3);
        ASSERT_OK(shards);
        if (shards->empty()) return;
        std::lock_guard lock(mutex);
        for (const LeasedShard& shard : *shards) leased.insert(shard.shard_id);
      }
    });
  }
  for (std::thread& worker : workers) worker.join();
  EXPECT_EQ(leased.size(), static_cast<size_t>(kShards));
  EXPECT_EQ(std::set<int64_t>(leased.begin(), leased.end()).size(), static_cast<size_t>(kShards));
}

TEST_F(ShardLeasesTest, LeaseThatRanOutIsTakenWithAHigherFence) {
  CreateJob(1);
  const auto first = LeaseAll("a");
  ExpireAll();
  const auto second = LeaseAll("b");
  ASSERT_EQ(second.size(), 1u);
  EXPECT_EQ(second[0].shard_id, first[0].shard_id);
  EXPECT_EQ(second[0].fence, first[0].fence + 1);
  EXPECT_EQ(second[0].attempt, 2);
}

TEST_F(ShardLeasesTest, RenewExtendsWhatIsHeldAndLeavesOutTheRest) {
  CreateJob(3);
  const auto shards = LeaseAll("a");
  ASSERT_EQ(shards.size(), 3u);
  Execute(
      absl::StrCat("UPDATE backfill_shards SET lease_until = now() - interval '1 s' "
                   "WHERE shard_id = ",
                   shards[1].shard_id));
  const auto taken = LeaseAll("b");
  ASSERT_EQ(taken.size(), 1u);
  const auto renewed = backfills_.Renew(
      "a", {LeaseOf(shards[2]), LeaseOf(shards[1]), LeaseOf(shards[0])}, absl::Minutes(5), {});
  ASSERT_OK(renewed);
  EXPECT_THAT(renewed->shard_ids, ElementsAre(shards[0].shard_id, shards[2].shard_id));
  EXPECT_GT(renewed->expire_time, shards[0].expire_time + absl::Minutes(4));
  // Another worker's lease is not renewed by its number alone.
  const auto foreign = backfills_.Renew("a", {LeaseOf(taken[0])}, absl::Minutes(5), {});
  ASSERT_OK(foreign);
  EXPECT_THAT(foreign->shard_ids, IsEmpty());
}

TEST_F(ShardLeasesTest, ShardThatCommitsIsHeldAndDelaysNoOtherRenewal) {
  CreateJob(2);
  const auto shards = LeaseAll("a");
  ASSERT_EQ(shards.size(), 2u);
  const auto slow_commit = [&](pg::Transaction& transaction) -> absl::Status {
    const absl::Status held =
        transaction
            .ExecuteDynamic("commit", absl::StrCat("UPDATE backfill_shards SET state = 'done', "
                                                   "lease_until = NULL WHERE shard_id = ",
                                                   shards[0].shard_id))
            .status();
    const auto renewed =
        backfills_.Renew("a", {LeaseOf(shards[0]), LeaseOf(shards[1])}, absl::Minutes(5),
                         {.deadline = absl::Now() + absl::Seconds(3)});
    EXPECT_OK(renewed);
    if (renewed.ok()) {
      EXPECT_THAT(renewed->shard_ids, ElementsAre(shards[0].shard_id, shards[1].shard_id));
      EXPECT_EQ(renewed->expire_time, shards[0].expire_time);
    }
    return held;
  };
  EXPECT_OK(pool_.Run({}, pg::TransactionMode::kReadWrite, slow_commit));
  EXPECT_EQ(Number(absl::StrCat("SELECT count(*) FROM backfill_shards WHERE lease_until > now() + "
                                "interval '4 min' AND shard_id = ",
                                shards[1].shard_id)),
            1);
  // Once it is done, it is held no longer.
  const auto later = backfills_.Renew("a", {LeaseOf(shards[0])}, absl::Minutes(5), {});
  ASSERT_OK(later);
  EXPECT_THAT(later->shard_ids, IsEmpty());
}

TEST_F(ShardLeasesTest, LeaseThatRanOutButWasNotTakenIsRenewed) {
  CreateJob(1);
  const auto shards = LeaseAll("a");
  ExpireAll();
  const auto renewed = backfills_.Renew("a", {LeaseOf(shards[0])}, absl::Seconds(30), {});
  ASSERT_OK(renewed);
  EXPECT_EQ(renewed->shard_ids.size(), 1u);
  EXPECT_THAT(LeaseAll("b"), IsEmpty());
}

TEST_F(ShardLeasesTest, ShardGivenBackWithoutAnErrorDoesNotCount) {
  const int64_t job = CreateJob(1);
  for (int i = 0; i < 20; ++i) {
    const auto shards = LeaseAll();
    ASSERT_EQ(shards.size(), 1u);
    EXPECT_EQ(shards[0].attempt, 1);
    EXPECT_EQ(shards[0].fence, i + 1);
    const auto failed = Release(shards[0], "");
    ASSERT_OK(failed);
    EXPECT_FALSE(*failed);
  }
  EXPECT_EQ(Job(job).state, BackfillState::kRunning);
}

TEST_F(ShardLeasesTest, ThirdErrorFailsTheShardAndTheJob) {
  const int64_t job = CreateJob(1);
  for (int attempt = 1; attempt <= 3; ++attempt) {
    const auto shards = LeaseAll();
    ASSERT_EQ(shards.size(), 1u);
    EXPECT_EQ(shards[0].attempt, attempt);
    const auto failed = Release(shards[0], absl::StrCat("error ", attempt));
    ASSERT_OK(failed);
    EXPECT_EQ(*failed, attempt == 3);
  }
  const Backfill ended = Job(job);
  EXPECT_EQ(ended.state, BackfillState::kFailed);
  EXPECT_EQ(ended.shards_failed, 1);
  EXPECT_EQ(ended.error, "error 3");
  EXPECT_TRUE(ended.end_time.has_value());
}

TEST_F(ShardLeasesTest, LeasesThatRanOutDoNotUseUpTheErrors) {
  CreateJob(1);
  for (int kill = 0; kill < 5; ++kill) {
    ASSERT_EQ(LeaseAll().size(), 1u);
    ExpireAll();
  }
  const auto shards = LeaseAll();
  ASSERT_EQ(shards.size(), 1u);
  const auto failed = Release(shards[0], "once");
  ASSERT_OK(failed);
  EXPECT_FALSE(*failed);
}

TEST_F(ShardLeasesTest, PermanentErrorFailsAtOnceAndTheOthersGoOn) {
  const int64_t job = CreateJob(2);
  const auto shards = LeaseAll();
  ASSERT_EQ(shards.size(), 2u);
  const auto failed = Release(shards[0], "bad metric", true);
  ASSERT_OK(failed);
  EXPECT_TRUE(*failed);
  EXPECT_EQ(Job(job).state, BackfillState::kRunning);
  EXPECT_EQ(Job(job).error, "bad metric");
  ASSERT_OK(committer_.Commit(LeaseOf(shards[1]), {}, {}, {}));
  const Backfill ended = Job(job);
  EXPECT_EQ(ended.state, BackfillState::kFailed);
  EXPECT_EQ(ended.shards_done, 1);
  EXPECT_EQ(ended.shards_failed, 1);
}

TEST_F(ShardLeasesTest, ShardWhoseWorkersKeepDyingIsGivenUp) {
  const int64_t job = CreateJob(1);
  for (int kill = 0; kill < kMaxShardExpiries; ++kill) {
    ASSERT_EQ(LeaseAll().size(), 1u) << kill;
    ExpireAll();
  }
  EXPECT_THAT(LeaseAll(), IsEmpty());
  const Backfill ended = Job(job);
  EXPECT_EQ(ended.state, BackfillState::kFailed);
  EXPECT_THAT(ended.error, HasSubstr("lease expired 10 times"));
}

TEST_F(ShardLeasesTest, ShardsOfAnOlderCalendarAreNotLeasedAndFail) {
  const int64_t old = CreateJob(3);
  ASSERT_OK(LeaseUpTo("a", 1));
  ASSERT_OK(CloseOn("2024-01-30"));
  const auto job = CreateBackfill(
      {"last_close"}, Dates(absl::CivilDay(2024, 1, 1), absl::CivilDay(2024, 2, 1)), {"S0"});
  ASSERT_OK(job);
  // What waits is left out, in one lease; what is leased is refused when it commits.
  const auto shards = LeaseUpTo("b", 1);
  ASSERT_OK(shards);
  ASSERT_EQ(shards->size(), 1u);
  EXPECT_EQ((*shards)[0].backfill_id, job->backfill.id);
  EXPECT_EQ(Job(old).shards_failed, 2);
  EXPECT_EQ(Job(old).shards_leased, 1);
  EXPECT_EQ(Job(old).state, BackfillState::kRunning);
  EXPECT_THAT(Job(old).error, HasSubstr("CALENDAR_OUTDATED"));
  ExpireAll();
  EXPECT_EQ(LeaseAll().size(), 1u);
  EXPECT_EQ(Job(old).state, BackfillState::kFailed);
}

TEST_F(ShardLeasesTest, ReleaseOfALostLeaseIsRefused) {
  CreateJob(1);
  const auto shards = LeaseAll("a");
  ExpireAll();
  ASSERT_EQ(LeaseAll("b").size(), 1u);
  const auto released = Release(shards[0], "late");
  EXPECT_THAT(released, StatusIs(absl::StatusCode::kAborted, "LEASE_LOST"));
  EXPECT_THAT(released, HasMetadata("shard", absl::StrCat(shards[0].shard_id)));
}

TEST_F(ShardLeasesTest, IdleTimeIsThatSinceTheLastLeaseOrRenewal) {
  const int64_t job = CreateJob(1);
  const auto shards = LeaseAll("a");
  Execute("UPDATE backfills SET created_at = now() - interval '1 h'");
  Execute(
      "UPDATE backfill_shards SET renewed_at = now() - interval '40 s', "
      "updated_at = now() - interval '50 s'");
  EXPECT_GT(Job(job).idle, absl::Seconds(39));
  EXPECT_LT(Job(job).idle, absl::Seconds(49));
  const absl::Time update_time = Job(job).update_time;
  ASSERT_OK(backfills_.Renew("a", {LeaseOf(shards[0])}, absl::Seconds(30), {}));
  EXPECT_LT(Job(job).idle, absl::Seconds(30));
  EXPECT_EQ(Job(job).update_time, update_time);
}

TEST_F(ShardLeasesTest, CancelRacingWithLeasesCommitsAndReleasesEndsTheJob) {
  const int64_t job = CreateJob(30);
  std::vector<std::thread> workers;
  for (int worker = 0; worker < 4; ++worker) {
    workers.emplace_back([&, worker] {
      while (true) {
        const auto shards = LeaseUpTo(absl::StrCat("w", worker), 2);
        ASSERT_OK(shards);
        if (shards->empty()) return;
        for (const LeasedShard& shard : *shards) {
          const absl::Status status = worker % 2 == 0
                                          ? committer_.Commit(LeaseOf(shard), {}, {}, {}).status()
                                          : Release(shard, "").status();
          if (!status.ok()) {
            EXPECT_THAT(status, StatusIs(absl::StatusCode::kAborted, "LEASE_LOST"));
          }
        }
      }
    });
  }
  EXPECT_OK(backfills_.Cancel(project_, job, {}));
  for (std::thread& worker : workers) worker.join();
  const Backfill ended = Job(job);
  EXPECT_NE(ended.state, BackfillState::kRunning);
  EXPECT_EQ(Number("SELECT count(*) FROM backfill_shards WHERE state IN ('queued', 'leased')"), 0);
}

}  // namespace
}  // namespace metricstore::registry
