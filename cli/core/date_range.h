// Dates as people give them, both included, to the half-open ranges of the API and back.
#pragma once

#include <google/protobuf/repeated_field.h>

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "common/time/iso8601.h"
#include "metricstore/common/v1/interval.pb.h"

namespace metricstore::cli {

// The date that an option gives, "YYYY-MM-DD". INVALID_ARGUMENT (UsageError naming the option) if
// it is none, or one that no calendar has.
absl::StatusOr<absl::CivilDay> ParseDateOption(const std::string& option, const std::string& text);

// `from` and `to` are "YYYY-MM-DD", both included. INVALID_ARGUMENT (UsageError) if one is no date,
// or if `from` is after `to`.
absl::StatusOr<DateRange> ParseDateRange(const std::string& from, const std::string& to);

void ToProto(const DateRange& dates, common::v1::DateInterval* proto);

// The first to the last date, both included: "2024-01-16 to 2024-01-18"; one date alone:
// "2024-01-16".
std::string DatesText(const common::v1::DateInterval& dates);

// The same of several, by ", "; of more than three the whole span: "2024-01-02 to 2024-03-28 in 14
// stretches".
using DateIntervals = google::protobuf::RepeatedPtrField<common::v1::DateInterval>;
std::string DatesText(const DateIntervals& dates);

// How many dates there are inside.
int64_t CountDates(const DateIntervals& dates);

// The last date inside a half-open interval, for people; the text itself if it is no date.
std::string LastDate(const common::v1::DateInterval& dates);

}  // namespace metricstore::cli
