// Rows, buckets and tasks for the engine's tests.
#pragma once

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "common/columns/column_batch.h"
#include "common/expression/expression.h"
#include "common/time/iso8601.h"
#include "compute_service/engine/vector/evaluator.h"
#include "gtest/gtest.h"

namespace metricstore::compute::vector {

using BucketsPtr = std::shared_ptr<const std::vector<calendar::Bucket>>;
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
  auto made = std::make_shared<std::vector<calendar::Bucket>>();
  for (const auto& slices : buckets) made->push_back(MakeBucket(slices));
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

}  // namespace metricstore::compute::vector
