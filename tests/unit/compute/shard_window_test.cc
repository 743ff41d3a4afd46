// Shards of windows that reach back, of bars and of folded points: what is read, which points come
// out, and that the cut of the shards does not show in them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <random>

#include "compute_service/runner/shard_runner.h"
#include "tests/testing/matchers.h"
#include "tests/unit/compute/fake_pacer.h"
#include "tests/unit/compute/fake_registry_client.h"
#include "tests/unit/compute/shard_fixture.h"

namespace metricstore::compute {
namespace {

using ::metricstore::testing::IsOk;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr int kHour = 3600;

// New York with a break, an early close on 2024-03-08 and a holiday on 2024-03-12.
std::shared_ptr<const calendar::Calendar> Exchange() {
  calendar::CalendarSpec spec{
      .name = "XNYS",
      .description = "For tests.",
      .time_zone = "America/New_York",
      .open_days = {absl::Weekday::monday, absl::Weekday::tuesday, absl::Weekday::wednesday,
                    absl::Weekday::thursday, absl::Weekday::friday},
      .sessions = {{.name = "rth",
                    .open = {9 * kHour + 1800, 0},
                    .close = {16 * kHour, 0},
                    .breaks = {{{12 * kHour, 0}, {12 * kHour + 1800, 0}}}}},
      .first_date = absl::CivilDay(2020, 1, 1),
      .last_date = absl::CivilDay(2030, 12, 31)};
  spec.holidays = {{"A holiday", {calendar::DateRule::Dates{{absl::CivilDay(2024, 3, 12)}}}, {}}};
  spec.special_hours = {{"An early close",
                         {calendar::DateRule::Dates{{absl::CivilDay(2024, 3, 8)}}},
                         calendar::LocalTime{13 * kHour, 0},
                         {},
                         {}}};
  auto calendar = calendar::Calendar::Create(std::move(spec), 1);
  EXPECT_THAT(calendar, IsOk());
  return *calendar;
}

absl::Time NewYorkTime(int month, int day, int hour, int minute) {
  absl::TimeZone zone;
  EXPECT_TRUE(absl::LoadTimeZone("America/New_York", &zone));
  return absl::FromCivil(absl::CivilMinute(2024, month, day, hour, minute), zone);
}

calendar::Window WindowOf(const char* text) {
  const auto window = calendar::ParseWindow(text);
  EXPECT_THAT(window, IsOk());
  return *window;
}

MetricDefinition At(Grain grain, MetricDefinition metric) {
  metric.grain = grain;
  return metric;
}

MetricDefinition InBars(absl::Duration timeframe, MetricDefinition metric) {
  metric.timeframe = timeframe;
  return metric;
}

MetricDefinition RolledUp(const char* rollup, Grain grain, MetricDefinition metric) {
  metric.rollup = rollup;
  metric.grain = grain;
  return metric;
}

class ShardWindowTest : public ::testing::Test {
 protected:
  ShardWindowTest() {
    registry_.dataset = std::make_shared<const Dataset>(Bars());
    registry_.calendar = Exchange();
    // As the registry does: the rows of the interval, some at a time.
    registry_.stream = [this](const WindowRequest& request, const WindowSink& sink,
                              const CallBounds&) {
      std::vector<Bar> batch;
      for (const Bar& bar : rows_) {
        if (bar.ts < request.interval.start || bar.ts >= request.interval.end) continue;
        batch.push_back(bar);
        if (batch.size() < 1000) continue;
        if (absl::Status status = sink(BarsBatch(batch)); !status.ok()) return status;
        batch.clear();
      }
      return sink(BarsBatch(batch));
    };
  }

