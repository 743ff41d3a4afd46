#include "tests/integration/catalog/catalog_fixture.h"

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "tests/testing/matchers.h"

namespace metricstore::registry {
namespace {

constexpr char kCalendar[] = R"(
kind: calendar
name: XNYS
description: New York Stock Exchange.
time_zone: America/New_York
first_date: 2020-01-01
last_date: 2024-12-31
open_days: [mon, tue, wed, thu, fri]
sessions:
  - {name: rth, open: "09:30", close: "16:00"}
holidays:
  - {name: Christmas Day, on: {month: 12, day: 25, observed: nearest_weekday}}
)";

constexpr char kBars[] = R"(
kind: dataset
name: fact_bars
description: Minute bars.
grain: [symbol, ts]
time_column: ts
entity_column: symbol
calendar: XNYS
timeframe: 1m
columns:
  - {name: symbol, type: text}
  - {name: ts, type: timestamp}
  - {name: open, type: float64, unit: USD, rollup: first}
  - {name: close, type: float64, unit: USD, rollup: last}
  - {name: volume, type: float64, rollup: sum}
)";

constexpr char kOpening[] = R"(
name: opening
description: Price of the first trade.
type: derived
unit: USD
grain: day
table: fact_bars
window: rth
expression: first(open)
filters: [volume > 0]
)";

pg::PoolOptions Options(const std::string& conninfo) {
  pg::PoolOptions options;
  options.connection_string = conninfo;
  return options;
}

std::string_view ActionName(ImportAction action) {
  switch (action) {
    case ImportAction::kCreated:
      return "created";
    case ImportAction::kChanged:
      return "changed";
    case ImportAction::kUnchanged:
      return "unchanged";
    case ImportAction::kRestored:
      return "restored";
  }
  return "";
}

}  // namespace

DefinitionFile CalendarFile() { return {"calendars/XNYS.yaml", kCalendar}; }
DefinitionFile BarsFile() { return {"datasets/fact_bars.yaml", kBars}; }
DefinitionFile OpeningFile() { return {"metrics/price/opening.yaml", kOpening}; }
std::vector<DefinitionFile> BaseFiles() { return {CalendarFile(), BarsFile(), OpeningFile()}; }

DefinitionFile Edited(DefinitionFile file, std::string_view from, std::string_view to) {
  const size_t place = file.content.find(from);
  EXPECT_NE(place, std::string::npos) << from;
  if (place != std::string::npos) file.content.replace(place, from.size(), to);
  return file;
}

std::vector<std::string> Lines(const absl::StatusOr<ImportResult>& result) {
  if (!result.ok()) return {result.status().ToString()};
  std::vector<std::string> lines;
  for (const ImportOutcome& outcome : result->outcomes) {
    lines.push_back(absl::StrCat(outcome.kind, " ", outcome.name, " ",
                                 std::string(ActionName(outcome.action)), " ", outcome.version));
  }
  return lines;
}

CatalogTest::CatalogTest() : pool_(Options(conninfo_)) {
  const auto project = projects_.Resolve("", {});
  EXPECT_OK(project);
  project_ = project.value_or(0);
}

absl::StatusOr<ImportResult> CatalogTest::Import(const std::vector<DefinitionFile>& files,
                                                 bool validate_only) {
  return ImportWith(files, {.validate_only = validate_only});
}

absl::StatusOr<ImportResult> CatalogTest::ImportWith(const std::vector<DefinitionFile>& files,
                                                     const WriteOptions& options) {
  return importer_.Import(project_, files, options, {});
}

absl::StatusOr<ImportResult> CatalogTest::ImportTo(int32_t project,
                                                   const std::vector<DefinitionFile>& files) {
  return importer_.Import(project, files, {}, {});
}

MetricDefinition CatalogTest::Metric(const std::string& name, int version) {
  auto metric = metrics_.Get(project_, {name, version}, {});
  EXPECT_OK(metric);
  return metric.value_or(MetricDefinition());
}

absl::Status CatalogTest::Execute(const std::string& sql) {
  return pool_.Run({}, pg::TransactionMode::kReadWrite, [&](pg::Transaction& transaction) {
    return transaction.ExecuteDynamic("test", sql).status();
  });
}

std::string CatalogTest::Ask(const std::string& sql) {
  std::string answer;
  EXPECT_OK(pool_.Run(
      {}, pg::TransactionMode::kReadOnly, [&](pg::Transaction& transaction) -> absl::Status {
        ASSIGN_OR_RETURN(const pg::Result rows, transaction.ExecuteDynamic("test", sql));
        if (rows.empty()) return absl::OkStatus();
        const pg::Row row = rows.Single();
        if (!row.IsNull(0)) answer = row.Text(0);
        return absl::OkStatus();
      }));
  return answer;
}

int32_t CatalogTest::AddProject(const std::string& name) {
  EXPECT_OK(Execute(absl::StrCat("INSERT INTO projects (name) VALUES ('", name, "')")));
  const auto id = projects_.Resolve(name, {});
  EXPECT_OK(id);
  return id.value_or(0);
}

}  // namespace metricstore::registry
