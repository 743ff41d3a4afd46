// The walk from PostgreSQL's parse tree to syntax nodes.

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/expression/function_catalog.h"
#include "common/expression/parse_tree.h"
#include "common/expression/syntax.h"
#include "common/status/macros.h"

namespace metricstore::expression {
namespace {

using nlohmann::json;

// Walks one parse tree. Lives for one call.
class Adapter {
 public:
  explicit Adapter(std::string_view text) : text_(text) {}

  absl::StatusOr<SyntaxNode> Convert(const json& node, int depth);

 private:
  absl::Status Refuse(const json& node, const std::string& message) const {
    return ErrorAt(text_, OffsetOf(node), message);
  }

  absl::StatusOr<SyntaxNode> ConvertConstant(const json& node);
  absl::StatusOr<SyntaxNode> ConvertInteger(const json& value, SyntaxNode literal);
  absl::StatusOr<SyntaxNode> ConvertNumber(const std::string& digits, SyntaxNode literal);
  absl::StatusOr<SyntaxNode> ConvertColumn(const json& node);
  absl::StatusOr<SyntaxNode> ConvertOperator(const json& node, int depth);
  absl::StatusOr<SyntaxNode> ConvertSymbol(const json& node, int depth);
  absl::StatusOr<SyntaxNode> ConvertList(const json& node, std::string_view name, bool negated,
                                         int depth);
  absl::StatusOr<SyntaxNode> ConvertBoolean(const json& node, int depth);
  absl::StatusOr<SyntaxNode> ConvertCase(const json& node, int depth);
  absl::StatusOr<SyntaxNode> ConvertCall(const json& node, int depth);
  absl::StatusOr<SyntaxNode> NameCall(const json& node, const std::string& name);
  absl::Status AddMetricArguments(const json& list, int depth, SyntaxNode* call);
  absl::StatusOr<SyntaxNode> ConvertTypedLiteral(const json& node);
  absl::StatusOr<SyntaxNode> ApplyFilter(SyntaxNode call, const json& filter, int depth);

  static SyntaxNode Operator(const json& node, std::string_view name) {
    return {.kind = SyntaxKind::kOperator, .offset = OffsetOf(node), .text = std::string(name)};
  }
  absl::Status AddArgument(const json& node, int depth, SyntaxNode* call) {
    ASSIGN_OR_RETURN(SyntaxNode argument, Convert(node, depth + 1));
    call->arguments.push_back(std::move(argument));
    return absl::OkStatus();
  }
  absl::Status AddArguments(const json& list, int depth, SyntaxNode* call) {
    for (const json& item : list) RETURN_IF_ERROR(AddArgument(item, depth, call));
    return absl::OkStatus();
  }

