// Of which dates and instants, seen from a bucket, a window shows its base.
#pragma once

#include <cstdint>
#include <optional>

#include "common/calendar/calendar.h"
#include "common/calendar/shown_base.h"
#include "common/calendar/window.h"

namespace metricstore::calendar {

// The first date of which a window may show something in the buckets from `start` on, one that the
// calendar knows. `start` is the first date of a bucket.
absl::CivilDay FirstDateShown(const Calendar& calendar, const Window& window, Grain grain,
                              absl::CivilDay start);

// Tells bucket by bucket from where on a window shows its base; it always does so up to the end of
// what the bucket's own dates show. Of kPrevious it tells what is the bucket's own, which a later
// one is to show. Keeps references to what it is made of.
class Reach {
 public:
  Reach(const Calendar& calendar, const Window& window, const ShownBase& base)
      : calendar_(calendar), window_(window), base_(base) {}

  // Does not go back from bucket to bucket.
  absl::Time StartOf(const OwnBucket& bucket);

 private:
  absl::Time RollingStart(const OwnBucket& bucket);
  // Of the first date that a bucket shows, rolling by days or to date. Kept, because the hours of a
  // day ask for the same one.
  absl::Time DateStart(const OwnBucket& bucket);

  const Calendar& calendar_;
  const Window& window_;
  const ShownBase& base_;
  std::optional<uint32_t> last_asked_;  // OwnBucket::last_shown
  absl::Time last_start_;
};

}  // namespace metricstore::calendar
