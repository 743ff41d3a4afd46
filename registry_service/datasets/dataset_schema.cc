#include "registry_service/datasets/dataset_schema.h"

namespace metricstore::registry {

expression::Schema SchemaOf(const Dataset& dataset) {
  expression::Schema schema;
  for (const DatasetColumn& column : dataset.columns) {
    schema.push_back({column.name, column.type, column.nullable});
  }
  return schema;
}

}  // namespace metricstore::registry
