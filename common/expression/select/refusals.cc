// What SELECTs do not have, in the words of users.

#include "absl/strings/str_cat.h"
#include "common/expression/catalog/foreign_names.h"
#include "common/expression/select/walker.h"

namespace metricstore::expression::select {
namespace {

// By the parse tree's name of a form, of its part, or of its kind.
constexpr struct {
  std::string_view name;
  std::string_view what;
} kRefused[] = {
    {"ParamRef", "a parameter"},
    {"NamedArgExpr", "a named argument"},
    {"CollateClause", "COLLATE"},
    {"SetToDefault", "DEFAULT"},
    {"CurrentOfExpr", "CURRENT OF"},
    {"XmlExpr", "XML"},
    {"XmlSerialize", "XML"},
    {"RangeTableSample", "TABLESAMPLE"},
    {"RangeTableFunc", "XMLTABLE"},
    // Parts.
    {"intoClause", "SELECT INTO"},
    {"lockingClause", "FOR UPDATE and the like"},
    {"func_variadic", "VARIADIC"},
    {"arrayBounds", "a cast to an array"},
    {"setof", "SETOF"},
    {"pct_type", "%TYPE"},
    {"is_rowsfrom", "ROWS FROM"},
    {"coldeflist", "a list of column definitions"},
    {"useOp", "ORDER BY ... USING"},
    {"search_clause", "SEARCH"},
    {"cycle_clause", "CYCLE"},
    // Kinds.
    {"AEXPR_SIMILAR", "SIMILAR TO"},
    {"AEXPR_BETWEEN_SYM", "BETWEEN SYMMETRIC"},
    {"AEXPR_NOT_BETWEEN_SYM", "BETWEEN SYMMETRIC"},
};

// By the function that the grammar makes of them.
constexpr struct {
  std::string_view name;
  std::string_view what;
} kRefusedSyntax[] = {
    {"is_normalized", "IS NORMALIZED"},    {"normalize", "NORMALIZE"}, {"overlaps", "OVERLAPS"},
    {"pg_collation_for", "COLLATION FOR"}, {"xmlexists", "XMLEXISTS"},
};

}  // namespace

std::string FormRefusal(std::string_view form) {
  for (const auto& refused : kRefused) {
    if (refused.name == form) return absl::StrCat(std::string(refused.what), " is not supported");
  }
  return "this form is not supported";
}

std::string WhyRefused(std::string_view name) {
  for (const auto& refused : kRefusedSyntax) {
    if (refused.name == name) return absl::StrCat(std::string(refused.what), " is not supported");
  }
  if (name == "metric") {
    return "metric(...) reads other metrics in expressions; a SELECT reads tables";
  }
  return WhyNotOfRows(name);
}

}  // namespace metricstore::expression::select
