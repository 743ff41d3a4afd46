// Projects, the tenants: names as callers write them to the ids that every row carries.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/pg/pool.h"
#include "common/time/cancellation.h"

namespace metricstore::registry {

// Thread-safe. Ids that were found are kept for the life of the process: a project is never renamed
// and its id never used again. The pool must outlive it.
class Projects {
 public:
  explicit Projects(pg::Pool& pool) : pool_(pool) {}

  // The id of the project `name`; "" means "default". NOT_FOUND (PROJECT_NOT_FOUND, metadata
  // project), or the errors of pg::Pool::Run.
  absl::StatusOr<int32_t> Resolve(std::string_view name, const CallBounds& bounds);
  // The same if it was resolved before: never blocks for the database.
  std::optional<int32_t> Peek(std::string_view name) const;

 private:
  pg::Pool& pool_;
  mutable std::mutex mutex_;
  std::map<std::string, int32_t, std::less<>> ids_;  // guarded by mutex_
};

}  // namespace metricstore::registry
