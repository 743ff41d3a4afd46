// What people or tools say of a table's columns, beside its definition: `kind: columns`.
#pragma once

#include <string>
#include <vector>

#include "registry_service/catalog/yaml/yaml_mapping.h"
#include "registry_service/datasets/column_metadata.h"

namespace metricstore::registry {

// The notes of one table.
struct ColumnNotes {
  std::string table;
  std::vector<ColumnNote> columns;
};

// Reads `kind: columns` with `table` and `columns: [{name, description, confidence, source}]`.
// `source` at the top is that of columns which name none; "import" without either. Faults go to the
// mapping's source.
ColumnNotes ReadColumnNotes(YamlMapping& mapping);

}  // namespace metricstore::registry
