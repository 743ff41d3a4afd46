// Windows that reach, where many buckets share rows: equal to each bucket summed alone, the same
// bits however the dates are cut, and each value felt only where it is shown.
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>

#include "compute_service/engine/vector/kernels/parts/time_leaves.h"
#include "gmock/gmock.h"
#include "tests/unit/compute/engine_fixture.h"

namespace metricstore::compute::vector {
namespace {

using columns::ColumnBatch;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// Sums are rounded once; the others are exact.
const std::vector<std::string>& ExactExpressions() {
  static const std::vector<std::string> expressions = {
      "count(*)",
      "count(a)",
      "min(a)",
      "max(a)",
      "min(n)",
      "max(n)",
      "first(a)",
      "last(a)",
      "first(n)",
      "last(n)",
      "sum(n)",
      "median(a)",
      "median(n)",
      "median(a) FILTER (WHERE flag)",
      "count(DISTINCT a)",
      "count(DISTINCT n)",
      "count(DISTINCT day)",
      "count(DISTINCT side)",
      "count(DISTINCT flag)",
      "max(delta(n))",
      "count(lag(a, 3))",
      "median(delta(a))",
      "sum(n + 1) - min(n) * 2",
  };
  return expressions;
}

const std::vector<std::string>& RoundedExpressions() {
  static const std::vector<std::string> expressions = {"sum(abs(a))",
                                                       "avg(abs(a) + 1)",
                                                       "sum(a * a) / count(a)",
                                                       "stddev_samp(a)",
                                                       "var_pop(a)",
                                                       "var_samp(n)",
                                                       "sum(abs(delta(a)))",
                                                       "stddev_samp(lag(a, 2))",
                                                       "stddev_pop(a) FILTER (WHERE b > 0)",
                                                       "avg(exp(b / 5))",
                                                       "var_samp(log_return(abs(a) + 1))"};
  return expressions;
}

// Tests think of times as small numbers, of which one of TimeLeaves has this many, so that
// buckets are joined from several.
constexpr int64_t kTimesOfLeaf = 128;
constexpr int64_t kStep = (int64_t{1} << TimeLeaves::kLeafBits) / kTimesOfLeaf;

ColumnBatch Spread(ColumnBatch rows) {
  for (int64_t& time : rows.columns[0].int64) time *= kStep;
  return rows;
}

BucketsPtr SpreadReaching(std::vector<Micros> slices, std::vector<Micros> stretches) {
  for (std::vector<Micros>* const ranges : {&slices, &stretches}) {
    for (auto& [start, end] : *ranges) {
      start *= kStep;
      end *= kStep;
    }
  }
  return MakeReaching(slices, stretches);
}

struct Windows {
  std::vector<Micros> slices;
  std::vector<Micros> stretches;
};

// Sessions of 200 with breaks, windows of `reach` that end inside sessions and after them.
Windows RollingWindows(int64_t end, int64_t reach, int64_t step) {
  Windows windows;
  for (int64_t open = 0; open < end; open += 300) {
    windows.slices.emplace_back(open, open + 120);
    windows.slices.emplace_back(open + 140, open + 200);
  }
  for (int64_t at = step; at <= end; at += step) windows.stretches.emplace_back(at - reach, at);
  return windows;
}

std::vector<MetricTask> TasksOf(const std::vector<std::string>& expressions,
                                const BucketsPtr& buckets,
                                const std::vector<std::string>& filters) {
  std::vector<MetricTask> tasks;
  for (const std::string& expression : expressions) {
    tasks.push_back(MakeTask(expression, buckets, filters));
  }
  return tasks;
}

// Each bucket by itself, as a window that does not reach.
BucketsPtr Separate(const BucketsPtr& reaching) {
  return std::make_shared<const calendar::WindowBuckets>(
      calendar::WindowBuckets::From(reaching->ToBuckets()));
}

// Some of the buckets, which reach as well.
BucketsPtr Part(const BucketsPtr& all, size_t first, size_t count) {
  auto part = std::make_shared<calendar::WindowBuckets>(*all);
  part->spans.assign(
      all->spans.begin() + static_cast<ptrdiff_t>(first),
      all->spans.begin() + static_cast<ptrdiff_t>(std::min(first + count, all->spans.size())));
  return part;
}

void ExpectNear(const MetricPoints& points, const MetricPoints& expected, double tolerance,
                const std::string& text) {
  ASSERT_EQ(points.bucket_start_micros, expected.bucket_start_micros) << text;
  ASSERT_EQ(points.statuses, expected.statuses) << text;
  for (size_t i = 0; i < expected.values.size(); ++i) {
    ASSERT_NEAR(points.values[i], expected.values[i], tolerance * std::fabs(expected.values[i]))
        << text << " in bucket " << i;
  }
}

void ExpectSameBits(const MetricPoints& points, const MetricPoints& expected,
                    const std::string& text) {
  ASSERT_EQ(points.bucket_start_micros, expected.bucket_start_micros) << text;
  ASSERT_EQ(points.statuses, expected.statuses) << text;
  for (size_t i = 0; i < expected.values.size(); ++i) {
    ASSERT_EQ(std::bit_cast<uint64_t>(points.values[i]),
              std::bit_cast<uint64_t>(expected.values[i]))
        << text << " in bucket " << i << ": " << points.values[i] << " and " << expected.values[i];
  }
}

class EngineOverlapTest : public ::testing::TestWithParam<int64_t> {
 protected:
  EngineOverlapTest() { RecordProperty("seed", std::to_string(seed_)); }

