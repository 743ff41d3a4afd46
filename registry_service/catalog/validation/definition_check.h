// Checks all definitions of an import against each other and against what is stored.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "common/calendar/calendar.h"
#include "registry_service/calendars/calendar_store.h"
#include "registry_service/catalog/definition/faults.h"
#include "registry_service/catalog/definition/metric_definition.h"
#include "registry_service/catalog/yaml/definition_files.h"
#include "registry_service/datasets/column_metadata.h"
#include "registry_service/datasets/dataset.h"

namespace metricstore::registry {

// A stored metric in full.
struct StoredMetric {
  MetricDefinition latest;  // the newest version with its words
  MetricDefinition active;  // what readers are served; equal to `latest` where that is active
  int active_version = 0;
  int latest_version = 0;
  bool deleted = false;
};

// What checks need of every stored metric that is not deleted.
struct MetricSummary {
  // Of the served and the newest version: either may come to be served.
  std::vector<std::string> depends_on;
  std::vector<std::string> synonyms;
  std::string likeness;  // of the newest version
};

// What a project holds before an import.
struct StoredDefinitions {
  std::map<std::string, StoredCalendar> calendars;  // newest versions
  std::map<std::string, Dataset> datasets;
  std::map<std::string, std::vector<ColumnNote>>
      column_notes;  // by table, of columns with a description
  // By id, deleted ones too: those that the import names, those over datasets or calendars that it
  // changes, those that read its metrics, and what all of these read, directly or through others.
  std::map<std::string, StoredMetric> metrics;
  std::map<std::string, MetricSummary> summaries;  // by id, all
};

// The calendars of an import, ready for use. Faults: DEFINITION_INVALID.
std::map<std::string, std::shared_ptr<const calendar::Calendar>> CheckCalendars(
    Definitions& definitions, Faults& faults);

// The stored datasets whose metrics an import could break: those that it changes, and those whose
// calendar it changes.
std::set<std::string> AffectedDatasets(const Definitions& definitions,
                                       const StoredDefinitions& stored);

// Checks every definition, fills in what follows from others (tables, columns, references and
// canonical forms of metrics; the canonical forms of stored ones too, for comparisons), and checks
// that the stored metrics of affected datasets still make sense. Faults: DEFINITION_INVALID,
// EXPRESSION_INVALID, SQL_INVALID, NOT_SUPPORTED, METRIC_NOT_FOUND, DEPENDENCY_CYCLE. A metric
// without a path is an edit: its shape is checked too, and its tables and depends_on are derived
// anew.
void CheckDefinitions(Definitions& definitions, StoredDefinitions& stored, Faults& faults);

}  // namespace metricstore::registry
