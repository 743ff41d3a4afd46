#include "registry_service/catalog/store/stored_loader.h"

#include <algorithm>
#include <limits>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/status/macros.h"
#include "registry_service/calendars/calendar_rows.h"
#include "registry_service/calendars/calendar_statements.h"
#include "registry_service/catalog/store/derived_fields.h"
#include "registry_service/catalog/store/entry_rows.h"
#include "registry_service/catalog/store/metric_statements.h"
#include "registry_service/catalog/store/write_statements.h"
#include "registry_service/datasets/column_rows.h"
#include "registry_service/datasets/dataset_rows.h"
#include "registry_service/datasets/dataset_statements.h"

namespace metricstore::registry {
namespace {

// Calendars and datasets of a project: few, so all of them are read.
absl::StatusOr<std::vector<std::string>> AllNames(pg::Transaction& transaction,
                                                  const pg::Statement& page, int32_t project_id) {
  pg::Params params;
  params.Add(project_id).Add("").Add(std::numeric_limits<int64_t>::max());
  ASSIGN_OR_RETURN(const pg::Result rows, transaction.Execute(page, params));
  std::vector<std::string> names;
  for (const pg::Row row : rows) names.emplace_back(row.Text(0));
  return names;
}

// What to load metrics in full by.
struct Wanted {
  std::vector<std::string> ids;
  std::vector<std::string> read_ids;  // those that read these
  std::vector<std::string> tables;    // those that read these
  bool all = false;
};

absl::Status AddEntries(const pg::Result& rows, StoredDefinitions& stored) {
  ASSIGN_OR_RETURN(auto entries, EntriesFrom(rows));
  DeriveMissing(stored, entries);
  for (StoredEntry& entry : entries) {
    StoredMetric metric;
    metric.active_version = entry.active.active_version;
    metric.latest_version = entry.active.latest_version;
    metric.deleted = entry.active.delete_time.has_value();
    std::string id = entry.active.id();
    metric.active = std::move(entry.active);
    metric.latest = std::move(entry.latest);
    stored.metrics.emplace(std::move(id), std::move(metric));
  }
  return absl::OkStatus();
}

absl::Status LoadMetrics(pg::Transaction& transaction, int32_t project_id, const Wanted& wanted,
                         StoredDefinitions& stored) {
  pg::Params params;
  params.Add(project_id).AddArray(wanted.ids).AddArray(wanted.read_ids).AddArray(wanted.tables);
  params.Add(wanted.all);
  ASSIGN_OR_RETURN(const pg::Result rows, transaction.Execute(kSelectEntriesForCheck, params));
  return AddEntries(rows, stored);
}

// Of metrics of an earlier release.
absl::Status DeriveLikenesses(pg::Transaction& transaction, int32_t project_id,
                              const std::vector<std::string>& ids, StoredDefinitions& stored) {
  if (ids.empty()) return absl::OkStatus();
  const pg::Params params = pg::Params().Add(project_id).AddArray(ids);
  ASSIGN_OR_RETURN(const pg::Result rows, transaction.Execute(kSelectEntries, params));
  ASSIGN_OR_RETURN(auto entries, EntriesFrom(rows));
  DeriveMissing(stored, entries);
  for (StoredEntry& entry : entries) {
    stored.summaries[entry.latest.id()].likeness = entry.latest.likeness();
  }
  return absl::OkStatus();
}

absl::Status AddSummaries(pg::Transaction& transaction, int32_t project_id, const pg::Result& rows,
                          StoredDefinitions& stored) {
  std::vector<std::string> without_likeness;
  for (const pg::Row row : rows) {
    MetricSummary summary{row.TextArray(1), row.TextArray(2), std::string(row.Text(3))};
    if (summary.likeness.empty()) without_likeness.emplace_back(row.Text(0));
    stored.summaries.emplace_hint(stored.summaries.end(), row.Text(0), std::move(summary));
  }
  return DeriveLikenesses(transaction, project_id, without_likeness, stored);
}

absl::Status LoadSummaries(pg::Transaction& transaction, int32_t project_id,
                           StoredDefinitions& stored) {
  const pg::Params params = pg::Params().Add(project_id);
  ASSIGN_OR_RETURN(const pg::Result rows, transaction.Execute(kSelectSummaries, params));
  return AddSummaries(transaction, project_id, rows, stored);
}

// Everything between quotes that may be the id of a metric: what an expression reads is among it.
// The expression is parsed when it is checked.
void CollectQuotedIds(std::string_view expression, std::set<std::string>& ids) {
  for (size_t open = expression.find('\''); open != std::string_view::npos;) {
    const size_t close = expression.find('\'', open + 1);
    if (close == std::string_view::npos) return;
    const std::string_view quoted = expression.substr(open + 1, close - open - 1);
    if (quoted.find('/') != std::string_view::npos) ids.emplace(quoted);
    open = expression.find('\'', close + 1);
  }
}

Wanted WantedFor(const Definitions& definitions, const StoredDefinitions& stored) {
  Wanted wanted;
  std::set<std::string> ids;
  for (const auto& located : definitions.metrics) {
    wanted.read_ids.push_back(located.definition.id());
    CollectQuotedIds(located.definition.expression, ids);
  }
  ids.insert(wanted.read_ids.begin(), wanted.read_ids.end());
  wanted.ids.assign(ids.begin(), ids.end());
  const std::set<std::string> affected = AffectedDatasets(definitions, stored);
  wanted.tables.assign(affected.begin(), affected.end());
  return wanted;
}

// Loads in full what these metrics read, directly or through others, as far as there are summaries.
absl::Status LoadReadThrough(pg::Transaction& transaction, int32_t project_id,
                             const std::vector<std::string>& starts, StoredDefinitions& stored) {
  std::set<std::string> reached(starts.begin(), starts.end());
  std::vector<std::string> open(reached.begin(), reached.end());
  while (!open.empty()) {
    const auto summary = stored.summaries.find(open.back());
    open.pop_back();
    if (summary == stored.summaries.end()) continue;
    for (const std::string& read : summary->second.depends_on) {
      if (reached.insert(read).second) open.push_back(read);
    }
  }
  std::erase_if(reached, [&](const std::string& id) {
    return stored.metrics.contains(id) || !stored.summaries.contains(id);
  });
  if (reached.empty()) return absl::OkStatus();
  const pg::Params params = pg::Params()
                                .Add(project_id)
                                .AddArray(std::vector<std::string>(reached.begin(), reached.end()));
  ASSIGN_OR_RETURN(const pg::Result rows, transaction.Execute(kSelectEntries, params));
  return AddEntries(rows, stored);
}

// The metrics of `wanted` and those that read them.
std::vector<std::string> WithReaders(const Wanted& wanted, const StoredDefinitions& stored) {
  std::vector<std::string> ids = wanted.ids;
  const std::set<std::string> imported(wanted.read_ids.begin(), wanted.read_ids.end());
  for (const auto& [id, metric] : stored.metrics) {
    const std::vector<std::string>& reads = metric.active.depends_on;
    if (std::any_of(reads.begin(), reads.end(),
                    [&](const std::string& read) { return imported.contains(read); })) {
      ids.push_back(id);
    }
  }
  return ids;
}

// What the definitions read in their new, newest and served versions, what that reads, and who
// reads the definitions. Names that are not there may be meant for others: then all are loaded.
absl::Status LoadWhatTheyRead(pg::Transaction& transaction, int32_t project_id,
                              const Wanted& wanted, StoredDefinitions& stored) {
  const pg::Params ids = pg::Params().Add(project_id).AddArray(wanted.ids);
  ASSIGN_OR_RETURN(const pg::Result entries, transaction.Execute(kSelectEntries, ids));
  RETURN_IF_ERROR(AddEntries(entries, stored));
  // Nobody reads what is new.
  const bool may_have_readers =
      std::any_of(wanted.read_ids.begin(), wanted.read_ids.end(),
                  [&](const std::string& id) { return stored.metrics.contains(id); });
  if (may_have_readers) {
    const pg::Params edited = pg::Params().Add(project_id).AddArray(wanted.read_ids);
    ASSIGN_OR_RETURN(const pg::Result readers, transaction.Execute(kSelectServedReaders, edited));
    RETURN_IF_ERROR(AddEntries(readers, stored));
  }
  const std::set<std::string> imported(wanted.read_ids.begin(), wanted.read_ids.end());
  for (const std::string& id : wanted.ids) {
    if (!imported.contains(id) && !stored.metrics.contains(id)) {
      RETURN_IF_ERROR(LoadSummaries(transaction, project_id, stored));
      return LoadReadThrough(transaction, project_id, WithReaders(wanted, stored), stored);
    }
  }
  std::set<std::string> read(wanted.ids.begin(), wanted.ids.end());
  for (const auto& [id, metric] : stored.metrics) {
    for (const MetricDefinition* version : {&metric.latest, &metric.active}) {
      read.insert(version->depends_on.begin(), version->depends_on.end());
    }
  }
  const pg::Params params =
      pg::Params().Add(project_id).AddArray(std::vector<std::string>(read.begin(), read.end()));
  ASSIGN_OR_RETURN(const pg::Result rows, transaction.Execute(kSelectReadSummaries, params));
  RETURN_IF_ERROR(AddSummaries(transaction, project_id, rows, stored));
  return LoadReadThrough(transaction, project_id, WithReaders(wanted, stored), stored);
}

// What a dataset's file says of a column that someone else described makes no difference: the
// stored description stays, so it is taken for the file's.
void ForgetOverruledDescriptions(const Definitions& definitions, StoredDefinitions& stored) {
  for (const auto& located : definitions.datasets) {
    const auto dataset = stored.datasets.find(located.definition.name);
    const auto notes = stored.column_notes.find(located.definition.name);
    if (dataset == stored.datasets.end() || notes == stored.column_notes.end()) continue;
    for (const ColumnNote& note : notes->second) {
      const DatasetColumn* told = located.definition.Find(note.column);
      if (note.source == "definition" || told == nullptr) continue;
      for (DatasetColumn& column : dataset->second.columns) {
        if (column.name == note.column) column.description = told->description;
      }
    }
  }
}

}  // namespace

absl::Status LockCatalog(pg::Transaction& transaction, int32_t project_id) {
  return transaction.Execute(kLockCatalog, pg::Params().Add(project_id)).status();
}

absl::StatusOr<StoredDefinitions> LoadGround(pg::Transaction& transaction, int32_t project_id) {
  StoredDefinitions stored;
  ASSIGN_OR_RETURN(const auto calendar_names,
                   AllNames(transaction, kSelectCalendarNames, project_id));
  ASSIGN_OR_RETURN(auto calendars, LoadNewestCalendars(transaction, project_id, calendar_names));
  for (StoredCalendar& calendar : calendars) {
    std::string name = calendar.calendar->spec().name;
    stored.calendars.emplace(std::move(name), std::move(calendar));
  }
  ASSIGN_OR_RETURN(const auto dataset_names, AllNames(transaction, kSelectDatasetPage, project_id));
  ASSIGN_OR_RETURN(auto datasets, LoadDatasets(transaction, project_id, dataset_names));
  for (Dataset& dataset : datasets) stored.datasets.emplace(dataset.name, std::move(dataset));
  ASSIGN_OR_RETURN(stored.column_notes, LoadColumnNotes(transaction, project_id));
  return stored;
}

absl::StatusOr<StoredDefinitions> LoadStored(pg::Transaction& transaction, int32_t project_id,
                                             const Definitions& definitions, Beside beside) {
  ASSIGN_OR_RETURN(StoredDefinitions stored, LoadGround(transaction, project_id));
  ForgetOverruledDescriptions(definitions, stored);
  const Wanted wanted = WantedFor(definitions, stored);
  if (beside == Beside::kWhatTheyRead) {
    RETURN_IF_ERROR(LoadWhatTheyRead(transaction, project_id, wanted, stored));
    return stored;
  }
  RETURN_IF_ERROR(LoadMetrics(transaction, project_id, wanted, stored));
  RETURN_IF_ERROR(LoadSummaries(transaction, project_id, stored));
  RETURN_IF_ERROR(LoadReadThrough(transaction, project_id, WithReaders(wanted, stored), stored));
  return stored;
}

absl::StatusOr<StoredDefinitions> LoadAllStored(pg::Transaction& transaction, int32_t project_id) {
  ASSIGN_OR_RETURN(StoredDefinitions stored, LoadGround(transaction, project_id));
  RETURN_IF_ERROR(LoadMetrics(transaction, project_id, {.all = true}, stored));
  RETURN_IF_ERROR(LoadSummaries(transaction, project_id, stored));
  return stored;
}

}  // namespace metricstore::registry
