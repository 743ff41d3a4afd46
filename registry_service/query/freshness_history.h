// Reads what happened to metrics' rows and points: finished backfills, accepted batches, marks.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/calendar/calendar.h"
#include "common/pg/pool.h"
#include "common/time/grain.h"
#include "common/time/iso8601.h"
#include "registry_service/catalog/sources/row_sources.h"
#include "registry_service/query/freshness_coverage.h"

namespace metricstore::registry {

// A metric version at its own grain or at another one.
struct HistoryQuestion {
  std::string metric;
  int version = 0;
  Grain grain = Grain::kDay;
  RowSources rows;    // how rows come into its points
  std::string shape;  // equal for questions of the same rows and grain
  std::shared_ptr<const calendar::Calendar> calendar;
  DateRange shown;  // of all buckets that may show rows
  // Behind the bucket of the newest row: windows that reach back show rows later still, but nobody
  // has to compute these points before there are rows.
  absl::CivilDay rows_end;
  DateRange wanted;                 // of those that jobs are asked about
  DateRange later;                  // those among them that no job must cover
  std::optional<DateRange> stored;  // at another grain: of all points
  bool is_own = true;               // the metric's own grain
  absl::Time create_time;           // no job is older
};

// Rows that were accepted; of several batches, together.
struct AcceptedRows {
  std::optional<DateRange> dates;  // of the rows; unset: unknown
  std::vector<TimeRange>
      stretches;        // from the first row of a batch to its last: in order, disjoint
  Acceptance accepted;  // of the last of them
};

// Stored results that are to be computed again.
struct ResultMark {
  Change change;
  std::string cause;   // "calendar", "dataset", "upstream": what changed
  std::string detail;  // "XNYS version 3"
};

using Covers = std::shared_ptr<const std::vector<Cover>>;

// What a question is answered with. Points into its History.
struct MetricHistory {
  Covers covers;  // as NewestCovers gives them; metrics that the same jobs computed share them
  std::vector<ResultMark> marks;
};

// Movable, not copyable: covers point to jobs.
struct History {
  History() = default;
  History(History&&) = default;
  History& operator=(History&&) = default;

  std::deque<JobStart> jobs;
  std::vector<MetricHistory> metrics;  // by question
  // By dataset: what any of the jobs that cover dates of its metrics may have missed.
  std::map<std::string, std::vector<AcceptedRows>> rows;
};

// Reads as few jobs as cover the wanted dates, and as few batches and marks as they may have
// missed. Errors of the transaction.
absl::StatusOr<History> ReadHistory(pg::Transaction& transaction, int32_t project_id,
                                    const std::vector<HistoryQuestion>& questions);

}  // namespace metricstore::registry
