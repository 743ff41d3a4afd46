#include "registry_service/catalog/view/catalog_look.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "common/status/macros.h"
#include "registry_service/catalog/store/catalog_reader.h"

namespace metricstore::registry {
namespace {

constexpr int64_t kFromStart = -1;

// What became of a project since it was last known.
struct Change {
  int64_t revision = 0;
  bool whole = false;  // `entries` is all there is, not what changed
  absl::StatusOr<std::vector<StoredEntry>> entries = std::vector<StoredEntry>();
};

// A revision that went back is another database's, or an older state of this one: what is known is
// worth nothing then.
absl::StatusOr<Change> ReadChange(pg::Transaction& transaction, int32_t project,
                                  const CatalogSnapshotPtr& known, int64_t revision) {
  Change change{.revision = revision};
  change.whole = known == nullptr || known->revision() > revision;
  change.entries =
      ReadChangedEntries(transaction, project, change.whole ? kFromStart : known->revision());
  // Damaged rows are the project's own matter; anything else has ended the transaction.
  const absl::Status& status = change.entries.status();
  if (!status.ok() && status.code() != absl::StatusCode::kInternal) return status;
  return change;
}

// Those of the projects that changed.
absl::StatusOr<std::map<int32_t, Change>> ReadChanges(pg::Transaction& transaction,
                                                      const KnownSnapshots& known) {
  std::vector<int32_t> projects;
  for (const auto& [project, snapshot] : known) projects.push_back(project);
  ASSIGN_OR_RETURN(auto revisions, ReadRevisions(transaction, projects));
  std::map<int32_t, Change> changes;
  for (const auto& [project, snapshot] : known) {
    const int64_t revision = revisions[project];
    if (snapshot != nullptr && snapshot->revision() == revision) continue;
    ASSIGN_OR_RETURN(Change change, ReadChange(transaction, project, snapshot, revision));
    changes.emplace(project, std::move(change));
  }
  return changes;
}

CatalogEntryPtr EntryOf(StoredEntry stored, const CatalogCache::Encoder& encoder) {
  auto entry = std::make_shared<CatalogEntry>();
  entry->active = std::move(stored.active);
  entry->revision = stored.revision;
  if (stored.latest.version != entry->active.version) {
    entry->pending = std::make_shared<const MetricDefinition>(std::move(stored.latest));
  }
  if (encoder != nullptr) entry->encoded = encoder(entry->active);
  return entry;
}

// `before` with the changed entries in their places; both are in order of id.
std::vector<CatalogEntryPtr> Merge(const std::vector<CatalogEntryPtr>& before,
                                   std::vector<StoredEntry> changed,
                                   const CatalogCache::Encoder& encoder) {
  std::vector<CatalogEntryPtr> merged;
  merged.reserve(before.size() + changed.size());
  auto old = before.begin();
  for (StoredEntry& stored : changed) {
    const std::string id = stored.active.id();
    // Binary search over the rest: most changes are of few entries among many.
    const auto place = std::partition_point(
        old, before.end(), [&](const CatalogEntryPtr& entry) { return entry->active.id() < id; });
    merged.insert(merged.end(), old, place);
    old = place;
    if (old != before.end() && (*old)->active.id() == id) ++old;
    merged.push_back(EntryOf(std::move(stored), encoder));
  }
  merged.insert(merged.end(), old, before.end());
  return merged;
}

absl::StatusOr<CatalogSnapshotPtr> Apply(const CatalogSnapshotPtr& before, Change change,
                                         const CatalogCache::Encoder& encoder) {
  static const std::vector<CatalogEntryPtr> kNone;
  ASSIGN_OR_RETURN(std::vector<StoredEntry> changed, std::move(change.entries));
  std::vector<CatalogEntryPtr> entries =
      Merge(change.whole ? kNone : before->All(), std::move(changed), encoder);
  return CatalogSnapshot::Build(change.revision, std::move(entries), before.get());
}

}  // namespace

absl::StatusOr<LookedUpSnapshots> LookAt(pg::Pool& pool, const KnownSnapshots& known,
                                         const CatalogCache::Encoder& encoder,
                                         const CallBounds& bounds) {
  std::map<int32_t, Change> changes;
  const auto read = [&](pg::Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(changes, ReadChanges(transaction, known));
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(pool.Run(bounds, pg::TransactionMode::kReadOnlySnapshot, read));
  LookedUpSnapshots snapshots;
  for (const auto& [project, snapshot] : known) {
    const auto change = changes.find(project);
    if (change == changes.end()) {
      snapshots.emplace(project, snapshot);
    } else {
      snapshots.emplace(project, Apply(snapshot, std::move(change->second), encoder));
    }
  }
  return snapshots;
}

}  // namespace metricstore::registry
