#include "common/expression/tree_adapter.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/expression/catalog/foreign_names.h"

namespace metricstore::expression {
namespace {

// Of CURRENT_DATE, LOCALTIME(3) and the like, by the grammar's name: SVFOP_LOCALTIME_N.
std::string WhyNoSessionValue(std::string op) {
  if (op.starts_with("SVFOP_")) op.erase(0, 6);
  if (op.ends_with("_N")) op.resize(op.size() - 2);
  absl::AsciiStrToLower(&op);
  const std::string why = WhyNotOfRows(op);
  return why.empty() ? "this form is not supported" : why;
}

}  // namespace

absl::StatusOr<SyntaxNode> TreeAdapter::Convert(const Json& node, int depth) {
  const std::string& form = node.begin().key();
  const Json& body = node.begin().value();
  if (depth > kMaxDepth) return RefuseDepth(body);
  if (++nodes_ > kMaxNodes) {
    return Refuse(body, absl::StrCat("the expression has more than ", kMaxNodes, " parts"));
  }
  if (form == "A_Const") return ConvertConstant(body);
  if (form == "ColumnRef") return ConvertColumn(body);
  if (form == "A_Expr") return ConvertOperator(body, depth);
  if (form == "BoolExpr") return ConvertBoolean(body, depth);
  if (form == "CaseExpr") return ConvertCase(body, depth);
  if (form == "FuncCall") return ConvertCall(body, depth);
  if (form == "TypeCast") return ConvertCast(body, depth);
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
  if (form == "BooleanTest") return RefuseConditionTest(body);
  if (form == "SQLValueFunction") return Refuse(body, WhyNoSessionValue(body.value("op", "")));
  return Refuse(body, RefusalOf(form));
}

// Every term of a chain lies one deeper than the next, though no bracket is written.
absl::Status TreeAdapter::RefuseDepth(const Json& node) const {
  if (chain_terms_ < kMaxDepth / 2) {
    return Refuse(node, absl::StrCat("the expression is nested deeper than ", kMaxDepth));
  }
  return Refuse(node,
                "too many terms in one chain of + - * / ||: put parts of it in brackets, "
                "(a + b) + (c + d), or in metrics of their own");
}

absl::StatusOr<SyntaxNode> TreeAdapter::ConvertConstant(const Json& node) {
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
absl::StatusOr<SyntaxNode> TreeAdapter::ConvertInteger(const Json& value, SyntaxNode literal) {
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

absl::StatusOr<SyntaxNode> TreeAdapter::ConvertNumber(const std::string& digits,
                                                      SyntaxNode literal) {
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

absl::StatusOr<SyntaxNode> TreeAdapter::ConvertColumn(const Json& node) {
  const auto names = NamesIn(node.at("fields"));
  if (!names.has_value()) return Refuse(node, "* is only allowed in count(*)");
  if (names->size() != 1) {
    return Refuse(node, "a column is named without its table: every expression has one dataset");
  }
  return SyntaxNode{.kind = SyntaxKind::kColumn, .offset = OffsetOf(node), .text = names->front()};
}

absl::StatusOr<SyntaxNode> ConvertTree(std::string_view text, const nlohmann::json& value) {
  return TreeAdapter(text).Convert(value, 1);
}

}  // namespace metricstore::expression
