// Rows, buckets and tasks for the engine's tests.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "common/calendar/buckets.h"
#include "common/columns/column_batch.h"
#include "common/expression/expression.h"
#include "common/time/iso8601.h"
#include "compute_service/engine/vector/evaluator.h"
#include "gtest/gtest.h"

namespace metricstore::compute::vector {

using BucketsPtr = std::shared_ptr<const calendar::WindowBuckets>;
using Micros = std::pair<int64_t, int64_t>;  // [start, end)

inline const expression::Schema& TestSchema() {
  using columns::ColumnType;
  static const expression::Schema schema = {
      {"ts", ColumnType::kTimestamp, false}, {"a", ColumnType::kFloat64, true},
      {"b", ColumnType::kFloat64, true},     {"n", ColumnType::kInt64, true},
      {"side", ColumnType::kText, true},     {"flag", ColumnType::kBool, true},
      {"day", ColumnType::kDate, true},
  };
  return schema;
}

// A bucket that starts where its first slice does.
inline calendar::Bucket MakeBucket(const std::vector<Micros>& slices) {
  calendar::Bucket bucket{.start = FromMicros(slices.front().first), .slices = {}};
  for (const auto& [start, end] : slices) {
    bucket.slices.push_back({FromMicros(start), FromMicros(end)});
  }
  return bucket;
}

inline BucketsPtr MakeBuckets(const std::vector<std::vector<Micros>>& buckets) {
  std::vector<calendar::Bucket> made;
  for (const auto& slices : buckets) made.push_back(MakeBucket(slices));
  return std::make_shared<const calendar::WindowBuckets>(calendar::WindowBuckets::From(made));
}

// Buckets that show the same slices, each those of its own stretch of time.
inline BucketsPtr MakeReaching(const std::vector<Micros>& slices,
                               const std::vector<Micros>& stretches) {
  auto made = std::make_shared<calendar::WindowBuckets>();
  made->reaches = true;
  for (const auto& [start, end] : slices) {
    made->slices.push_back({FromMicros(start), FromMicros(end)});
  }
  for (const auto& [start, end] : stretches) {
    uint32_t first = 0;
    while (first < slices.size() && slices[first].second <= start) ++first;
    uint32_t last = first;
    while (last < slices.size() && slices[last].first < end) ++last;
    if (first == last) continue;
    const int64_t from = std::max(start, slices[first].first);
    const int64_t to = std::min(end, slices[last - 1].second);
    made->spans.push_back({FromMicros(to - 1), {FromMicros(from), FromMicros(to)}, first, last});
  }
  return made;
}

inline MetricTask MakeTask(const std::string& expression, BucketsPtr buckets,
                           const std::vector<std::string>& filters = {}) {
  MetricTask task{.expression = nullptr, .filters = {}, .buckets = std::move(buckets)};
  auto metric = expression::BoundExpression::ParseMetric(expression, TestSchema());
  EXPECT_TRUE(metric.ok()) << metric.status();
  if (metric.ok()) task.expression = *std::move(metric);
  for (const std::string& text : filters) {
    auto filter = expression::BoundExpression::ParseFilter(text, TestSchema());
    EXPECT_TRUE(filter.ok()) << filter.status();
    if (filter.ok()) task.filters.push_back(*std::move(filter));
  }
  return task;
}

// One row a microsecond, starting at 0, with these values of `a`.
inline columns::ColumnBatch RowsOf(const std::vector<double>& a) {
  columns::ColumnBatch rows{.rows = a.size(), .columns = {}};
  rows.columns.push_back({.name = "ts", .type = columns::ColumnType::kTimestamp});
  rows.columns.push_back({.name = "a", .type = columns::ColumnType::kFloat64, .float64 = a});
  for (size_t i = 0; i < a.size(); ++i) rows.columns[0].int64.push_back(static_cast<int64_t>(i));
  return rows;
}

// Expressions in which every function occurs, alone and with others.
const std::vector<std::string>& ExpressionsOfEveryFunction();
// Lists of filters, of all and of few and of no rows.
const std::vector<std::vector<std::string>>& FiltersOfManyKinds();

// METRICSTORE_TEST_SEED, or a random one.
uint64_t TestSeed();

// Rows of all columns of the schema, ordered by time with ties; about `null_percent` of each NULL.
columns::ColumnBatch RandomRows(std::mt19937_64* random, size_t rows, int null_percent);

// Evaluates one expression over `rows` in one bucket of all rows.
inline MetricPoints EvaluateOne(const std::string& expression, const columns::ColumnBatch& rows,
                                const std::vector<std::string>& filters = {}) {
  std::vector<MetricTask> tasks = {
      MakeTask(expression, MakeBuckets({{{0, INT64_C(1) << 50}}}), filters)};
  auto evaluator = Evaluator::Create(std::move(tasks), "ts", TestSchema());
  EXPECT_TRUE(evaluator.ok()) << evaluator.status();
  auto points = (*evaluator)->Evaluate(rows, CallBounds());
  EXPECT_TRUE(points.ok()) << points.status();
  return points.ok() ? points->front() : MetricPoints();
}

// Evaluates all tasks over `rows` at once.
inline std::vector<MetricPoints> EvaluateAll(const std::vector<MetricTask>& tasks,
                                             const columns::ColumnBatch& rows) {
  const auto evaluator = Evaluator::Create(tasks, "ts", TestSchema());
  EXPECT_TRUE(evaluator.ok()) << evaluator.status();
  auto points = (*evaluator)->Evaluate(rows, CallBounds());
  EXPECT_TRUE(points.ok()) << points.status();
  return points.ok() ? *std::move(points) : std::vector<MetricPoints>(tasks.size());
}

}  // namespace metricstore::compute::vector