  std::string_view text_;
  int nodes_ = 0;
};

SyntaxNode Negated(SyntaxNode node) {
  SyntaxNode negation{.kind = SyntaxKind::kOperator, .offset = node.offset, .text = "NOT"};
  negation.arguments.push_back(std::move(node));
  return negation;
}

absl::StatusOr<SyntaxNode> Adapter::Convert(const json& node, int depth) {
  const std::string& form = node.begin().key();
  const json& body = node.begin().value();
  if (depth > kMaxDepth) {
    return Refuse(body, absl::StrCat("the expression is nested deeper than ", kMaxDepth));
  }
  if (++nodes_ > kMaxNodes) {
    return Refuse(body, absl::StrCat("the expression has more than ", kMaxNodes, " parts"));
  }
  if (form == "A_Const") return ConvertConstant(body);
  if (form == "ColumnRef") return ConvertColumn(body);
  if (form == "A_Expr") return ConvertOperator(body, depth);
  if (form == "BoolExpr") return ConvertBoolean(body, depth);
  if (form == "CaseExpr") return ConvertCase(body, depth);
  if (form == "FuncCall") return ConvertCall(body, depth);
  if (form == "TypeCast") return ConvertTypedLiteral(body);
  if (form == "NullTest") {
    SyntaxNode call =
        Operator(body, body.value("nulltesttype", "") == "IS_NOT_NULL" ? "IS NOT NULL" : "IS NULL");
    RETURN_IF_ERROR(AddArgument(body.at("arg"), depth, &call));
    return call;
  }
  if (form == "CoalesceExpr" || form == "MinMaxExpr") {
    SyntaxNode call = Operator(body, form == "CoalesceExpr"                  ? "COALESCE"
                                     : body.value("op", "") == "IS_GREATEST" ? "GREATEST"
                                                                             : "LEAST");
    RETURN_IF_ERROR(AddArguments(body.at("args"), depth, &call));
    return call;
  }
  return Refuse(body, RefusalOf(form));
}

absl::StatusOr<SyntaxNode> Adapter::ConvertConstant(const json& node) {
  SyntaxNode literal{.offset = OffsetOf(node)};
  if (node.value("isnull", false)) return literal;
  if (node.contains("ival")) return ConvertInteger(node["ival"], std::move(literal));
  if (node.contains("fval")) return ConvertNumber(node["fval"].value("fval", ""), literal);
  if (node.contains("boolval")) {
    literal.kind = SyntaxKind::kBool;
    literal.boolean = node["boolval"].value("boolval", false);
    return literal;
  }
  if (node.contains("sval")) {
    literal.kind = SyntaxKind::kText;
    literal.text = node["sval"].value("sval", "");
    return literal;
  }
  return Refuse(node, "a bit string is not supported");
}

// libpg_query's JSON leaves out integers that are not positive, so those are read from the text.
absl::StatusOr<SyntaxNode> Adapter::ConvertInteger(const json& value, SyntaxNode literal) {
  literal.kind = SyntaxKind::kInteger;
  literal.integer = value.value("ival", int64_t{0});
  if (literal.integer != 0 || literal.offset >= text_.size() || text_[literal.offset] != '-') {
    return literal;
  }
  std::string_view digits = text_.substr(literal.offset + 1);
  digits.remove_prefix(std::min(digits.find_first_not_of(" \t\r\n\f\v("), digits.size()));
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), literal.integer);
  if (error != std::errc() || digits.starts_with('-')) {
    return ErrorAt(text_, literal.offset, "a minus sign must stand next to its number");
  }
  literal.integer = -literal.integer;
  return literal;
}

absl::StatusOr<SyntaxNode> Adapter::ConvertNumber(const std::string& digits, SyntaxNode literal) {
  const char* const end = digits.data() + digits.size();
  if (digits.find_first_of(".eE") == std::string::npos) {
    literal.kind = SyntaxKind::kInteger;
    if (std::from_chars(digits.data(), end, literal.integer).ec == std::errc()) return literal;
  }
  literal.kind = SyntaxKind::kReal;
  const auto [stop, error] = std::from_chars(digits.data(), end, literal.real);
  if (error != std::errc() || stop != end || !std::isfinite(literal.real)) {
    return ErrorAt(text_, literal.offset,
                   absl::StrCat("the number ", digits.substr(0, 40), " is out of range"));
  }
  return literal;
}

absl::StatusOr<SyntaxNode> Adapter::ConvertColumn(const json& node) {
  const auto names = NamesIn(node.at("fields"));
  if (!names.has_value()) return Refuse(node, "* is only allowed in count(*)");
  if (names->size() != 1) {
    return Refuse(node, "a column is named without its table: every expression has one dataset");
  }
  return SyntaxNode{.kind = SyntaxKind::kColumn, .offset = OffsetOf(node), .text = names->front()};
}

absl::StatusOr<SyntaxNode> Adapter::ConvertOperator(const json& node, int depth) {
  const std::string kind = node.value("kind", "");
  if (kind == "AEXPR_OP") return ConvertSymbol(node, depth);
  if (kind == "AEXPR_BETWEEN") return ConvertList(node, "BETWEEN", false, depth);
  if (kind == "AEXPR_NOT_BETWEEN") return ConvertList(node, "BETWEEN", true, depth);
  if (kind == "AEXPR_IN") {
    const auto symbol = NamesIn(node.at("name"));
    return ConvertList(node, "IN", symbol.has_value() && symbol->back() == "<>", depth);
  }
  if (kind == "AEXPR_NULLIF") {
    SyntaxNode call = Operator(node, "NULLIF");
    RETURN_IF_ERROR(AddArgument(node.at("lexpr"), depth, &call));
    RETURN_IF_ERROR(AddArgument(node.at("rexpr"), depth, &call));
    return call;
  }
  return Refuse(node, RefusalOf(kind));
}

