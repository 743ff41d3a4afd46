// What differs between two definitions of a dataset, of a calendar, or of notes on columns.
#pragma once

#include <vector>

#include "common/calendar/calendar.h"
#include "registry_service/catalog/definition/field_change.h"
#include "registry_service/datasets/column_metadata.h"
#include "registry_service/datasets/dataset.h"

namespace metricstore::registry {

// Fields in the order of YAML keys; of columns "columns[volume].type". Changes the meaning of
// metrics: another calendar, time or entity column. Breaking: grain, time or entity column, a
// column that goes or has another type or unit, one that is added and must have a value. Empty for
// equal definitions.
std::vector<FieldChange> DiffDatasets(const Dataset& before, const Dataset& after);

// Which of the top-level parts differ: "sessions", "holidays". All but the description change the
// meaning of metrics. Lists are told by their first difference, item for item. Empty for equal
// definitions.
std::vector<FieldChange> DiffCalendars(const calendar::CalendarSpec& before,
                                       const calendar::CalendarSpec& after);

// Fields "columns[volume].description". Columns that `after` does not name stay as they are.
std::vector<FieldChange> DiffColumnNotes(const std::vector<ColumnNote>& before,
                                         const std::vector<ColumnNote>& after);

}  // namespace metricstore::registry
