// Which changes of rows or calendars finished backfills have not seen. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/time/iso8601.h"
#include "registry_service/query/date_ranges.h"

namespace metricstore::registry {

// Which transactions of a cluster were over at some time: a pg_snapshot.
struct Snapshot {
  uint64_t end = 0;               // the first transaction that had not begun
  std::vector<uint64_t> running;  // those before it that were not over, ascending

  bool Sees(uint64_t transaction) const;
};

// "10:20:10,14". INTERNAL for anything else.
absl::StatusOr<Snapshot> ParseSnapshot(std::string_view text);

// When rows were accepted, or a mark was written.
struct Acceptance {
  absl::Time at;
  std::optional<uint64_t> transaction;  // unset: from before this was kept
};

// When a backfill was created, and what it sees at least.
struct JobStart {
  absl::Time at;
  std::optional<Snapshot> snapshot;  // unset: from before this was kept
};

// A restored cluster counts transactions anew: only times tell then, and for a day not even these.
inline constexpr absl::Duration kClocksAgree = absl::Hours(24);

// Whether the backfill saw what was accepted. In doubt it did not.
bool CameBefore(const Acceptance& accepted, const JobStart& job);

// Dates, in whole buckets, that a finished backfill computed.
struct Cover {
  DateRange dates;
  const JobStart* job;
};

// Of covers, newest job first, what counts of each: the newest one of every date. In order of
// dates, disjoint.
std::vector<Cover> NewestCovers(const std::vector<Cover>& newest_first);
DateRanges DatesOf(const std::vector<Cover>& covers);

// What was accepted, with the dates of the buckets that it may change.
struct Change {
  DateRange dates;
  Acceptance accepted;
};

// Dates of changes that no backfill saw.
struct UnmetDates {
  DateRanges computed_before;  // the newest backfill of these dates came before the change
  DateRanges never_computed;
};
UnmetDates FindUnmet(const std::vector<Change>& changes, const std::vector<Cover>& covers);

}  // namespace metricstore::registry
