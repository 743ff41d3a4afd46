// A fresh database with a few definitions, and what reads and writes it.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/columns/column_batch.h"
#include "common/pg/pool.h"
#include "gtest/gtest.h"
#include "registry_service/backfills/backfill_planner.h"
#include "registry_service/backfills/backfill_store.h"
#include "registry_service/calendars/calendar_store.h"
#include "registry_service/catalog/store/importer.h"
#include "registry_service/catalog/store/metric_store.h"
#include "registry_service/datasets/dataset_store.h"
#include "registry_service/datasets/partitions.h"
#include "registry_service/ingest/batch_writer.h"
#include "registry_service/projects/projects.h"
#include "registry_service/query/trend_reader.h"
#include "registry_service/results/shard_committer.h"
#include "registry_service/windows/window_reader.h"
#include "tests/testing/matchers.h"
#include "tests/testing/temp_postgres.h"

namespace metricstore::registry {

// A minute bar of dataset fact_bars.
struct Bar {
  std::string symbol;
  absl::Time time;
  double close = 1;
  double volume = 100;
};

class DataTest : public ::testing::Test {
 protected:
  // Calendar 24_7; datasets fact_bars (symbol, ts; by month), fact_ticks (ts; no entity),
  // event_orders (order_id, placed_at; entity customer outside the key; no partitions),
  // metadata_symbols (no time); metrics prices/last_close (day), prices/hourly_volume (hour),
  // prices/weekly_high (week), prices/yearly_low (year), ticks/tick_count (day).
  DataTest();

  std::shared_ptr<const Dataset> DatasetOf(const std::string& name);
  absl::Status Import(const std::string& yaml);
  absl::Status ImportFiles(const std::vector<DefinitionFile>& files);
  // Calendar 24_7 gets its next version, which is closed on this date, "2024-01-30".
  absl::Status CloseOn(const std::string& date);

  // The batch of these bars; its hash is that of its id unless given.
  static IncomingBatch Bars(const std::string& batch_id, const std::vector<Bar>& bars,
                            const std::string& content = "");
  absl::StatusOr<BatchResult> Store(const IncomingBatch& batch,
                                    const std::string& dataset = "fact_bars");
  // Stores a bar a minute from `start`.
  void StoreMinutes(const std::string& symbol, absl::Time start, int count);

  absl::StatusOr<CreatedBackfill> CreateBackfill(const std::vector<std::string>& metrics,
                                                 DateRange dates,
                                                 const std::vector<std::string>& entities = {});
  // Leases all shards that wait.
  std::vector<LeasedShard> LeaseAll(const std::string& worker = "worker");

  // The rows of a query as text: columns by '|', rows by '\n'.
  std::string Select(const std::string& sql);
  int64_t Number(const std::string& sql);
  void Execute(const std::string& sql);

  const std::string conninfo_ = testing::TempPostgres::Shared().CreateDatabase();
  pg::Pool pool_;
  Projects projects_{pool_};
  DatasetStore datasets_{pool_};
  CalendarStore calendars_{pool_};
  MetricStore metrics_{pool_};
  Partitions partitions_{pool_};
  BatchWriter writer_{pool_, partitions_};
  WindowReader windows_{pool_};
  BackfillPlanner planner_{pool_, metrics_, datasets_, calendars_};
  BackfillStore backfills_{pool_, planner_};
  ShardCommitter committer_{pool_};
  TrendReader trends_{pool_};
  int32_t project_ = 0;
};

// 2024-01-02 00:00 UTC and so many minutes.
absl::Time Minute(int minutes);
absl::Time Utc(int year, int month, int day, int hour = 0, int minute = 0);
DateRange Dates(absl::CivilDay start, absl::CivilDay end);

columns::Column TextColumn(const std::string& name, const std::vector<std::string>& values);
columns::Column FloatColumn(const std::string& name, std::vector<double> values);
columns::Column TimeColumn(const std::string& name, const std::vector<absl::Time>& values);
columns::Column IntColumn(const std::string& name, std::vector<int64_t> values);
columns::ColumnBatch BatchOf(std::vector<columns::Column> columns);

}  // namespace metricstore::registry
