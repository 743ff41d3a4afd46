#include "common/expression/parse_tree.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/str_cat.h"

namespace metricstore::expression {
namespace {

using nlohmann::json;

// Forms of the grammar that expressions do not have, by the parse tree's name for them.
constexpr struct {
  std::string_view name;
  std::string_view what;
} kRefusedForms[] = {
    {"SubLink", "a sub-select"},
    {"ParamRef", "a parameter"},
    {"A_Indirection", "a subscript or field"},
    {"A_ArrayExpr", "an array"},
    {"RowExpr", "a row of values"},
    {"CollateClause", "COLLATE"},
    {"GroupingFunc", "GROUPING"},
    {"SetToDefault", "DEFAULT"},
    {"NamedArgExpr", "a named argument"},
    {"XmlExpr", "XML"},
    {"XmlSerialize", "XML"},
    {"MultiAssignRef", "an assignment"},
    // Parts of a function call.
    {"agg_order", "ORDER BY in a call"},
    {"over", "a window clause (OVER)"},
    {"func_variadic", "VARIADIC"},
    // Kinds of operator.
    {"AEXPR_SIMILAR", "SIMILAR TO"},
    {"AEXPR_OP_ANY", "ANY"},
    {"AEXPR_OP_ALL", "ALL"},
    {"AEXPR_BETWEEN_SYM", "BETWEEN SYMMETRIC"},
    {"AEXPR_NOT_BETWEEN_SYM", "BETWEEN SYMMETRIC"},
};

}  // namespace

std::string RefusalOf(std::string_view form) {
  for (const auto& entry : kRefusedForms) {
    if (entry.name == form) return absl::StrCat(std::string(entry.what), " is not supported");
  }
  return "this form is not supported";
}

std::optional<size_t> FirstLocation(const json& tree) {
  std::vector<const json*> pending = {&tree};
  std::optional<size_t> first;
  while (!pending.empty()) {
    const json& node = *pending.back();
    pending.pop_back();
    for (auto it = node.begin(); it != node.end(); ++it) {
      if (it->is_structured()) {
        pending.push_back(&*it);
      } else if (node.is_object() && it.key() == "location" && it->is_number_integer() &&
                 it->get<int64_t>() >= 0) {
        first = std::min(first.value_or(SIZE_MAX), it->get<size_t>());
      }
    }
  }
  return first;
}

size_t OffsetOf(const json& tree) {
  const auto own = tree.find("location");
  const size_t location = own != tree.end() && own->is_number_integer() && own->get<int64_t>() >= 0
                              ? own->get<size_t>()
                              : FirstLocation(tree).value_or(0);
  return location < kStatementPrefix.size() ? 0 : location - kStatementPrefix.size();
}

std::optional<std::vector<std::string>> NamesIn(const json& list) {
  std::vector<std::string> names;
  for (const json& item : list) {
    const auto text = item.find("String");
    if (text == item.end()) return std::nullopt;
    names.push_back(text->value("sval", ""));
  }
  return names;
}

}  // namespace metricstore::expression
