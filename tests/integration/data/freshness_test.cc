// How new stored points are beside their rows, on a real database.
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "registry_service/catalog/view/catalog_cache.h"
#include "registry_service/query/freshness_reader.h"
#include "tests/integration/data/data_fixture.h"

namespace metricstore::registry {
namespace {

using ::metricstore::testing::IsOk;
using ::testing::HasSubstr;

const DateRange kJanuary{absl::CivilDay(2024, 1, 1), absl::CivilDay(2024, 2, 1)};

class FreshnessTest : public DataTest {
 protected:
  std::vector<MetricFreshness> Read(const std::vector<std::string>& globs) {
    CatalogCache cache(pool_, {}, nullptr);
    const auto snapshot = cache.Get(project_, {});
    EXPECT_OK(snapshot);
    if (!snapshot.ok()) return {};
    const auto metrics = (*snapshot)->MatchGlobs(globs);
    EXPECT_OK(metrics);
    if (!metrics.ok()) return {};
    const auto freshness = reader_.Read(project_, *metrics, **snapshot, {});
    EXPECT_OK(freshness);
    return freshness.value_or(std::vector<MetricFreshness>());
  }

  MetricFreshness ReadOne(const std::string& metric) {
    const std::vector<MetricFreshness> freshness = Read({metric});
    EXPECT_EQ(freshness.size(), 1u);
    return freshness.empty() ? MetricFreshness() : freshness.front();
  }

  // Stores a point of each entity of the request at these buckets.
  void Compute(const BackfillRequest& request, const std::vector<absl::Time>& buckets) {
    ASSERT_OK(backfills_.Create(project_, request, {}));
    for (const LeasedShard& shard : LeaseAll()) {
      Points points;
      for (const absl::Time bucket : buckets) {
        points.bucket_starts.push_back(ToMicros(bucket));
        points.values.push_back(1);
      }
      ShardResults results;
      for (const MetricAtGrain& metric : shard.spec.metrics) {
        for (const std::string& entity : shard.spec.entities) results[{metric, entity}] = points;
      }
      ASSERT_OK(committer_.Commit({shard.shard_id, shard.fence}, results, {.rows = 1}, {}));
    }
  }