  // The series of A over [start, end), one for each metric, at `grain` or at their own.
  std::vector<vector::MetricPoints> Compute(const std::vector<MetricDefinition>& metrics,
                                            absl::CivilDay start, absl::CivilDay end,
                                            std::optional<Grain> grain = std::nullopt) {
    LeasedShard shard = ShardOf({}, {"A"}, start, end);
    for (const MetricDefinition& metric : metrics) {
      registry_.metrics[metric.ref] = std::make_shared<const MetricDefinition>(metric);
      shard.metrics.push_back({metric.ref, grain.value_or(metric.grain)});
    }
    const ShardRunner runner(registry_, compute_instruments_, pacer_, RetryPolicy());
    const auto results = runner.Compute(shard, {});
    EXPECT_THAT(results, IsOk());
    std::vector<vector::MetricPoints> points;
    if (!results.ok()) return points;
    for (const SeriesPoints& series : results->series) points.push_back(series.points);
    return points;
  }

  // A row a minute, of which `present` tells whether it is there.
  template <typename Present>
  void AddMinutes(absl::Time from, absl::Time to, const Present& present) {
    for (absl::Time at = from; at < to; at += absl::Minutes(1)) {
      if (present()) rows_.push_back({"A", at, noise_(random_), std::floor(noise_(random_))});
    }
  }