  const uint64_t seed_ = TestSeed();
  std::mt19937_64 random_{seed_};
};

TEST_P(EngineOverlapTest, EqualsEachBucketAlone) {
  SCOPED_TRACE("METRICSTORE_TEST_SEED=" + std::to_string(seed_));
  for (const int null_percent : {0, 10, 97}) {
    ColumnBatch rows = RandomRows(&random_, 6000, null_percent);
    const Windows windows = RollingWindows(rows.columns[0].int64.back() + 1, GetParam(), 70);
    rows = Spread(std::move(rows));
    const BucketsPtr buckets = SpreadReaching(windows.slices, windows.stretches);
    for (const auto& filters : FiltersOfManyKinds()) {
      for (const auto& [expressions, tolerance] :
           {std::pair(ExactExpressions(), 0.0), std::pair(RoundedExpressions(), 1e-15 * 4)}) {
        const auto points = EvaluateAll(TasksOf(expressions, buckets, filters), rows);
        const auto expected = EvaluateAll(TasksOf(expressions, Separate(buckets), filters), rows);
        for (size_t i = 0; i < points.size(); ++i) {
          ExpectNear(points[i], expected[i], tolerance, expressions[i]);
          if (HasFatalFailure()) return;
        }
      }
    }
  }
}

TEST_P(EngineOverlapTest, TheCutOfTheBucketsDoesNotShow) {
  SCOPED_TRACE("METRICSTORE_TEST_SEED=" + std::to_string(seed_));
  std::vector<std::string> expressions = ExactExpressions();
  for (const std::string& more : RoundedExpressions()) expressions.push_back(more);
  for (const char* more : {"sum(a)", "avg(b)", "sum(delta(a))", "stddev_pop(delta(a))"}) {
    expressions.emplace_back(more);
  }
  ColumnBatch rows = RandomRows(&random_, 4000, static_cast<int>(random_() % 3) * 20);
  // Of many magnitudes, so that the order of additions shows.
  std::uniform_real_distribution<double> exponent(0, 14);
  for (double& value : rows.columns[1].float64) value *= std::pow(10, exponent(random_));
  const Windows windows = RollingWindows(rows.columns[0].int64.back() + 1, GetParam(), 90);
  rows = Spread(std::move(rows));
  const BucketsPtr buckets = SpreadReaching(windows.slices, windows.stretches);
  const auto whole = EvaluateAll(TasksOf(expressions, buckets, {"n > -900"}), rows);
  for (const size_t cut : {1, 7}) {
    std::vector<MetricPoints> joined(expressions.size());
    for (size_t first = 0; first < buckets->spans.size(); first += cut) {
      const auto part =
          EvaluateAll(TasksOf(expressions, Part(buckets, first, cut), {"n > -900"}), rows);
      for (size_t i = 0; i < part.size(); ++i) {
        const auto append = [](const auto& from, auto* to) {
          to->insert(to->end(), from.begin(), from.end());
        };
        append(part[i].bucket_start_micros, &joined[i].bucket_start_micros);
        append(part[i].values, &joined[i].values);
        append(part[i].statuses, &joined[i].statuses);
      }
    }
    for (size_t i = 0; i < joined.size(); ++i) {
      ExpectSameBits(joined[i], whole[i], expressions[i]);
      if (HasFatalFailure()) return;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Reaches, EngineOverlapTest,
                         ::testing::Values<int64_t>(50, 300, 1000, 5000),
                         [](const auto& given) { return "of_" + std::to_string(given.param); });

// Windows of 1,000 rows that slide by 100, of rows that are spread.
BucketsPtr SlidingWindows(int64_t rows) {
  std::vector<Micros> stretches;
  for (int64_t end = 100; end <= rows; end += 100) stretches.emplace_back(end - 1000, end);
  return SpreadReaching({{0, rows}}, stretches);
}

// Whether the window that ends after `bucket` hundreds of rows shows this row.
bool Shows(size_t bucket, size_t row) {
  const size_t end = (bucket + 1) * 100;
  return row < end && row + 1000 >= end;
}

TEST(EngineOverlapValueTest, InfinityAndNaNAreFeltOnlyWhereTheyAreShown) {
  std::mt19937_64 random(5);
  std::uniform_real_distribution<double> some(-1e6, 1e6);
  std::vector<double> values(5000);
  for (double& value : values) value = some(random);
  const std::vector<std::string> expressions = {"sum(a)", "avg(a)",    "stddev_samp(a)",   "min(a)",
                                                "max(a)", "median(a)", "count(DISTINCT a)"};
  const auto tasks = TasksOf(expressions, SlidingWindows(5000), {});
  const auto clean = EvaluateAll(tasks, Spread(RowsOf(values)));
  for (const double special : {kInfinity, -kInfinity, kNaN, 1e308}) {
    std::vector<double> with = values;
    for (const size_t row : {2345, 2346}) with[row] = special;
    const auto points = EvaluateAll(tasks, Spread(RowsOf(with)));
    for (size_t bucket = 0; bucket < 50; ++bucket) {
      for (size_t i = 0; i < expressions.size(); ++i) {
        SCOPED_TRACE(expressions[i] + " in bucket " + std::to_string(bucket));
        if (!Shows(bucket, 2345)) {
          EXPECT_EQ(points[i].statuses[bucket], PointStatus::kOk);
          EXPECT_EQ(points[i].values[bucket], clean[i].values[bucket]);
        } else if (i < 3) {
          EXPECT_EQ(points[i].statuses[bucket], PointStatus::kNotFinite)
              << "twice 1e308 is infinite";
        }
      }
      if (!Shows(bucket, 2345)) continue;
      const bool is_least = special == -kInfinity;
      EXPECT_EQ(points[3].statuses[bucket], is_least ? PointStatus::kNotFinite : PointStatus::kOk);
      EXPECT_EQ(points[6].values[bucket], clean[6].values[bucket] - 1);
    }
  }
}

// A large value and its opposite in every window, apart in the tree; the small ones must remain.
TEST(EngineOverlapValueTest, NothingIsLostBetweenExtremeMagnitudes) {
  std::vector<double> values(3000, 1e-3);
  for (size_t row = 0; row < values.size(); row += 100) values[row] = row % 200 == 0 ? 1e16 : -1e16;
  const auto points =
      EvaluateAll({MakeTask("sum(a)", SlidingWindows(3000))}, Spread(RowsOf(values)));
  for (size_t bucket = 9; bucket < 30; ++bucket) {
    EXPECT_NEAR(points[0].values[bucket], 990 * 1e-3, 1e-13) << bucket;
  }
}

// What a standard deviation is in twice the precision, in two passes.
double DeviationOf(const std::vector<double>& values, size_t begin, size_t end) {
  __float128 sum = 0;
  for (size_t row = begin; row < end; ++row) sum += values[row];
  const __float128 mean = sum / static_cast<double>(end - begin);
  __float128 squares = 0;
  for (size_t row = begin; row < end; ++row) {
    squares += (values[row] - mean) * (values[row] - mean);
  }
  return std::sqrt(static_cast<double>(squares / static_cast<double>(end - begin - 1)));
}

// As hard as NIST's NumAcc4, and harder: the spread is in the last digits of the values.
TEST(EngineOverlapValueTest, DeviationsKeepThirteenDigitsOnLargeMeans) {
  for (const double mean : {1e7, 1e10, 1e13, -1e15}) {
    std::vector<double> values(8000);
    for (size_t row = 0; row < values.size(); ++row) {
      values[row] = mean + (row % 2 == 0 ? 0.1 : 0.3) + (row > 4000 ? 0.25 : 0.0);
    }
    const auto points =
        EvaluateAll({MakeTask("stddev_samp(a)", SlidingWindows(8000))}, Spread(RowsOf(values)));
    for (size_t bucket = 0; bucket < 80; ++bucket) {
      const size_t end = (bucket + 1) * 100;
      const double expected = DeviationOf(values, end < 1000 ? 0 : end - 1000, end);
      EXPECT_NEAR(points[0].values[bucket], expected, 1e-13 * expected) << mean << " " << bucket;
    }
  }
}

// The product of a sum and a count overflows, though neither sum nor mean does.
TEST(EngineOverlapValueTest, HugeEqualValuesDoNotDeviate) {
  const auto points = EvaluateAll({MakeTask("stddev_pop(a)", SlidingWindows(3000))},
                                  Spread(RowsOf(std::vector<double>(3000, 0x1p1010))));
  EXPECT_THAT(points[0].values, ElementsAreArray(std::vector<double>(30, 0.0)));
  EXPECT_THAT(points[0].statuses, ElementsAreArray(std::vector<PointStatus>(30)));
}

TEST(EngineOverlapValueTest, ManyRowsOfOneInstantAreOneStep) {
  ColumnBatch rows = RowsOf(std::vector<double>(5000, 0.1));
  for (size_t row = 0; row < 5000; ++row) {
    rows.columns[0].int64[row] = static_cast<int64_t>(row / 1000);
    rows.columns[1].float64[row] = static_cast<double>(row);
  }
  const BucketsPtr buckets = MakeReaching({{0, 10}}, {{0, 1}, {0, 2}, {1, 3}, {2, 9}});
  const auto points =
      EvaluateAll(TasksOf({"count(*)", "sum(a)", "max(a)", "median(a)"}, buckets, {}), rows);
  EXPECT_THAT(points[0].values, ElementsAre(1000, 2000, 2000, 3000));
  EXPECT_THAT(points[1].values, ElementsAre(499'500, 1'999'000, 3'999'000, 10'498'500));
  EXPECT_THAT(points[2].values, ElementsAre(999, 1999, 2999, 4999));
  EXPECT_THAT(points[3].values, ElementsAre(499.5, 999.5, 1999.5, 3499.5));
}

TEST(EngineOverlapValueTest, WindowsWithoutRowsHaveNoPointAndWithoutValuesAreNull) {
  ColumnBatch rows = RowsOf({1, 2, 3, 4, 5, 6});
  for (size_t row = 2; row < 4; ++row) {
    rows.columns[1].validity.SetNull(row, 6);
    rows.columns[1].float64[row] = 0;
  }
  const BucketsPtr buckets = MakeReaching({{0, 20}}, {{0, 2}, {2, 4}, {3, 5}, {10, 20}});
  const auto points =
      EvaluateAll(TasksOf({"count(a)", "sum(a)", "min(a)", "last(a)", "median(a)", "stddev_pop(a)"},
                          buckets, {}),
                  rows);
  EXPECT_THAT(points[0].values, ElementsAre(2, 0, 1));
  for (size_t i = 1; i < points.size(); ++i) {
    EXPECT_THAT(points[i].statuses,
                ElementsAre(PointStatus::kOk, PointStatus::kNull, PointStatus::kOk))
        << i;
  }
  EXPECT_THAT(points[1].values, ElementsAre(3, 0, 5));
}

// The ranks of columns are shared by windows that reach and by others, whose rows lie otherwise,
// but not by filters.
TEST(EngineSharedRanksTest, EveryWindowAndFilterHasItsOwnAnswers) {
  const uint64_t seed = TestSeed();
  SCOPED_TRACE("METRICSTORE_TEST_SEED=" + std::to_string(seed));
  std::mt19937_64 random(seed);
  const std::vector<std::string> expressions = {"median(a)",
                                                "median(b)",
                                                "median(n)",
                                                "quantile_cont(a, 0.3)",
                                                "quantile_cont(n, 1)",
                                                "quantile_disc(a, 0.9)",
                                                "quantile_disc(n, 0)",
                                                "count(DISTINCT a)",
                                                "count(DISTINCT n)",
                                                "count(DISTINCT side)",
                                                "count(DISTINCT flag)",
                                                "count(DISTINCT day)",
                                                "median(a + n)",
                                                "count(DISTINCT n % 7)"};
  for (const int null_percent : {0, 25}) {
    ColumnBatch rows = RandomRows(&random, 5000, null_percent);
    for (double& value : rows.columns[1].float64) value = std::round(value) / 100;
    const int64_t end = rows.columns[0].int64.back() + 1;
    std::vector<BucketsPtr> lists;
    for (const int64_t reach : {90, 700}) {
      const Windows windows = RollingWindows(end, reach, 60);
      lists.push_back(MakeReaching(windows.slices, windows.stretches));
      lists.push_back(Separate(Part(lists.back(), 3, 40)));
    }
    std::vector<MetricTask> tasks;
    for (const auto& filters : FiltersOfManyKinds()) {
      // Windows that do not reach come first and last.
      for (const size_t list : {1, 0, 2, 3}) {
        for (MetricTask& task : TasksOf(expressions, lists[list], filters)) {
          tasks.push_back(std::move(task));
        }
      }
    }
    const auto points = EvaluateAll(tasks, rows);
    for (size_t i = 0; i < tasks.size(); ++i) {
      MetricTask alone = tasks[i];
      if (alone.buckets->reaches) alone.buckets = Separate(alone.buckets);
      ExpectSameBits(points[i], EvaluateAll({alone}, rows).front(),
                     expressions[i % expressions.size()] + ", task " + std::to_string(i));
      if (HasFatalFailure()) return;
    }
  }
}

// As reals 2^53 and the integer after it are equal.
TEST(EngineSharedRanksTest, IntegersThatAreEqualAsRealsRemainDifferent) {
  constexpr int64_t kLarge = INT64_C(1) << 53;
  ColumnBatch rows = RowsOf(std::vector<double>(8, 0));
  rows.columns.push_back({.name = "n", .type = columns::ColumnType::kInt64});
  for (int64_t row = 0; row < 8; ++row) rows.columns[2].int64.push_back(kLarge + row % 4);
  const BucketsPtr buckets = MakeReaching({{0, 8}}, {{0, 4}, {0, 8}, {1, 3}});
  const auto points = EvaluateAll(TasksOf({"count(DISTINCT n)", "count(DISTINCT n::float8)",
                                           "median(n)", "quantile_disc(n, 0.5) - 9007199254740992"},
                                          buckets, {}),
                                  rows);
  EXPECT_THAT(points[0].values, ElementsAre(4, 4, 2));
  EXPECT_THAT(points[1].values, ElementsAre(3, 3, 2)) << "2^53, 2^53 + 2, 2^53 + 4";
  EXPECT_THAT(points[2].values, ElementsAre(0x1p53 + 1, 0x1p53 + 1, 0x1p53 + 1));
  EXPECT_THAT(points[3].values, ElementsAre(1, 1, 1));
}

// A window that does not reach uses ranks only if another does.
TEST(EngineSharedRanksTest, AZeroHasTheSameBitsWithRanksAndWithout) {
  const ColumnBatch rows = RowsOf({-0.0, 0.0, -0.0, -1, 1, -0.0, -0.0, -0.0});
  const BucketsPtr separate = MakeBuckets({{{0, 1}}, {{1, 5}}, {{5, 8}}});
  const BucketsPtr reaching = MakeReaching({{0, 8}}, {{0, 8}});
  for (const char* expression :
       {"median(a)", "quantile_cont(a, 0.5)", "quantile_disc(a, 0.5)", "1 / median(a)"}) {
    const auto alone = EvaluateAll({MakeTask(expression, separate)}, rows);
    const auto shared =
        EvaluateAll({MakeTask(expression, separate), MakeTask(expression, reaching)}, rows);
    ExpectSameBits(shared[0], alone[0], expression);
  }
}

TEST(EngineSharedRanksTest, TheMiddleOfTheGreatestNumbersIsNotInfinite) {
  const ColumnBatch rows = RowsOf({0x1.8p1023, 0x1p1023, 5e-324, 5e-324});
  const BucketsPtr buckets = MakeReaching({{0, 4}}, {{0, 2}, {2, 4}});
  const auto points =
      EvaluateAll(TasksOf({"median(a)", "quantile_cont(a, 0.5)"}, buckets, {}), rows);
  EXPECT_THAT(points[0].values, ElementsAre(0x1.4p1023, 5e-324));
  EXPECT_THAT(points[1].values, ElementsAre(0x1.4p1023, 5e-324));
}

TEST(EngineSharedRanksTest, RanksAreThoseOfTheRowsAtHand) {
  const auto evaluator = Evaluator::Create(
      TasksOf({"median(a)", "count(DISTINCT a)"}, SlidingWindows(300), {}), "ts", TestSchema());
  ASSERT_TRUE(evaluator.ok()) << evaluator.status();
  for (const double factor : {1.0, 0.01, -1.0 / 3}) {
    std::vector<double> values(300);
    for (size_t row = 0; row < values.size(); ++row) {
      values[row] = static_cast<double>(row / 2) * factor;
    }
    const auto points = (*evaluator)->Evaluate(Spread(RowsOf(values)), CallBounds());
    ASSERT_TRUE(points.ok()) << points.status();
    EXPECT_THAT((*points)[0].values, ElementsAre(std::midpoint(values[49], values[50]),
                                                 std::midpoint(values[99], values[100]),
                                                 std::midpoint(values[149], values[150])));
    EXPECT_THAT((*points)[1].values, ElementsAre(50, 100, 150));
  }
}

}  // namespace
}  // namespace metricstore::compute::vector
