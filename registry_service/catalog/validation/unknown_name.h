// Faults of names that nothing has.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "registry_service/catalog/definition/faults.h"
#include "registry_service/datasets/dataset.h"

namespace metricstore::registry {

template <typename Map>
std::vector<std::string> NamesOf(const Map& map) {
  std::vector<std::string> names;
  for (const auto& [name, value] : map) names.push_back(name);
  return names;
}

// DEFINITION_INVALID: `there is no dataset "fact_bar"; did you mean "fact_bars"?`, the suggestion
// in metadata too.
FieldFault UnknownName(std::string field, std::string_view kind, const std::string& name,
                       const std::vector<std::string>& known);

// The same for a column: `dataset "fact_bars" has no column "opn"; did you mean "open"?`.
FieldFault UnknownColumn(std::string field, const std::string& name, const Dataset& dataset);

}  // namespace metricstore::registry