  std::mt19937_64 random_{17};
  std::uniform_real_distribution<double> noise_{-1e4, 1e6};
  std::vector<Bar> rows_;
  telemetry::Instruments instruments_;
  ComputeInstruments compute_instruments_{instruments_};
  FakeRegistryClient registry_;
  SkippingPacer pacer_;
};

TEST_F(ShardWindowTest, ReadsWhatTheWindowReachesAndGivesPointsForItsOwnBucketsOnly) {
  for (int day = 1; day <= 7; ++day) {
    rows_.push_back({"A", NewYorkTime(3, day, 10, 0), static_cast<double>(1 << day), 1});
  }
  const auto points =
      Compute({BarsMetric("a/sum", "sum(close)", {}, WindowOf("rolling_3_sessions of rth"))},
              absl::CivilDay(2024, 3, 6), absl::CivilDay(2024, 3, 8));
  ASSERT_THAT(points, SizeIs(1));
  EXPECT_THAT(points[0].bucket_start_micros,
              ElementsAre(ToMicros(NewYorkTime(3, 6, 0, 0)), ToMicros(NewYorkTime(3, 7, 0, 0))));
  EXPECT_THAT(points[0].values, ElementsAre(16 + 32 + 64, 32 + 64 + 128));
  ASSERT_THAT(registry_.windows(), SizeIs(1));
  EXPECT_EQ(registry_.windows()[0].interval,
            (TimeRange{NewYorkTime(3, 4, 9, 30), NewYorkTime(3, 7, 16, 0)}));
}

TEST_F(ShardWindowTest, EarlyClosesAndBreaksCutWhatIsShown) {
  for (const auto& [hour, minute, close] :
       std::vector<std::tuple<int, int, double>>{{9, 29, 1},
                                                 {9, 30, 2},
                                                 {11, 59, 4},
                                                 {12, 0, 8},
                                                 {12, 29, 16},
                                                 {12, 30, 32},
                                                 {12, 59, 64},
                                                 {13, 0, 128},
                                                 {15, 45, 256}}) {
    rows_.push_back({"A", NewYorkTime(3, 8, hour, minute), close, 1});
  }
  const auto points = Compute({BarsMetric("a/rth", "sum(close)", {}, WindowOf("rth")),
                               BarsMetric("a/last", "sum(close)", {}, WindowOf("last_30m")),
                               BarsMetric("a/first", "sum(close)", {}, WindowOf("first_3h"))},
                              absl::CivilDay(2024, 3, 8), absl::CivilDay(2024, 3, 9));
  ASSERT_THAT(points, SizeIs(3));
  EXPECT_THAT(points[0].values, ElementsAre(2 + 4 + 32 + 64));
  EXPECT_THAT(points[1].values, ElementsAre(32 + 64));
  EXPECT_THAT(points[2].values, ElementsAre(2 + 4)) << "the break counts, but is not shown";
}

TEST_F(ShardWindowTest, BucketsWithoutRowsHaveNoPoint) {
  rows_ = {{"A", NewYorkTime(3, 7, 10, 0), 5, 1},
           {"A", NewYorkTime(3, 12, 10, 0), 9, 1},  // a holiday
           {"A", NewYorkTime(3, 13, 17, 0), 9, 1}};
  const auto points =
      Compute({BarsMetric("a/own", "count(*)", {}, WindowOf("rth")),
               BarsMetric("a/rolling", "count(*)", {}, WindowOf("rolling_3_sessions of rth")),
               BarsMetric("a/previous", "last(close)", {}, WindowOf("previous of rth"))},
              absl::CivilDay(2024, 3, 7), absl::CivilDay(2024, 3, 14));
  ASSERT_THAT(points, SizeIs(3));
  EXPECT_THAT(points[0].bucket_start_micros, ElementsAre(ToMicros(NewYorkTime(3, 7, 0, 0))));
  // Thursday, Friday and Monday show Thursday's row; Tuesday is closed, Wednesday is too late.
  EXPECT_THAT(points[1].bucket_start_micros,
              ElementsAre(ToMicros(NewYorkTime(3, 7, 0, 0)), ToMicros(NewYorkTime(3, 8, 0, 0)),
                          ToMicros(NewYorkTime(3, 11, 0, 0))));
  EXPECT_THAT(points[1].values, ElementsAre(1, 1, 1));
  EXPECT_THAT(points[2].bucket_start_micros, ElementsAre(ToMicros(NewYorkTime(3, 8, 0, 0))));
  EXPECT_THAT(points[2].values, ElementsAre(5));
}

TEST_F(ShardWindowTest, CutByMonthOrWholeThePointsAreTheSame) {
  // Bars from before the open until after the close, with gaps, for a hundred days and more.
  for (absl::CivilDay date(2023, 12, 1); date < absl::CivilDay(2024, 5, 1); ++date) {
    if (random_() % 10 == 0) continue;
    const absl::Time midnight = absl::FromCivil(date, registry_.calendar->zone());
    AddMinutes(midnight + absl::Hours(9), midnight + absl::Hours(17),
               [&] { return random_() % 8 == 0; });
  }
  const auto rolling = WindowOf("rolling_20_sessions of rth");
  std::vector<MetricDefinition> metrics = {
      BarsMetric("a/sma", "avg(close)", {}, rolling),
      BarsMetric("a/vol", "stddev_samp(log_return(abs(close) + 1))", {}, rolling),
      BarsMetric("a/delta", "sum(delta(close) * volume)", {"volume > 0"}, rolling),
      BarsMetric("a/median", "median(close)", {}, WindowOf("rolling_10d")),
      BarsMetric("a/ytd", "sum(volume) / sum(close)", {}, WindowOf("year_to_date of rth")),
      BarsMetric("a/mtd", "stddev_samp(close)", {}, WindowOf("month_to_date")),
      BarsMetric("a/previous", "last(close) - first(close)", {}, WindowOf("previous_3 of rth")),
      BarsMetric("a/24h", "sum(close)", {}, WindowOf("rolling_24h of rth")),
      At(Grain::kHour, BarsMetric("a/hourly", "avg(close)", {}, WindowOf("rolling_7h of rth"))),
      At(Grain::kHour, BarsMetric("a/dtd", "sum(delta(close))", {}, WindowOf("day_to_date"))),
      At(Grain::kMonth, BarsMetric("a/month", "stddev_samp(close)", {}, rolling)),
      InBars(absl::Minutes(15), BarsMetric("a/bars", "stddev_samp(close)", {}, rolling)),
      InBars(absl::Minutes(15), BarsMetric("a/barlag", "sum(delta(volume))", {"volume > 0"},
                                           WindowOf("rolling_30h of rth"))),
      At(Grain::kHour, InBars(absl::Minutes(30), BarsMetric("a/barhour", "avg(close)", {},
                                                            WindowOf("rolling_9h of rth")))),
  };
  metrics[12].alignment = calendar::BarAlignment::kSession;
  const auto whole = Compute(metrics, absl::CivilDay(2024, 1, 1), absl::CivilDay(2024, 5, 1));
  ASSERT_THAT(whole, SizeIs(metrics.size()));
  std::vector<vector::MetricPoints> joined(metrics.size());
  for (int month = 1; month <= 4; ++month) {
    const auto part =
        Compute(metrics, absl::CivilDay(2024, month, 1), absl::CivilDay(2024, month + 1, 1));
    ASSERT_THAT(part, SizeIs(metrics.size()));
    for (size_t i = 0; i < metrics.size(); ++i) {
      const auto append = [](const auto& from, auto* to) {
        to->insert(to->end(), from.begin(), from.end());
      };
      append(part[i].bucket_start_micros, &joined[i].bucket_start_micros);
      append(part[i].values, &joined[i].values);
      append(part[i].statuses, &joined[i].statuses);
    }
  }
  for (size_t i = 0; i < metrics.size(); ++i) {
    SCOPED_TRACE(metrics[i].ref.id);
    EXPECT_GE(whole[i].values.size(), metrics[i].grain == Grain::kMonth ? 4u : 60u);
    EXPECT_EQ(joined[i].bucket_start_micros, whole[i].bucket_start_micros);
    EXPECT_EQ(joined[i].statuses, whole[i].statuses);
    ASSERT_EQ(joined[i].values.size(), whole[i].values.size());
    for (size_t at = 0; at < whole[i].values.size(); ++at) {
      ASSERT_EQ(std::bit_cast<uint64_t>(joined[i].values[at]),
                std::bit_cast<uint64_t>(whole[i].values[at]))
          << at;
    }
  }
}

TEST_F(ShardWindowTest, ExpressionsSeeBarsWhereThereIsATimeframe) {
  rows_ = {{"A", NewYorkTime(3, 7, 9, 31), 10, 1},  {"A", NewYorkTime(3, 7, 9, 44), 20, 2},
           {"A", NewYorkTime(3, 7, 9, 45), 40, -9}, {"A", NewYorkTime(3, 7, 9, 46), 50, 4},
           {"A", NewYorkTime(3, 7, 11, 59), 60, 8}, {"A", NewYorkTime(3, 7, 12, 10), 1e9, 16}};
  const auto in_rth = [](const char* id, const char* expression) {
    return InBars(absl::Minutes(15), BarsMetric(id, expression, {"volume > 0"}, WindowOf("rth")));
  };
  const auto points = Compute(
      {in_rth("a/n", "count(*)"), in_rth("a/avg", "avg(close)"), in_rth("a/volume", "max(volume)"),
       in_rth("a/at", "count(CASE WHEN ts = '2024-03-07T16:45:00Z' THEN 1 END)"),
       in_rth("a/symbols", "count(DISTINCT symbol)"),
       BarsMetric("a/rows", "count(*)", {}, WindowOf("rth"))},
      absl::CivilDay(2024, 3, 7), absl::CivilDay(2024, 3, 8));
  ASSERT_THAT(points, SizeIs(6));
  EXPECT_THAT(points[0].values, ElementsAre(3)) << "a bar without rows does not exist";
  EXPECT_THAT(points[1].values, ElementsAre((20.0 + 50 + 60) / 3));
  EXPECT_THAT(points[2].values, ElementsAre(8));
  EXPECT_THAT(points[3].values, ElementsAre(1)) << "a bar's time is its start";
  EXPECT_THAT(points[4].values, ElementsAre(1));
  EXPECT_THAT(points[5].values, ElementsAre(5));
}

// The window begins at 13:00 of the day before, in the bar that goes on until 14:00. A part of a
// bar is no bar, so that one is not shown.
TEST_F(ShardWindowTest, ABarIsShownWhereItStarts) {
  rows_ = {{"A", NewYorkTime(3, 7, 13, 30), 1, 1},
           {"A", NewYorkTime(3, 7, 14, 10), 2, 1},
           {"A", NewYorkTime(3, 8, 10, 0), 4, 1}};
  const auto window = WindowOf("rolling_24h of rth");
  const auto points =
      Compute({InBars(absl::Hours(2), BarsMetric("a/bars", "sum(close)", {}, window)),
               BarsMetric("a/rows", "sum(close)", {}, window)},
              absl::CivilDay(2024, 3, 8), absl::CivilDay(2024, 3, 9));
  ASSERT_THAT(points, SizeIs(2));
  EXPECT_THAT(points[0].values, ElementsAre(2 + 4));
  EXPECT_THAT(points[1].values, ElementsAre(1 + 2 + 4));
}

TEST_F(ShardWindowTest, ACoarserGrainIsFoldedFromThePointsOfAMetricWithARollup) {
  rows_ = {{"A", NewYorkTime(1, 10, 10, 0), 1, 1},
           {"A", NewYorkTime(1, 20, 10, 0), 2, 1},
           {"A", NewYorkTime(2, 10, 10, 0), 4, 1},
           {"A", NewYorkTime(5, 10, 10, 0), 8, 0}};
  const auto monthly = [](const char* id, const char* rollup) {
    return RolledUp(rollup, Grain::kMonth, BarsMetric(id, "sum(close) / sum(volume) * 2"));
  };
  const auto points =
      Compute({monthly("a/last", "last"), monthly("a/first", "first"), monthly("a/avg", "avg"),
               monthly("a/max", "max"), monthly("a/rows", "")},
              absl::CivilDay(2024, 1, 1), absl::CivilDay(2025, 1, 1), Grain::kQuarter);
  ASSERT_THAT(points, SizeIs(5));
  // January has 3 and February 8; May's is NULL; the others have no rows.
  const int64_t first = ToMicros(NewYorkTime(1, 1, 0, 0));
  const int64_t second = ToMicros(NewYorkTime(4, 1, 0, 0));
  const double expected[] = {8, 3, 5.5, 8, 14.0 / 3};
  for (size_t i = 0; i < 5; ++i) {
    EXPECT_THAT(points[i].bucket_start_micros, ElementsAre(first, second)) << i;
    EXPECT_THAT(points[i].values, ElementsAre(expected[i], 0)) << i;
    EXPECT_THAT(points[i].statuses,
                ElementsAre(vector::PointStatus::kOk, vector::PointStatus::kNull));
  }
}

TEST_F(ShardWindowTest, AtItsOwnOrAFinerGrainAMetricWithARollupIsComputedFromRows) {
  rows_ = {{"A", NewYorkTime(1, 10, 10, 0), 1, 1}, {"A", NewYorkTime(1, 20, 10, 0), 2, 1}};
  const std::vector<MetricDefinition> metrics = {
      RolledUp("last", Grain::kMonth, BarsMetric("a/sum", "sum(close)"))};
  EXPECT_THAT(Compute(metrics, absl::CivilDay(2024, 1, 1), absl::CivilDay(2024, 2, 1)).at(0).values,
              ElementsAre(3));
  EXPECT_THAT(Compute(metrics, absl::CivilDay(2024, 1, 1), absl::CivilDay(2024, 2, 1), Grain::kDay)
                  .at(0)
                  .values,
              ElementsAre(1, 2));
}

TEST_F(ShardWindowTest, FoldedPointsMayBeOfWindowsThatReachBackAndOfBars) {
  for (int month = 1; month <= 3; ++month) {
    rows_.push_back({"A", NewYorkTime(month, 4, 10, 1), static_cast<double>(month), 1});
    rows_.push_back({"A", NewYorkTime(month, 4, 10, 2), month + 10.0, 1});
  }
  const auto points = Compute(
      {RolledUp("last", Grain::kDay,
                BarsMetric("a/mtd", "sum(close)", {}, WindowOf("month_to_date of rth"))),
       InBars(absl::Hours(1), RolledUp("sum", Grain::kDay,
                                       BarsMetric("a/bars", "sum(close)", {}, WindowOf("rth"))))},
      absl::CivilDay(2024, 1, 1), absl::CivilDay(2024, 4, 1), Grain::kQuarter);
  ASSERT_THAT(points, SizeIs(2));
  EXPECT_THAT(points[0].values, ElementsAre(3 + 13));
  EXPECT_THAT(points[1].values, ElementsAre(11 + 13)) << "the fourth of February is a Sunday";
}

}  // namespace
}  // namespace metricstore::compute
