// Reads the registered datasets and the statistics of their rows.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/pg/pool.h"
#include "common/time/cancellation.h"
#include "common/time/clock.h"
#include "registry_service/datasets/dataset.h"

namespace metricstore::registry {

// What is stored of a dataset, kept up to date by ingest.
struct DatasetStatistics {
  int64_t row_count = 0;
  int64_t entity_count = 0;
  std::optional<absl::Time> oldest;  // unset without rows or without a time column
  std::optional<absl::Time> newest;
};

// Thread-safe. Get serves definitions that were read at most a second ago (datasets change rarely,
// ingest asks for them with every batch); everything else reads. The pool must outlive it.
class DatasetStore {
 public:
  explicit DatasetStore(pg::Pool& pool, const Clock& clock = Clock::System())
      : pool_(pool), clock_(clock) {}

  // NOT_FOUND (DATASET_NOT_FOUND, metadata dataset and, if a similar name exists, suggestion), or
  // the errors of pg::Pool::Run.
  absl::StatusOr<std::shared_ptr<const Dataset>> Get(int32_t project_id, std::string_view name,
                                                     const CallBounds& bounds);

  // At most `limit` datasets whose names come after `after`, by name. Errors of pg::Pool::Run.
  absl::StatusOr<std::vector<std::shared_ptr<const Dataset>>> List(int32_t project_id,
                                                                   std::string_view after,
                                                                   int64_t limit,
                                                                   const CallBounds& bounds);

  // One for each of `names`, in that order; zeros for a dataset without rows. Errors of
  // pg::Pool::Run.
  absl::StatusOr<std::vector<DatasetStatistics>> Statistics(int32_t project_id,
                                                            const std::vector<std::string>& names,
                                                            const CallBounds& bounds);

  // Drops what is cached of a project: its definitions were changed by this process.
  void Forget(int32_t project_id);

 private:
  struct Entry {
    std::shared_ptr<const Dataset> dataset;
    absl::Time read_at;
  };

  pg::Pool& pool_;
  const Clock& clock_;
  std::mutex mutex_;
  std::map<std::pair<int32_t, std::string>, Entry> entries_;  // guarded by mutex_
};

// NOT_FOUND (DATASET_NOT_FOUND) for `name`, with a suggestion out of `known`.
absl::Status DatasetNotFound(std::string_view name, const std::vector<std::string>& known);

}  // namespace metricstore::registry
