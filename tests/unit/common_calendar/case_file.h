// Reads the plain-text cases of calendar semantics; cases/README.md describes their form.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/calendar/buckets.h"

namespace metricstore::calendar {

// One `resolve` or `bars` block: the question, and its table as BucketTable would write it.
struct Case {
  int line = 0;  // of the file
  std::shared_ptr<const Calendar> calendar;
  std::string window_text;
  Window window;
  Grain grain = Grain::kDay;
  DateRange dates;
  std::optional<absl::Duration> timeframe;  // of a `bars` block
  BarAlignment alignment = BarAlignment::kClock;
  std::vector<std::string> table;
};

// INVALID_ARGUMENT naming the line that is not of the form; NOT_FOUND for a missing file.
absl::StatusOr<std::vector<Case>> ReadCases(const std::string& path);

// One line for each slice, "bucket start | slice" in UTC; "nothing" if there is no bucket.
std::vector<std::string> BucketTable(const std::vector<Bucket>& buckets);

}  // namespace metricstore::calendar
