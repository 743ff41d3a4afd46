#include "tests/integration/data/data_fixture.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace metricstore::registry {
namespace {

constexpr char kCalendars[] = R"yaml(
kind: calendar
name: 24_7
description: Every day, in UTC.
time_zone: UTC
first_date: 2000-01-01
last_date: 2030-12-31
open_days: [mon, tue, wed, thu, fri, sat, sun]
sessions:
  - {name: all, open: "00:00", close: "24:00"}
)yaml";

constexpr char kDatasets[] = R"yaml(
- kind: dataset
  name: fact_bars
  description: Minute bars.
  grain: [symbol, ts]
  time_column: ts
  entity_column: symbol
  calendar: 24_7
  timeframe: 1m
  columns:
    - {name: symbol, type: text, description: Symbol.}
    - {name: ts, type: timestamp, description: Start of the bar.}
    - {name: close, type: float64, description: Last price.}
    - {name: volume, type: float64, description: Shares traded.}
    - {name: note, type: text, nullable: true, description: Anything.}
- kind: dataset
  name: fact_ticks
  description: Ticks of nobody.
  grain: [ts, seq]
  time_column: ts
  calendar: 24_7
  columns:
    - {name: ts, type: timestamp, description: When.}
    - {name: seq, type: int64, description: Order within an instant.}
    - {name: price, type: float64, description: Price.}
- kind: dataset
  name: event_orders
  description: Orders, known by their id and time.
  grain: [order_id, placed_at]
  time_column: placed_at
  entity_column: customer
  calendar: 24_7
  partitioning: none
  columns:
    - {name: order_id, type: int64, description: Id.}
    - {name: placed_at, type: timestamp, description: When.}
    - {name: customer, type: text, description: Whose.}
    - {name: amount, type: float64, description: How much.}
- kind: dataset
  name: metadata_symbols
  description: What symbols are.
  grain: [symbol]
  entity_column: symbol
  columns:
    - {name: symbol, type: text, description: Symbol.}
    - {name: title, type: text, nullable: true, description: Name.}
)yaml";

constexpr char kMetrics[] = R"yaml(
- {name: last_close, category: prices, description: Last price., type: derived, unit: USD,
   grain: day, table: fact_bars, expression: last(close)}
- {name: hourly_volume, category: prices, description: Shares an hour., type: sum, grain: hour,
   table: fact_bars, expression: sum(volume)}
- {name: weekly_high, category: prices, description: High of the week., type: max, grain: week,
   table: fact_bars, expression: max(close)}
- {name: yearly_low, category: prices, description: Low of the year., type: min, grain: year,
   table: fact_bars, expression: min(close)}
- {name: tick_count, category: ticks, description: Ticks a day., type: count, grain: day,
   table: fact_ticks, expression: count(price)}
)yaml";

// Definitions of these tests have no tests of their own.
class NoEvaluator final : public RowEvaluator {
 public:
  absl::StatusOr<std::vector<EvaluatedRows>> Evaluate(const std::vector<RowEvaluation>&,
                                                      const CallBounds&) override {
    return absl::UnimplementedError("nothing is to be evaluated");
  }
};

pg::PoolOptions Options(const std::string& conninfo) {
  pg::PoolOptions options;
  options.connection_string = conninfo;
  options.max_connections = 24;
  return options;
}

}  // namespace

DataTest::DataTest() : pool_(Options(conninfo_)) {
  const auto project = projects_.Resolve("", {});
  EXPECT_OK(project);
  project_ = project.value_or(0);
  EXPECT_OK(ImportFiles(
      {{"calendars.yaml", kCalendars}, {"datasets.yaml", kDatasets}, {"metrics.yaml", kMetrics}}));
}

absl::Status DataTest::ImportFiles(const std::vector<DefinitionFile>& files) {
  NoEvaluator evaluator;
  MetricTestRunner tests(evaluator);
  Importer importer(pool_, datasets_, tests);
  return importer.Import(project_, files, {}, {}).status();
}

absl::Status DataTest::Import(const std::string& yaml) {
  return ImportFiles({{"more.yaml", yaml}});
}

absl::Status DataTest::CloseOn(const std::string& date) {
  return Import(
      absl::StrCat(kCalendars, "holidays:\n  - {name: Closed, on: {date: ", date, "}}\n"));
}

std::shared_ptr<const Dataset> DataTest::DatasetOf(const std::string& name) {
  auto dataset = datasets_.Get(project_, name, {});
  EXPECT_OK(dataset);
  return dataset.ok() ? *std::move(dataset) : nullptr;
}

