// What is doubtful in a calendar: dates and hours that are no fault and most likely not meant.
#pragma once

#include <vector>

#include "common/calendar/calendar_spec.h"
#include "registry_service/catalog/definition/located.h"
#include "registry_service/catalog/validation/finding.h"

namespace metricstore::registry {

// Warnings of a calendar that has passed calendar::CheckSpec, in the order of its parts:
// DATES_DOUBTFUL for rules and single dates outside of the calendar's, dates that two holidays or
// two special hours name, one of them singly; HOURS_DOUBTFUL for special hours that change nothing
// or leave no session.
std::vector<Finding> CalendarDoubts(const calendar::CalendarSpec& spec);

// Those, and what was doubtful in reading the file, with their lines.
std::vector<Finding> CalendarDoubts(const Located<calendar::CalendarSpec>& located);

}  // namespace metricstore::registry
