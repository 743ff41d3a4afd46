#include "registry_service/api/catalog/catalog_access.h"

#include <optional>

#include "common/status/macros.h"
#include "registry_service/api/request/request_text.h"

namespace metricstore::registry {

CatalogSnapshotPtr CatalogAccess::Peek(std::string_view project) const {
  const std::optional<int32_t> id = projects_.Peek(project);
  return id.has_value() ? cache_.Peek(*id) : nullptr;
}

absl::StatusOr<int32_t> CatalogAccess::ProjectId(const std::string& project,
                                                 const CallBounds& bounds) const {
  RETURN_IF_ERROR(api::CheckName("project", project));
  return projects_.Resolve(project, bounds);
}

absl::StatusOr<OpenedCatalog> CatalogAccess::Open(const std::string& project,
                                                  const CallBounds& bounds) const {
  OpenedCatalog catalog;
  ASSIGN_OR_RETURN(catalog.project_id, ProjectId(project, bounds));
  ASSIGN_OR_RETURN(catalog.snapshot, cache_.Get(catalog.project_id, bounds));
  return catalog;
}

absl::StatusOr<CatalogEntryPtr> CatalogAccess::Resolve(OpenedCatalog& catalog,
                                                       const std::string& name,
                                                       const CallBounds& bounds) const {
  absl::StatusOr<CatalogEntryPtr> found = catalog.snapshot->Resolve(name);
  if (!absl::IsNotFound(found.status())) return found;
  ASSIGN_OR_RETURN(catalog.snapshot, cache_.Refresh(catalog.project_id, bounds));
  return catalog.snapshot->Resolve(name);
}

void CatalogAccess::SeeOwnWrite(int32_t project_id, const CallBounds& bounds) const {
  cache_.Refresh(project_id, bounds).IgnoreError();
}

}  // namespace metricstore::registry
