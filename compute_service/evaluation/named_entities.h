// Tells a named entity without rows in some dates from one that nobody knows.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "common/time/cancellation.h"
#include "compute_service/registry_client/registry_client.h"

namespace metricstore::compute {

// Is told of what an evaluation reads, and asks the registry about what is left. Not thread-safe.
class NamedEntities {
 public:
  explicit NamedEntities(const std::vector<std::string>& named) : named_(named) {}

  // A dataset with entities is read.
  void AddDataset(const std::string& name) { datasets_.insert(name); }
  // Rows of the entity were read.
  void HasRows(std::string_view entity) { seen_.emplace(entity); }

  // NOT_FOUND (ENTITY_NOT_FOUND, metadata dataset and entity) for the first named entity of which
  // no dataset holds any row; without datasets nothing is asked. Errors of the registry.
  absl::Status CheckKnown(RegistryClient& registry, const std::string& project,
                          const CallBounds& bounds) const;

 private:
  const std::vector<std::string> named_;
  std::set<std::string> datasets_;
  std::set<std::string, std::less<>> seen_;
};

}  // namespace metricstore::compute
