#include "registry_service/catalog/yaml/cut_filters.h"

#include <string_view>

namespace metricstore::registry {
namespace {

// What is open behind a piece of an expression.
class OpenParts {
 public:
  void Read(std::string_view text) {
    for (const char c : text) {
      if (quote_ != 0) {
        if (c == quote_) quote_ = 0;
      } else if (c == '\'' || c == '"') {
        quote_ = c;
      } else if (c == '(') {
        ++brackets_;
      } else if (c == ')') {
        --brackets_;
      }
    }
  }
  bool are_open() const { return brackets_ > 0 || quote_ != 0; }
  bool are_closed() const { return brackets_ == 0 && quote_ == 0; }

 private:
  int brackets_ = 0;
  char quote_ = 0;
};

bool IsCut(const YamlNode& filters, size_t first) {
  OpenParts parts;
  for (size_t i = first; i < filters.items.size(); ++i) {
    const YamlNode& item = filters.items[i];
    if (item.kind != YamlNode::Kind::kScalar || !item.is_plain) return false;
    parts.Read(item.scalar);
    if (parts.are_closed()) return i > first;
    if (!parts.are_open()) return false;
  }
  return false;
}

}  // namespace

std::optional<size_t> FindCutFilter(const YamlNode& filters) {
  if (filters.kind != YamlNode::Kind::kSequence || !filters.is_flow) return std::nullopt;
  for (size_t i = 0; i < filters.items.size(); ++i) {
    if (IsCut(filters, i)) return i;
  }
  return std::nullopt;
}

}  // namespace metricstore::registry
