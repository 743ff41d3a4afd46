// Filters that YAML cut at a comma of their own.
#pragma once

#include <cstddef>
#include <optional>

#include "registry_service/catalog/yaml/syntax/yaml_document.h"

namespace metricstore::registry {

// The first item of a list in [ ] that ends inside brackets or quotes which a later item closes:
// [coalesce(amount, 0) > 0] has two items.
std::optional<size_t> FindCutFilter(const YamlNode& filters);

}  // namespace metricstore::registry
