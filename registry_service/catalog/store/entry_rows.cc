#include "registry_service/catalog/store/entry_rows.h"

#include <utility>

#include "common/status/macros.h"
#include "registry_service/catalog/definition/metric_json.h"

namespace metricstore::registry {
namespace {

absl::StatusOr<StoredEntry> EntryFrom(const pg::Row& row) {
  StoredEntry entry;
  ASSIGN_OR_RETURN(entry.active, MetricFromJson(row.Text(7)));
  entry.active.version = row.Int32(1);
  entry.active.active_version = row.Int32(1);
  entry.active.latest_version = row.Int32(2);
  entry.active.etag = row.Text(3);
  entry.active.create_time = row.Time(4);
  entry.active.update_time = row.Time(5);
  entry.active.delete_time = row.OptionalTime(6);
  entry.revision = row.Int64(9);
  if (row.IsNull(8)) {
    entry.latest = entry.active;
    return entry;
  }
  ASSIGN_OR_RETURN(entry.latest, MetricFromJson(row.Text(8)));
  entry.latest.version = entry.active.latest_version;
  entry.latest.active_version = entry.active.active_version;
  entry.latest.latest_version = entry.active.latest_version;
  entry.latest.etag = entry.active.etag;
  entry.latest.create_time = entry.active.create_time;
  entry.latest.update_time = entry.active.update_time;
  entry.latest.delete_time = entry.active.delete_time;
  return entry;
}

}  // namespace

absl::StatusOr<std::vector<StoredEntry>> EntriesFrom(const pg::Result& rows) {
  std::vector<StoredEntry> entries;
  entries.reserve(static_cast<size_t>(rows.size()));
  for (const pg::Row row : rows) {
    ASSIGN_OR_RETURN(StoredEntry entry, EntryFrom(row));
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace metricstore::registry
