// When stored points are stale, and what to do then. Pure functions.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/calendar/calendar.h"
#include "common/calendar/window.h"
#include "common/time/grain.h"
#include "common/time/iso8601.h"
#include "registry_service/catalog/sources/row_sources.h"
#include "registry_service/catalog/view/catalog_snapshot.h"
#include "registry_service/query/date_ranges.h"

namespace metricstore::registry {

// Values equal those of proto metricstore.registry.v1.MetricFreshness.State.
enum class FreshnessState {
  kFresh = 1,
  kNeverComputed = 2,
  kNewerRows = 3,
  kNoRows = 4,
  kNotComputed = 5,
  kUpstreamStale = 6,
  kRowsChanged = 7,
  kCalendarChanged = 8,
  kDatasetChanged = 9,
  kUpstreamChanged = 10
};

// See proto metricstore.registry.v1.GrainFreshness.
struct GrainFreshness {
  Grain grain = Grain::kDay;
  FreshnessState state = FreshnessState::kRowsChanged;
  std::string reason;
  DateRanges stale_dates;  // as those of MetricFreshness
};

// See proto metricstore.registry.v1.MetricFreshness.
struct MetricFreshness {
  std::string metric;
  int active_version = 0;
  int latest_version = 0;
  Grain grain = Grain::kDay;
  std::optional<absl::Time> newest_bucket, newest_row;
  FreshnessState state = FreshnessState::kFresh;
  std::string reason;
  DateRanges stale_dates;  // whole buckets; at most kMaxStaleRanges, the last then covers the rest
  std::vector<GrainFreshness> other_grains;  // that are stale, finest first
};

inline constexpr size_t kMaxStaleRanges = 100;

// The dates of the buckets that the calendar knows all of: only these are computed.
DateRange ComputableDates(const calendar::Calendar& calendar, Grain grain);

// The dates, in whole buckets of the grain, whose buckets may show rows of `rows` (any dates).
// Empty if none of them can be computed.
DateRange WantedDates(const calendar::Calendar& calendar, const RowSource& source, Grain grain,
                      DateRange rows);

// The end of the bucket that holds the last of the rows, or where WantedDates end for a window that
// shows them in their own buckets alone.
absl::CivilDay RowsEnd(const calendar::Calendar& calendar, const RowSource& source, Grain grain,
                       DateRange rows);

// The dates on which the window's base shows anything of a stretch of time, from the first to the
// last; empty if it shows nothing. Outside of the calendar there are none.
DateRange DatesOfShown(const calendar::Calendar& calendar, const calendar::Window& window,
                       const TimeRange& stretch);

// Of the buckets of `dates` those of which the window shows anything. Where nothing lies between
// two of them but buckets without, they make one range.
DateRanges ShownDates(const calendar::Calendar& calendar, const calendar::Window& window,
                      Grain grain, const DateRanges& dates);

// Marks that no backfill met.
struct UnmetMarks {
  DateRanges dates;
  std::string cause;   // of the last: "calendar", "dataset", "upstream"
  std::string detail;  // of the last: "XNYS version 3", "price/close version 2"
};

// What makes points at another grain than the metric's own stale.
struct GrainFacts {
  Grain grain = Grain::kDay;
  bool computed = false;  // by a finished backfill of all entities
  DateRanges stale_rows;  // dates with points whose rows were accepted after they were computed
  UnmetMarks marked;
};

// What is known of a metric's points and of what they are made of.
struct FreshnessFacts {
  std::string why_not;  // why it cannot be computed; empty if it can
  std::string dataset;  // that it is computed from, the first without rows if there is one
  bool has_rows = false;
  std::string calendar;  // name; "" for a dataset without time
  std::optional<absl::Time> newest_row;
  std::optional<absl::Time> newest_bucket;          // of the active version
  std::optional<absl::Time> newest_pending_bucket;  // of the newest, where that is another
  DateRange wanted;  // of all rows, as WantedDates gives them, to the bucket of the newest
  // The end of the dates that finished backfills of all entities computed, or of the newest stored
  // bucket where that ends before; unset: there was none.
  std::optional<absl::CivilDay> computed_end;
  DateRanges stale_rows;           // whose rows were accepted after they were computed
  DateRanges never_computed;       // those among them that never were
  UnmetMarks marked;               // that are to be computed again
  std::string stale_upstream;      // id of a stale metric that it reads, directly or through others
  std::vector<GrainFacts> others;  // finest first
};

// Whether the metric's own rows, or a change under it, make its points stale.
bool IsStale(const CatalogEntry& entry, const FreshnessFacts& facts);

// State and reason, with what else the answer holds.
MetricFreshness JudgeFreshness(const CatalogEntry& entry, const FreshnessFacts& facts);

}  // namespace metricstore::registry
