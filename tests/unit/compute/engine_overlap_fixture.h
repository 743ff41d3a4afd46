// Windows that reach, where many buckets share rows, and what their points are compared with.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "common/columns/column_batch.h"
#include "tests/unit/compute/engine_fixture.h"

namespace metricstore::compute::vector {

struct Windows {
  std::vector<Micros> slices;
  std::vector<Micros> stretches;
};

// Sessions of 200 with breaks, windows of `reach` that end inside sessions and after them.
Windows RollingWindows(int64_t end, int64_t reach, int64_t step);

// Tests think of times as small numbers. These pull them apart until one of TimeLeaves holds this
// many of them, so that buckets are joined from several.
inline constexpr int64_t kTimesOfLeaf = 128;
columns::ColumnBatch Spread(columns::ColumnBatch rows);
BucketsPtr SpreadReaching(std::vector<Micros> slices, std::vector<Micros> stretches);

// Windows of 1,000 rows that slide by 100, of rows that are spread.
BucketsPtr SlidingWindows(int64_t rows);

// Each bucket by itself, as a window that does not reach.
BucketsPtr Separate(const BucketsPtr& reaching);
// Some of the buckets, which reach as well.
BucketsPtr Part(const BucketsPtr& all, size_t first, size_t count);

std::vector<MetricTask> TasksOf(const std::vector<std::string>& expressions,
                                const BucketsPtr& buckets, const std::vector<std::string>& filters);

// Fails the test at the first difference; `text` is what the points are of.
void ExpectSameBits(const MetricPoints& points, const MetricPoints& expected,
                    const std::string& text);

}  // namespace metricstore::compute::vector
