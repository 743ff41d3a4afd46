#include "registry_service/catalog/definition/faults.h"

#include <algorithm>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"

namespace metricstore::registry {

absl::Status Faults::ToStatus() const {
  if (faults_.empty()) return absl::OkStatus();
  std::vector<const Fault*> ordered;
  for (const Fault& fault : faults_) ordered.push_back(&fault);
  std::stable_sort(ordered.begin(), ordered.end(), [](const Fault* a, const Fault* b) {
    return std::tie(a->path, a->line) < std::tie(b->path, b->line);
  });
  const Fault& first = *ordered.front();
  const std::string place = absl::StrCat(first.path, ":", first.line);
  const std::string count =
      ordered.size() == 1 ? "" : absl::StrCat(ordered.size(), " faults; the first: ");
  status::ErrorBuilder error(absl::StatusCode::kInvalidArgument, first.reason,
                             absl::StrCat(count, place, ": ", first.message));
  error.Metadata("path", first.path).Metadata("line", absl::StrCat(first.line));
  for (const auto& [key, value] : first.metadata) error.Metadata(key, value);
  for (const Fault* fault : ordered) {
    error.Field(absl::StrCat(fault->path, ":", fault->line), fault->message);
  }
  return error.Build();
}

}  // namespace metricstore::registry
