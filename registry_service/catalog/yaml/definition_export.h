// Definitions as YAML files: what an import reads back to the same definitions.
#pragma once

#include <string>

#include "common/calendar/calendar.h"
#include "registry_service/catalog/definition/metric_definition.h"
#include "registry_service/catalog/yaml/column_notes.h"
#include "registry_service/catalog/yaml/definition_files.h"
#include "registry_service/datasets/dataset.h"

namespace metricstore::registry {

// One definition a file; keys in the order of packs/README.md; what is at its default is left out,
// but for the category, so that a file may be moved; text of several lines in literal style;
// windows by their names where they have one. Equal definitions give equal bytes. Definitions must
// be valid, metrics normal (NormalizeMetric): then reading what was written gives the same
// definition.

// metrics/<category>/<name>.yaml
DefinitionFile ExportMetric(const MetricDefinition& metric);
// datasets/<name>.yaml
DefinitionFile ExportDataset(const Dataset& dataset);
// calendars/<name>.yaml
DefinitionFile ExportCalendar(const calendar::CalendarSpec& calendar);
// columns/<table>.yaml
DefinitionFile ExportColumnNotes(const ColumnNotes& notes);

}  // namespace metricstore::registry
