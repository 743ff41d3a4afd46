#include "tests/unit/registry_compute_client/row_evaluation_fixture.h"

#include <gtest/gtest.h>

#include <utility>

#include "common/time/iso8601.h"

namespace metricstore::registry {

using columns::Column;
using columns::ColumnType;

Dataset Payments() {
  return {.name = "event_payments",
          .description = "Payments of users.",
          .layer = DatasetLayer::kEvent,
          .columns = {{.name = "user_id", .type = ColumnType::kText},
                      {.name = "ts", .type = ColumnType::kTimestamp},
                      {.name = "amount", .type = ColumnType::kFloat64, .nullable = true}},
          .grain = {"user_id", "ts"},
          .time_column = "ts",
          .entity_column = "user_id",
          .calendar = "24_7"};
}

std::shared_ptr<const calendar::Calendar> AlwaysOpen() {
  using calendar::DateRule;
  auto calendar = calendar::Calendar::Create(
      {.name = "24_7",
       .description = "Always open.",
       .time_zone = "UTC",
       .open_days = {absl::Weekday::monday, absl::Weekday::tuesday, absl::Weekday::wednesday,
                     absl::Weekday::thursday, absl::Weekday::friday, absl::Weekday::saturday,
                     absl::Weekday::sunday},
       .sessions = {{"office", {9 * 3600, 0}, {17 * 3600, 0}}},
       .holidays = {{"new_year", {.rule = DateRule::MonthDay{1, 1}}}},
       .special_hours = {{.name = "short_friday",
                          .on = {.rule = DateRule::Dates{{absl::CivilDay(2024, 3, 8)}}},
                          .early_close = calendar::LocalTime{12 * 3600, 0}}},
       .first_date = absl::CivilDay(2020, 1, 1),
       .last_date = absl::CivilDay(2030, 12, 31)},
      4);
  EXPECT_TRUE(calendar.ok()) << calendar.status();
  return *calendar;
}

MetricDefinition PaymentsMetric(std::string expression) {
  MetricDefinition metric;
  metric.name = "payments";
  metric.category = "revenue";
  metric.description = "For tests.";
  metric.dataset = "event_payments";
  metric.expression = std::move(expression);
  return metric;
}

columns::ColumnBatch PaymentRows(const std::vector<Payment>& payments) {
  columns::DictionaryBuilder users;
  Column user{.name = "user_id", .type = ColumnType::kText};
  Column ts{.name = "ts", .type = ColumnType::kTimestamp};
  Column amount{.name = "amount", .type = ColumnType::kFloat64};
  for (const Payment& payment : payments) {
    user.codes.push_back(users.CodeOf(payment.user));
    ts.int64.push_back(ToMicros(payment.time));
    amount.float64.push_back(payment.amount);
  }
  user.dictionary = users.Take();
  return {.rows = payments.size(), .columns = {std::move(user), std::move(ts), std::move(amount)}};
}

absl::Time Utc(int year, int month, int day, int hour) {
  return absl::FromCivil(absl::CivilHour(year, month, day, hour), absl::UTCTimeZone());
}

}  // namespace metricstore::registry
