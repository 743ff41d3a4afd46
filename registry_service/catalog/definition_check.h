// Checks all definitions of an import against each other and against what is stored.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "common/calendar/calendar.h"
#include "registry_service/calendars/calendar_store.h"
#include "registry_service/catalog/definition_files.h"
#include "registry_service/catalog/faults.h"
#include "registry_service/catalog/metric_definition.h"
#include "registry_service/datasets/dataset.h"

namespace metricstore::registry {

// A stored metric, in its latest version.
struct StoredMetric {
  MetricDefinition definition;
  int active_version = 0;
  int latest_version = 0;
};

// What a project holds before an import.
struct StoredDefinitions {
  std::map<std::string, StoredCalendar> calendars;  // newest versions
  std::map<std::string, Dataset> datasets;
  std::map<std::string, StoredMetric> metrics;  // by id; those that the import may concern
};

// The calendars of an import, ready for use. Faults: DEFINITION_INVALID.
std::map<std::string, std::shared_ptr<const calendar::Calendar>> CheckCalendars(
    Definitions& definitions, Faults& faults);

// The stored datasets whose metrics an import could break: those that it changes, and those whose
// calendar it changes.
std::set<std::string> AffectedDatasets(const Definitions& definitions,
                                       const StoredDefinitions& stored);

// Checks every definition, fills in what follows from others (tables and columns of metrics), and
// checks that the stored metrics of affected datasets still make sense. Faults: DEFINITION_INVALID,
// EXPRESSION_INVALID, NOT_SUPPORTED.
void CheckDefinitions(Definitions& definitions, const StoredDefinitions& stored, Faults& faults);

}  // namespace metricstore::registry
