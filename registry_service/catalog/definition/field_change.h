// One field that differs between two definitions.
#pragma once

#include <string>

namespace metricstore::registry {

// See proto metricstore.registry.v1.FieldChange.
struct FieldChange {
  std::string field;  // as YAML names it: "expression", "sql_by_plan", "columns[2].unit"
  std::string before;
  std::string after;
  bool changes_meaning = false;
  bool breaking = false;
  std::string reason;
};

}  // namespace metricstore::registry
