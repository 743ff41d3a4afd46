#include "tests/integration/data/freshness_fixture.h"

#include "absl/strings/str_cat.h"
#include "registry_service/catalog/view/catalog_cache.h"

namespace metricstore::registry {

std::vector<MetricFreshness> FreshnessTest::Read(const std::vector<std::string>& globs) {
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

MetricFreshness FreshnessTest::ReadOne(const std::string& metric) {
  const std::vector<MetricFreshness> freshness = Read({metric});
  EXPECT_EQ(freshness.size(), 1u);
  return freshness.empty() ? MetricFreshness() : freshness.front();
}

void FreshnessTest::CommitAll(const std::vector<absl::Time>& buckets) {
  for (const LeasedShard& shard : LeaseAll()) {
    Points points;
    for (const absl::Time bucket : buckets) {
      if (bucket < shard.spec.extent.start || bucket >= shard.spec.extent.end) continue;
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

void FreshnessTest::Compute(const BackfillRequest& request,
                            const std::vector<absl::Time>& buckets) {
  ASSERT_OK(backfills_.Create(project_, request, {}));
  CommitAll(buckets);
}

void FreshnessTest::StoreDays(int days) {
  std::vector<Bar> bars;
  for (int day = 0; day < days; ++day) {
    bars.push_back({"SPY", Utc(2024, 1, 2, 9, 30) + absl::Hours(24) * day});
  }
  ASSERT_OK(Store(Bars("days", bars)));
}

void FreshnessTest::StoreLate(absl::Time time, double close) {
  ASSERT_OK(Store(Bars(absl::StrCat("late", ++late_), {{"SPY", time, close}})));
}

std::string FreshnessTest::Text(const std::string& metric) {
  const MetricFreshness freshness = ReadOne(metric);
  return absl::StrCat(static_cast<int>(freshness.state), RangesText(freshness.stale_dates));
}

std::string FreshnessTest::Others(const std::string& metric) {
  std::string text;
  for (const GrainFreshness& other : ReadOne(metric).other_grains) {
    absl::StrAppend(&text, text.empty() ? "" : "; ", std::string(GrainName(other.grain)), " ",
                    static_cast<int>(other.state), RangesText(other.stale_dates));
  }
  return text;
}

std::string FreshnessTest::RangesText(const DateRanges& ranges) {
  std::string text;
  for (const DateRange& dates : ranges) {
    absl::StrAppend(&text, text.empty() ? " " : ", ", dates.start - kJanuary.start + 1, " ",
                    dates.end - kJanuary.start + 1);
  }
  return text;
}

void FreshnessTest::ImportMetric(const std::string& name, const std::string& window,
                                 const std::string& filters) {
  ASSERT_OK(Import(absl::StrCat("{name: ", name, ", category: prices, description: Shares., ",
                                "type: sum, grain: day, table: fact_bars, window: ", window,
                                ", filters: [", filters, "], expression: sum(volume)}")));
}

}  // namespace metricstore::registry
