#include "common/expression/select_layers.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

namespace metricstore::expression {

LayeredText SelectLayers::Add(const LayeredText& value) {
  const auto [found, is_new] = columns_.try_emplace(value.text);
  if (is_new) {
    const std::string name = QuotedName(absl::StrCat(prefix_, columns_.size()));
    if (layers_.size() <= value.layers) layers_.resize(value.layers + 1);
    layers_[value.layers].push_back(absl::StrCat(value.text, " AS ", name));
    found->second = {.text = name, .layers = value.layers + 1};
  }
  return found->second;
}

std::string SelectLayers::Over(std::string relation) const {
  for (const std::vector<std::string>& layer : layers_) {
    relation = absl::StrCat("(SELECT *, ", absl::StrJoin(layer, ", "), " FROM ", relation, ")");
  }
  return relation;
}

std::string QuotedName(const std::string& name) {
  return absl::StrCat("\"", absl::StrReplaceAll(name, {{"\"", "\"\""}}), "\"");
}

}  // namespace metricstore::expression
