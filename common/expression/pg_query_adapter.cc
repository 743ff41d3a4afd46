// libpg_query behind ParseSyntax: the only file that knows the shape of PostgreSQL's parse tree.
//
// libpg_query keeps its memory contexts in thread-local storage, so calls need no lock.

#include <pg_query.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/columns/utf8.h"
#include "common/expression/function_catalog.h"
#include "common/expression/syntax.h"
#include "common/status/macros.h"

namespace metricstore::expression {
namespace {

using nlohmann::json;

constexpr std::string_view kPrefix = "SELECT ";

// Forms of the grammar that expressions do not have, by the parse tree's name for them.
constexpr struct {
  std::string_view name;
  std::string_view what;
} kRefusedForms[] = {
    {"SubLink", "a sub-select"},
    {"ParamRef", "a parameter"},
    {"TypeCast", "a cast"},
    {"A_Indirection", "a subscript or field"},
    {"A_ArrayExpr", "an array"},
    {"RowExpr", "a row of values"},
    {"SQLValueFunction", "the clock or the session"},
    {"BooleanTest", "IS TRUE and the like"},
    {"CollateClause", "COLLATE"},
    {"GroupingFunc", "GROUPING"},
    {"SetToDefault", "DEFAULT"},
    {"NamedArgExpr", "a named argument"},
    {"XmlExpr", "XML"},
    {"XmlSerialize", "XML"},
    {"MultiAssignRef", "an assignment"},
    // Parts of a function call.
    {"agg_distinct", "DISTINCT in a call"},
    {"agg_order", "ORDER BY in a call"},
    {"agg_within_group", "WITHIN GROUP"},
    {"over", "a window clause (OVER)"},
    {"func_variadic", "VARIADIC"},
    // Kinds of operator.
    {"AEXPR_LIKE", "LIKE"},
    {"AEXPR_ILIKE", "ILIKE"},
    {"AEXPR_SIMILAR", "SIMILAR TO"},
    {"AEXPR_DISTINCT", "IS DISTINCT FROM"},
    {"AEXPR_NOT_DISTINCT", "IS NOT DISTINCT FROM"},
    {"AEXPR_OP_ANY", "ANY"},
    {"AEXPR_OP_ALL", "ALL"},
    {"AEXPR_BETWEEN_SYM", "BETWEEN SYMMETRIC"},
    {"AEXPR_NOT_BETWEEN_SYM", "BETWEEN SYMMETRIC"},
};

std::string WhatIs(std::string_view form) {
  for (const auto& entry : kRefusedForms) {
    if (entry.name == form) return absl::StrCat(std::string(entry.what), " is not supported");
  }
  return "this form is not supported";
}

// The first place that anything below `tree` came from, in bytes of the query.
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
  return location < kPrefix.size() ? 0 : location - kPrefix.size();
}

// A list of {"String": {"sval": ...}} as strings; nullopt if it holds anything else.
std::optional<std::vector<std::string>> Names(const json& list) {
  std::vector<std::string> names;
  for (const json& item : list) {
    const auto text = item.find("String");
    if (text == item.end()) return std::nullopt;
    names.push_back(text->value("sval", ""));
  }
  return names;
}

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
  return Refuse(body, WhatIs(form));
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
  const auto names = Names(node.at("fields"));
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
    const auto symbol = Names(node.at("name"));
    return ConvertList(node, "IN", symbol.has_value() && symbol->back() == "<>", depth);
  }
  if (kind == "AEXPR_NULLIF") {
    SyntaxNode call = Operator(node, "NULLIF");
    RETURN_IF_ERROR(AddArgument(node.at("lexpr"), depth, &call));
    RETURN_IF_ERROR(AddArgument(node.at("rexpr"), depth, &call));
    return call;
  }
  return Refuse(node, WhatIs(kind));
}

