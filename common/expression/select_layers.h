// SELECTs inside each other, each with the columns that the next one needs.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace metricstore::expression {

// The text of a value, and the least number of layers below the SELECT where it may stand.
struct LayeredText {
  std::string text;
  size_t layers = 0;
  bool is_simple = true;  // a name or a literal: writing it twice costs nothing
};

// Columns computed over a relation, layer by layer. Not thread-safe.
class SelectLayers {
 public:
  // Names of columns begin with `prefix`, which no column of the relation does.
  explicit SelectLayers(std::string prefix) : prefix_(std::move(prefix)) {}

  // The value as a column of a layer of its own; the same column for the same text.
  LayeredText Add(const LayeredText& value);
  // `relation` with all columns.
  std::string Over(std::string relation) const;

 private:
  std::string prefix_;
  std::vector<std::vector<std::string>> layers_;
  std::map<std::string, LayeredText> columns_;  // by what they compute
};

// "name" in quotes.
std::string QuotedName(const std::string& name);

}  // namespace metricstore::expression
