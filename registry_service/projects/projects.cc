#include "registry_service/projects/projects.h"

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

std::optional<int32_t> Projects::Peek(std::string_view name) const {
  if (name.empty()) name = kDefaultProject;
  const std::lock_guard lock(mutex_);
  const auto found = ids_.find(name);
  return found == ids_.end() ? std::nullopt : std::optional(found->second);
}

absl::StatusOr<int32_t> Projects::Resolve(std::string_view name, const CallBounds& bounds) {
  if (name.empty()) name = kDefaultProject;
  if (const std::optional<int32_t> known = Peek(name); known.has_value()) return *known;
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
