#include "registry_service/catalog/store/catalog_reader.h"

#include "common/status/macros.h"
#include "registry_service/catalog/store/derived_fields.h"
#include "registry_service/catalog/store/entry_rows.h"
#include "registry_service/catalog/store/metric_statements.h"

namespace metricstore::registry {
namespace {

absl::StatusOr<std::vector<StoredEntry>> WholeEntries(pg::Transaction& transaction,
                                                      int32_t project_id, const pg::Result& rows) {
  ASSIGN_OR_RETURN(std::vector<StoredEntry> entries, EntriesFrom(rows));
  RETURN_IF_ERROR(DeriveMissing(transaction, project_id, entries));
  return entries;
}

}  // namespace

absl::StatusOr<std::map<int32_t, int64_t>> ReadRevisions(pg::Transaction& transaction,
                                                         const std::vector<int32_t>& project_ids) {
  const pg::Params params = pg::Params().AddArray(project_ids);
  ASSIGN_OR_RETURN(const pg::Result rows, transaction.Execute(kSelectRevisions, params));
  std::map<int32_t, int64_t> revisions;
  for (const pg::Row row : rows) revisions[row.Int32(0)] = row.Int64(1);
  return revisions;
}

absl::StatusOr<std::vector<StoredEntry>> ReadChangedEntries(pg::Transaction& transaction,
                                                            int32_t project_id,
                                                            int64_t after_revision) {
  const pg::Params params = pg::Params().Add(project_id).Add(after_revision);
  ASSIGN_OR_RETURN(const pg::Result rows, transaction.Execute(kSelectChangedEntries, params));
  return WholeEntries(transaction, project_id, rows);
}

absl::StatusOr<std::vector<StoredEntry>> ReadEntries(pg::Transaction& transaction,
                                                     int32_t project_id,
                                                     const std::vector<std::string>& ids) {
  const pg::Params params = pg::Params().Add(project_id).AddArray(ids);
  ASSIGN_OR_RETURN(const pg::Result rows, transaction.Execute(kSelectEntries, params));
  return WholeEntries(transaction, project_id, rows);
}

}  // namespace metricstore::registry
