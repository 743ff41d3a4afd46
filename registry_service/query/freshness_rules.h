// When stored points are stale, and what to do then. Pure functions.
#pragma once

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "common/calendar/calendar.h"
#include "common/calendar/window.h"
#include "common/time/grain.h"
#include "common/time/iso8601.h"
#include "registry_service/catalog/view/catalog_snapshot.h"
#include "registry_service/query/freshness_reader.h"

namespace metricstore::registry {

// The dates of rows that have no points yet, if there are any: those from the end of the bucket
// that starts at `newest_bucket` to the newest row, both included. A newest row in a bucket of
// which the window shows nothing, or that the calendar does not know, gives no point: it does not
// count.
std::optional<DateRange> DatesAfter(const calendar::Calendar& calendar,
                                    const calendar::Window& window, Grain grain,
                                    absl::Time newest_bucket, absl::Time newest_row);
// The trade date of an instant.
absl::CivilDay DateAt(const calendar::Calendar& calendar, absl::Time time);

// What is known of a metric's points and of what they are made of.
struct FreshnessFacts {
  bool has_rows = false;
  std::optional<absl::Time> newest_row;
  std::optional<absl::Time> newest_bucket;          // of the active version
  std::optional<absl::Time> newest_pending_bucket;  // of the newest, where that is another
  std::optional<DateRange> rows;                    // dates of all rows, both ends included
  std::optional<DateRange> newer;                   // as DatesAfter gives them
  std::string stale_upstream;                       // id of a stale metric that it reads
};

// State and reason, with what else the answer holds.
MetricFreshness JudgeFreshness(const CatalogEntry& entry, const FreshnessFacts& facts);

}  // namespace metricstore::registry
