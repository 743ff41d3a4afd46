#include "registry_service/datasets/raw_table.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/pg/statement.h"

namespace metricstore::registry {
namespace {

using columns::ColumnType;
using pg::QuoteIdentifier;

std::string QuotedList(const std::vector<std::string>& names) {
  return absl::StrJoin(names, ", ", [](std::string* out, const std::string& name) {
    absl::StrAppend(out, QuoteIdentifier(name));
  });
}

std::string ColumnSql(const DatasetColumn& column) {
  return absl::StrCat(QuoteIdentifier(column.name), " ", std::string(SqlType(column.type)),
                      column.type == ColumnType::kText ? " COLLATE \"C\"" : "",
                      column.nullable ? "" : " NOT NULL");
}

bool InGrain(const Dataset& dataset, const std::string& column) {
  return std::find(dataset.grain.begin(), dataset.grain.end(), column) != dataset.grain.end();
}

}  // namespace

std::string QuotedTable(std::string_view dataset) {
  return absl::StrCat("\"public\".", QuoteIdentifier(dataset));
}

std::string_view SqlType(ColumnType type) {
  switch (type) {
    case ColumnType::kFloat64:
      return "double precision";
    case ColumnType::kInt64:
      return "bigint";
    case ColumnType::kBool:
      return "boolean";
    case ColumnType::kText:
      return "text";
    case ColumnType::kTimestamp:
      return "timestamp with time zone";
    case ColumnType::kDate:
      return "date";
  }
  return "";
}

std::vector<std::string> KeyColumns(const Dataset& dataset) {
  std::vector<std::string> key;
  for (const std::string& leading : {dataset.entity_column, dataset.time_column}) {
    if (!leading.empty() && InGrain(dataset, leading)) key.push_back(leading);
  }
  for (const std::string& column : dataset.grain) {
    if (column != dataset.entity_column && column != dataset.time_column) key.push_back(column);
  }
  return key;
}

std::vector<std::string> CreateTableSql(const Dataset& dataset) {
  const std::string table = QuotedTable(dataset.name);
  std::string create =
      absl::StrCat("CREATE TABLE ", table, " (", std::string(kProjectColumn), " integer NOT NULL");
  for (const DatasetColumn& column : dataset.columns) {
    absl::StrAppend(&create, ", ", ColumnSql(column));
  }
  absl::StrAppend(&create, ", PRIMARY KEY (", std::string(kProjectColumn), ", ",
                  QuotedList(KeyColumns(dataset)), "))");
  if (dataset.partitioning != Partitioning::kNone) {
    absl::StrAppend(&create, " PARTITION BY RANGE (", QuoteIdentifier(dataset.time_column), ")");
  }
  std::vector<std::string> statements = {std::move(create)};
  if (!dataset.entity_column.empty() && !InGrain(dataset, dataset.entity_column)) {
    std::vector<std::string> indexed = {dataset.entity_column};
    if (!dataset.time_column.empty()) indexed.push_back(dataset.time_column);
    statements.push_back(absl::StrCat("CREATE INDEX ON ", table, " (", std::string(kProjectColumn),
                                      ", ", QuotedList(indexed), ")"));
  }
  return statements;
}

std::string AddColumnsSql(const Dataset& dataset, const std::vector<DatasetColumn>& added) {
  return absl::StrCat("ALTER TABLE ", QuotedTable(dataset.name), " ",
                      absl::StrJoin(added, ", ", [](std::string* out, const DatasetColumn& column) {
                        absl::StrAppend(out, "ADD COLUMN ", ColumnSql(column));
                      }));
}

}  // namespace metricstore::registry
