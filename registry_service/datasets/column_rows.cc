#include "registry_service/datasets/column_rows.h"

#include <utility>

#include "absl/strings/str_format.h"
#include "common/status/macros.h"
#include "registry_service/datasets/column_statements.h"

namespace metricstore::registry {

absl::StatusOr<std::map<std::string, std::vector<ColumnNote>>> LoadColumnNotes(
    pg::Transaction& transaction, int32_t project_id) {
  const pg::Params params = pg::Params().Add(project_id);
  ASSIGN_OR_RETURN(const pg::Result rows, transaction.Execute(kSelectColumnNotes, params));
  std::map<std::string, std::vector<ColumnNote>> notes;
  for (const pg::Row row : rows) {
    ColumnNote note;
    note.column = row.Text(1);
    note.description = row.Text(2);
    if (!row.IsNull(3)) note.confidence = row.Float64(3);
    note.source = row.Text(4);
    notes[std::string(row.Text(0))].push_back(std::move(note));
  }
  return notes;
}

absl::StatusOr<int64_t> SaveColumnNotes(pg::Transaction& transaction, int32_t project_id,
                                        const std::string& table,
                                        const std::vector<ColumnNote>& notes) {
  std::vector<std::string> columns, descriptions, confidences, sources;
  for (const ColumnNote& note : notes) {
    columns.push_back(note.column);
    descriptions.push_back(note.description);
    // 17 digits give the same number back.
    confidences.push_back(note.confidence.has_value() ? absl::StrFormat("%.17g", *note.confidence)
                                                      : "");
    sources.push_back(note.source);
  }
  pg::Params params;
  params.Add(project_id).Add(table).AddArray(columns).AddArray(descriptions);
  params.AddArray(confidences).AddArray(sources);
  ASSIGN_OR_RETURN(const pg::Result result, transaction.Execute(kUpdateColumnNotes, params));
  return result.affected_rows();
}

}  // namespace metricstore::registry
