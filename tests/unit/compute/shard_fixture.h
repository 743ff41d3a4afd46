// Definitions, calendars, rows and shards that the tests of compute share.
#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/civil_time.h"
#include "common/calendar/calendar.h"
#include "common/columns/column_batch.h"
#include "compute_service/registry_client/registry_client.h"

namespace metricstore::compute {

// UTC, open every day from midnight to midnight, 2020 to 2030.
std::shared_ptr<const calendar::Calendar> AlwaysOpen();
// New York, Monday to Friday, session rth 09:30 to 16:00, 2020 to 2030.
std::shared_ptr<const calendar::Calendar> NewYork();

// fact_bars: symbol, ts, close (rolled up by last), volume (nullable, by sum), venue (nullable
// text).
Dataset Bars();

// A version 1 metric of fact_bars at grain day.
MetricDefinition BarsMetric(std::string id, std::string expression,
                            std::vector<std::string> filters = {}, calendar::Window window = {});

// A shard of fact_bars over [start, end) with these metrics at their own grain.
LeasedShard ShardOf(std::initializer_list<MetricDefinition> metrics,
                    std::vector<std::string> entities, absl::CivilDay start, absl::CivilDay end);

// One row of fact_bars.
struct Bar {
  std::string symbol;
  absl::Time ts;
  double close = 0;
  double volume = 0;
};

// The rows as the registry sends them for the columns close and volume.
columns::ColumnBatch BarsBatch(const std::vector<Bar>& bars);

absl::Time Utc(int year, int month, int day, int hour = 0, int minute = 0);

}  // namespace metricstore::compute
