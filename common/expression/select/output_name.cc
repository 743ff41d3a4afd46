// The names that PostgreSQL gives to result columns.

#include "common/expression/select/walker.h"

namespace metricstore::expression::select {
namespace {

// How good a name is: a type's name gives way to that of what is cast.
enum class Strength { kNone, kWeak, kStrong };

struct Named {
  std::string name;
  Strength strength = Strength::kNone;
};

Named NameOf(const json& node);

Named NameOfCast(const json& cast) {
  Named inner = NameOf(cast.at("arg"));
  if (inner.strength == Strength::kStrong) return inner;
  return {NameIn(cast.at("typeName").at("names").back()).value_or(""), Strength::kWeak};
}

Named NameOfCase(const json& body) {
  const json* const otherwise = Part(body, "defresult");
  Named inner = otherwise == nullptr ? Named() : NameOf(*otherwise);
  return inner.strength == Strength::kStrong ? inner : Named{"case", Strength::kWeak};
}

Named NameOfSubLink(const json& link) {
  const std::string kind = TextPart(link, "subLinkType");
  if (kind == "EXISTS_SUBLINK") return {"exists", Strength::kStrong};
  if (kind == "ARRAY_SUBLINK") return {"array", Strength::kStrong};
  if (kind != "EXPR_SUBLINK") return {};
  const json* select = &link.at("subselect").at("SelectStmt");
  while (select->contains("larg")) select = &select->at("larg");
  const json& targets = ListPart(*select, "targetList");
  if (targets.empty()) return {"column1", Strength::kStrong};  // VALUES
  const json& target = targets[0].at("ResTarget");
  const std::string name = TextPart(target, "name");
  return name.empty() ? NameOf(target.at("val")) : Named{name, Strength::kStrong};
}

Named NameOf(const json& node) {
  const auto [form, body] = FormOf(node);
  if (form == "ColumnRef") {
    return {NameIn(body.at("fields").back()).value_or(""), Strength::kStrong};
  }
  if (form == "FuncCall") {
    return {NameIn(body.at("funcname").back()).value_or(""), Strength::kStrong};
  }
  if (form == "TypeCast") return NameOfCast(body);
  if (form == "CaseExpr") return NameOfCase(body);
  if (form == "SubLink") return NameOfSubLink(body);
  if (form == "A_Indirection") return NameOf(body.at("arg"));
  if (form == "CoalesceExpr") return {"coalesce", Strength::kStrong};
  if (form == "MinMaxExpr") {
    return {TextPart(body, "op") == "IS_LEAST" ? "least" : "greatest", Strength::kStrong};
  }
  if (form == "GroupingFunc") return {"grouping", Strength::kStrong};
  if (form == "A_ArrayExpr") return {"array", Strength::kStrong};
  if (form == "RowExpr") return {"row", Strength::kStrong};
  if (form == "A_Expr" && TextPart(body, "kind") == "AEXPR_NULLIF") {
    return {"nullif", Strength::kStrong};
  }
  return {};
}

}  // namespace

std::string OutputName(const json& target) {
  std::string name = TextPart(target, "name");
  if (!name.empty()) return name;
  const Named derived = NameOf(target.at("val"));
  return derived.strength == Strength::kNone ? "?column?" : derived.name;
}

}  // namespace metricstore::expression::select
