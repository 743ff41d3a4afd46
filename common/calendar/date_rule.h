// Rules that name dates year by year: "the third Monday of January".
#pragma once

#include <variant>
#include <vector>

#include "absl/time/civil_time.h"

namespace metricstore::calendar {

// How a yearly date moves when it falls on a weekend.
enum class Observance {
  kNone = 0,
  kNearestWeekday = 1,   // Saturday to Friday, Sunday to Monday
  kSundayToMonday = 2,   // Saturday stays
  kWeekendToMonday = 3,  // Saturday and Sunday to Monday
  kWeekendToFriday = 4   // Saturday and Sunday to Friday
};

// See proto metricstore.registry.v1.DateRule.
struct DateRule {
  // Dates that no rule gives, ascending and distinct.
  struct Dates {
    std::vector<absl::CivilDay> dates;
  };
  struct MonthDay {
    int month;
    int day;
  };
  struct NthWeekday {
    int month;
    absl::Weekday weekday;
    int n;
  };  // n -1: the last
  struct EasterOffset {
    int days;
  };
  std::variant<Dates, MonthDay, NthWeekday, EasterOffset> rule;
  Observance observance = Observance::kNone;
  int offset_days = 0;
  int first_year = 0;  // 0: no bound
  int last_year = 0;   // 0: no bound
  std::vector<absl::Weekday> only_on;

  // The dates named in `year`, ascending. An observed date may lie in a neighbouring year.
  std::vector<absl::CivilDay> DatesIn(int year) const;
  // The dates from `first` to `last` (inclusive), ascending, whichever year names them.
  std::vector<absl::CivilDay> DatesWithin(absl::CivilDay first, absl::CivilDay last) const;
};

}  // namespace metricstore::calendar
