// What windows show of a calendar's dates, page by page.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/calendar/buckets.h"
#include "common/calendar/calendar.h"
#include "common/calendar/window.h"
#include "common/time/grain.h"
#include "common/time/iso8601.h"

namespace metricstore::registry {

// A bucket is never split between pages, so none may show more pieces: a page of as many fits into
// a reply of 4 MiB.
inline constexpr size_t kMaxBucketPieces = 60'000;

// A bucket with the date by which it is called.
struct ResolvedBucket {
  absl::CivilDay first_date;
  calendar::Bucket bucket;
};

// Where a page starts: at this bucket, or at the first one after it.
struct BucketPosition {
  absl::CivilDay date;      // the bucket's first date
  absl::Time bucket_start;  // tells the hours of a date apart
};

struct ResolvedPage {
  std::vector<ResolvedBucket> buckets;
  std::optional<BucketPosition> next;  // of the next page, if there is one
};

// INVALID_ARGUMENT (PAGE_TOKEN_INVALID) for a token whose keys no page gave.
absl::Status ForeignPageToken();

// OK, or INVALID_ARGUMENT (FIELD_INVALID "dates") saying which dates the calendar knows.
absl::Status CheckKnownDates(const calendar::Calendar& calendar, const DateRange& dates);

// The buckets of the grain from `from` on (from the first if unset) that show anything of `dates`,
// widened to whole buckets, until they have `max_pieces`: at least one bucket, and no more than
// that where it has more pieces. Only the dates that the page needs are resolved. INVALID_ARGUMENT:
// FIELD_INVALID "dates" if the calendar does not know them or the buckets around them in whole;
// FIELD_INVALID "window" if a bucket has more than kMaxBucketPieces; PAGE_TOKEN_INVALID if no
// bucket may start at `from`; DEFINITION_INVALID as calendar::CheckWindow.
absl::StatusOr<ResolvedPage> ResolveWindowPage(const calendar::Calendar& calendar,
                                               const calendar::Window& window, Grain grain,
                                               const DateRange& dates,
                                               const std::optional<BucketPosition>& from,
                                               size_t max_pieces);

}  // namespace metricstore::registry
