// Windows that reach over buckets: the bits of each bucket are those of the bucket alone over its
// own rows, however many share them.
#include <bit>
#include <cmath>

#include "common/calendar/window.h"
#include "gmock/gmock.h"
#include "tests/unit/compute/engine_fixture.h"
#include "tests/unit/compute/engine_reference.h"

namespace metricstore::compute::vector {
namespace {

using columns::Column;
using columns::ColumnBatch;
using columns::ColumnType;
using ::testing::ElementsAre;

constexpr int kHour = 3600;

calendar::CalendarSpec SpecOf(std::string name, std::string zone) {
  return {.name = std::move(name),
          .description = "For tests.",
          .time_zone = std::move(zone),
          .open_days = {absl::Weekday::monday, absl::Weekday::tuesday, absl::Weekday::wednesday,
                        absl::Weekday::thursday, absl::Weekday::friday},
          .first_date = absl::CivilDay(2023, 12, 4),
          .last_date = absl::CivilDay(2025, 12, 31)};
}

std::shared_ptr<const calendar::Calendar> Create(calendar::CalendarSpec spec) {
  auto calendar = calendar::Calendar::Create(std::move(spec), 1);
  EXPECT_TRUE(calendar.ok()) << calendar.status();
  return *calendar;
}

// A lunch break, an early close and a holiday.
std::shared_ptr<const calendar::Calendar> WithBreaks() {
  calendar::CalendarSpec spec = SpecOf("XHKG", "Asia/Hong_Kong");
  spec.sessions = {{.name = "rth",
                    .open = {9 * kHour + 1800, 0},
                    .close = {16 * kHour, 0},
                    .breaks = {{{12 * kHour, 0}, {13 * kHour, 0}}}}};
  spec.holidays = {{"A holiday", {calendar::DateRule::Dates{{absl::CivilDay(2024, 3, 13)}}}, {}}};
  spec.special_hours = {{"An early close",
                         {calendar::DateRule::Dates{{absl::CivilDay(2024, 3, 15)}}},
                         calendar::LocalTime{12 * kHour, 0},
                         {},
                         {}}};
  return Create(std::move(spec));
}

// Trade dates start on the evening before, and daylight saving starts on 2024-03-10.
std::shared_ptr<const calendar::Calendar> Overnight() {
  calendar::CalendarSpec spec = SpecOf("CMES", "America/Chicago");
  spec.sessions = {{.name = "rth",
                    .open = {17 * kHour, -1},
                    .close = {16 * kHour, 0},
                    .breaks = {{{15 * kHour + 900, 0}, {15 * kHour + 1800, 0}}}}};
  return Create(std::move(spec));
}

// `count` rows at irregular instants from `start` on; times become microseconds of real ones.
ColumnBatch RowsFrom(absl::Time start, std::mt19937_64* random, size_t count, int null_percent) {
  ColumnBatch rows = RandomRows(random, count, null_percent);
  int64_t at = ToMicros(start);
  for (int64_t& time : rows.columns[0].int64) {
    const auto gap = static_cast<int64_t>((*random)() % 3);
    at += gap * gap * absl::ToInt64Microseconds(absl::Minutes(3 + (*random)() % 60));
    time = at;
  }
  return rows;
}

template <typename T>
void Keep(const std::vector<size_t>& chosen, std::vector<T>* values) {
  if (values->empty()) return;
  std::vector<T> kept;
  for (const size_t row : chosen) kept.push_back((*values)[row]);
  *values = std::move(kept);
}

// The rows that a bucket shows, and no other.
ColumnBatch RowsIn(const calendar::Bucket& bucket, const ColumnBatch& rows) {
  std::vector<size_t> chosen;
  for (size_t row = 0; row < rows.rows; ++row) {
    const absl::Time time = FromMicros(rows.columns[0].int64[row]);
    for (const TimeRange& slice : bucket.slices) {
      if (time >= slice.start && time < slice.end) chosen.push_back(row);
    }
  }
  ColumnBatch kept{.rows = chosen.size(), .columns = rows.columns};
  for (size_t i = 0; i < rows.columns.size(); ++i) {
    Column& column = kept.columns[i];
    Keep(chosen, &column.float64);
    Keep(chosen, &column.int64);
    Keep(chosen, &column.date);
    Keep(chosen, &column.boolean);
    Keep(chosen, &column.codes);
    column.validity = {};
    for (size_t row = 0; row < chosen.size(); ++row) {
      if (!rows.columns[i].validity.valid(chosen[row])) column.validity.SetNull(row, chosen.size());
    }
  }
  return kept;
}

std::vector<MetricTask> TasksOver(const BucketsPtr& buckets, const std::vector<size_t>& filters) {
  const std::vector<std::string>& expressions = ExpressionsOfEveryFunction();
  std::vector<MetricTask> tasks;
  for (size_t i = 0; i < expressions.size(); ++i) {
    tasks.push_back(MakeTask(expressions[i], buckets, FiltersOfManyKinds()[filters[i]]));
  }
  return tasks;
}

// What each expression gives for `bucket` alone over its own rows.
std::vector<MetricPoints> Alone(const calendar::Bucket& bucket, bool reaches,
                                const ColumnBatch& rows, const std::vector<size_t>& filters) {
  auto one = std::make_shared<calendar::WindowBuckets>(calendar::WindowBuckets::From({bucket}));
  one->reaches = reaches;
  return EvaluateAll(TasksOver(one, filters), RowsIn(bucket, rows));
}

void ExpectSameBits(const MetricPoints& all, const MetricPoints& alone, int64_t start,
                    const std::string& text) {
  const auto& starts = all.bucket_start_micros;
  const auto found = std::lower_bound(starts.begin(), starts.end(), start);
  const bool is_there = found != starts.end() && *found == start;
  ASSERT_EQ(is_there, !alone.values.empty()) << text;
  if (!is_there) return;
  const auto at = static_cast<size_t>(found - starts.begin());
  ASSERT_EQ(all.statuses[at], alone.statuses[0]) << text;
  ASSERT_EQ(std::bit_cast<uint64_t>(all.values[at]), std::bit_cast<uint64_t>(alone.values[0]))
      << text << ": " << all.values[at] << " and alone " << alone.values[0];
}

struct WindowCase {
  const char* window;
  Grain grain;
};

const std::vector<WindowCase>& WindowCases() {
  static const std::vector<WindowCase> cases = {
      {"full_day", Grain::kDay},
      {"rth", Grain::kHour},
      {"rth", Grain::kMonth},
      {"last_1h", Grain::kWeek},
      {"rolling_3_sessions of rth", Grain::kDay},
      {"rolling_3_sessions of rth", Grain::kHour},
      {"rolling_2_sessions of rth", Grain::kMonth},
      {"rolling_5_sessions of first_30m", Grain::kDay},
      {"rolling_30d", Grain::kDay},
      {"rolling_10d of 10:00-15:00", Grain::kWeek},
      {"rolling_7h of rth", Grain::kHour},
      {"rolling_30h", Grain::kDay},
      {"day_to_date of rth", Grain::kHour},
      {"week_to_date of rth", Grain::kDay},
      {"month_to_date of rth", Grain::kDay},
      {"year_to_date", Grain::kMonth},
      {"previous of rth", Grain::kDay},
      {"previous_2 of rth", Grain::kHour},
      {"previous of last_1h", Grain::kWeek},
  };
  return cases;
}

class EngineWindowTest : public ::testing::TestWithParam<size_t> {};

TEST_P(EngineWindowTest, GivesEachBucketTheBitsThatItHasAlone) {
  const WindowCase& given = WindowCases()[GetParam()];
  const uint64_t seed = TestSeed();
  SCOPED_TRACE("METRICSTORE_TEST_SEED=" + std::to_string(seed));
  std::mt19937_64 random(seed);
  const auto window = calendar::ParseWindow(given.window);
  ASSERT_TRUE(window.ok()) << window.status();
  for (const auto& calendar : {WithBreaks(), Overnight()}) {
    const DateRange dates = calendar::AlignToGrain(
        *calendar, given.grain, {absl::CivilDay(2024, 2, 20), absl::CivilDay(2024, 3, 20)});
    const auto resolved = calendar::ResolveBuckets(*calendar, *window, given.grain, dates);
    ASSERT_TRUE(resolved.ok()) << resolved.status();
    const auto buckets = std::make_shared<const calendar::WindowBuckets>(*resolved);
    const absl::Time start = calendar->ExtentOf(dates.start).start - absl::Hours(24 * 20);
    const ColumnBatch rows =
        RowsFrom(start, &random, 1500, std::vector<int>{0, 10, 60}[random() % 3]);
    std::vector<size_t> filters;
    for (size_t i = 0; i < ExpressionsOfEveryFunction().size(); ++i) {
      filters.push_back(random() % FiltersOfManyKinds().size());
    }
    const std::vector<MetricPoints> all = EvaluateAll(TasksOver(buckets, filters), rows);
    for (int i = 0; i < 8; ++i) {
      const calendar::Bucket bucket = buckets->BucketAt(random() % buckets->spans.size());
      const std::vector<MetricPoints> alone = Alone(bucket, buckets->reaches, rows, filters);
      for (size_t task = 0; task < all.size(); ++task) {
        ExpectSameBits(all[task], alone[task], ToMicros(bucket.start),
                       ExpressionsOfEveryFunction()[task]);
        if (HasFatalFailure()) return;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Windows, EngineWindowTest,
                         ::testing::Range<size_t>(0, WindowCases().size()), [](const auto& given) {
                           std::string name = WindowCases()[given.param].window;
                           for (char& c : name) c = std::isalnum(c) != 0 ? c : '_';
                           return name + "_" + std::to_string(given.param);
                         });

// Windows share rows and what is computed of them, also where values look back: what one window
// gives must not depend on which others there are.
TEST(EngineWindowsTest, GiveTogetherWhatEachGivesAlone) {
  const uint64_t seed = TestSeed();
  SCOPED_TRACE("METRICSTORE_TEST_SEED=" + std::to_string(seed));
  std::mt19937_64 random(seed);
  const std::vector<std::string> expressions = {"sum(a)",
                                                "sum(delta(a))",
                                                "stddev_samp(log_return(abs(a) + 1))",
                                                "max(lag(n, 3))",
                                                "first(lag(a, 40))",
                                                "count(lag(b, 7))",
                                                "sum(lag(n, 90))",
                                                "last(lag(delta(a), 2))",
                                                "min(lag(a * 2 + b, 3) - lag(b))",
                                                "avg(lag(a, 2000))",
                                                "first(lag(side))",
                                                "sum(a) FILTER (WHERE lag(flag))"};
  const auto calendar = WithBreaks();
  std::vector<BucketsPtr> windows;
  for (const WindowCase& given : WindowCases()) {
    const DateRange dates = calendar::AlignToGrain(
        *calendar, given.grain, {absl::CivilDay(2024, 2, 20), absl::CivilDay(2024, 3, 20)});
    const auto window = calendar::ParseWindow(given.window);
    ASSERT_TRUE(window.ok()) << window.status();
    const auto resolved = calendar::ResolveBuckets(*calendar, *window, given.grain, dates);
    ASSERT_TRUE(resolved.ok()) << resolved.status();
    windows.push_back(std::make_shared<const calendar::WindowBuckets>(*resolved));
  }
  const absl::Time start = absl::FromCivil(absl::CivilDay(2024, 1, 30), absl::UTCTimeZone());
  for (const int null_percent : {0, 10, 60}) {
    const ColumnBatch rows = RowsFrom(start, &random, 4000, null_percent);
    for (const std::vector<std::string>& filters : FiltersOfManyKinds()) {
      std::vector<MetricTask> all;
      for (const BucketsPtr& window : windows) {
        for (const std::string& text : expressions) all.push_back(MakeTask(text, window, filters));
      }
      const std::vector<MetricPoints> together = EvaluateAll(all, rows);
      // One by one would take long.
      for (int i = 0; i < 40; ++i) {
        const size_t task = random() % all.size();
        const MetricPoints alone = EvaluateAll({all[task]}, rows).front();
        ASSERT_EQ(together[task].bucket_start_micros, alone.bucket_start_micros);
        ASSERT_EQ(together[task].statuses, alone.statuses);
        ASSERT_EQ(together[task].texts, alone.texts);
        for (size_t point = 0; point < alone.values.size(); ++point) {
          ASSERT_EQ(std::bit_cast<uint64_t>(together[task].values[point]),
                    std::bit_cast<uint64_t>(alone.values[point]))
              << expressions[task % expressions.size()] << " over "
              << WindowCases()[task / expressions.size()].window;
        }
      }
    }
  }
}

// NULLs elsewhere make a mask for all rows: buckets without any must not notice.
TEST(EngineMaskTest, NullsOfOtherBucketsChangeNoBit) {
  std::mt19937_64 random(3);
  // Of many magnitudes, so that the order of additions shows, and with zeroes of both signs.
  std::uniform_real_distribution<double> exponent(0, 14);
  std::vector<double> values;
  for (int i = 0; i < 600; ++i) values.push_back(-std::pow(10, exponent(random)));
  for (size_t i = 5; i < 600; i += 31) values[i] = i % 2 == 0 ? 0.0 : -0.0;
  const BucketsPtr buckets = MakeBuckets({{{0, 301}}, {{301, 600}}});
  std::vector<MetricTask> tasks;
  for (const char* text : {"stddev_samp(a)", "var_pop(a)", "sum(a)", "min(a)", "max(a)",
                           "median(a)", "stddev_samp(a * a)", "var_pop(a / 3)"}) {
    tasks.push_back(MakeTask(text, buckets));
  }
  const auto bits = [&](const ColumnBatch& rows) {
    std::vector<uint64_t> found;
    for (const MetricPoints& points : EvaluateAll(tasks, rows)) {
      found.push_back(std::bit_cast<uint64_t>(points.values.at(0)));
    }
    return found;
  };
  const ColumnBatch whole = RowsOf(values);
  ColumnBatch with_null = whole;
  with_null.columns[1].float64[450] = 0;
  with_null.columns[1].validity.SetNull(450, 600);
  EXPECT_EQ(bits(with_null), bits(whole));
}

// Each bucket shows the last six rows but one; lags see nothing before the first of them.
TEST(EngineReachTest, LagsStartAnewInEveryBucketThatSharesRows) {
  const BucketsPtr buckets =
      MakeReaching({{0, 3}, {4, 7}, {7, 10}}, {{0, 6}, {2, 8}, {4, 10}, {20, 30}});
  const auto points =
      EvaluateAll({MakeTask("sum(delta(a))", buckets), MakeTask("count(lag(a, 2))", buckets),
                   MakeTask("first(lag(a))", buckets), MakeTask("sum(lag(delta(a)))", buckets),
                   MakeTask("count(lag(a, 100))", buckets), MakeTask("count(*)", buckets)},
                  RowsOf({1, 2, 4, 8, 16, 32, 64, 128, 256, 512}));
  EXPECT_THAT(points[0].values, ElementsAre(31, 124, 496));
  EXPECT_THAT(points[1].values, ElementsAre(3, 3, 4));
  EXPECT_THAT(points[2].values, ElementsAre(1, 4, 16));
  EXPECT_THAT(points[3].values, ElementsAre(15, 60, 240));
  EXPECT_THAT(points[4].values, ElementsAre(0, 0, 0));
  EXPECT_THAT(points[5].values, ElementsAre(5, 5, 6));
}

// Many buckets of many rows are several runs, whatever the windows' lengths.
TEST(EngineReachTest, LongWindowsAreRightOverManyRuns) {
  std::vector<double> values(60'000);
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>(i % 1000);
  for (const int64_t reach : {100, 9000, 30'000}) {
    std::vector<Micros> stretches;
    for (int64_t end = 100; end <= 60'000; end += 100) stretches.emplace_back(end - reach, end);
    const BucketsPtr buckets = MakeReaching({{0, 60'000}}, stretches);
    const auto points = EvaluateAll(
        {MakeTask("sum(a + 1)", buckets), MakeTask("count(lag(a))", buckets)}, RowsOf(values));
    ASSERT_EQ(points[0].values.size(), 600u);
    double expected = 0;
    for (int64_t row = 0; row < 60'000; ++row) {
      expected += static_cast<double>(row % 1000 + 1);
      if (row >= reach) expected -= static_cast<double>((row - reach) % 1000 + 1);
      if (row % 100 != 99) continue;
      const auto bucket = static_cast<size_t>(row / 100);
      ASSERT_EQ(points[0].values[bucket], expected) << reach << " " << bucket;
      ASSERT_EQ(points[1].values[bucket], static_cast<double>(std::min(row + 1, reach) - 1));
    }
  }
}

TEST(EngineReachTest, StopsInsideLongWindowsWhenCancelled) {
  const BucketsPtr buckets = MakeReaching({{0, 1000}}, {{0, 500}, {0, 1000}});
  const auto evaluator =
      Evaluator::Create({MakeTask("sum(delta(a))", buckets)}, "ts", TestSchema());
  ASSERT_TRUE(evaluator.ok());
  CallBounds bounds;
  bounds.cancel.Cancel();
  const auto points = (*evaluator)->Evaluate(RowsOf(std::vector<double>(1000, 1)), bounds);
  EXPECT_EQ(points.status().code(), absl::StatusCode::kCancelled);
}

}  // namespace
}  // namespace metricstore::compute::vector
