// Operators, conditions, CASE and casts.

#include <iterator>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/expression/catalog/foreign_names.h"
#include "common/expression/catalog/function_catalog.h"
#include "common/expression/tree_adapter.h"
#include "common/status/error.h"

namespace metricstore::expression {
namespace {

// What types are called, as the parse tree has it, and what they are here. All real numbers are
// float64 and all whole ones int64.
constexpr struct {
  std::string_view name;
  std::string_view type;
} kTypeNames[] = {
    {"float8", "float64"},      {"float4", "float64"},
    {"double", "float64"},      {"numeric", "float64"},
    {"float64", "float64"},     {"int8", "int64"},
    {"int4", "int64"},          {"bigint", "int64"},
    {"int64", "int64"},         {"bool", "bool"},
    {"boolean", "bool"},        {"text", "text"},
    {"varchar", "text"},        {"date", "date"},
    {"timestamp", "timestamp"}, {"timestamptz", "timestamp"},
};

std::optional<std::string> TypeNamed(std::string_view name) {
  for (const auto& each : kTypeNames) {
    if (each.name == name) return std::string(each.type);
  }
  return std::nullopt;
}

std::string NearestType(const std::string& name) {
  if (name == "int2") return "bigint";
  std::vector<std::string> names;
  for (const auto& each : kTypeNames) names.emplace_back(each.name);
  return status::ClosestMatch(name, names);
}

constexpr char kNoIntervals[] =
    "intervals are not supported: date_diff('day', from, to) is the distance of two times, and "
    "metric('category/name', offset => '1 day') an earlier bucket";

// IS TRUE and the like, by the parse tree's name, and what means the same of a condition c.
constexpr struct {
  std::string_view test;
  std::string_view written;
  std::string_view form;
} kConditionTests[] = {
    {"IS_TRUE", "IS TRUE", "coalesce(c, false)"},
    {"IS_NOT_TRUE", "IS NOT TRUE", "NOT coalesce(c, false)"},
    {"IS_FALSE", "IS FALSE", "NOT coalesce(c, true)"},
    {"IS_NOT_FALSE", "IS NOT FALSE", "coalesce(c, true)"},
    {"IS_UNKNOWN", "IS UNKNOWN", "c IS NULL"},
    {"IS_NOT_UNKNOWN", "IS NOT UNKNOWN", "c IS NOT NULL"},
};

SyntaxNode Negated(SyntaxNode node) {
  SyntaxNode negation{.kind = SyntaxKind::kOperator, .offset = node.offset, .text = "NOT"};
  negation.arguments.push_back(std::move(node));
  return negation;
}

// What the grammar makes of 'a%' ESCAPE 'b'.
bool IsEscape(const nlohmann::json& pattern) {
  const auto call = pattern.find("FuncCall");
  return call != pattern.end() &&
         NamesIn(call->at("funcname")) == std::vector<std::string>{"pg_catalog", "like_escape"};
}

}  // namespace

absl::StatusOr<SyntaxNode> TreeAdapter::ConvertOperator(const Json& node, int depth) {
  const std::string kind = node.value("kind", "");
  if (kind == "AEXPR_OP") return ConvertSymbol(node, depth);
  if (kind == "AEXPR_BETWEEN") return ConvertList(node, "BETWEEN", false, depth);
  if (kind == "AEXPR_NOT_BETWEEN") return ConvertList(node, "BETWEEN", true, depth);
  if (kind == "AEXPR_IN") {
    const auto symbol = NamesIn(node.at("name"));
    return ConvertList(node, "IN", symbol.has_value() && symbol->back() == "<>", depth);
  }
  if (kind == "AEXPR_NULLIF") return ConvertPair(node, "NULLIF", depth);
  if (kind == "AEXPR_DISTINCT") return ConvertPair(node, "IS DISTINCT FROM", depth);
  if (kind == "AEXPR_NOT_DISTINCT") return ConvertPair(node, "IS NOT DISTINCT FROM", depth);
  if (kind == "AEXPR_LIKE") return ConvertLike(node, "LIKE", depth);
  if (kind == "AEXPR_ILIKE") return ConvertLike(node, "ILIKE", depth);
  return Refuse(node, RefusalOf(kind));
}

absl::StatusOr<SyntaxNode> TreeAdapter::ConvertSymbol(const Json& node, int depth) {
  const auto names = NamesIn(node.at("name"));
  if (!names.has_value() || names->size() != 1) {
    return Refuse(node, "an operator of a schema is not supported");
  }
  std::string symbol = names->front();
  const bool unary = !node.contains("lexpr");
  if (unary && symbol == "+") return Convert(node.at("rexpr"), depth + 1);
  if (unary) symbol = absl::StrCat("unary ", symbol);
  if (FindOperator(symbol) == nullptr) {
    return Refuse(node, absl::StrCat("there is no operator ", symbol),
                  std::string(FormOfForeignOperator(names->front())));
  }
  SyntaxNode call = Operator(node, symbol);
  if (!unary) {
    ++chain_terms_;
    RETURN_IF_ERROR(AddArgument(node.at("lexpr"), depth, &call));
    --chain_terms_;
  }
  RETURN_IF_ERROR(AddArgument(node.at("rexpr"), depth, &call));
  return call;
}

absl::StatusOr<SyntaxNode> TreeAdapter::ConvertPair(const Json& node, std::string_view name,
                                                    int depth) {
  SyntaxNode call = Operator(node, name);
  RETURN_IF_ERROR(AddArgument(node.at("lexpr"), depth, &call));
  RETURN_IF_ERROR(AddArgument(node.at("rexpr"), depth, &call));
  return call;
}

absl::StatusOr<SyntaxNode> TreeAdapter::ConvertLike(const Json& node, std::string_view name,
                                                    int depth) {
  if (IsEscape(node.at("rexpr"))) {
    return Refuse(node, absl::StrCat(std::string(name), " with ESCAPE is not supported: a ",
                                     "backslash escapes"));
  }
  ASSIGN_OR_RETURN(SyntaxNode call, ConvertPair(node, name, depth));
  const auto symbol = NamesIn(node.at("name"));
  const bool negated = symbol.has_value() && symbol->back().starts_with('!');
  return negated ? Negated(std::move(call)) : std::move(call);
}

// BETWEEN and IN: one value, and a list of others.
absl::StatusOr<SyntaxNode> TreeAdapter::ConvertList(const Json& node, std::string_view name,
                                                    bool negated, int depth) {
  const Json& list = node.at("rexpr");
  if (!list.contains("List")) return Refuse(node, RefusalOf("SubLink"));
  SyntaxNode call = Operator(node, name);
  RETURN_IF_ERROR(AddArgument(node.at("lexpr"), depth, &call));
  RETURN_IF_ERROR(AddArguments(list["List"].at("items"), depth, &call));
  return negated ? Negated(std::move(call)) : std::move(call);
}

absl::StatusOr<SyntaxNode> TreeAdapter::ConvertBoolean(const Json& node, int depth) {
  const std::string kind = node.value("boolop", "AND_EXPR");
  SyntaxNode call = Operator(node, kind == "AND_EXPR" ? "AND" : kind == "OR_EXPR" ? "OR" : "NOT");
  RETURN_IF_ERROR(AddArguments(node.at("args"), depth, &call));
  return call;
}

absl::Status TreeAdapter::RefuseConditionTest(const Json& node) const {
  const std::string test = node.value("booltesttype", "IS_TRUE");
  for (const auto& each : kConditionTests) {
    if (each.test != test) continue;
    return Refuse(
        node,
        absl::StrCat(
            std::string(each.written), " is not supported",
            test == "IS_TRUE" ? ": where a condition is wanted, c alone means the same" : ""),
        std::string(each.form));
  }
  return Refuse(node, RefusalOf(""));
}

absl::StatusOr<SyntaxNode> TreeAdapter::ConvertCase(const Json& node, int depth) {
  const bool has_value = node.contains("arg");
  SyntaxNode call = Operator(node, has_value ? "CASE OF" : "CASE");
  if (has_value) RETURN_IF_ERROR(AddArgument(node["arg"], depth, &call));
  for (const Json& arm : node.at("args")) {
    const Json& when = arm.at("CaseWhen");
    RETURN_IF_ERROR(AddArgument(when.at("expr"), depth, &call));
    RETURN_IF_ERROR(AddArgument(when.at("result"), depth, &call));
  }
  if (node.contains("defresult")) {
    RETURN_IF_ERROR(AddArgument(node["defresult"], depth, &call));
  } else {
    call.arguments.push_back({.offset = call.offset});
  }
  return call;
}

// CAST(x AS type) and x::type. DATE '...' and TIMESTAMP '...', which the grammar makes casts too,
// are literals.
absl::StatusOr<SyntaxNode> TreeAdapter::ConvertCast(const Json& node, int depth) {
  const Json& value = node.at("arg");
  const Json& type_name = node.at("typeName");
  const auto names = NamesIn(type_name.value("names", Json::array()));
  const std::string name = names.has_value() && !names->empty() ? names->back() : "";
  const std::optional<std::string> type = TypeNamed(name);
  if (name == "interval") return Refuse(node, kNoIntervals);
  if (type_name.contains("arrayBounds")) return Refuse(node, "an array type is not supported");
  if (!type.has_value()) {
    return Refuse(node,
                  absl::StrCat("a cast to ", name,
                               " is not supported; types are float8, bigint, boolean, text, date, "
                               "timestamp"),
                  NearestType(name));
  }
  if (type_name.contains("typmods")) {
    return Refuse(node, absl::StrCat(name, " with a size is not supported"),
                  *type == "float64" ? "round(x, digits)"
                  : *type == "text"  ? "left(x, size)"
                                     : "");
  }
  const auto constant = value.find("A_Const");
  if (constant != value.end() && constant->contains("sval") &&
      (*type == "date" || *type == "timestamp")) {
    return SyntaxNode{.kind = *type == "date" ? SyntaxKind::kDate : SyntaxKind::kTimestamp,
                      .offset = OffsetOf(*constant),
                      .text = (*constant)["sval"].value("sval", "")};
  }
  SyntaxNode cast{.kind = SyntaxKind::kCast, .offset = OffsetOf(node), .text = *type};
  RETURN_IF_ERROR(AddArgument(value, depth, &cast));
  return cast;
}

}  // namespace metricstore::expression
