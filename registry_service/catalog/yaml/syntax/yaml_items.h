// Lists of mappings in a definition file.
#pragma once

#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "registry_service/catalog/yaml/syntax/yaml_mapping.h"

namespace metricstore::registry {

// One element for each item of the list under `key`, read by `read(YamlMapping&)`. What is no
// mapping is a fault and keeps its place, so that the others keep their numbers.
template <typename Read>
auto ReadItems(YamlMapping& mapping, std::string_view key, Read read) {
  std::vector<decltype(read(mapping))> elements;
  const std::vector<const YamlNode*> items = TakeItems(mapping, key);
  elements.reserve(items.size());
  for (size_t i = 0; i < items.size(); ++i) {
    YamlMapping item(*items[i], mapping.source(),
                     absl::StrCat(mapping.FieldName(key), "[", i, "]."));
    const bool is_mapping = items[i]->kind == YamlNode::Kind::kMapping;
    elements.push_back(is_mapping ? read(item) : decltype(read(item))());
  }
  return elements;
}

}  // namespace metricstore::registry
