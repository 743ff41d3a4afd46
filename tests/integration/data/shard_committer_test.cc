// Fenced commits of results on a real database.
#include <atomic>
#include <cmath>
#include <thread>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/integration/data/data_fixture.h"

namespace metricstore::registry {
namespace {

using ::metricstore::testing::HasMetadata;
using ::metricstore::testing::IsOk;
using ::metricstore::testing::StatusIs;

constexpr char kStoredPoints[] =
    "SELECT metric_id, entity, to_char(bucket_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24') AS b, "
    "value, status FROM metrics_trend_point ORDER BY 1, 2, 3";

class ShardCommitterTest : public DataTest {
 protected:
  ShardCommitterTest() {
    StoreMinutes("SPY", Utc(2024, 1, 1), 10);
    StoreMinutes("SPY", Utc(2024, 12, 30), 10);
  }

  // The only shard of a new job over these dates.
  LeasedShard LeaseOne(const std::string& metric, absl::CivilDay from, absl::CivilDay to) {
    EXPECT_OK(CreateBackfill({metric}, Dates(from, to)));
    const auto shards = LeaseAll();
    EXPECT_EQ(shards.size(), 1u);
    return shards.empty() ? LeasedShard{} : shards[0];
  }

  static Lease LeaseOf(const LeasedShard& shard) { return {shard.shard_id, shard.fence}; }

  // One value a day, 1, 2, ..., from `from`.
  static ShardResults Daily(const LeasedShard& shard, absl::CivilDay from, int days,
                            double first = 1) {
    Points points;
    for (int i = 0; i < days; ++i) {
      points.bucket_starts.push_back(ToMicros(absl::FromCivil(from + i, absl::UTCTimeZone())));
      points.values.push_back(first + i);
    }
    ShardResults results;
    results[{shard.spec.metrics[0], "SPY"}] = points;
    return results;
  }

  absl::StatusOr<CommittedShard> Commit(const LeasedShard& shard, const ShardResults& results,
                                        int64_t watermark = 0) {
    return committer_.Commit(LeaseOf(shard), results, {.rows = 20, .watermark = watermark}, {});
  }

  std::string State() { return Select("SELECT state FROM backfills ORDER BY backfill_id"); }

