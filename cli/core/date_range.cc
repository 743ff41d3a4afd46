#include "cli/core/date_range.h"

#include "cli/output/concat.h"
#include "cli/output/error_printer.h"
#include "cli/output/number_text.h"
#include "common/status/macros.h"

namespace metricstore::cli {
namespace {

absl::StatusOr<absl::CivilDay> ParseOption(const std::string& option, const std::string& text) {
  const auto date = ParseDate(option, text);
  if (date.ok()) return *date;
  return UsageError(Concat(option, " ", Quoted(text),
                           " is not a date from 1900 to 2200; YYYY-MM-DD is expected"));
}

}  // namespace

absl::StatusOr<DateRange> ParseDateRange(const std::string& from, const std::string& to) {
  ASSIGN_OR_RETURN(const absl::CivilDay first, ParseOption("--from", from));
  ASSIGN_OR_RETURN(const absl::CivilDay last, ParseOption("--to", to));
  if (first > last) {
    return WithHint(UsageError(Concat("--from ", from, " is after --to ", to)),
                    "both dates are included; exchange them");
  }
  return DateRange{first, last + 1};
}

void ToProto(const DateRange& dates, common::v1::DateInterval* proto) {
  proto->set_start_date(FormatDate(dates.start));
  proto->set_end_date(FormatDate(dates.end));
}

std::string DatesText(const common::v1::DateInterval& dates) {
  const std::string last = LastDate(dates);
  return dates.start_date() == last ? last : Concat(dates.start_date(), " to ", last);
}

std::string DatesText(const DateIntervals& dates) {
  constexpr int kNamed = 3;
  if (dates.size() > kNamed) {
    return Concat(dates[0].start_date(), " to ", LastDate(dates[dates.size() - 1]), " in ",
                  FormatCountOf(dates.size(), "stretch"));
  }
  std::string text;
  for (const auto& interval : dates) text += Concat(text.empty() ? "" : ", ", DatesText(interval));
  return text;
}

int64_t CountDates(const DateIntervals& dates) {
  int64_t count = 0;
  for (const auto& interval : dates) {
    const auto start = ParseDate("start_date", interval.start_date());
    const auto end = ParseDate("end_date", interval.end_date());
    if (start.ok() && end.ok()) count += *end - *start;
  }
  return count;
}

std::string LastDate(const common::v1::DateInterval& dates) {
  const auto end = ParseDate("end_date", dates.end_date());
  return end.ok() ? FormatDate(*end - 1) : dates.end_date();
}

}  // namespace metricstore::cli
