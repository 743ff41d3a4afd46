#include "tests/unit/compute/shard_fixture.h"

#include <gtest/gtest.h>

namespace metricstore::compute {
namespace {

std::shared_ptr<const calendar::Calendar> MakeCalendar(calendar::CalendarSpec spec) {
  spec.description = "For tests.";
  spec.first_date = absl::CivilDay(2020, 1, 1);
  spec.last_date = absl::CivilDay(2030, 12, 31);
  auto calendar = calendar::Calendar::Create(std::move(spec), 1);
  EXPECT_TRUE(calendar.ok()) << calendar.status();
  return *calendar;
}

}  // namespace

std::shared_ptr<const calendar::Calendar> AlwaysOpen() {
  return MakeCalendar(
      {.name = "24_7",
       .time_zone = "UTC",
       .open_days = {absl::Weekday::monday, absl::Weekday::tuesday, absl::Weekday::wednesday,
                     absl::Weekday::thursday, absl::Weekday::friday, absl::Weekday::saturday,
                     absl::Weekday::sunday},
       .sessions = {{"all", {0, 0}, {86400, 0}}}});
}

std::shared_ptr<const calendar::Calendar> NewYork() {
  return MakeCalendar(
      {.name = "XNYS",
       .time_zone = "America/New_York",
       .open_days = {absl::Weekday::monday, absl::Weekday::tuesday, absl::Weekday::wednesday,
                     absl::Weekday::thursday, absl::Weekday::friday},
       .sessions = {{"rth", {9 * 3600 + 1800, 0}, {16 * 3600, 0}}}});
}

Dataset Bars() {
  return {.name = "fact_bars",
          .schema = {{"symbol", columns::ColumnType::kText, false},
                     {"ts", columns::ColumnType::kTimestamp, false},
                     {"close", columns::ColumnType::kFloat64, false},
                     {"volume", columns::ColumnType::kFloat64, true},
                     {"venue", columns::ColumnType::kText, true}},
          .time_column = "ts",
          .entity_column = "symbol",
          .rollups = {{"close", "last"}, {"volume", "sum"}}};
}

MetricDefinition BarsMetric(std::string id, std::string expression,
                            std::vector<std::string> filters, calendar::Window window) {
  return {.ref = {std::move(id), 1},
          .dataset = "fact_bars",
          .grain = Grain::kDay,
          .expression = std::move(expression),
          .filters = std::move(filters),
          .window = std::move(window)};
}

LeasedShard ShardOf(std::initializer_list<MetricDefinition> metrics,
                    std::vector<std::string> entities, absl::CivilDay start, absl::CivilDay end) {
  LeasedShard shard{.lease = {.shard_id = 7, .fence = 3},
                    .backfill_id = 1,
                    .project = "default",
                    .dataset = "fact_bars",
                    .entities = std::move(entities),
                    .dates = {start, end},
                    .calendar = "24_7",
                    .calendar_version = 1};
  for (const MetricDefinition& metric : metrics) {
    shard.metrics.push_back({metric.ref, metric.grain});
  }
  return shard;
}

columns::ColumnBatch BarsBatch(const std::vector<Bar>& bars) {
  columns::DictionaryBuilder symbols;
  columns::Column symbol{.name = "symbol", .type = columns::ColumnType::kText};
  columns::Column ts{.name = "ts", .type = columns::ColumnType::kTimestamp};
  columns::Column close{.name = "close", .type = columns::ColumnType::kFloat64};
  columns::Column volume{.name = "volume", .type = columns::ColumnType::kFloat64};
  for (const Bar& bar : bars) {
    symbol.codes.push_back(symbols.CodeOf(bar.symbol));
    ts.int64.push_back(ToMicros(bar.ts));
    close.float64.push_back(bar.close);
    volume.float64.push_back(bar.volume);
  }
  symbol.dictionary = symbols.Take();
  return {.rows = bars.size(),
          .columns = {std::move(symbol), std::move(ts), std::move(close), std::move(volume)}};
}

absl::Time Utc(int year, int month, int day, int hour, int minute) {
  return absl::FromCivil(absl::CivilMinute(year, month, day, hour, minute), absl::UTCTimeZone());
}

}  // namespace metricstore::compute
