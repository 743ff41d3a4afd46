// What people or tools say of a table's columns, beside its definition: `kind: columns`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "registry_service/catalog/yaml/syntax/yaml_mapping.h"
#include "registry_service/datasets/column_metadata.h"

namespace metricstore::registry {

// Who says what a dataset's own file says, and what an import says that names nobody.
inline constexpr std::string_view kDefinitionSource = "definition";
inline constexpr std::string_view kImportSource = "import";

// The notes of one table.
struct ColumnNotes {
  std::string table;
  std::vector<ColumnNote> columns;
};

// Reads `kind: columns` with `table` and `columns: [{name, description, confidence, source}]`.
// `source` at the top is that of columns which name none; "import" without either; "definition" is
// refused. Faults go to the mapping's source.
ColumnNotes ReadColumnNotes(YamlMapping& mapping);

}  // namespace metricstore::registry
