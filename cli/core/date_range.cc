#include "cli/core/date_range.h"

#include <cstdio>

#include "cli/output/concat.h"
#include "cli/output/error_printer.h"
#include "cli/output/number_text.h"
#include "common/status/macros.h"

namespace metricstore::cli {
namespace {

// Why a text of the form of a date is none: "February 2024 has 29 days"; "" for other texts.
std::string WhyNoSuchDay(const std::string& text) {
  constexpr const char* kMonths[] = {"January",   "February", "March",    "April",
                                     "May",       "June",     "July",     "August",
                                     "September", "October",  "November", "December"};
  int year = 0;
  int month = 0;
  int day = 0;
  int read = 0;
  if (text.size() != 10 ||
      std::sscanf(text.c_str(), "%4d-%2d-%2d%n", &year, &month, &day, &read) != 3 || read != 10 ||
      year < 1900 || year > 2200) {
    return "";
  }
  if (month < 1 || month > 12) return "months are 01 to 12";
  const auto days =
      absl::CivilDay(absl::CivilMonth(year, month) + 1) - absl::CivilDay(year, month, 1);
  if (day < 1) return "days count from 01";
  return Concat(kMonths[month - 1], " ", year, " has ", days, " days");
}

}  // namespace

absl::StatusOr<absl::CivilDay> ParseDateOption(const std::string& option, const std::string& text) {
  const auto date = ParseDate(option, text);
  if (date.ok()) return *date;
  if (const std::string why = WhyNoSuchDay(text); !why.empty()) {
    return UsageError(Concat(option, " ", Quoted(text), " does not exist: ", why));
  }
  return UsageError(Concat(option, " ", Quoted(text),
                           " is not a date from 1900 to 2200; YYYY-MM-DD is expected"));
}

absl::StatusOr<DateRange> ParseDateRange(const std::string& from, const std::string& to) {
  ASSIGN_OR_RETURN(const absl::CivilDay first, ParseDateOption("--from", from));
  ASSIGN_OR_RETURN(const absl::CivilDay last, ParseDateOption("--to", to));
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