  FreshnessReader reader_{pool_, datasets_, calendars_};
};

TEST_F(FreshnessTest, WithoutRowsThereIsNothingToCompute) {
  const MetricFreshness freshness = ReadOne("prices/last_close");
  EXPECT_EQ(freshness.state, FreshnessState::kNoRows);
  EXPECT_EQ(freshness.newest_row, std::nullopt);
  EXPECT_EQ(freshness.newest_bucket, std::nullopt);
  EXPECT_EQ(freshness.active_version, 1);
}

TEST_F(FreshnessTest, FollowsRowsAndPoints) {
  StoreMinutes("SPY", Utc(2024, 1, 2), 100);
  MetricFreshness freshness = ReadOne("prices/last_close");
  EXPECT_EQ(freshness.state, FreshnessState::kNeverComputed);
  EXPECT_EQ(freshness.newest_row, Utc(2024, 1, 2, 1, 39));
  EXPECT_THAT(freshness.reason, HasSubstr("--from 2024-01-02 --to 2024-01-02"));

  Compute({.metrics = {"last_close"}, .dates = kJanuary}, {Utc(2024, 1, 1), Utc(2024, 1, 2)});
  freshness = ReadOne("prices/last_close");
  EXPECT_EQ(freshness.state, FreshnessState::kFresh);
  EXPECT_EQ(freshness.newest_bucket, Utc(2024, 1, 2));

  // The newest entity counts, in the same bucket first.
  StoreMinutes("QQQ", Utc(2024, 1, 2, 23), 1);
  EXPECT_EQ(ReadOne("prices/last_close").state, FreshnessState::kFresh);
  StoreMinutes("QQQ", Utc(2024, 1, 4), 1);
  freshness = ReadOne("prices/last_close");
  EXPECT_EQ(freshness.state, FreshnessState::kNewerRows);
  EXPECT_THAT(freshness.reason, HasSubstr("--from 2024-01-03 --to 2024-01-04"));
}

TEST_F(FreshnessTest, PointsAtOtherGrainsDoNotCount) {
  StoreMinutes("SPY", Utc(2024, 1, 2), 10);
  Compute({.metrics = {"last_close"}, .dates = kJanuary, .grains = {Grain::kMonth}},
          {Utc(2024, 1, 1)});
  EXPECT_EQ(ReadOne("prices/last_close").state, FreshnessState::kNeverComputed);
}

TEST_F(FreshnessTest, NewestPointIsThatOfTheNewestSeries) {
  StoreMinutes("SPY", Utc(2024, 3, 5), 10);
  StoreMinutes("QQQ", Utc(2024, 1, 2), 10);
  const DateRange quarter = Dates(absl::CivilDay(2024, 1, 1), absl::CivilDay(2024, 4, 1));
  Compute({.metrics = {"last_close"}, .entities = {"QQQ"}, .dates = kJanuary}, {Utc(2024, 1, 2)});
  EXPECT_EQ(ReadOne("prices/last_close").newest_bucket, Utc(2024, 1, 2));
  Compute({.metrics = {"last_close"}, .entities = {"SPY"}, .dates = quarter}, {Utc(2024, 3, 5)});
  const MetricFreshness freshness = ReadOne("prices/last_close");
  EXPECT_EQ(freshness.newest_bucket, Utc(2024, 3, 5));
  EXPECT_EQ(freshness.state, FreshnessState::kFresh);
}

TEST_F(FreshnessTest, AVersionThatWaitsIsMentioned) {
  StoreMinutes("SPY", Utc(2024, 1, 2), 10);
  Compute({.metrics = {"last_close"}, .dates = kJanuary}, {Utc(2024, 1, 2)});
  ASSERT_OK(Import(
      "{name: last_close, category: prices, description: Last price., type: derived, unit: USD, "
      "grain: day, table: fact_bars, expression: last(close) + 0}"));
  MetricFreshness freshness = ReadOne("prices/last_close");
  EXPECT_EQ(freshness.state, FreshnessState::kFresh);
  EXPECT_EQ(freshness.latest_version, 2);
  EXPECT_THAT(freshness.reason, HasSubstr("version 2 has no points: metricctl backfill --metrics "
                                          "prices/last_close --latest"));
  Compute({.metrics = {"last_close"}, .dates = kJanuary, .latest_versions = true},
          {Utc(2024, 1, 2)});
  freshness = ReadOne("prices/last_close");
  EXPECT_THAT(freshness.reason, HasSubstr("version 2 waits to be promoted"));
}

TEST_F(FreshnessTest, MetricsThatReadOthersNameTheStaleOne) {
  ASSERT_OK(
      Import("- {name: doubled, category: prices, description: Twice., type: derived, grain: day, "
             "expression: \"metric('prices/last_close') * 2\"}\n"));
  StoreMinutes("SPY", Utc(2024, 1, 2), 10);
  const MetricFreshness freshness = ReadOne("prices/doubled");
  EXPECT_EQ(freshness.state, FreshnessState::kNotComputed);
  EXPECT_THAT(freshness.reason, HasSubstr("reads other metrics"));
  EXPECT_THAT(freshness.reason, HasSubstr("prices/last_close, which it reads, is stale"));
}

TEST_F(FreshnessTest, AnswersInTheOrderAsked) {
  StoreMinutes("SPY", Utc(2024, 1, 2), 10);
  const std::vector<MetricFreshness> freshness = Read({"prices/*", "ticks/*"});
  std::vector<std::string> ids;
  for (const MetricFreshness& metric : freshness) ids.push_back(metric.metric);
  EXPECT_THAT(
      ids, ::testing::ElementsAre("prices/hourly_volume", "prices/last_close", "prices/weekly_high",
                                  "prices/yearly_low", "ticks/tick_count"));
  EXPECT_EQ(freshness.back().state, FreshnessState::kNoRows);
}

}  // namespace
}  // namespace metricstore::registry
