#include "registry_service/datasets/column_metadata.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "registry_service/datasets/column_rows.h"
#include "registry_service/datasets/column_statements.h"
#include "registry_service/datasets/dataset_statements.h"
#include "registry_service/datasets/dataset_store.h"

namespace metricstore::registry {
namespace {

absl::StatusOr<std::vector<std::string>> FirstTexts(absl::StatusOr<pg::Result> result) {
  ASSIGN_OR_RETURN(const pg::Result rows, std::move(result));
  std::vector<std::string> texts;
  for (const pg::Row row : rows) texts.emplace_back(row.Text(0));
  return texts;
}

// OK for a registered table.
absl::Status FindTable(pg::Transaction& transaction, int32_t project_id, const std::string& table) {
  const pg::Params all =
      pg::Params().Add(project_id).Add("").Add(std::numeric_limits<int64_t>::max());
  ASSIGN_OR_RETURN(const auto tables, FirstTexts(transaction.Execute(kSelectDatasetPage, all)));
  const bool known = std::find(tables.begin(), tables.end(), table) != tables.end();
  return known ? absl::OkStatus() : DatasetNotFound(table, tables);
}

absl::Status ColumnNotFound(const std::string& table, const std::string& column,
                            const std::vector<std::string>& known) {
  const std::string suggestion = status::ClosestMatch(column, known);
  std::string message = absl::StrCat("dataset ", table, " has no column \"", column, "\"");
  if (!suggestion.empty()) absl::StrAppend(&message, "; did you mean \"", suggestion, "\"?");
  status::ErrorBuilder error(absl::StatusCode::kNotFound, "COLUMN_NOT_FOUND", message);
  error.Metadata("table", table).Metadata("column", column);
  if (!suggestion.empty()) error.Metadata("suggestion", suggestion);
  return error.Build();
}

absl::StatusOr<ColumnMetadata> MetadataFrom(const pg::Row& row) {
  ColumnMetadata metadata;
  metadata.table = row.Text(0);
  metadata.note.column = row.Text(1);
  const auto type = columns::ParseColumnType(row.Text(2));
  if (!type.has_value()) {
    return status::InternalError(absl::StrCat("column ", metadata.table, ".", metadata.note.column,
                                              " is stored with an unknown type"));
  }
  metadata.basetype = *type;
  metadata.unit = row.Text(3);
  metadata.note.description = row.Text(4);
  if (!row.IsNull(5)) metadata.note.confidence = row.Float64(5);
  metadata.note.source = row.Text(6);
  metadata.update_time = row.Time(7);
  return metadata;
}

absl::StatusOr<ColumnMetadata> Read(pg::Transaction& transaction, int32_t project_id,
                                    const std::string& table, const std::string& column) {
  const pg::Params params = pg::Params().Add(project_id).Add(table).Add(column);
  ASSIGN_OR_RETURN(const pg::Result rows, transaction.Execute(kSelectColumnMetadata, params));
  if (!rows.empty()) return MetadataFrom(rows.Single());
  RETURN_IF_ERROR(FindTable(transaction, project_id, table));
  const pg::Params names = pg::Params().Add(project_id).Add(table);
  ASSIGN_OR_RETURN(const auto known, FirstTexts(transaction.Execute(kSelectColumnNames, names)));
  return ColumnNotFound(table, column, known);
}

}  // namespace

absl::StatusOr<ColumnMetadata> ColumnMetadataStore::Get(int32_t project_id,
                                                        const std::string& table,
                                                        const std::string& column,
                                                        const CallBounds& bounds) {
  ColumnMetadata metadata;
  const auto read = [&](pg::Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(metadata, Read(transaction, project_id, table, column));
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(pool_.Run(bounds, pg::TransactionMode::kReadOnlySnapshot, read));
  return metadata;
}

absl::StatusOr<std::vector<ColumnMetadata>> ColumnMetadataStore::List(
    int32_t project_id, const std::string& table, const std::string& after_table,
    const std::string& after_column, int64_t limit, const CallBounds& bounds) {
  std::vector<ColumnMetadata> page;
  const auto read = [&](pg::Transaction& transaction) -> absl::Status {
    page.clear();
    if (!table.empty()) RETURN_IF_ERROR(FindTable(transaction, project_id, table));
    pg::Params params;
    params.Add(project_id).Add(table).Add(after_table).Add(after_column).Add(limit);
    ASSIGN_OR_RETURN(const pg::Result rows, transaction.Execute(kSelectColumnPage, params));
    for (const pg::Row row : rows) {
      ASSIGN_OR_RETURN(ColumnMetadata metadata, MetadataFrom(row));
      page.push_back(std::move(metadata));
    }
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(pool_.Run(bounds, pg::TransactionMode::kReadOnlySnapshot, read));
  return page;
}

absl::StatusOr<ColumnMetadata> ColumnMetadataStore::Set(int32_t project_id,
                                                        const std::string& table,
                                                        const ColumnNote& note, bool validate_only,
                                                        const CallBounds& bounds) {
  const auto replace = [&](ColumnNote& stored) {
    stored = note;
    return absl::OkStatus();
  };
  return Edit(project_id, table, note.column, replace, validate_only, bounds);
}

absl::StatusOr<ColumnMetadata> ColumnMetadataStore::Edit(
    int32_t project_id, const std::string& table, const std::string& column,
    absl::FunctionRef<absl::Status(ColumnNote&)> edit, bool validate_only,
    const CallBounds& bounds) {
  ColumnMetadata metadata;
  bool validated = false;
  const auto write = [&](pg::Transaction& transaction) -> absl::Status {
    validated = false;
    const pg::Params key = pg::Params().Add(project_id).Add(table).Add(column);
    RETURN_IF_ERROR(transaction.Execute(kLockColumnMetadata, key).status());
    ASSIGN_OR_RETURN(const ColumnMetadata before, Read(transaction, project_id, table, column));
    ColumnNote note = before.note;
    RETURN_IF_ERROR(edit(note));
    RETURN_IF_ERROR(SaveColumnNotes(transaction, project_id, table, {note}).status());
    ASSIGN_OR_RETURN(metadata, Read(transaction, project_id, table, column));
    validated = validate_only;
    return validate_only ? absl::CancelledError("validated; nothing is to be stored")
                         : absl::OkStatus();
  };
  const absl::Status status = pool_.Run(bounds, pg::TransactionMode::kReadWrite, write);
  if (!validated) RETURN_IF_ERROR(status);
  return metadata;
}

absl::StatusOr<PushOutcome> ColumnMetadataStore::Push(int32_t project_id, const std::string& table,
                                                      const CallBounds& bounds) {
  PushOutcome outcome;
  const auto push = [&](pg::Transaction& transaction) -> absl::Status {
    outcome = PushOutcome();
    if (!table.empty()) RETURN_IF_ERROR(FindTable(transaction, project_id, table));
    const pg::Params params = pg::Params().Add(project_id).Add(table);
    ASSIGN_OR_RETURN(const pg::Result rows, transaction.Execute(kSelectCommentCommands, params));
    for (const pg::Row row : rows) {
      const std::string command(row.Text(2));
      RETURN_IF_ERROR(transaction.ExecuteDynamic("comment_on_column", command).status());
      const std::string_view name = row.Text(0);
      if (outcome.tables.empty() || outcome.tables.back() != name)
        outcome.tables.emplace_back(name);
      if (row.Bool(1)) ++outcome.columns_changed;
    }
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(pool_.Run(bounds, pg::TransactionMode::kReadWrite, push));
  return outcome;
}

}  // namespace metricstore::registry
