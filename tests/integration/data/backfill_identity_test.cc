// When a job is the one that was asked for before, and when another.

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "tests/integration/data/backfill_fixture.h"

namespace metricstore::registry {
namespace {

using ::metricstore::testing::HasMetadata;
using ::metricstore::testing::StatusIs;
using ::testing::ElementsAre;

class BackfillIdentityTest : public BackfillStoreTest {};

TEST_F(BackfillIdentityTest, UnfinishedJobLikeItIsReturned) {
  const auto first = CreateBackfill({"last_close"}, kJanuary, {"SPY", "QQQ"});
  const auto same = CreateBackfill({"prices/last_close"}, kJanuary, {"QQQ", "SPY"});
  const auto other = CreateBackfill({"last_close"}, kJanuary);
  ASSERT_OK(first);
  ASSERT_OK(same);
  ASSERT_OK(other);
  EXPECT_TRUE(same->existing);
  EXPECT_EQ(same->backfill.id, first->backfill.id);
  EXPECT_NE(other->backfill.id, first->backfill.id);
  ASSERT_OK(backfills_.Cancel(project_, first->backfill.id, {}));
  const auto anew = CreateBackfill({"last_close"}, kJanuary, {"SPY", "QQQ"});
  ASSERT_OK(anew);
  EXPECT_FALSE(anew->existing);
}

TEST_F(BackfillIdentityTest, OtherDatesInsideTheSameCoarseBucketAreAnotherJob) {
  BackfillRequest request{.metrics = {"last_close"},
                          .dates = Dates(absl::CivilDay(2024, 1, 2), absl::CivilDay(2024, 1, 3)),
                          .grains = {Grain::kDay, Grain::kMonth}};
  const auto second = Create(request);
  request.dates = Dates(absl::CivilDay(2024, 1, 3), absl::CivilDay(2024, 1, 4));
  const auto third = Create(request);
  ASSERT_OK(second);
  ASSERT_OK(third);
  EXPECT_EQ(third->backfill.spec, second->backfill.spec);
  EXPECT_FALSE(third->existing);
  std::vector<DateRange> days;
  for (const LeasedShard& shard : LeaseAll()) {
    if (shard.spec.metrics[0].grain == Grain::kDay) days.push_back(shard.spec.dates);
  }
  EXPECT_THAT(days, ElementsAre(Dates(absl::CivilDay(2024, 1, 2), absl::CivilDay(2024, 1, 3)),
                                Dates(absl::CivilDay(2024, 1, 3), absl::CivilDay(2024, 1, 4))));
}

TEST_F(BackfillIdentityTest, RowsIngestedInBetweenMakeANewJob) {
  auto last = CreateBackfill({"last_close"}, kJanuary);
  ASSERT_OK(last);
  const auto expect_new_job = [&](const std::string& what) {
    SCOPED_TRACE(what);
    const auto next = CreateBackfill({"last_close"}, kJanuary);
    ASSERT_OK(next);
    EXPECT_FALSE(next->existing);
    EXPECT_NE(next->backfill.id, last->backfill.id);
    const auto resumed = CreateBackfill({"last_close"}, kJanuary);
    ASSERT_OK(resumed);
    EXPECT_TRUE(resumed->existing);
    EXPECT_EQ(resumed->backfill.id, next->backfill.id);
    last = next;
  };
  ASSERT_OK(Store(Bars("entity", {{"IWM", Utc(2024, 1, 4)}})));
  expect_new_job("a new entity");
  ASSERT_OK(Store(Bars("stretch", {{"SPY", Utc(2024, 3, 1)}})));
  expect_new_job("a new stretch");
  ASSERT_OK(Store(Bars("correction", {{"SPY", Utc(2024, 1, 2), 77}})));
  expect_new_job("a corrected row");
}

TEST_F(BackfillIdentityTest, BatchThatIsSentAgainOrForAnotherDatasetResumes) {
  const IncomingBatch batch = Bars("late", {{"SPY", Utc(2024, 1, 4)}});
  ASSERT_OK(Store(batch));
  const auto first = CreateBackfill({"last_close"}, kJanuary);
  ASSERT_OK(first);
  ASSERT_OK(Store(batch));
  ASSERT_OK(Store({.batch_id = "tick",
                   .content_sha256 = "tick",
                   .rows = BatchOf({TimeColumn("ts", {Utc(2024, 1, 4)}), IntColumn("seq", {1}),
                                    FloatColumn("price", {1})})},
                  "fact_ticks"));
  const auto resumed = CreateBackfill({"last_close"}, kJanuary);
  ASSERT_OK(resumed);
  EXPECT_TRUE(resumed->existing);
  EXPECT_EQ(resumed->backfill.id, first->backfill.id);
}

TEST_F(BackfillIdentityTest, TwentyCallersCreateOneJob) {
  std::vector<std::thread> callers;
  std::atomic<int> created = 0;
  for (int i = 0; i < 20; ++i) {
    callers.emplace_back([&] {
      const auto job = CreateBackfill({"last_close"}, kJanuary);
      EXPECT_OK(job);
      if (job.ok() && !job->existing) ++created;
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(created, 1);
  EXPECT_EQ(Number("SELECT count(*) FROM backfills"), 1);
  EXPECT_EQ(Number("SELECT count(*) FROM backfill_shards"), 1);
}

TEST_F(BackfillIdentityTest, TwentyCallersWithOneRequestIdGetOneJob) {
  std::vector<std::thread> callers;
  std::atomic<int> created = 0;
  for (int i = 0; i < 20; ++i) {
    callers.emplace_back([&] {
      const auto job =
          Create({.metrics = {"last_close"}, .dates = kJanuary, .request_id = "nightly"});
      EXPECT_OK(job);
      if (job.ok() && !job->existing) ++created;
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(created, 1);
  EXPECT_EQ(Number("SELECT count(*) FROM backfills"), 1);
}

TEST_F(BackfillIdentityTest, RequestIdStandsForItsJobForEver) {
  const BackfillRequest request{
      .metrics = {"last_close"}, .dates = kJanuary, .request_id = "nightly"};
  const auto first = Create(request);
  ASSERT_OK(first);
  ASSERT_OK(backfills_.Cancel(project_, first->backfill.id, {}));
  const auto again = Create(request);
  ASSERT_OK(again);
  EXPECT_TRUE(again->existing);
  EXPECT_EQ(again->backfill.id, first->backfill.id);
  EXPECT_EQ(again->backfill.state, BackfillState::kCancelled);

  BackfillRequest other = request;
  other.entities = {"SPY"};
  EXPECT_THAT(Create(other), StatusIs(absl::StatusCode::kAlreadyExists, "REQUEST_ID_REUSED"));
  EXPECT_THAT(Create(other), HasMetadata("request_id", "nightly"));
  EXPECT_EQ(Number("SELECT count(*) FROM backfills"), 1);
}

TEST_F(BackfillIdentityTest, SecondRequestIdOfAnUnfinishedJobStaysWithIt) {
  BackfillRequest request{.metrics = {"last_close"}, .dates = kJanuary, .request_id = "a"};
  const auto first = Create(request);
  ASSERT_OK(first);
  request.request_id = "b";
  const auto second = Create(request);
  ASSERT_OK(second);
  EXPECT_EQ(second->backfill.id, first->backfill.id);
  ASSERT_OK(backfills_.Cancel(project_, first->backfill.id, {}));
  const auto later = Create(request);
  ASSERT_OK(later);
  EXPECT_EQ(later->backfill.id, first->backfill.id);
}

}  // namespace
}  // namespace metricstore::registry
