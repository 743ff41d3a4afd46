// Many buckets at once, apart and overlapping, empty ones among them: each is what DuckDB says of
// its rows alone.

#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/differential/comparison.h"
#include "tests/differential/random_expressions.h"
#include "tests/differential/rounds.h"
#include "tests/differential/samples.h"

namespace metricstore::differential {
namespace {

using columns::ColumnBatch;

// Slices of random lengths with gaps between some, over the rows and a little beyond.
Windows RandomWindows(const ColumnBatch& rows, size_t reach, std::mt19937_64* random) {
  const std::vector<int64_t>& times = rows.columns.front().int64;
  const auto below = [random](int64_t limit) {
    return static_cast<int64_t>((*random)() % static_cast<uint64_t>(limit));
  };
  const int64_t step = (times.back() - times.front()) / 40 + 2;
  Windows windows{.slices = {}, .reach = reach};
  int64_t at = times.front() - 2 * step;
  while (at < times.back() + 2 * step) {
    const int64_t end = at + 1 + below(2 * step);
    windows.slices.emplace_back(at, end);
    at = end + (below(3) == 0 ? below(step) : 0);
  }
  return windows;
}

class DifferentialWindowsTest : public ::testing::TestWithParam<size_t> {};

TEST_P(DifferentialWindowsTest, EveryBucketIsThatOfItsRowsAlone) {
  const size_t reach = GetParam();
  std::mt19937_64 random(Seed() + reach);
  RandomExpressions expressions(Seed() + reach);
  Comparison comparison;
  const RowTraits traits[] = {{.rows = 400, .null_share = 0.1},
                              {.rows = 300, .null_share = 0.3, .whole_numbers = true},
                              {.rows = 200, .null_share = 0, .equal_times = true}};
  for (const RowTraits& of : traits) {
    const ColumnBatch rows = RandomRows(of, random);
    std::vector<std::string> metrics;
    for (const Sample& sample : Samples()) {
      if (sample.level == Level::kAggregate) metrics.push_back(expressions.MetricWith(sample, 1));
      if (sample.level == Level::kOrdered) metrics.push_back(expressions.MetricWith(sample, 1));
    }
    comparison.RunWindows(
        absl::StrCat("seed ", Seed(), ", windows of ", reach, " slices over ", of.rows, " rows"),
        rows, RandomWindows(rows, reach, &random), metrics);
  }
  ExpectMostlyEqual(comparison);
}

INSTANTIATE_TEST_SUITE_P(Reaches, DifferentialWindowsTest, ::testing::Values(1, 3, 20));

}  // namespace
}  // namespace metricstore::differential
