// Metrics that read earlier buckets of others: across the ends of months, years, shards and
// calendars.

#include "absl/time/civil_time.h"
#include "gmock/gmock.h"
#include "tests/unit/compute/derived_shard_fixture.h"

namespace metricstore::compute {
namespace {

using ::metricstore::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::SizeIs;
using vector::MetricPoints;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr auto kNull = vector::PointStatus::kNull;

TEST_F(DerivedShardTest, OffsetsCrossMonthEnds) {
  Add(BarsMetric("a/x", "sum(close)"));
  AddRow("fact_bars", "A", Utc(2024, 2, 29, 10), 4);
  for (int day = 29; day <= 31; ++day) AddRow("fact_bars", "A", Utc(2024, 3, day, 10), day);
  const auto series = Compute({Derived("a/before", "metric('a/x', offset => '1 month')"),
                               Derived("a/change", "metric('a/x') - metric('a/x', '1 month')")},
                              absl::CivilDay(2024, 3, 28), absl::CivilDay(2024, 4, 1));
  EXPECT_THAT(DaysOf(series.at(0)), ElementsAre("2024-03-29", "2024-03-30", "2024-03-31"));
  EXPECT_THAT(series[0].values, ElementsAre(4, 4, 4)) << "cut to the month's end";
  EXPECT_THAT(series[1].values, ElementsAre(25, 26, 27));
  EXPECT_EQ(registry_.windows().at(0).interval, (TimeRange{Utc(2024, 2, 28), Utc(2024, 4, 1)}))
      << "widened by the offset";
}

TEST_F(DerivedShardTest, OffsetsCrossYearEnds) {
  Add(At(Grain::kMonth, BarsMetric("a/x", "sum(close)")));
  AddRow("fact_bars", "A", Utc(2023, 1, 10), 4);
  AddRow("fact_bars", "A", Utc(2023, 12, 31, 23), 8);
  AddRow("fact_bars", "A", Utc(2024, 1, 1), 10);
  const auto series =
      Compute({Derived("a/yoy", "metric('a/x') / metric('a/x', '1 year') - 1", Grain::kMonth),
               Derived("a/mom", "metric('a/x') / metric('a/x', '1 month') - 1", Grain::kMonth)},
              absl::CivilDay(2024, 1, 1), absl::CivilDay(2024, 2, 1));
  EXPECT_THAT(series.at(0).values, ElementsAre(1.5));
  EXPECT_THAT(series.at(1).values, ElementsAre(0.25));
}

TEST_F(DerivedShardTest, OffsetsAddUpAlongAChain) {
  Add(BarsMetric("a/x", "sum(close)"));
  Add(Derived("a/yesterday", "metric('a/x', '1 day')"));
  AddRow("fact_bars", "A", Utc(2024, 3, 1, 10), 5);
  const auto series = Compute({Derived("a/then", "metric('a/yesterday', '2 days')")},
                              absl::CivilDay(2024, 3, 4), absl::CivilDay(2024, 3, 5));
  EXPECT_THAT(series.at(0).values, ElementsAre(5));
}

TEST_F(DerivedShardTest, TheCutOfShardsDoesNotShow) {
  Add(BarsMetric("a/x", "sum(close)"));
  for (int day = 1; day <= 31; ++day) AddRow("fact_bars", "A", Utc(2024, 3, day, 10), day * day);
  const MetricDefinition metric = Derived("a/week", "metric('a/x') - metric('a/x', '1 week')");
  const auto whole = Compute({metric}, absl::CivilDay(2024, 3, 1), absl::CivilDay(2024, 4, 1));
  MetricPoints parts;
  for (int day = 1; day <= 31; ++day) {
    const absl::CivilDay date(2024, 3, day);
    const auto part = Compute({metric}, date, date + 1);
    ASSERT_THAT(part.at(0).values, SizeIs(1)) << "and none of the dates that were only read";
    parts.bucket_start_micros.push_back(part[0].bucket_start_micros[0]);
    parts.values.push_back(part[0].values[0]);
    parts.statuses.push_back(part[0].statuses[0]);
  }
  EXPECT_EQ(parts.bucket_start_micros, whole.at(0).bucket_start_micros);
  EXPECT_EQ(parts.values, whole[0].values);
  EXPECT_EQ(parts.statuses, whole[0].statuses);
}

TEST_F(DerivedShardTest, OffsetsOfHoursAreForHours) {
  Add(BarsMetric("a/x", "sum(close)"));
  EXPECT_THAT(Refusal(Derived("a/day", "metric('a/x', '1 hour')")),
              StatusIs(kInvalid, "NOT_SUPPORTED"));
  AddRow("fact_bars", "A", Utc(2024, 3, 3, 23, 30), 5);
  const auto series = Compute({Derived("a/hour", "metric('a/x', '1 hour')", Grain::kHour)},
                              absl::CivilDay(2024, 3, 4), absl::CivilDay(2024, 3, 5));
  EXPECT_THAT(series.at(0).bucket_start_micros, ElementsAre(ToMicros(Utc(2024, 3, 4))));
  EXPECT_THAT(series.at(0).values, ElementsAre(5));
}

TEST_F(DerivedShardTest, AnOffsetBeyondTheCalendarReadsNull) {
  Add(BarsMetric("a/x", "sum(close)"));
  AddRow("fact_bars", "A", Utc(2020, 1, 2, 10), 5);
  const auto series = Compute({Derived("a/yoy", "metric('a/x') - metric('a/x', '1 year')")},
                              absl::CivilDay(2020, 1, 1), absl::CivilDay(2020, 2, 1));
  EXPECT_THAT(series.at(0).statuses, ElementsAre(kNull));
}

}  // namespace
}  // namespace metricstore::compute