absl::StatusOr<SyntaxNode> Adapter::ConvertSymbol(const json& node, int depth) {
  const auto names = NamesIn(node.at("name"));
  if (!names.has_value() || names->size() != 1) {
    return Refuse(node, "an operator of a schema is not supported");
  }
  std::string symbol = names->front();
  const bool unary = !node.contains("lexpr");
  if (unary && symbol == "+") return Convert(node.at("rexpr"), depth + 1);
  if (unary) symbol = absl::StrCat("unary ", symbol);
  if (FindOperator(symbol) == nullptr) {
    return Refuse(node, absl::StrCat("there is no operator ", symbol));
  }
  SyntaxNode call = Operator(node, symbol);
  if (!unary) RETURN_IF_ERROR(AddArgument(node.at("lexpr"), depth, &call));
  RETURN_IF_ERROR(AddArgument(node.at("rexpr"), depth, &call));
  return call;
}

// BETWEEN and IN: one value, and a list of others.
absl::StatusOr<SyntaxNode> Adapter::ConvertList(const json& node, std::string_view name,
                                                bool negated, int depth) {
  const json& list = node.at("rexpr");
  if (!list.contains("List")) return Refuse(node, RefusalOf("SubLink"));
  SyntaxNode call = Operator(node, name);
  RETURN_IF_ERROR(AddArgument(node.at("lexpr"), depth, &call));
  RETURN_IF_ERROR(AddArguments(list["List"].at("items"), depth, &call));
  return negated ? Negated(std::move(call)) : std::move(call);
}

absl::StatusOr<SyntaxNode> Adapter::ConvertBoolean(const json& node, int depth) {
  const std::string kind = node.value("boolop", "AND_EXPR");
  SyntaxNode call = Operator(node, kind == "AND_EXPR" ? "AND" : kind == "OR_EXPR" ? "OR" : "NOT");
  RETURN_IF_ERROR(AddArguments(node.at("args"), depth, &call));
  return call;
}

