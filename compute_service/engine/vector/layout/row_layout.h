// Where rows lie in buckets and parts of buckets: all that follows from their times.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/time/cancellation.h"
#include "compute_service/engine/vector/layout/shared_layout.h"
#include "compute_service/engine/vector/layout/slices.h"
#include "compute_service/engine/vector/program/program.h"

namespace metricstore::compute::vector {

// Of the rows of a filter set. Refers to their times.
struct RowLayout {
  // Of groups whose folds share rows.
  struct Shared {
    size_t work = 0;  // of FilterGroup::shared
    std::vector<size_t> groups;
    SharedLayout layout;
  };
  std::vector<BucketRows> lists;  // of each group
  std::vector<Shared> shared;
};

// `times` ascend; `bucket_lists` are the program's. CANCELLED / DEADLINE_EXCEEDED by `bounds`.
absl::StatusOr<RowLayout> LayOutRows(const FilterGroup& filter,
                                     std::span<const BucketList> bucket_lists,
                                     std::span<const int64_t> times, const CallBounds& bounds);

// Remembers the layout of one set of times: the bars of many symbols have the same minutes. Which
// is laid out twice is remembered, so entities whose times all differ cost no copy. Thread-safe.
class RowLayoutMemory {
 public:
  // nullptr if the layout of these times is not remembered. Times that are remembered ascend.
  std::shared_ptr<const RowLayout> Find(std::span<const int64_t> times) const;
  // Lays out times that were not found. Arguments and errors as LayOutRows; of one program's filter
  // set without a filter, always the same one.
  absl::StatusOr<std::shared_ptr<const RowLayout>> LayOut(const FilterGroup& filter,
                                                          std::span<const BucketList> bucket_lists,
                                                          std::span<const int64_t> times,
                                                          const CallBounds& bounds);

 private:
  struct Remembered {
    std::vector<int64_t> times;
    RowLayout layout;
  };
  // Tells most times from others.
  struct Outline {
    size_t count = 0;
    int64_t first = 0;
    int64_t last = 0;
    friend bool operator==(const Outline&, const Outline&) = default;
  };

  mutable absl::Mutex mutex_;
  Outline last_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<const Remembered> remembered_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace metricstore::compute::vector
