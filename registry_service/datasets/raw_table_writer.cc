#include "registry_service/datasets/raw_table_writer.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "registry_service/datasets/dataset_statements.h"
#include "registry_service/datasets/partitions.h"
#include "registry_service/datasets/raw_table.h"

namespace metricstore::registry {
namespace {

// A raw table as the database has it.
struct StoredTable {
  struct Column {
    std::string type;
    bool nullable;
  };
  std::string partition_key;  // "RANGE (ts)", or "" for a plain table
  std::vector<std::string> key;
  std::map<std::string, Column, std::less<>> columns;  // project_id included
  std::vector<std::string> other_partitionings;        // as other projects registered it
};

absl::Status Refused(const Dataset& dataset, std::string_view why) {
  return status::ErrorBuilder(absl::StatusCode::kFailedPrecondition, "DATASET_CHANGE_REFUSED",
                              absl::StrCat("dataset \"", dataset.name,
                                           "\" cannot be stored like this: ", std::string(why)))
      .Metadata("dataset", dataset.name)
      .Build();
}

absl::StatusOr<std::optional<StoredTable>> ReadTable(pg::Transaction& transaction,
                                                     int32_t project_id, std::string_view name) {
  const pg::Params params = pg::Params().Add(name);
  ASSIGN_OR_RETURN(const pg::Result found, transaction.Execute(kSelectRawTable, params));
  if (found.empty()) return std::optional<StoredTable>();
  StoredTable table;
  table.partition_key = std::string(found.Single().Text(0));
  table.key = found.Single().TextArray(1);
  ASSIGN_OR_RETURN(const pg::Result columns, transaction.Execute(kSelectRawColumns, params));
  for (const pg::Row row : columns) {
    table.columns.emplace(row.Text(0), StoredTable::Column{std::string(row.Text(1)), row.Bool(2)});
  }
  const pg::Params others = pg::Params().Add(name).Add(project_id);
  ASSIGN_OR_RETURN(const pg::Result rows, transaction.Execute(kSelectOtherPartitionings, others));
  for (const pg::Row row : rows) table.other_partitionings.emplace_back(row.Text(0));
  return std::optional<StoredTable>(std::move(table));
}

// Why the key or the partitions of the stored table do not fit, or "".
std::string ShapeDifference(const StoredTable& table, const Dataset& dataset) {
  std::vector<std::string> key = {std::string(kProjectColumn)};
  for (std::string& column : KeyColumns(dataset)) key.push_back(std::move(column));
  if (table.key != key) return "the table has another grain";
  const bool partitioned = dataset.partitioning != Partitioning::kNone;
  const std::string plain = absl::StrCat("RANGE (", dataset.time_column, ")");
  const std::string quoted = absl::StrCat("RANGE (", pg::QuoteIdentifier(dataset.time_column), ")");
  const bool fits = partitioned ? table.partition_key == plain || table.partition_key == quoted
                                : table.partition_key.empty();
  if (!fits) return "the table is partitioned in another way";
  for (const std::string& other : table.other_partitionings) {
    if (other != PartitioningName(dataset.partitioning)) {
      return absl::StrCat("another project partitions the table by ", other);
    }
  }
  return "";
}

// Why the stored column does not fit the declared one, or "".
std::string ColumnDifference(const StoredTable::Column& stored, const DatasetColumn& declared) {
  if (stored.type != SqlType(declared.type)) {
    return absl::StrCat("column \"", declared.name, "\" is stored as ", stored.type);
  }
  if (stored.nullable == declared.nullable) return "";
  return absl::StrCat("column \"", declared.name, "\" is stored as ",
                      stored.nullable ? "nullable" : "not nullable");
}

// Why the stored columns do not fit the declared ones exactly, or "".
std::string ColumnsDifference(const StoredTable& table, const Dataset& dataset) {
  for (const DatasetColumn& column : dataset.columns) {
    const auto stored = table.columns.find(column.name);
    if (stored == table.columns.end()) {
      return absl::StrCat("the table has no column \"", column.name, "\"");
    }
    if (std::string why = ColumnDifference(stored->second, column); !why.empty()) return why;
  }
  for (const auto& [name, column] : table.columns) {
    if (name != kProjectColumn && dataset.Find(name) == nullptr) {
      return absl::StrCat("the table has a column \"", name, "\" that is not declared");
    }
  }
  return "";
}

absl::Status RefuseSharedTable(const StoredTable& table, const Dataset& dataset,
                               std::string_view why) {
  if (table.other_partitionings.empty()) return absl::OkStatus();
  return Refused(dataset, absl::StrCat(std::string(why), ", and another project uses it"));
}

absl::Status RefuseTableWithRows(pg::Transaction& transaction, const Dataset& dataset,
                                 std::string_view why) {
  const std::string look =
      absl::StrCat("SELECT EXISTS (SELECT 1 FROM ", QuotedTable(dataset.name), ")");
  ASSIGN_OR_RETURN(const pg::Result rows, transaction.ExecuteDynamic("look_for_rows", look));
  if (!rows.Single().Bool(0)) return absl::OkStatus();
  return Refused(dataset, absl::StrCat(std::string(why), ", and it has rows"));
}

// Drops the table and creates it anew if that loses nothing; refuses with `why` otherwise.
absl::Status Recreate(pg::Transaction& transaction, int32_t project_id, const StoredTable& table,
                      const Dataset& dataset, std::string_view why) {
  RETURN_IF_ERROR(RefuseSharedTable(table, dataset, why));
  const std::string quoted = QuotedTable(dataset.name);
  // Nobody may add the first row between the look and the drop.
  const std::string lock = absl::StrCat("LOCK TABLE ", quoted, " IN ACCESS EXCLUSIVE MODE");
  RETURN_IF_ERROR(transaction.ExecuteDynamic("lock_raw_table_exclusive", lock).status());
  RETURN_IF_ERROR(RefuseTableWithRows(transaction, dataset, why));
  const std::string drop = absl::StrCat("DROP TABLE ", quoted);
  RETURN_IF_ERROR(transaction.ExecuteDynamic("drop_raw_table", drop).status());
  const pg::Params key = pg::Params().Add(project_id).Add(dataset.name);
  RETURN_IF_ERROR(transaction.Execute(kDeleteDatasetEntities, key).status());
  for (const std::string& sql : CreateTableSql(dataset)) {
    RETURN_IF_ERROR(transaction.ExecuteDynamic("create_raw_table", sql).status());
  }
  return absl::OkStatus();
}

// The declared columns that the stored definition has not, all of them nullable; or why the change
// is more than that.
struct ColumnChange {
  std::vector<DatasetColumn> added;
  std::string why;
};

ColumnChange CompareColumns(const StoredTable& table, const Dataset& before, const Dataset& after) {
  ColumnChange change;
  for (const DatasetColumn& column : before.columns) {
    if (after.Find(column.name) != nullptr) continue;
    change.why = absl::StrCat("column \"", column.name, "\" is no longer declared");
    return change;
  }
  for (const DatasetColumn& column : after.columns) {
    if (const auto stored = table.columns.find(column.name); stored != table.columns.end()) {
      change.why = ColumnDifference(stored->second, column);
    } else if (column.nullable) {
      change.added.push_back(column);
    } else {
      change.why = absl::StrCat("new column \"", column.name, "\" is not nullable");
    }
    if (!change.why.empty()) break;
  }
  return change;
}

// What a definition does not find in the stored table: why the table must be made anew, or "" with
// the columns that are added to it.
ColumnChange FitTable(const StoredTable& table, const Dataset* before, const Dataset& after) {
  ColumnChange change;
  change.why = ShapeDifference(table, after);
  if (!change.why.empty()) return change;
  if (before == nullptr) {
    change.why = ColumnsDifference(table, after);
  } else if (before->time_column != after.time_column) {
    change.why = "the time column is another one";
  } else if (before->entity_column != after.entity_column) {
    change.why = "the entity column is another one";
  } else if (before->partitioning != after.partitioning) {
    change.why = "the table is partitioned in another way";
  } else {
    change = CompareColumns(table, *before, after);
  }
  return change;
}

}  // namespace

absl::Status CreateRawTable(pg::Transaction& transaction, int32_t project_id,
                            const Dataset& dataset) {
  RETURN_IF_ERROR(LockRawTable(transaction, dataset.name));
  ASSIGN_OR_RETURN(const auto table, ReadTable(transaction, project_id, dataset.name));
  if (!table.has_value()) {
    for (const std::string& sql : CreateTableSql(dataset)) {
      RETURN_IF_ERROR(transaction.ExecuteDynamic("create_raw_table", sql).status());
    }
    return absl::OkStatus();
  }
  const ColumnChange change = FitTable(*table, nullptr, dataset);
  if (change.why.empty()) return absl::OkStatus();
  return Recreate(transaction, project_id, *table, dataset, change.why);
}

absl::Status ChangeRawTable(pg::Transaction& transaction, int32_t project_id, const Dataset& before,
                            const Dataset& after) {
  RETURN_IF_ERROR(LockRawTable(transaction, after.name));
  ASSIGN_OR_RETURN(const auto table, ReadTable(transaction, project_id, after.name));
  if (!table.has_value()) return CreateRawTable(transaction, project_id, after);
  const ColumnChange change = FitTable(*table, &before, after);
  if (!change.why.empty()) return Recreate(transaction, project_id, *table, after, change.why);
  if (change.added.empty()) return absl::OkStatus();
  const std::string alter = AddColumnsSql(after, change.added);
  return transaction.ExecuteDynamic("add_raw_columns", alter).status();
}

absl::Status CheckRawTable(pg::Transaction& transaction, int32_t project_id, const Dataset* before,
                           const Dataset& after) {
  ASSIGN_OR_RETURN(const auto table, ReadTable(transaction, project_id, after.name));
  if (!table.has_value()) return absl::OkStatus();
  const ColumnChange change = FitTable(*table, before, after);
  if (change.why.empty()) return absl::OkStatus();
  RETURN_IF_ERROR(RefuseSharedTable(*table, after, change.why));
  return RefuseTableWithRows(transaction, after, change.why);
}

}  // namespace metricstore::registry
