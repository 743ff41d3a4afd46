// What definitions stand on once an import is done: its calendars and datasets, and the stored ones
// that it leaves as they are.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/calendar/calendar.h"
#include "common/expression/expression.h"
#include "registry_service/catalog/definition/faults.h"
#include "registry_service/catalog/validation/definition_check.h"
#include "registry_service/catalog/yaml/definition_files.h"
#include "registry_service/datasets/dataset.h"

namespace metricstore::registry {

// What one metric stands on. Valid as long as the ground that gave it.
struct MetricGround {
  const Dataset* dataset = nullptr;              // nullptr: not known, or with faults
  const expression::Schema* schema = nullptr;    // of the dataset
  const calendar::Calendar* calendar = nullptr;  // of the dataset; nullptr likewise
};

// Not thread-safe. What it is made of must outlive it and stay as it is.
class ImportGround {
 public:
  // Checks the calendars and datasets of the import. Faults: DEFINITION_INVALID.
  ImportGround(Definitions& definitions, const StoredDefinitions& stored, Faults& faults);

  // Whether a dataset of that name is defined, with faults or without.
  bool Defines(std::string_view dataset) const { return datasets_.contains(dataset); }
  // Whether files that could not be read may define what is missing.
  bool may_have_more_datasets() const { return may_have_more_datasets_; }
  std::vector<std::string> DatasetNames() const;
  // All parts are nullptr for a dataset that is not known or not usable.
  MetricGround Of(std::string_view dataset) const;

 private:
  struct Ground {
    const Dataset* dataset = nullptr;  // nullptr: defined, with faults
    expression::Schema schema;
  };

  void GatherCalendars(Definitions& definitions, const StoredDefinitions& stored, Faults& faults);
  void GatherDatasets(Definitions& definitions, const StoredDefinitions& stored, Faults& faults);

  // nullptr: defined, with faults.
  std::map<std::string, std::shared_ptr<const calendar::Calendar>, std::less<>> calendars_;
  std::map<std::string, Ground, std::less<>> datasets_;
  bool may_have_more_datasets_ = false;
};

}  // namespace metricstore::registry