absl::StatusOr<SyntaxNode> Adapter::ConvertSymbol(const json& node, int depth) {
  const auto names = Names(node.at("name"));
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
  if (!list.contains("List")) return Refuse(node, WhatIs("SubLink"));
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
        key != "funcformat" && key != "location") {
      return Refuse(node, WhatIs(key));
    }
  }
  const auto names = Names(node.at("funcname"));
  if (!names.has_value() || names->size() != 1) {
    return Refuse(node, names.has_value() ? absl::StrCat("the function ", names->back(),
                                                         " of a schema is not supported")
                                          : "this call is not supported");
  }
  SyntaxNode call{.kind = SyntaxKind::kFunction, .offset = OffsetOf(node), .text = names->front()};
  if (node.value("agg_star", false)) {
    if (call.text != "count") return Refuse(node, "* is only allowed in count(*)");
    call = Operator(node, "count(*)");
  }
  if (node.contains("args")) RETURN_IF_ERROR(AddArguments(node["args"], depth, &call));
  if (node.contains("agg_filter")) {
    return ApplyFilter(std::move(call), node["agg_filter"], depth);
  }
  return call;
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
  if (call.kind == SyntaxKind::kOperator) {  // count(*)
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
  const auto names = Names(node.at("typeName").value("names", json::array()));
  const auto constant = value.find("A_Const");
  if (constant == value.end() || !constant->contains("sval") || !names.has_value() ||
      names->empty()) {
    return Refuse(node, WhatIs("TypeCast"));
  }
  SyntaxNode literal{.offset = OffsetOf(*constant), .text = (*constant)["sval"].value("sval", "")};
  const std::string& type = names->back();
  if (type == "date") {
    literal.kind = SyntaxKind::kDate;
  } else if (type == "timestamp" || type == "timestamptz") {
    literal.kind = SyntaxKind::kTimestamp;
  } else {
    return Refuse(node, WhatIs("TypeCast"));
  }
  return literal;
}

// What may stand in the statement beside its one target.
absl::Status CheckStatement(std::string_view text, const json& tree) {
  const json& statements = tree.at("stmts");
  if (statements.size() != 1) {
    const size_t second = statements.at(1).value("stmt_location", kPrefix.size());
    return ErrorAt(text, second - kPrefix.size(),
                   "one expression is wanted, found several statements");
  }
  const json& select = statements[0].at("stmt").at("SelectStmt");
  for (auto part = select.begin(); part != select.end(); ++part) {
    const std::string& key = part.key();
    if (key == "limitOption" || key == "targetList") continue;
    if (key == "op" && part.value() == "SETOP_NONE") continue;
    const size_t location = FirstLocation(part.value()).value_or(kPrefix.size());
    return ErrorAt(text, std::max(location, kPrefix.size()) - kPrefix.size(),
                   "an expression is wanted, not a query");
  }
  if (!select.contains("targetList")) return ErrorAt(text, 0, "the expression is empty");
  const json& targets = select["targetList"];
  if (targets.size() != 1) {
    return ErrorAt(text, OffsetOf(targets[1].at("ResTarget")),
                   "one expression is wanted, found several");
  }
  const json& target = targets[0].at("ResTarget");
  if (target.contains("name")) {
    return ErrorAt(
        text, OffsetOf(target),
        absl::StrCat("unexpected name \"", target.value("name", ""), "\" after the expression"));
  }
  return absl::OkStatus();
}

struct FreeParseResult {
  void operator()(PgQueryParseResult* result) const {
    pg_query_free_parse_result(*result);
    delete result;
  }
};

// Byte offset of a 1-based character of `query`.
size_t ByteOffset(std::string_view query, int character) {
  size_t at = 0;
  for (; at < query.size(); ++at) {
    if ((query[at] & 0xC0) != 0x80 && --character <= 0) break;
  }
  return at;
}

}  // namespace

absl::StatusOr<SyntaxNode> ParseSyntax(std::string_view text) {
  if (text.size() > kMaxTextBytes) {
    return ErrorAt(text, kMaxTextBytes,
                   absl::StrCat("the expression is longer than ", kMaxTextBytes, " bytes"));
  }
  if (!columns::IsStorableText(text)) {
    return ErrorAt(text, 0, "the expression is not UTF-8 text or holds NUL");
  }
  const std::string query = absl::StrCat(std::string(kPrefix), std::string(text));
  const std::unique_ptr<PgQueryParseResult, FreeParseResult> result(
      new PgQueryParseResult(pg_query_parse(query.c_str())));
  if (result->error != nullptr) {
    const size_t at = std::max(ByteOffset(query, result->error->cursorpos), kPrefix.size());
    return ErrorAt(text, at - kPrefix.size(), result->error->message);
  }
  try {
    const json tree = json::parse(result->parse_tree);
    RETURN_IF_ERROR(CheckStatement(text, tree));
    const json& target = tree["stmts"][0]["stmt"]["SelectStmt"]["targetList"][0]["ResTarget"];
    return Adapter(text).Convert(target.at("val"), 1);
  } catch (const json::exception&) {  // a shape that this file does not know
    return ErrorAt(text, 0, WhatIs(""));
  }
}

}  // namespace metricstore::expression