IncomingBatch DataTest::Bars(const std::string& batch_id, const std::vector<Bar>& bars,
                             const std::string& content) {
  std::vector<std::string> symbols;
  std::vector<absl::Time> times;
  std::vector<double> closes;
  std::vector<double> volumes;
  for (const Bar& bar : bars) {
    symbols.push_back(bar.symbol);
    times.push_back(bar.time);
    closes.push_back(bar.close);
    volumes.push_back(bar.volume);
  }
  return {.batch_id = batch_id,
          .content_sha256 = content.empty() ? batch_id : content,
          .rows = BatchOf({TextColumn("symbol", symbols), TimeColumn("ts", times),
                           FloatColumn("close", closes), FloatColumn("volume", volumes)})};
}

absl::StatusOr<BatchResult> DataTest::Store(const IncomingBatch& batch,
                                            const std::string& dataset) {
  return writer_.Store(project_, *DatasetOf(dataset), batch, {});
}

void DataTest::StoreMinutes(const std::string& symbol, absl::Time start, int count) {
  std::vector<Bar> bars;
  for (int i = 0; i < count; ++i) {
    bars.push_back({symbol, start + absl::Minutes(i), 1.0 + i, 100.0});
  }
  ASSERT_OK(Store(Bars(absl::StrCat(symbol, "@", absl::ToUnixSeconds(start)), bars)));
}

absl::StatusOr<CreatedBackfill> DataTest::CreateBackfill(const std::vector<std::string>& metrics,
                                                         DateRange dates,
                                                         const std::vector<std::string>& entities) {
  return backfills_.Create(project_, {.metrics = metrics, .entities = entities, .dates = dates},
                           {});
}

std::vector<LeasedShard> DataTest::LeaseAll(const std::string& worker) {
  auto shards = backfills_.LeaseShards(worker, 100, absl::Seconds(30), {});
  EXPECT_OK(shards);
  return shards.ok() ? *std::move(shards) : std::vector<LeasedShard>{};
}

std::string DataTest::Select(const std::string& sql) {
  std::string text;
  const auto body = [&](pg::Transaction& transaction) -> absl::Status {
    auto rows = transaction.ExecuteDynamic(
        "test", absl::StrCat("SELECT concat_ws('|', VARIADIC ARRAY(SELECT coalesce(v.value, '-') "
                             "FROM json_each_text(row_to_json(q)) v)) FROM (",
                             sql, ") q"));
    if (!rows.ok()) return rows.status();
    text.clear();
    for (const pg::Row row : *rows) absl::StrAppend(&text, std::string(row.Text(0)), "\n");
    return absl::OkStatus();
  };
  EXPECT_OK(pool_.Run({}, pg::TransactionMode::kReadOnly, body));
  return text;
}

int64_t DataTest::Number(const std::string& sql) {
  int64_t number = -1;
  const auto body = [&](pg::Transaction& transaction) -> absl::Status {
    auto rows = transaction.ExecuteDynamic("test", sql);
    if (!rows.ok()) return rows.status();
    number = rows->Single().Int64(0);
    return absl::OkStatus();
  };
  EXPECT_OK(pool_.Run({}, pg::TransactionMode::kReadOnly, body));
  return number;
}

void DataTest::Execute(const std::string& sql) {
  EXPECT_OK(pool_.Run({}, pg::TransactionMode::kReadWrite, [&](pg::Transaction& transaction) {
    return transaction.ExecuteDynamic("test", sql).status();
  }));
}

absl::Time Minute(int minutes) { return Utc(2024, 1, 2) + absl::Minutes(minutes); }

absl::Time Utc(int year, int month, int day, int hour, int minute) {
  return absl::FromCivil(absl::CivilMinute(year, month, day, hour, minute), absl::UTCTimeZone());
}

DateRange Dates(absl::CivilDay start, absl::CivilDay end) { return {start, end}; }

columns::Column TextColumn(const std::string& name, const std::vector<std::string>& values) {
  columns::Column column{.name = name, .type = columns::ColumnType::kText};
  columns::DictionaryBuilder dictionary;
  for (const std::string& value : values) column.codes.push_back(dictionary.CodeOf(value));
  column.dictionary = dictionary.Take();
  return column;
}

columns::Column FloatColumn(const std::string& name, std::vector<double> values) {
  return {.name = name, .type = columns::ColumnType::kFloat64, .float64 = std::move(values)};
}

columns::Column TimeColumn(const std::string& name, const std::vector<absl::Time>& values) {
  columns::Column column{.name = name, .type = columns::ColumnType::kTimestamp};
  for (const absl::Time value : values) column.int64.push_back(ToMicros(value));
  return column;
}

columns::Column IntColumn(const std::string& name, std::vector<int64_t> values) {
  return {.name = name, .type = columns::ColumnType::kInt64, .int64 = std::move(values)};
}

columns::ColumnBatch BatchOf(std::vector<columns::Column> columns) {
  const size_t rows = columns.empty() ? 0 : columns[0].size();
  return {.rows = rows, .columns = std::move(columns)};
}

}  // namespace metricstore::registry