absl::StatusOr<SyntaxNode> Adapter::ConvertCase(const json& node, int depth) {
  const bool has_value = node.contains("arg");
  SyntaxNode call = Operator(node, has_value ? "CASE OF" : "CASE");
  if (has_value) RETURN_IF_ERROR(AddArgument(node["arg"], depth, &call));
  for (const json& arm : node.at("args")) {
    const json& when = arm.at("CaseWhen");
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

absl::StatusOr<SyntaxNode> Adapter::ConvertCall(const json& node, int depth) {
  for (auto part = node.begin(); part != node.end(); ++part) {
    const std::string& key = part.key();
    if (key != "funcname" && key != "args" && key != "agg_star" && key != "agg_filter" &&
        key != "agg_distinct" && key != "funcformat" && key != "location") {
      return Refuse(node, RefusalOf(key));
    }
  }
  const auto names = NamesIn(node.at("funcname"));
  if (!names.has_value() || names->size() != 1) {
    return Refuse(node, names.has_value() ? absl::StrCat("the function ", names->back(),
                                                         " of a schema is not supported")
                                          : "this call is not supported");
  }
  ASSIGN_OR_RETURN(SyntaxNode call, NameCall(node, names->front()));
  if (node.contains("args")) {
    RETURN_IF_ERROR(call.text == "metric" ? AddMetricArguments(node["args"], depth, &call)
                                          : AddArguments(node["args"], depth, &call));
  }
  if (node.contains("agg_filter")) {
    return ApplyFilter(std::move(call), node["agg_filter"], depth);
  }
  return call;
}

// The call without its arguments. count(*) and count(DISTINCT x) are constructs of their own.
absl::StatusOr<SyntaxNode> Adapter::NameCall(const json& node, const std::string& name) {
  if (node.value("agg_star", false)) {
    if (name != "count") return Refuse(node, "* is only allowed in count(*)");
    return Operator(node, "count(*)");
  }
  if (node.value("agg_distinct", false)) {
    if (name == "count") return Operator(node, "count(DISTINCT)");
    return Refuse(node, absl::StrCat("DISTINCT is only supported in count(DISTINCT x), not in ",
                                     name, "(DISTINCT ...)"));
  }
  return SyntaxNode{.kind = SyntaxKind::kFunction, .offset = OffsetOf(node), .text = name};
}

// metric('category/name') with an offset, by its place or by its name.
absl::Status Adapter::AddMetricArguments(const json& list, int depth, SyntaxNode* call) {
  for (const json& item : list) {
    const auto named = item.find("NamedArgExpr");
    if (named == item.end()) {
      RETURN_IF_ERROR(AddArgument(item, depth, call));
      continue;
    }
    const std::string name = named->value("name", "");
    if (name != "offset") {
      return ErrorAt(text_, OffsetOf(*named),
                     absl::StrCat("metric has no argument named \"", name, "\""), "offset");
    }
    if (call->arguments.size() != 1 || list.size() != 2) {
      return Refuse(*named, "offset is the second and last argument of metric");
    }
    RETURN_IF_ERROR(AddArgument(named->at("arg"), depth, call));
  }
  return absl::OkStatus();
}

// f(x) FILTER (WHERE c) is f(CASE WHEN c THEN x END), because every aggregate skips NULL.
absl::StatusOr<SyntaxNode> Adapter::ApplyFilter(SyntaxNode call, const json& filter, int depth) {
  const FunctionSpec* spec = call.kind == SyntaxKind::kFunction ? FindFunction(call.text) : nullptr;
  if (call.kind == SyntaxKind::kFunction &&
      (spec == nullptr || spec->kind != FunctionKind::kAggregate || call.arguments.size() != 1)) {
    return ErrorAt(text_, call.offset, "FILTER follows an aggregate of one argument");
  }
  SyntaxNode kept{.kind = SyntaxKind::kOperator, .offset = call.offset, .text = "CASE"};
  RETURN_IF_ERROR(AddArgument(filter, depth + 1, &kept));
  if (call.text == "count(*)") {
    call.kind = SyntaxKind::kFunction;
    call.text = "count";
    kept.arguments.push_back({.kind = SyntaxKind::kInteger, .offset = call.offset, .integer = 1});
  } else {
    kept.arguments.push_back(std::move(call.arguments.front()));
    call.arguments.clear();
  }
  kept.arguments.push_back({.offset = call.offset});
  call.arguments.push_back(std::move(kept));
  return call;
}

// DATE '...' and TIMESTAMP '...': what the grammar makes of a typed literal is a cast.
absl::StatusOr<SyntaxNode> Adapter::ConvertTypedLiteral(const json& node) {
  const json& value = node.at("arg");
  const auto names = NamesIn(node.at("typeName").value("names", json::array()));
  const auto constant = value.find("A_Const");
  if (constant == value.end() || !constant->contains("sval") || !names.has_value() ||
      names->empty()) {
    return Refuse(node, RefusalOf("TypeCast"));
  }
  SyntaxNode literal{.offset = OffsetOf(*constant), .text = (*constant)["sval"].value("sval", "")};
  const std::string& type = names->back();
  if (type == "date") {
    literal.kind = SyntaxKind::kDate;
  } else if (type == "timestamp" || type == "timestamptz") {
    literal.kind = SyntaxKind::kTimestamp;
  } else {
    return Refuse(node, RefusalOf("TypeCast"));
  }
  return literal;
}

}  // namespace

absl::StatusOr<SyntaxNode> ConvertTree(std::string_view text, const json& value) {
  return Adapter(text).Convert(value, 1);
}

}  // namespace metricstore::expression
