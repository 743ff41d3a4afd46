// Metrics that others read, changed into what cannot be read.
#pragma once

#include <string>
#include <vector>

#include "registry_service/catalog/definition/field_change.h"
#include "registry_service/catalog/definition/metric_definition.h"
#include "registry_service/catalog/diff/import_changes.h"
#include "registry_service/catalog/validation/definition_check.h"
#include "registry_service/catalog/yaml/definition_files.h"
#include "registry_service/datasets/dataset.h"

namespace metricstore::registry {

// Fills in ImportChange::broken_readers of metrics that get another version or have one promoted,
// and marks the field that does it as breaking, with the readers as a reason; so is one that makes
// texts, vectors or conditions of numbers, or the other way round, whoever reads them. What comes
// to wait is judged as if it were promoted. Readers that `stored` was not loaded with are not seen.
void MarkBrokenReaders(const Definitions& definitions, const StoredDefinitions& stored,
                       ImportChanges& changes);

// Marks the field that makes texts, vectors or conditions of numbers, or the other way round, as
// breaking. `changes` are what DiffMetrics tells of the two; of a metric whose expression does not
// bind nothing is known. Datasets are the metrics' own, nullptr for none.
void MarkOtherPoints(const MetricDefinition& before, const Dataset* before_dataset,
                     const MetricDefinition& after, const Dataset* after_dataset,
                     std::vector<FieldChange>& changes);

// "a/x, a/y and 3 more read it and can then not be computed: ..."; "" without any.
std::string BrokenReadersText(const ImportChange& change);

}  // namespace metricstore::registry
