// Of which dates and instants, seen from a bucket, a window shows its base.
#pragma once

#include <optional>
#include <vector>

#include "common/calendar/calendar.h"
#include "common/calendar/shown_base.h"
#include "common/calendar/window.h"

namespace metricstore::calendar {

// The first date of which a window may show something in the buckets from `start` on, one that the
// calendar knows. `start` is the first date of a bucket.
absl::CivilDay FirstDateShown(const Calendar& calendar, const Window& window, Grain grain,
                              absl::CivilDay start);

// Tells bucket by bucket what a window shows. Keeps references to what it is made of.
class Reach {
 public:
  Reach(const Calendar& calendar, const Window& window, Grain grain, const ShownBase& base,
        const std::vector<OwnBucket>& own)
      : calendar_(calendar), window_(window), grain_(grain), base_(base), own_(own) {}

  // The stretch of time in which own[i] shows the base; none if there is no such bucket. Neither
  // start nor end go back as i grows.
  std::optional<TimeRange> Of(size_t i);

 private:
  absl::Time RollingStart(const OwnBucket& bucket);
  // Of the first date that a bucket shows, rolling by days or to date. Kept, because the hours of a
  // day ask for the same one.
  absl::Time StartOf(const OwnBucket& bucket);

  const Calendar& calendar_;
  const Window& window_;
  const Grain grain_;
  const ShownBase& base_;
  const std::vector<OwnBucket>& own_;
  std::optional<uint32_t> last_asked_;  // OwnBucket::last_shown
  absl::Time last_start_;
};

}  // namespace metricstore::calendar
