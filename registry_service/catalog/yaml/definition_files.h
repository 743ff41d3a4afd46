// The files of an import: calendars, datasets, notes on columns and metrics out of YAML text.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "common/calendar/calendar.h"
#include "registry_service/catalog/definition/faults.h"
#include "registry_service/catalog/definition/located.h"
#include "registry_service/catalog/definition/metric_definition.h"
#include "registry_service/catalog/yaml/column_notes.h"
#include "registry_service/datasets/dataset.h"

namespace metricstore::registry {

// A file as it was read.
struct DefinitionFile {
  std::string path;  // relative to the imported folder; its last folder is the default category
  std::string content;
};

// Everything that the files of an import define, in order of path and line.
struct Definitions {
  std::vector<Located<calendar::CalendarSpec>> calendars;
  std::vector<Located<Dataset>> datasets;
  std::vector<Located<ColumnNotes>> columns;
  std::vector<Located<MetricDefinition>> metrics;
  // Some file or some definition's kind or name is not readable: a calendar or dataset that is
  // missing may have been meant to be there.
  bool may_have_more_calendars = false;
  bool may_have_more_datasets = false;
};

// Reads all files. Faults: YAML_INVALID, KEY_UNKNOWN, DEFINITION_INVALID,
// DEFINITION_DUPLICATE.
Definitions ReadDefinitions(std::span<const DefinitionFile> files, Faults& faults);

}  // namespace metricstore::registry
