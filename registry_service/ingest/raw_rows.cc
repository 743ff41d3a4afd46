#include "registry_service/ingest/raw_rows.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/pg/copy.h"
#include "common/pg/statement.h"
#include "common/status/macros.h"
#include "registry_service/datasets/raw_table.h"

namespace metricstore::registry {
namespace {

using columns::Column;
using columns::ColumnType;

constexpr std::string_view kStaging = "ingest_staging";

using Names = std::vector<std::string>;

Names ColumnNames(const Dataset& dataset) {
  Names names;
  for (const DatasetColumn& column : dataset.columns) names.push_back(column.name);
  return names;
}

// Each name quoted behind `prefix` ("t."), separated by commas.
std::string List(const Names& names, std::string_view prefix = "") {
  return absl::StrJoin(names, ", ", [prefix](std::string* out, const std::string& name) {
    absl::StrAppend(out, std::string(prefix), pg::QuoteIdentifier(name));
  });
}

std::string WithProject(const Names& names) {
  return absl::StrCat(std::string(kProjectColumn), ", ", List(names));
}

Names ValueColumns(const Dataset& dataset) {
  const Names key = KeyColumns(dataset);
  Names values;
  for (const DatasetColumn& column : dataset.columns) {
    if (std::find(key.begin(), key.end(), column.name) == key.end()) values.push_back(column.name);
  }
  return values;
}

// SQL for the entity of a row of relation `relation`: '' where there is none.
std::string EntitySql(const Dataset& dataset, std::string_view relation) {
  if (dataset.entity_column.empty()) return "''";
  return absl::StrCat("coalesce(", std::string(relation), ".",
                      pg::QuoteIdentifier(dataset.entity_column), ", '')");
}

bool InKey(const Dataset& dataset, const std::string& column) {
  return std::find(dataset.grain.begin(), dataset.grain.end(), column) != dataset.grain.end();
}

// The first and the last of the times of rows that have a column "time".
constexpr std::string_view kTimesSql = "min(time), max(time)";

// SQL for the time of a row of relation `relation`: NULL where there is none.
std::string TimeSql(const Dataset& dataset, std::string_view relation) {
  if (dataset.time_column.empty()) return "NULL::timestamptz";
  return absl::StrCat(std::string(relation), ".", pg::QuoteIdentifier(dataset.time_column));
}

// SQL that holds where rows t and s have the same key.
std::string SameKey(const Dataset& dataset) {
  return absl::StrJoin(KeyColumns(dataset), " AND ", [](std::string* out, const std::string& name) {
    const std::string quoted = pg::QuoteIdentifier(name);
    absl::StrAppend(out, "t.", quoted, " = s.", quoted);
  });
}

void PutValue(pg::CopyWriter& writer, const Column* column, uint32_t row) {
  if (column == nullptr || !column->validity.valid(row)) {
    writer.PutNull();
    return;
  }
  switch (column->type) {
    case ColumnType::kFloat64:
      return writer.PutFloat64(column->float64[row]);
    case ColumnType::kInt64:
      return writer.PutInt64(column->int64[row]);
    case ColumnType::kBool:
      return writer.PutBool(column->boolean[row] != 0);
    case ColumnType::kText:
      return writer.PutText(column->text(row));
    case ColumnType::kTimestamp:
      return writer.PutTimeMicros(column->int64[row]);
    case ColumnType::kDate:
      return writer.PutDateDays(column->date[row]);
  }
}

absl::Status CopyRows(pg::Transaction& transaction, const OrderedRows& rows,
                      const std::string& target, bool with_project) {
  ASSIGN_OR_RETURN(const auto writer, transaction.CopyIn("copy_rows", target));
  const auto fields = static_cast<int16_t>(rows.columns.size() + (with_project ? 1 : 0));
  for (const uint32_t row : rows.order) {
    writer->StartRow(fields);
    if (with_project) writer->PutInt32(rows.project_id);
    for (const Column* column : rows.columns) PutValue(*writer, column, row);
    RETURN_IF_ERROR(writer->FlushIfLarge());
  }
  return writer->Finish().status();
}

absl::Status StageRows(pg::Transaction& transaction, const OrderedRows& rows) {
  const std::string staging(kStaging);
  const Names names = ColumnNames(rows.dataset);
  const std::string create =
      absl::StrCat("CREATE TEMPORARY TABLE ", staging, " ON COMMIT DROP AS SELECT ", List(names),
                   " FROM ", QuotedTable(rows.dataset.name), " WITH NO DATA");
  RETURN_IF_ERROR(transaction.ExecuteDynamic("create_staging", create).status());
  return CopyRows(transaction, rows, absl::StrCat(staging, " (", List(names), ")"), false);
}

absl::Status InsertNew(pg::Transaction& transaction, const OrderedRows& rows, MergeCounts& counts) {
  const Dataset& dataset = rows.dataset;
  const Names names = ColumnNames(dataset);
  const std::string sql = absl::StrCat(
      "WITH added AS (INSERT INTO ", QuotedTable(dataset.name), " AS t (", WithProject(names),
      ") SELECT $1::integer, ", List(names), " FROM ", std::string(kStaging), " ON CONFLICT (",
      WithProject(KeyColumns(dataset)), ") DO NOTHING RETURNING ", EntitySql(dataset, "t"),
      " AS entity, ", TimeSql(dataset, "t"), " AS time) SELECT entity, count(*), ",
      std::string(kTimesSql), " FROM added GROUP BY entity");
  ASSIGN_OR_RETURN(
      const pg::Result added,
      transaction.ExecuteDynamic("insert_new_rows", sql, pg::Params().Add(rows.project_id)));
  for (const pg::Row row : added) {
    counts.inserted_by_entity[std::string(row.Text(0))] = row.Int64(1);
    counts.inserted += row.Int64(1);
    counts.times.Add(row.OptionalTime(2));
    counts.times.Add(row.OptionalTime(3));
  }
  return absl::OkStatus();
}

// Rows that are about to change their entity. OFFSET 0 keeps this a lookup by key for each row.
absl::Status CountMoves(pg::Transaction& transaction, const OrderedRows& rows,
                        MergeCounts& counts) {
  const Dataset& dataset = rows.dataset;
  const std::string sql =
      absl::StrCat("SELECT o.entity, ", EntitySql(dataset, "s"), ", count(*) FROM ",
                   std::string(kStaging), " s CROSS JOIN LATERAL (SELECT ", EntitySql(dataset, "t"),
                   " AS entity FROM ", QuotedTable(dataset.name), " t WHERE t.",
                   std::string(kProjectColumn), " = $1 AND ", SameKey(dataset),
                   " OFFSET 0) o WHERE o.entity <> ", EntitySql(dataset, "s"), " GROUP BY 1, 2");
  ASSIGN_OR_RETURN(
      const pg::Result moves,
      transaction.ExecuteDynamic("count_moved_rows", sql, pg::Params().Add(rows.project_id)));
  for (const pg::Row row : moves) {
    counts.left[std::string(row.Text(0))] += row.Int64(2);
    counts.arrived[std::string(row.Text(1))] += row.Int64(2);
  }
  return absl::OkStatus();
}

absl::Status ReplaceChanged(pg::Transaction& transaction, const OrderedRows& rows,
                            MergeCounts& counts) {
  const Dataset& dataset = rows.dataset;
  const Names names = ColumnNames(dataset);
  const Names values = ValueColumns(dataset);
  const std::string assignments =
      absl::StrJoin(values, ", ", [](std::string* out, const std::string& name) {
        const std::string quoted = pg::QuoteIdentifier(name);
        absl::StrAppend(out, quoted, " = excluded.", quoted);
      });
  const std::string sql = absl::StrCat(
      "WITH changed AS (INSERT INTO ", QuotedTable(dataset.name), " AS t (", WithProject(names),
      ") SELECT $1::integer, ", List(names), " FROM ", std::string(kStaging), " ON CONFLICT (",
      WithProject(KeyColumns(dataset)), ") DO UPDATE SET ", assignments, " WHERE ROW(",
      List(values, "t."), ") IS DISTINCT FROM ROW(", List(values, "excluded."), ") RETURNING ",
      TimeSql(dataset, "t"), " AS time) SELECT count(*), ", std::string(kTimesSql),
      " FROM changed");
  ASSIGN_OR_RETURN(
      const pg::Result changed,
      transaction.ExecuteDynamic("replace_changed_rows", sql, pg::Params().Add(rows.project_id)));
  counts.updated = changed.Single().Int64(0);
  counts.times.Add(changed.Single().OptionalTime(1));
  counts.times.Add(changed.Single().OptionalTime(2));
  return absl::OkStatus();
}

}  // namespace

void RowTimes::Add(const std::optional<absl::Time>& time) {
  if (!time.has_value()) return;
  first = first.has_value() ? std::min(*first, *time) : *time;
  last = last.has_value() ? std::max(*last, *time) : *time;
}

absl::Status AppendRows(pg::Transaction& transaction, const OrderedRows& rows) {
  const std::string target = absl::StrCat(QuotedTable(rows.dataset.name), " (",
                                          WithProject(ColumnNames(rows.dataset)), ")");
  return CopyRows(transaction, rows, target, true);
}

absl::StatusOr<MergeCounts> MergeRows(pg::Transaction& transaction, const OrderedRows& rows) {
  MergeCounts counts;
  RETURN_IF_ERROR(StageRows(transaction, rows));
  // Two passes, because an upsert cannot say which rows of a partitioned table were new.
  RETURN_IF_ERROR(InsertNew(transaction, rows, counts));
  const bool all_new = counts.inserted == static_cast<int64_t>(rows.order.size());
  if (all_new || ValueColumns(rows.dataset).empty()) return counts;
  const Dataset& dataset = rows.dataset;
  if (!dataset.entity_column.empty() && !InKey(dataset, dataset.entity_column)) {
    RETURN_IF_ERROR(CountMoves(transaction, rows, counts));
  }
  RETURN_IF_ERROR(ReplaceChanged(transaction, rows, counts));
  return counts;
}

}  // namespace metricstore::registry
