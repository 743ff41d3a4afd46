// The rows that a window shows, counted and sampled.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/columns/column_batch.h"
#include "common/expression/expression.h"
#include "common/time/cancellation.h"
#include "common/time/iso8601.h"
#include "compute_service/planner/metric_graph.h"

namespace metricstore::compute {

// Indexes of the rows in the slices. `rows` are ordered by their time column, slices too.
std::vector<size_t> RowsWithin(const columns::ColumnBatch& rows, const std::string& time_column,
                               std::span<const TimeRange> slices);

// How many of these rows pass all filters, which are bound to `schema`. Errors as
// vector::RowEvaluator.
absl::StatusOr<int64_t> CountPassing(const columns::ColumnBatch& rows,
                                     std::span<const size_t> indexes,
                                     std::span<const BoundPtr> filters,
                                     const expression::Schema& schema, const CallBounds& bounds);

// What a sample takes at most: it is part of a reply.
inline constexpr size_t kMostSampleBytes = 1 << 20;

// The first half and the last half of `limit` of these rows; fewer where these take more than
// kMostSampleBytes.
columns::ColumnBatch Sample(const columns::ColumnBatch& rows, std::span<const size_t> indexes,
                            size_t limit);

}  // namespace metricstore::compute
