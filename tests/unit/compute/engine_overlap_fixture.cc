#include "tests/unit/compute/engine_overlap_fixture.h"

#include <algorithm>
#include <bit>
#include <memory>

#include "compute_service/engine/vector/kernels/parts/time_leaves.h"

namespace metricstore::compute::vector {

using columns::ColumnBatch;

namespace {

constexpr int64_t kStep = (int64_t{1} << TimeLeaves::kLeafBits) / kTimesOfLeaf;

}  // namespace

Windows RollingWindows(int64_t end, int64_t reach, int64_t step) {
  Windows windows;
  for (int64_t open = 0; open < end; open += 300) {
    windows.slices.emplace_back(open, open + 120);
    windows.slices.emplace_back(open + 140, open + 200);
  }
  for (int64_t at = step; at <= end; at += step) windows.stretches.emplace_back(at - reach, at);
  return windows;
}

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

BucketsPtr SlidingWindows(int64_t rows) {
  std::vector<Micros> stretches;
  for (int64_t end = 100; end <= rows; end += 100) stretches.emplace_back(end - 1000, end);
  return SpreadReaching({{0, rows}}, stretches);
}

BucketsPtr Separate(const BucketsPtr& reaching) {
  return std::make_shared<const calendar::WindowBuckets>(
      calendar::WindowBuckets::From(reaching->ToBuckets()));
}

BucketsPtr Part(const BucketsPtr& all, size_t first, size_t count) {
  auto part = std::make_shared<calendar::WindowBuckets>(*all);
  part->spans.assign(
      all->spans.begin() + static_cast<ptrdiff_t>(first),
      all->spans.begin() + static_cast<ptrdiff_t>(std::min(first + count, all->spans.size())));
  return part;
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

}  // namespace metricstore::compute::vector
