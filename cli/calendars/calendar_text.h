// Parts of calendars as people read them: clock times, days of the week, rules.
#pragma once

#include <google/protobuf/repeated_field.h>

#include <string>

#include "metricstore/registry/v1/calendar.pb.h"

namespace metricstore::cli {

// "09:30", "18:00-1d" on the evening before.
std::string LocalTimeText(const registry::v1::LocalTime& time);

// "12:00-13:00 15:00-15:15".
std::string BreaksText(const google::protobuf::RepeatedPtrField<registry::v1::Break>& breaks);

// "mon-fri", "sun tue": runs of three days and more by their ends.
std::string WeekdaysText(const google::protobuf::RepeatedField<int>& weekdays);

// "third Monday of January", "25 December, observed on the nearest weekday, from 2022". With `all`
// false, of many single dates the first and the last.
std::string RuleText(const registry::v1::DateRule& rule, bool all);

}  // namespace metricstore::cli
