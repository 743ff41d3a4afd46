#include "registry_service/projects/projects.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "registry_service/projects/project_statements.h"

namespace metricstore::registry {
namespace {

constexpr std::string_view kDefaultProject = "default";

absl::Status ProjectNotFound(std::string_view name) {
  return status::ErrorBuilder(absl::StatusCode::kNotFound, "PROJECT_NOT_FOUND",
                              absl::StrCat("no project is named \"", std::string(name), "\""))
      .Metadata("project", name)
      .Build();
}

}  // namespace

absl::StatusOr<int32_t> Projects::Resolve(std::string_view name, const CallBounds& bounds) {
  if (name.empty()) name = kDefaultProject;
  {
    std::lock_guard lock(mutex_);
    if (const auto found = ids_.find(name); found != ids_.end()) return found->second;
  }
  // The database would cut the name there.
  if (name.find('\0') != std::string_view::npos) return ProjectNotFound(name);
  std::optional<int32_t> id;
  const auto read = [&](pg::Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(const pg::Result rows,
                     transaction.Execute(kSelectProject, pg::Params().Add(name)));
    if (!rows.empty()) id = rows.Single().Int32(0);
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(pool_.Run(bounds, pg::TransactionMode::kReadOnly, read));
  if (!id.has_value()) return ProjectNotFound(name);
  std::lock_guard lock(mutex_);
  ids_.emplace(std::string(name), *id);
  return *id;
}

}  // namespace metricstore::registry
