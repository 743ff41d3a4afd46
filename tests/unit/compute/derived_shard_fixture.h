// Shards of metrics that read others, computed over rows in memory.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "compute_service/runner/shard_runner.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/matchers.h"
#include "tests/unit/compute/derived_fixture.h"
#include "tests/unit/compute/fake_pacer.h"

namespace metricstore::compute {

class DerivedShardTest : public ::testing::Test, protected DerivedFixture {
 protected:
  absl::StatusOr<ShardResults> Results(const std::vector<MetricDefinition>& metrics,
                                       absl::CivilDay start, absl::CivilDay end,
                                       std::vector<std::string> entities = {"A"},
                                       std::optional<Grain> grain = std::nullopt) {
    LeasedShard shard = ShardOf({}, std::move(entities), start, end);
    for (const MetricDefinition& metric : metrics) {
      shard.metrics.push_back({Add(metric).ref, grain.value_or(metric.grain)});
    }
    return Run(shard);
  }
  absl::StatusOr<ShardResults> Run(const LeasedShard& shard) {
    return ShardRunner(registry_, compute_instruments_, pacer_, RetryPolicy()).Compute(shard, {});
  }
  // Of its first series.
  std::vector<double> ValuesOf(const LeasedShard& shard) {
    const auto results = Run(shard);
    EXPECT_THAT(results, testing::IsOk());
    if (!results.ok() || results->series.empty()) return {};
    return results->series.front().points.values;
  }

  // The series of A, one for each metric.
  std::vector<vector::MetricPoints> Compute(const std::vector<MetricDefinition>& metrics,
                                            absl::CivilDay start, absl::CivilDay end,
                                            std::optional<Grain> grain = std::nullopt) {
    const auto results = Results(metrics, start, end, {"A"}, grain);
    EXPECT_THAT(results, testing::IsOk());
    std::vector<vector::MetricPoints> points;
    if (!results.ok()) return points;
    for (const SeriesPoints& series : results->series) points.push_back(series.points);
    return points;
  }

  absl::Status Refusal(const MetricDefinition& metric) {
    return Results({metric}, absl::CivilDay(2024, 3, 1), absl::CivilDay(2024, 4, 1)).status();
  }

 private:
  telemetry::Instruments instruments_;
  ComputeInstruments compute_instruments_{instruments_};
  SkippingPacer pacer_;
};

// The dates on which the buckets of the points begin.
inline std::vector<std::string> DaysOf(const vector::MetricPoints& points) {
  std::vector<std::string> days;
  for (const int64_t start : points.bucket_start_micros) {
    days.push_back(FormatInstant(FromMicros(start)).substr(0, 10));
  }
  return days;
}

}  // namespace metricstore::compute
