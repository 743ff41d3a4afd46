// Dates as people give them, both included, to the half-open ranges of the API and back.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "common/time/iso8601.h"
#include "metricstore/common/v1/interval.pb.h"

namespace metricstore::cli {

// `from` and `to` are "YYYY-MM-DD", both included. INVALID_ARGUMENT (UsageError) if one is no date,
// or if `from` is after `to`.
absl::StatusOr<DateRange> ParseDateRange(const std::string& from, const std::string& to);

void ToProto(const DateRange& dates, common::v1::DateInterval* proto);

// The last date inside a half-open interval, for people; the text itself if it is no date.
std::string LastDate(const common::v1::DateInterval& dates);

}  // namespace metricstore::cli