  // Tuples of series and chunks that were ever written or removed.
  int64_t TupleChanges() {
    Execute("SELECT pg_stat_force_next_flush()");
    return Number(
        "SELECT sum(n_tup_ins + n_tup_upd + n_tup_del)::bigint FROM pg_stat_user_tables "
        "WHERE relname IN ('metric_series', 'metric_chunk')");
  }
};

const absl::CivilDay kJan1(2024, 1, 1);

TEST_F(ShardCommitterTest, CommitsPointsAndCompletionTogether) {
  const LeasedShard shard = LeaseOne("last_close", kJan1, absl::CivilDay(2024, 3, 1));
  const auto committed = Commit(shard, Daily(shard, absl::CivilDay(2024, 1, 30), 3));
  ASSERT_OK(committed);
  EXPECT_FALSE(committed->already_committed);
  EXPECT_EQ(committed->points, 3);
  EXPECT_EQ(committed->chunks_written, 2);
  EXPECT_EQ(Select(kStoredPoints),
            "prices/last_close|SPY|2024-01-30 00|1|0\nprices/last_close|SPY|2024-01-31 00|2|0\n"
            "prices/last_close|SPY|2024-02-01 00|3|0\n");
  EXPECT_EQ(Select("SELECT span_start FROM metric_chunk ORDER BY 1"), "2024-01-01\n2024-02-01\n");
  const auto job = backfills_.Get(project_, shard.backfill_id, {});
  ASSERT_OK(job);
  EXPECT_EQ(job->state, BackfillState::kSucceeded);
  EXPECT_EQ(job->shards_done, 1);
  EXPECT_EQ(job->rows_read, 20);
  EXPECT_EQ(job->points, 3);
  EXPECT_TRUE(job->end_time.has_value());
}

TEST_F(ShardCommitterTest, ABucketThatShowsNothingAnyMoreLosesItsPoint) {
  const LeasedShard first = LeaseOne("last_close", kJan1, absl::CivilDay(2024, 2, 1));
  ASSERT_OK(Commit(first, Daily(first, absl::CivilDay(2024, 1, 30), 2)));
  // January 30 became a holiday: the same stretch is computed again, without a point there.
  const LeasedShard again =
      LeaseOne("last_close", absl::CivilDay(2024, 1, 30), absl::CivilDay(2024, 1, 31));
  ShardResults nothing;
  nothing[{again.spec.metrics[0], "SPY"}] = Points{};
  const auto committed = Commit(again, nothing);
  ASSERT_OK(committed);
  EXPECT_EQ(committed->chunks_written, 1);
  EXPECT_EQ(Select(kStoredPoints), "prices/last_close|SPY|2024-01-31 00|2|0\n");
}

TEST_F(ShardCommitterTest, CommittingAgainUnderTheSameFenceChangesNothing) {
  const LeasedShard shard = LeaseOne("last_close", kJan1, absl::CivilDay(2024, 2, 1));
  ASSERT_OK(Commit(shard, Daily(shard, kJan1, 3)));
  const std::string stored = Select(kStoredPoints);
  const auto again = Commit(shard, Daily(shard, kJan1, 5, 100));
  ASSERT_OK(again);
  EXPECT_TRUE(again->already_committed);
  EXPECT_EQ(again->points, 3);
  EXPECT_EQ(again->chunks_written, 0);
  EXPECT_EQ(Select(kStoredPoints), stored);
}

TEST_F(ShardCommitterTest, StaleFenceWritesNothing) {
  const LeasedShard shard = LeaseOne("last_close", kJan1, absl::CivilDay(2024, 2, 1));
  Execute("UPDATE backfill_shards SET lease_until = now() - interval '1 s'");
  const auto newer = LeaseAll("second");
  ASSERT_EQ(newer.size(), 1u);
  const auto stale = Commit(shard, Daily(shard, kJan1, 3));
  EXPECT_THAT(stale, StatusIs(absl::StatusCode::kAborted, "LEASE_LOST"));
  EXPECT_THAT(stale, HasMetadata("shard", absl::StrCat(shard.shard_id)));
  EXPECT_THAT(stale, HasMetadata("fence", "1"));
  EXPECT_EQ(Number("SELECT count(*) FROM metric_series"), 0);
  ASSERT_OK(Commit(newer[0], Daily(newer[0], kJan1, 3)));
  EXPECT_THAT(Commit(shard, Daily(shard, kJan1, 3)),
              StatusIs(absl::StatusCode::kAborted, "LEASE_LOST"));
}

TEST_F(ShardCommitterTest, LeaseThatRanOutButWasNotTakenStillCommits) {
  const LeasedShard shard = LeaseOne("last_close", kJan1, absl::CivilDay(2024, 2, 1));
  Execute("UPDATE backfill_shards SET lease_until = now() - interval '1 h'");
  EXPECT_OK(Commit(shard, Daily(shard, kJan1, 3)));
}

TEST_F(ShardCommitterTest, CancelledJobTakesNoResults) {
  const LeasedShard shard = LeaseOne("last_close", kJan1, absl::CivilDay(2024, 2, 1));
  ASSERT_OK(backfills_.Cancel(project_, shard.backfill_id, {}));
  EXPECT_THAT(Commit(shard, Daily(shard, kJan1, 3)),
              StatusIs(absl::StatusCode::kAborted, "LEASE_LOST"));
  EXPECT_EQ(Number("SELECT count(*) FROM metric_chunk"), 0);
  EXPECT_EQ(State(), "cancelled\n");
}

TEST_F(ShardCommitterTest, UnknownShardIsALostLease) {
  EXPECT_THAT(committer_.Commit({12345, 1}, {}, {}, {}),
              StatusIs(absl::StatusCode::kAborted, "LEASE_LOST"));
}

TEST_F(ShardCommitterTest, PointsOfAnEarlierSnapshotNeverReplaceThoseOfALaterOne) {
  const DateRange january{kJan1, absl::CivilDay(2024, 2, 1)};
  const LeasedShard slow = LeaseOne("last_close", january.start, january.end);
  StoreMinutes("SPY", Utc(2024, 1, 2), 1);  // so that the next request is another job
  const LeasedShard quick = LeaseOne("last_close", january.start, january.end);
  ASSERT_OK(Commit(quick, Daily(quick, kJan1, 3, 100), 20));
  const std::string stored = Select(kStoredPoints);

  const auto outdated = Commit(slow, Daily(slow, kJan1, 3), 10);
  EXPECT_THAT(outdated, StatusIs(absl::StatusCode::kAborted, "READ_OUTDATED"));
  EXPECT_THAT(outdated, HasMetadata("shard", absl::StrCat(slow.shard_id)));
  EXPECT_EQ(Select(kStoredPoints), stored);
  EXPECT_EQ(State(), "running\nsucceeded\n");

  ASSERT_OK(Commit(slow, Daily(slow, kJan1, 3, 100), 30));
  EXPECT_EQ(Select(kStoredPoints), stored);
  EXPECT_EQ(State(), "succeeded\nsucceeded\n");
}

TEST_F(ShardCommitterTest, TheSamePointsOfAnEarlierSnapshotAreNoConflict) {
  const LeasedShard first = LeaseOne("last_close", kJan1, absl::CivilDay(2024, 2, 1));
  ASSERT_OK(Commit(first, Daily(first, kJan1, 3), 20));
  const LeasedShard second = LeaseOne("last_close", kJan1, absl::CivilDay(2024, 2, 1));
  EXPECT_OK(Commit(second, Daily(second, kJan1, 3), 10));
}

TEST_F(ShardCommitterTest, AWatermarkOfTheClusterThatThisOneWasRestoredFromIsNoConflict) {
  const LeasedShard first = LeaseOne("last_close", kJan1, absl::CivilDay(2024, 2, 1));
  ASSERT_OK(Commit(first, Daily(first, kJan1, 3), 20));
  Execute("UPDATE metric_chunk SET read_watermark = 1000000000000");
  const LeasedShard second = LeaseOne("last_close", kJan1, absl::CivilDay(2024, 2, 1));
  ASSERT_OK(Commit(second, Daily(second, kJan1, 3, 50), 30));
  EXPECT_EQ(Select("SELECT DISTINCT read_watermark FROM metric_chunk"), "30\n");
}

TEST_F(ShardCommitterTest, OnlyThePointsOfTheShardsDatesAreReplaced) {
  const LeasedShard first = LeaseOne("last_close", kJan1, absl::CivilDay(2024, 2, 1));
  ASSERT_OK(Commit(first, Daily(first, kJan1, 31)));
  const LeasedShard middle =
      LeaseOne("last_close", absl::CivilDay(2024, 1, 2), absl::CivilDay(2024, 1, 5));
  const auto committed = Commit(middle, Daily(middle, absl::CivilDay(2024, 1, 3), 1, 77));
  ASSERT_OK(committed);
  EXPECT_EQ(committed->chunks_written, 1);
  EXPECT_EQ(Select("SELECT to_char(bucket_start AT TIME ZONE 'UTC', 'DD') AS d, value FROM "
                   "metrics_trend_point ORDER BY 1 LIMIT 4"),
            "01|1\n03|77\n05|5\n06|6\n");
  EXPECT_EQ(Number("SELECT count(*) FROM metrics_trend_point"), 29);
}

TEST_F(ShardCommitterTest, PointsThatVanishedAreRemovedWithTheirChunk) {
  const LeasedShard first = LeaseOne("last_close", kJan1, absl::CivilDay(2024, 3, 1));
  ASSERT_OK(Commit(first, Daily(first, kJan1, 40)));
  EXPECT_EQ(Number("SELECT count(*) FROM metric_chunk"), 2);
  const LeasedShard again = LeaseOne("last_close", kJan1, absl::CivilDay(2024, 2, 1));
  const auto committed = Commit(again, Daily(again, kJan1, 0));
  ASSERT_OK(committed);
  EXPECT_EQ(committed->points, 0);
  EXPECT_EQ(Select("SELECT span_start FROM metric_chunk"), "2024-02-01\n");
}

TEST_F(ShardCommitterTest, EmptyResultsMakeNoSeriesAndEmptyThoseThereAre) {
  StoreMinutes("QQQ", Utc(2024, 1, 1), 10);
  const LeasedShard first = LeaseOne("last_close", kJan1, absl::CivilDay(2024, 2, 1));
  ShardResults results = Daily(first, kJan1, 3);
  results[{first.spec.metrics[0], "QQQ"}] = {};
  ASSERT_OK(Commit(first, results));
  EXPECT_EQ(Select("SELECT entity FROM metric_series"), "SPY\n");

  // Empty before, between and after the one that has points.
  for (const char* symbol : {"AAA", "ZZZ"}) StoreMinutes(symbol, Utc(2024, 1, 1), 10);
  const LeasedShard second = LeaseOne("last_close", kJan1, absl::CivilDay(2024, 2, 1));
  ShardResults swapped;
  for (const char* symbol : {"AAA", "SPY", "ZZZ"}) {
    swapped[{second.spec.metrics[0], symbol}] = {};
  }
  swapped[{second.spec.metrics[0], "QQQ"}] = Points{{ToMicros(Utc(2024, 1, 1))}, {7}, {}};
  const auto committed = Commit(second, swapped);
  ASSERT_OK(committed);
  EXPECT_EQ(committed->points, 1);
  EXPECT_EQ(Select("SELECT entity, value FROM metrics_trend_point"), "QQQ|7\n");
  EXPECT_EQ(Select("SELECT entity FROM metric_series ORDER BY 1"), "QQQ\nSPY\n");
}

TEST_F(ShardCommitterTest, IdenticalRerunTouchesNoTuple) {
  const LeasedShard first = LeaseOne("last_close", kJan1, absl::CivilDay(2024, 3, 1));
  ShardResults results = Daily(first, kJan1, 40);
  results.begin()->second.statuses.assign(40, 0);
  results.begin()->second.statuses[3] = 1;
  results.begin()->second.values[3] = 0;
  ASSERT_OK(Commit(first, results));
  const int64_t changes = TupleChanges();
  EXPECT_GT(changes, 0);
  const std::string chunks = Select("SELECT span_start, ctid::text, updated_at FROM metric_chunk");
  const LeasedShard again = LeaseOne("last_close", kJan1, absl::CivilDay(2024, 3, 1));
  const auto committed = Commit(again, results);
  ASSERT_OK(committed);
  EXPECT_FALSE(committed->already_committed);
  EXPECT_EQ(committed->chunks_written, 0);
  EXPECT_EQ(TupleChanges(), changes);
  EXPECT_EQ(Select("SELECT span_start, ctid::text, updated_at FROM metric_chunk"), chunks);
}

TEST_F(ShardCommitterTest, StatusesAreKeptWhereNotAllAreNumbers) {
  const LeasedShard shard = LeaseOne("last_close", kJan1, absl::CivilDay(2024, 2, 1));
  ShardResults results = Daily(shard, kJan1, 3);
  results.begin()->second.statuses = {0, 1, 2};
  results.begin()->second.values = {5, 0, 0};
  ASSERT_OK(Commit(shard, results));
  EXPECT_EQ(Select("SELECT value, status FROM metrics_trend_point ORDER BY bucket_start"),
            "5|0\n-|1\n-|2\n");
}

TEST_F(ShardCommitterTest, TextsAreKeptBesideTheirPoints) {
  const LeasedShard first = LeaseOne("last_close", kJan1, absl::CivilDay(2024, 3, 1));
  ShardResults results = Daily(first, kJan1, 40);
  Points& points = results.begin()->second;
  points.values.assign(40, 0);
  points.values[1] = 9007199254740992.0;
  points.statuses.assign(40, 0);
  points.statuses[2] = static_cast<int16_t>(PointStatus::kTooLarge);
  points.texts.assign(40, "");
  points.texts[0] = "žluť, \"株\"";
  points.texts[1] = "9007199254740993";
  points.texts[3] = std::string(kMaxTextBytes, 'x');
  ASSERT_OK(Commit(first, results));
  EXPECT_EQ(Select("SELECT value, status, left(text, 20) AS text FROM metrics_trend_point "
                   "ORDER BY bucket_start LIMIT 5"),
            "-|0|žluť, \"株\"\n9.007199254740992e+15|0|9007199254740993\n-|3|-\n-|0|" +
                std::string(20, 'x') + "\n0|0|-\n");
  // February has none.
  EXPECT_EQ(Select("SELECT cardinality(texts) FROM metric_chunk ORDER BY span_start"), "31\n-\n");
  const int64_t changes = TupleChanges();
  const LeasedShard again = LeaseOne("last_close", kJan1, absl::CivilDay(2024, 3, 1));
  const auto committed = Commit(again, results);
  ASSERT_OK(committed);
  EXPECT_EQ(committed->chunks_written, 0);
  EXPECT_EQ(TupleChanges(), changes);
  points.texts[0] = "other";
  const LeasedShard other = LeaseOne("last_close", kJan1, absl::CivilDay(2024, 3, 1));
  EXPECT_EQ(Commit(other, results)->chunks_written, 1);
}

TEST_F(ShardCommitterTest, CoarseGrainsAreKeptByTheDecade) {
  const LeasedShard shard = LeaseOne("yearly_low", kJan1, absl::CivilDay(2025, 1, 1));
  ASSERT_OK(Commit(shard, Daily(shard, kJan1, 1)));
  EXPECT_EQ(Select("SELECT span_start FROM metric_chunk"), "2020-01-01\n");
}

TEST_F(ShardCommitterTest, ResultsThatAreNotTheShardsAreRefused) {
  const LeasedShard shard = LeaseOne("last_close", kJan1, absl::CivilDay(2024, 2, 1));
  const auto refused = StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID");
  const Points point{{ToMicros(Utc(2024, 1, 3))}, {1}, {}};
  const MetricAtGrain metric = shard.spec.metrics[0];
  const auto with = [&](const MetricAtGrain& of, const std::string& entity, const Points& points) {
    ShardResults results;
    results[{of, entity}] = points;
    return Commit(shard, results);
  };
  EXPECT_THAT(with({metric.id, 2, metric.grain}, "SPY", point), refused);
  EXPECT_THAT(with({metric.id, 1, Grain::kHour}, "SPY", point), refused);
  EXPECT_THAT(with({"prices/other", 1, metric.grain}, "SPY", point), refused);
  EXPECT_THAT(with(metric, "QQQ", point), refused);
  EXPECT_THAT(with(metric, "SPY", {{ToMicros(Utc(2024, 2, 1))}, {1}, {}}), refused);
  EXPECT_THAT(with(metric, "SPY", {{ToMicros(Utc(2023, 12, 31))}, {1}, {}}), refused);
  EXPECT_THAT(
      with(metric, "SPY", {{ToMicros(Utc(2024, 1, 3)), ToMicros(Utc(2024, 1, 3))}, {1, 1}, {}}),
      refused);
  EXPECT_THAT(with(metric, "SPY", {{ToMicros(Utc(2024, 1, 3))}, {std::nan("")}, {}}), refused);
  EXPECT_THAT(with(metric, "SPY", {{ToMicros(Utc(2024, 1, 3))}, {1}, {1}}), refused);
  EXPECT_THAT(with(metric, "SPY", {{ToMicros(Utc(2024, 1, 3))}, {0}, {4}}), refused);
  // Nothing was written, and the lease still stands.
  EXPECT_EQ(Number("SELECT count(*) FROM metric_series"), 0);
  EXPECT_OK(with(metric, "SPY", point));
}

TEST_F(ShardCommitterTest, AShardOfAnOlderCalendarThatStalledPutsNoOldPointsBack) {
  const LeasedShard stalled = LeaseOne("last_close", kJan1, absl::CivilDay(2024, 2, 1));
  ASSERT_OK(CloseOn("2024-01-30"));
  const LeasedShard again = LeaseOne("last_close", kJan1, absl::CivilDay(2024, 2, 1));
  ASSERT_NE(again.shard_id, stalled.shard_id);
  ASSERT_OK(Commit(again, Daily(again, absl::CivilDay(2024, 1, 31), 1, 2)));
  const std::string stored = Select(kStoredPoints);
  const auto late = Commit(stalled, Daily(stalled, absl::CivilDay(2024, 1, 30), 2));
  EXPECT_THAT(late, StatusIs(absl::StatusCode::kFailedPrecondition, "CALENDAR_OUTDATED"));
  EXPECT_THAT(late, HasMetadata("shard", absl::StrCat(stalled.shard_id)));
  EXPECT_THAT(late, HasMetadata("calendar", "24_7"));
  EXPECT_THAT(late, HasMetadata("version", "1"));
  EXPECT_EQ(Select(kStoredPoints), stored);
  EXPECT_EQ(State(), "running\nsucceeded\n");
}

TEST_F(ShardCommitterTest, ACalendarThatIsDescribedInOtherWordsOutdatesNoShard) {
  ASSERT_OK(CloseOn("2024-01-30"));
  const LeasedShard shard = LeaseOne("last_close", kJan1, absl::CivilDay(2024, 2, 1));
  Execute(
      "INSERT INTO calendars SELECT project_id, name, 3, "
      "jsonb_set(definition, '{description}', '\"In other words.\"') FROM calendars "
      "WHERE version = 2");
  Execute(
      "INSERT INTO calendars SELECT project_id, name, 4, "
      "jsonb_set(definition, '{holidays,0,name}', '\"Named anew\"') FROM calendars "
      "WHERE version = 3");
  Execute("UPDATE backfill_shards SET state = 'queued'");
  const auto leased = LeaseAll();
  ASSERT_EQ(leased.size(), 1u);
  EXPECT_OK(Commit(leased[0], Daily(leased[0], kJan1, 1)));
  EXPECT_EQ(State(), "succeeded\n");
  // What changed in between counts, also when it was taken back.
  const LeasedShard late = LeaseOne("last_close", kJan1, absl::CivilDay(2024, 2, 1));
  Execute(
      "INSERT INTO calendars SELECT project_id, name, 5, "
      "jsonb_set(definition, '{holidays,0,on,date}', '\"2024-01-29\"') FROM calendars "
      "WHERE version = 4");
  Execute(
      "INSERT INTO calendars SELECT project_id, name, 6, definition FROM calendars "
      "WHERE version = 4");
  EXPECT_THAT(Commit(late, Daily(late, kJan1, 1)),
              StatusIs(absl::StatusCode::kFailedPrecondition, "CALENDAR_OUTDATED"));
}

TEST_F(ShardCommitterTest, AShardOfADatasetThatMovedToAnotherCalendarIsRefused) {
  const LeasedShard shard = LeaseOne("last_close", kJan1, absl::CivilDay(2024, 2, 1));
  Execute("UPDATE datasets SET calendar = 'other' WHERE name = 'fact_bars'");
  EXPECT_THAT(Commit(shard, Daily(shard, kJan1, 1)),
              StatusIs(absl::StatusCode::kFailedPrecondition, "CALENDAR_OUTDATED"));
  EXPECT_EQ(Number("SELECT count(*) FROM metric_series"), 0);
}

TEST_F(ShardCommitterTest, ACommitWaitsForTheImportThatBeganBeforeIt) {
  const LeasedShard shard = LeaseOne("last_close", kJan1, absl::CivilDay(2024, 2, 1));
  std::thread worker;
  std::atomic<bool> ended = false;
  absl::StatusOr<CommittedShard> committed;
  // An import looks for the points that it makes stale before it writes the calendar.
  const auto import = [&](pg::Transaction& transaction) -> absl::Status {
    const auto run = [&](const std::string& sql) {
      return transaction.ExecuteDynamic("import", sql).status();
    };
    EXPECT_OK(run(absl::StrCat("SELECT pg_advisory_xact_lock(hashtextextended('import/", project_,
                               "', 0))")));
    worker = std::thread([&] {
      committed = Commit(shard, Daily(shard, kJan1, 1));
      ended = true;
    });
    while (!ended &&
           Number("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted") ==
               0) {
      std::this_thread::yield();
    }
    return run(
        "INSERT INTO calendars SELECT project_id, name, 2, "
        "jsonb_set(definition, '{last_date}', '\"2029-12-31\"') FROM calendars");
  };
  EXPECT_OK(pool_.Run({}, pg::TransactionMode::kReadWrite, import));
  worker.join();
  EXPECT_THAT(committed, StatusIs(absl::StatusCode::kFailedPrecondition, "CALENDAR_OUTDATED"));
  EXPECT_EQ(Number("SELECT count(*) FROM metric_series"), 0);
}

TEST_F(ShardCommitterTest, ShardsOfOneSeriesThatCommitAtOnceLoseNoPoint) {
  // A year a shard, all in the chunk of one decade that none of them finds.
  constexpr int kYears = 8;
  std::vector<LeasedShard> shards;
  for (int i = 0; i < kYears; ++i) {
    StoreMinutes("SPY", Utc(2021 + i, 6, 1), 5);
    EXPECT_OK(CreateBackfill(
        {"yearly_low"}, Dates(absl::CivilDay(2021 + i, 1, 1), absl::CivilDay(2022 + i, 1, 1))));
  }
  shards = LeaseAll();
  ASSERT_EQ(shards.size(), static_cast<size_t>(kYears));
  std::vector<std::thread> workers;
  for (const LeasedShard& shard : shards) {
    workers.emplace_back(
        [&] { EXPECT_OK(Commit(shard, Daily(shard, shard.spec.dates.start, 1))); });
  }
  for (std::thread& worker : workers) worker.join();
  EXPECT_EQ(Number("SELECT count(*) FROM metric_chunk"), 1);
  EXPECT_EQ(Number("SELECT cardinality(bucket_starts) FROM metric_chunk"), kYears);
}

TEST_F(ShardCommitterTest, LastOfTheShardsThatEndTogetherEndsTheJob) {
  for (const char* symbol : {"A", "B", "C", "D", "E", "F"}) {
    StoreMinutes(symbol, Utc(2024, 5, 1), 1'000);
  }
  Execute("UPDATE dataset_entities SET row_count = 400000");  // a shard for each entity
  const auto job =
      CreateBackfill({"last_close"}, Dates(absl::CivilDay(2024, 5, 1), absl::CivilDay(2024, 6, 1)),
                     {"A", "B", "C", "D", "E", "F"});
  ASSERT_OK(job);
  const auto shards = LeaseAll();
  ASSERT_EQ(shards.size(), 6u);
  std::vector<std::thread> workers;
  for (const LeasedShard& shard : shards) {
    workers.emplace_back([&] {
      ShardResults results;
      results[{shard.spec.metrics[0], shard.spec.entities[0]}] =
          Points{{ToMicros(Utc(2024, 5, 1))}, {1}, {}};
      EXPECT_OK(Commit(shard, results));
    });
  }
  for (std::thread& worker : workers) worker.join();
  EXPECT_EQ(State(), "succeeded\n");
}

}  // namespace
}  // namespace metricstore::registry
