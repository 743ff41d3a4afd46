#include "cli/evaluation/row_cells.h"

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "cli/output/number_text.h"
#include "cli/output/plain_text.h"
#include "common/columns/proto_conversion.h"
#include "common/status/macros.h"
#include "common/time/iso8601.h"

namespace metricstore::cli {
namespace {

using columns::Column;
using columns::ColumnType;
using nlohmann::ordered_json;

ordered_json CellJson(const Column& column, size_t row) {
  if (!column.validity.valid(row)) return nullptr;
  switch (column.type) {
    case ColumnType::kFloat64:
      return column.float64[row];
    case ColumnType::kInt64:
      return column.int64[row];
    case ColumnType::kBool:
      return column.boolean[row] != 0;
    case ColumnType::kText:
      return std::string(column.text(row));
    case ColumnType::kTimestamp:
      return FormatInstant(FromMicros(column.int64[row]));
    case ColumnType::kDate:
      return FormatDate(FromEpochDays(column.date[row]));
  }
  return nullptr;
}

std::string CellText(const Column& column, size_t row) {
  if (!column.validity.valid(row)) return "NULL";
  if (column.type == ColumnType::kFloat64) return FormatNumber(column.float64[row]);
  const ordered_json cell = CellJson(column, row);
  return cell.is_string() ? OneLine(cell.get<std::string>()) : cell.dump();
}

}  // namespace

absl::StatusOr<Table> RowTable(const common::v1::ColumnBatch& batch) {
  ASSIGN_OR_RETURN(const columns::ColumnBatch rows, columns::FromProto(batch));
  Table table;
  for (const Column& column : rows.columns) {
    const bool numeric = column.type == ColumnType::kFloat64 || column.type == ColumnType::kInt64;
    table.columns.push_back({column.name, numeric});
  }
  for (size_t i = 0; i < rows.rows; ++i) {
    std::vector<std::string>& cells = table.rows.emplace_back();
    for (const Column& column : rows.columns) cells.push_back(CellText(column, i));
  }
  return table;
}

absl::StatusOr<ordered_json> RowsJson(const common::v1::ColumnBatch& batch) {
  ASSIGN_OR_RETURN(const columns::ColumnBatch rows, columns::FromProto(batch));
  ordered_json list = ordered_json::array();
  for (size_t i = 0; i < rows.rows; ++i) {
    ordered_json row = ordered_json::object();
    for (const Column& column : rows.columns) row[column.name] = CellJson(column, i);
    list.push_back(std::move(row));
  }
  return list;
}

}  // namespace metricstore::cli
