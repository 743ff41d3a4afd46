// Partitions of raw tables, made when the first row for them arrives.
#pragma once

#include <cstdint>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/pg/pool.h"
#include "common/time/cancellation.h"
#include "common/time/iso8601.h"
#include "registry_service/datasets/dataset.h"

namespace metricstore::registry {

// A batch may touch this many partitions: a century of months.
inline constexpr size_t kMaxPartitionsPerBatch = 1200;

// One partition: a UTC month or year.
struct Partition {
  std::string name;     // "fact_bars_p2024_01", "fact_bars_p2024"
  absl::CivilDay from;  // UTC, inclusive
  absl::CivilDay to;    // UTC, exclusive
};

// The partitions that rows at these instants fall into, in order, distinct; none if the dataset is
// not partitioned. INVALID_ARGUMENT (BATCH_INVALID, metadata column) for an instant outside the
// years 1900 to 2200 or for more than kMaxPartitionsPerBatch partitions.
absl::StatusOr<std::vector<Partition>> PartitionsOf(const Dataset& dataset,
                                                    std::span<const int64_t> unix_micros);

// Takes the lock, until the transaction ends, under which the raw table of that name is created,
// altered or given partitions.
absl::Status LockRawTable(pg::Transaction& transaction, std::string_view dataset);

// Thread-safe. Partitions known to exist are remembered for each state of the dataset's definition,
// since a changed definition may stand for a table made anew. The pool must outlive it.
class Partitions {
 public:
  explicit Partitions(pg::Pool& pool) : pool_(pool) {}

  // Makes sure that rows at these instants can be stored: creates what is missing in a short
  // transaction of its own, without locking the parent against readers or writers. Concurrent
  // creators, also in other processes, wait for each other. Errors: those of PartitionsOf,
  // FAILED_PRECONDITION (DATASET_CHANGE_REFUSED) if the raw table is gone, those of pg::Pool::Run.
  absl::Status Ensure(const Dataset& dataset, std::span<const int64_t> unix_micros,
                      const CallBounds& bounds);

  // Forgets what is known of a dataset's partitions: for a writer whose row found none.
  void Forget(std::string_view dataset);

 private:
  std::vector<Partition> UnknownOf(const Dataset& dataset, std::vector<Partition> wanted);

  pg::Pool& pool_;
  std::mutex mutex_;
  // (dataset's name, its update_time, partition's name); guarded by mutex_
  std::set<std::tuple<std::string, absl::Time, std::string>> known_;
};

}  // namespace metricstore::registry
