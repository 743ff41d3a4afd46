// A dataset, a calendar, a metric and rows for the tests of the client of compute_service.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/calendar/calendar.h"
#include "registry_service/catalog/store/metric_test_runner.h"

namespace metricstore::registry {

// event_payments: user_id, ts, amount (nullable); calendar 24_7.
Dataset Payments();

// UTC, open every day, 2020 to 2030, with a holiday and special hours.
std::shared_ptr<const calendar::Calendar> AlwaysOpen();

// A daily metric of event_payments.
MetricDefinition PaymentsMetric(std::string expression);

struct Payment {
  std::string user;
  absl::Time time;
  double amount = 0;
};
columns::ColumnBatch PaymentRows(const std::vector<Payment>& payments);

absl::Time Utc(int year, int month, int day, int hour = 0);

}  // namespace metricstore::registry
