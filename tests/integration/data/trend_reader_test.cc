// Trends on a real database: pages across chunks and series.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/integration/data/data_fixture.h"

namespace metricstore::registry {
namespace {

using ::metricstore::testing::IsOk;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class TrendReaderTest : public DataTest {
 protected:
  // Stores daily points 1, 2, ... from 2024-01-01 for each entity.
  void StoreDaily(const std::vector<std::string>& entities, int days) {
    const absl::CivilDay start(2024, 1, 1);
    for (const std::string& entity : entities) StoreMinutes(entity, Utc(2024, 1, 1), 5);
    ASSERT_OK(CreateBackfill({"last_close"}, Dates(start, absl::CivilDay(2025, 1, 1))));
    for (const LeasedShard& shard : LeaseAll()) {
      ShardResults results;
      for (const std::string& entity : shard.spec.entities) {
        Points& points = results[{shard.spec.metrics[0], entity}];
        for (int i = 0; i < days; ++i) {
          points.bucket_starts.push_back(ToMicros(absl::FromCivil(start + i, absl::UTCTimeZone())));
          points.values.push_back(i + 1);
        }
      }
      // The shard covers the months that have rows; the points beyond go in by hand.
      Execute(
          absl::StrCat("UPDATE backfill_shards SET spec = jsonb_set(spec, '{extent_micros}', '[0, ",
                       ToMicros(Utc(2030, 1, 1)), "]') WHERE shard_id = ", shard.shard_id));
      ASSERT_OK(committer_.Commit({shard.shard_id, shard.fence}, results, {}, {}));
    }
  }

  TrendQuery Query(size_t page_size = 10'000) {
    return {.metric_id = "prices/last_close",
            .version = 1,
            .grain = Grain::kDay,
            .range = {Utc(2024, 1, 1), Utc(2026, 1, 1)},
            .page_size = page_size};
  }

  TrendPage Read(const TrendQuery& query) {
    auto page = trends_.Read(project_, query, {});
    EXPECT_OK(page);
    return page.ok() ? *std::move(page) : TrendPage{};
  }
};

TEST_F(TrendReaderTest, SeriesComeByEntityWithTheirPointsInOrder) {
  StoreDaily({"b", "B", "a"}, 70);
  const TrendPage page = Read(Query());
  ASSERT_EQ(page.series.size(), 3u);
  EXPECT_EQ(page.series[0].entity, "B");
  EXPECT_EQ(page.series[1].entity, "a");
  EXPECT_EQ(page.series[2].entity, "b");
  EXPECT_FALSE(page.next.has_value());
  for (const TrendPoints& series : page.series) {
    ASSERT_EQ(series.values.size(), 70u);
    EXPECT_TRUE(std::is_sorted(series.bucket_starts.begin(), series.bucket_starts.end()));
    EXPECT_EQ(series.values[69], 70);
    EXPECT_THAT(series.statuses, IsEmpty());
    EXPECT_EQ(series.dimensions, "{}");
  }
}

TEST_F(TrendReaderTest, RangeIsHalfOpenAndEntitiesAreChosen) {
  StoreDaily({"a", "b", "c"}, 70);
  TrendQuery query = Query();
  query.entities = {"c", "a"};
  query.range = {Utc(2024, 1, 31), Utc(2024, 2, 3)};
  const TrendPage page = Read(query);
  ASSERT_EQ(page.series.size(), 2u);
  EXPECT_EQ(page.series[1].entity, "c");
  EXPECT_THAT(page.series[0].values, ElementsAre(31, 32, 33));
  query.version = 2;
  EXPECT_THAT(Read(query).series, IsEmpty());
  query.version = 1;
  query.grain = Grain::kWeek;
  EXPECT_THAT(Read(query).series, IsEmpty());
}

TEST_F(TrendReaderTest, PagesOfAnySizeGiveEveryPointOnce) {
  StoreDaily({"a", "b", "c"}, 70);
  for (const size_t page_size : {1u, 7u, 31u, 70u, 71u, 209u, 210u}) {
    TrendQuery query = Query(page_size);
    std::vector<std::string> points;
    size_t pages = 0;
    while (true) {
      const TrendPage page = Read(query);
      ++pages;
      size_t count = 0;
      for (const TrendPoints& series : page.series) {
        count += series.values.size();
        for (const double value : series.values)
          points.push_back(absl::StrCat(series.entity, value));
      }
      EXPECT_LE(count, page_size);
      if (!page.next.has_value()) break;
      EXPECT_EQ(count, page_size);
      query.after = page.next;
    }
    ASSERT_EQ(points.size(), 210u) << page_size;
    EXPECT_EQ(pages, (210 + page_size - 1) / page_size);
    for (size_t i = 0; i < points.size(); ++i) {
      EXPECT_EQ(points[i],
                absl::StrCat(std::string(1, static_cast<char>('a' + i / 70)), i % 70 + 1));
    }
  }
}

TEST_F(TrendReaderTest, MoreChunksThanARoundAreRead) {
  StoreDaily({"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"}, 365);  // 120 chunks
  const TrendPage page = Read(Query());
  ASSERT_EQ(page.series.size(), 10u);
  for (const TrendPoints& series : page.series) EXPECT_EQ(series.values.size(), 365u);
}

TEST_F(TrendReaderTest, StatusesStandWithTheirPoints) {
  StoreDaily({"a"}, 3);
  Execute("UPDATE metric_chunk SET statuses = '{0,1,0}', \"values\" = '{1,0,3}'");
  TrendQuery query = Query();
  EXPECT_THAT(Read(query).series[0].statuses, ElementsAre(0, 1, 0));
  query.range.end = Utc(2024, 1, 2);
  EXPECT_THAT(Read(query).series[0].statuses, IsEmpty());
}

TEST_F(TrendReaderTest, NoPointsGiveAnEmptyPage) {
  const TrendPage page = Read(Query());
  EXPECT_THAT(page.series, IsEmpty());
  EXPECT_FALSE(page.next.has_value());
}

TEST_F(TrendReaderTest, EventsHaveOneValueForDateSymbolAndMetric) {
  StoreDaily({"a"}, 2);
  const auto add_series = [this](const std::string& metric, Grain grain, absl::Time start) {
    Execute(absl::StrCat(
        "WITH s AS (INSERT INTO metric_series (project_id, metric_id, version, grain, entity) "
        "VALUES (",
        project_, ", '", metric, "', 1, ", static_cast<int>(grain),
        ", 'a') "
        "RETURNING series_id) "
        "INSERT INTO metric_chunk (project_id, series_id, span_start, bucket_starts, \"values\") "
        "SELECT ",
        project_, ", series_id, '2024-01-01', ARRAY['", FormatInstant(start),
        "'::timestamptz], ARRAY[100] FROM s"));
  };
  add_series("prices/last_close", Grain::kWeek, Utc(2024, 1, 1));
  add_series("prices/last_close", Grain::kHour, Utc(2024, 1, 1));
  add_series("prices/weekly_high", Grain::kWeek, Utc(2024, 1, 1));
  add_series("prices/weekly_high", Grain::kDay, Utc(2024, 1, 1));
  add_series("prices/hourly_volume", Grain::kHour, Utc(2024, 1, 1));
  EXPECT_EQ(Select("SELECT * FROM metric_events ORDER BY metric_id, date"),
            "2024-01-01|a|prices/last_close|1\n2024-01-02|a|prices/last_close|2\n"
            "2024-01-01|a|prices/weekly_high|100\n");
}

}  // namespace
}  // namespace metricstore::registry
