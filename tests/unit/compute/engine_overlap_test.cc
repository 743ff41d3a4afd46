// Windows that reach, where many buckets share rows, at random: equal to each bucket summed alone,
// and the same bits however the dates are cut.

#include <cmath>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tests/unit/compute/engine_overlap_fixture.h"

namespace metricstore::compute::vector {
namespace {

using columns::ColumnBatch;

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

void ExpectNear(const MetricPoints& points, const MetricPoints& expected, double tolerance,
                const std::string& text) {
  ASSERT_EQ(points.bucket_start_micros, expected.bucket_start_micros) << text;
  ASSERT_EQ(points.statuses, expected.statuses) << text;
  for (size_t i = 0; i < expected.values.size(); ++i) {
    ASSERT_NEAR(points.values[i], expected.values[i], tolerance * std::fabs(expected.values[i]))
        << text << " in bucket " << i;
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

}  // namespace
}  // namespace metricstore::compute::vector
