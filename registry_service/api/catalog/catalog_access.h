// The catalogue of a project as it stands in memory.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/time/cancellation.h"
#include "registry_service/catalog/view/catalog_cache.h"
#include "registry_service/projects/projects.h"

namespace metricstore::registry {

using CatalogSnapshotPtr = std::shared_ptr<const CatalogSnapshot>;

// A project with its catalogue.
struct OpenedCatalog {
  int32_t project_id = 0;
  CatalogSnapshotPtr snapshot;
};

// Thread-safe. What it is made of must outlive it.
class CatalogAccess {
 public:
  CatalogAccess(Projects& projects, CatalogCache& cache) : projects_(projects), cache_(cache) {}

  // The catalogue if memory has it: never blocks; nullptr otherwise.
  CatalogSnapshotPtr Peek(std::string_view project) const;
  // The same, read first where memory has none. INVALID_ARGUMENT (FIELD_INVALID) for what names no
  // project, NOT_FOUND (PROJECT_NOT_FOUND), errors of pg::Pool::Run.
  absl::StatusOr<OpenedCatalog> Open(const std::string& project, const CallBounds& bounds) const;
  // The id alone. Errors as Open.
  absl::StatusOr<int32_t> ProjectId(const std::string& project, const CallBounds& bounds) const;

  // The metric of that id or bare name. Looks at the database before it says that there is none,
  // and leaves what it saw in `catalog`. Errors of CatalogSnapshot::Resolve and pg::Pool::Run.
  absl::StatusOr<CatalogEntryPtr> Resolve(OpenedCatalog& catalog, const std::string& name,
                                          const CallBounds& bounds) const;
  // Makes reads of this process see what it just wrote. A failure is left to those reads: the
  // write is done.
  void SeeOwnWrite(int32_t project_id, const CallBounds& bounds) const;

 private:
  Projects& projects_;
  CatalogCache& cache_;
};

}  // namespace metricstore::registry
