// Operators of a SELECT: which, and what their operands may be.

#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "common/expression/select/walker.h"
#include "common/status/macros.h"

namespace metricstore::expression::select {
namespace {

template <typename Names>
bool Holds(const Names& names, std::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

// LIKE ... ESCAPE, as the grammar writes it.
bool IsEscape(const json* pattern) {
  if (pattern == nullptr || !pattern->contains("FuncCall")) return false;
  const json& call = (*pattern)["FuncCall"];
  return TextPart(call, "funcformat") == "COERCE_EXPLICIT_CALL" &&
         NamesIn(call.at("funcname")) == Walker::Names{"pg_catalog", "like_escape"};
}

// What an operator makes of its operands.
enum class Use { kCompares, kCalculates, kText };

Use UseOf(const json& operation) {
  const std::string kind = TextPart(operation, "kind");
  if (kind == "AEXPR_LIKE" || kind == "AEXPR_ILIKE") return Use::kText;
  if (!kind.starts_with("AEXPR_OP")) return Use::kCompares;
  static constexpr std::string_view kCalculating[] = {"+", "-", "*", "/", "%"};
  static constexpr std::string_view kComparing[] = {"=", "<>", "<", "<=", ">", ">="};
  const std::string symbol = NameIn(operation.at("name").back()).value_or("");
  if (Holds(kCalculating, symbol)) return Use::kCalculates;
  return Holds(kComparing, symbol) ? Use::kCompares : Use::kText;
}

}  // namespace

// LIKE ANY (...) has LIKE's own symbol.
absl::Status Walker::Operator(const json& operation, const json& name, bool is_unary,
                              bool may_be_like) {
  const Names names = NamesIn(name).value_or(Names());
  if (names.size() != 1) return Refuse(operation, "an operator of a schema is not supported");
  if (may_be_like && (names[0].ends_with("~~") || names[0].ends_with("~~*"))) {
    return absl::OkStatus();
  }
  if (IsOperator(names[0], is_unary)) return absl::OkStatus();
  return Refuse(operation, absl::StrCat("there is no operator ", names[0]));
}

absl::Status Walker::OperationKind(const json& operation) {
  static constexpr std::string_view kSymbolKinds[] = {"AEXPR_OP", "AEXPR_OP_ANY", "AEXPR_OP_ALL"};
  static constexpr std::string_view kWordKinds[] = {
      "AEXPR_DISTINCT", "AEXPR_NOT_DISTINCT", "AEXPR_NULLIF",  "AEXPR_IN",
      "AEXPR_LIKE",     "AEXPR_ILIKE",        "AEXPR_BETWEEN", "AEXPR_NOT_BETWEEN"};
  const std::string kind = TextPart(operation, "kind");
  if (Holds(kSymbolKinds, kind)) {
    return Operator(operation, operation.at("name"), Part(operation, "lexpr") == nullptr,
                    kind != "AEXPR_OP");
  }
  if (!Holds(kWordKinds, kind)) return Refuse(operation, FormRefusal(kind));
  const bool is_like = kind == "AEXPR_LIKE" || kind == "AEXPR_ILIKE";
  if (is_like && IsEscape(Part(operation, "rexpr"))) {
    return Refuse(operation, "LIKE ... ESCAPE is not supported");
  }
  return absl::OkStatus();
}

// Both sides; the right one is a list for IN and BETWEEN. The value is what the operands have in
// common.
absl::StatusOr<Value> Walker::Operands(const json& operation, const Place& place) {
  const json* const left = Part(operation, "lexpr");
  const json& right = operation.at("rexpr");
  if (UseOf(operation) == Use::kText) {
    ASSIGN_OR_RETURN(Value text, Optional(left, place));
    ASSIGN_OR_RETURN(const Value other, Expression(right, place));
    return Value{.recursion = text.recursion != nullptr ? text.recursion : other.recursion};
  }
  std::vector<Value> tested;
  if (left != nullptr) {
    ASSIGN_OR_RETURN(tested, Parts(*left, place));
  }
  Value all = tested.size() == 1 ? tested[0] : Value();
  const json* const list = Part(right, "List");
  const size_t count = list == nullptr ? 1 : list->at("items").size();
  for (size_t i = 0; i < count; ++i) {
    const json& item = list == nullptr ? right : list->at("items")[i];
    ASSIGN_OR_RETURN(const std::vector<Value> candidate, Parts(item, place));
    ASSIGN_OR_RETURN(const Value condition, Compare(tested, candidate));
    if (all.recursion == nullptr) all.recursion = condition.recursion;
    if (candidate.size() == 1) RETURN_IF_ERROR(Meet(candidate[0], &all));
  }
  return all;
}

absl::StatusOr<Value> Walker::Operation(const json& operation, const Place& place) {
  RETURN_IF_ERROR(CheckParts(operation, {"kind", "name", "lexpr", "rexpr"}));
  RETURN_IF_ERROR(OperationKind(operation));
  ASSIGN_OR_RETURN(const Value operands, Operands(operation, place));
  if (TextPart(operation, "kind") == "AEXPR_NULLIF") return operands;
  return Value{.is_time = operands.is_time && UseOf(operation) == Use::kCalculates,
               .recursion = operands.recursion};
}

}  // namespace metricstore::expression::select
