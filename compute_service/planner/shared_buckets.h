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

// Resolves each distinct (window, grain) once for all metrics. `dates` are in order and disjoint.
// The calendar must outlive it. Not thread-safe.
class SharedBuckets {
 public:
  SharedBuckets(const calendar::Calendar& calendar, std::vector<DateRange> dates)
      : calendar_(calendar), dates_(std::move(dates)) {}

  // Those whose own dates lie in `dates`; they may show rows from before. Errors as
  // calendar::ResolveBuckets.
  absl::StatusOr<Buckets> Get(const calendar::Window& window, Grain grain);
  // Where all buckets of a grain start. INVALID_ARGUMENT (FIELD_INVALID "dates") unless `dates` are
  // whole ones.
  absl::StatusOr<BucketStarts> StartsOf(Grain grain) const;

  // The instants from the first to the last that any bucket shows.
  std::optional<TimeRange> Extent() const;

 private:
  struct Entry {
    calendar::Window window;
    Grain grain;
    Buckets buckets;
  };

  absl::StatusOr<calendar::WindowBuckets> Resolve(const calendar::Window& window,
                                                  Grain grain) const;

  const calendar::Calendar& calendar_;
  const std::vector<DateRange> dates_;
  std::vector<Entry> entries_;
};

}  // namespace metricstore::compute
