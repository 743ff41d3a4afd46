// Calls of Evaluate over a few rows in memory.
#pragma once

#include <string>
#include <vector>

#include "compute_service/api/evaluate_call.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/matchers.h"
#include "tests/unit/compute/collecting_writer.h"
#include "tests/unit/compute/derived_fixture.h"

namespace metricstore::compute {

// Two days of symbol A and one of symbol B in fact_bars, and a request for both days.
class EvaluateTest : public ::testing::Test, protected DerivedFixture {
 protected:
  EvaluateTest() {
    request_.mutable_dates()->set_start_date("2024-03-04");
    request_.mutable_dates()->set_end_date("2024-03-06");
    AddRow("fact_bars", "A", Utc(2024, 3, 4, 10), 1, 10);
    AddRow("fact_bars", "A", Utc(2024, 3, 5, 10), 3, 20);
    AddRow("fact_bars", "B", Utc(2024, 3, 5, 11), 5, 30);
  }

  v1::EvaluatedMetric* Name(const std::string& name) {
    v1::EvaluatedMetric* const metric = request_.add_metrics();
    metric->set_name(name);
    return metric;
  }

  registry::v1::Metric* Define(const std::string& name, const std::string& expression) {
    registry::v1::Metric* const metric = request_.add_metrics()->mutable_definition();
    metric->set_category("a");
    metric->set_name(name);
    metric->set_type(registry::v1::METRIC_TYPE_DERIVED);
    metric->set_dataset("fact_bars");
    metric->set_grain(registry::v1::GRAIN_DAY);
    metric->set_expression(expression);
    return metric;
  }

  absl::Status Run(const CallBounds& bounds = {}) {
    writer_.messages.clear();
    return Evaluate(registry_, request_, bounds, writer_);
  }

  // All series, however they were cut into messages.
  std::vector<v1::EvaluatedSeries> Series() {
    EXPECT_THAT(Run(), testing::IsOk());
    std::vector<v1::EvaluatedSeries> series;
    for (const v1::EvaluateResponse& message : writer_.messages) {
      series.insert(series.end(), message.series().begin(), message.series().end());
    }
    return series;
  }

  v1::EvaluateRequest request_;
  CollectingWriter<v1::EvaluateResponse> writer_;
};

}  // namespace metricstore::compute
