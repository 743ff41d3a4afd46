// The buckets of a plan, each list resolved once.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "common/calendar/buckets.h"
#include "common/time/grain.h"
#include "common/time/iso8601.h"

namespace metricstore::compute {

using Buckets = std::shared_ptr<const calendar::WindowBuckets>;
using BucketStarts = std::shared_ptr<const std::vector<int64_t>>;  // in microseconds

// Ranges of dates: in order, disjoint.
using Dates = std::vector<DateRange>;

// Resolves each distinct (window, grain, dates) once for all metrics. The calendar must outlive it.
// Not thread-safe.
class SharedBuckets {
 public:
  explicit SharedBuckets(const calendar::Calendar& calendar) : calendar_(calendar) {}

  // Those whose own dates lie in `dates`; they may show rows from before. Errors as
  // calendar::ResolveBuckets.
  absl::StatusOr<Buckets> Get(const calendar::Window& window, Grain grain, const Dates& dates);
  // Where all buckets of a grain start. INVALID_ARGUMENT (FIELD_INVALID "dates") unless `dates` are
  // whole ones.
  absl::StatusOr<BucketStarts> StartsOf(Grain grain, const Dates& dates) const;

  // The instants from the first to the last that any bucket shows.
  std::optional<TimeRange> Extent() const;

 private:
  struct Entry {
    calendar::Window window;
    Grain grain;
    Dates dates;
    Buckets buckets;
  };

  absl::StatusOr<calendar::WindowBuckets> Resolve(const calendar::Window& window, Grain grain,
                                                  const Dates& dates) const;

  const calendar::Calendar& calendar_;
  std::vector<Entry> entries_;
};

}  // namespace metricstore::compute
