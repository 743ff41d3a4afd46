// Expressions of a SELECT: columns, operators, CASE, casts, sub-selects.

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/expression/select/walker.h"
#include "common/status/error.h"
#include "common/status/macros.h"

namespace metricstore::expression::select {

absl::Status Walker::Expressions(const json& list, const Place& place) {
  for (const json& item : list) RETURN_IF_ERROR(Expression(item, place));
  return absl::OkStatus();
}

absl::Status Walker::Optional(const json* node, const Place& place) {
  return node == nullptr ? absl::OkStatus() : Expression(*node, place);
}

absl::Status Walker::Expression(const json& node, const Place& place) {
  const auto [form, body] = FormOf(node);
  if (form == "ColumnRef") return Column(body, place);
  if (form == "FuncCall") return Call(body, place);
  if (form == "A_Expr") return Operation(body, place);
  if (form == "A_Const") {
    return body.contains("bsval") ? Refuse(body, "a bit string is not supported")
                                  : absl::OkStatus();
  }
  if (form == "BoolExpr") return Expressions(body.at("args"), place);
  if (form == "TypeCast") return Cast(body, place);
  if (form == "CaseExpr") return Case(body, place);
  if (form == "NullTest" || form == "BooleanTest") return Expression(body.at("arg"), place);
  if (form == "CoalesceExpr" || form == "MinMaxExpr") return Expressions(body.at("args"), place);
  if (form == "SubLink") return SubLink(body, place);
  if (form == "A_ArrayExpr") return Expressions(ListPart(body, "elements"), place);
  if (form == "RowExpr" || form == "GroupingFunc") {
    return Expressions(ListPart(body, "args"), place);
  }
  if (form == "A_Indirection") return Subscripts(body, place);
  if (form == "SQLValueFunction") {
    const std::string op = TextPart(body, "op");
    const bool is_clock = op.starts_with("SVFOP_CURRENT_DATE") ||
                          op.starts_with("SVFOP_CURRENT_TIME") || op.starts_with("SVFOP_LOCAL");
    return Refuse(body,
                  absl::StrCat(is_clock ? "this reads the clock" : "this depends on the session",
                               ": the same rows must give the same numbers"));
  }
  return Refuse(body, FormRefusal(form));
}

absl::Status Walker::Column(const json& column, const Place& place) {
  const std::optional<Names> path = NamesIn(column.at("fields"));
  if (!path.has_value()) {
    return Refuse(column, "* stands alone in the list of SELECT, or in count(*)");
  }
  if (path->size() > 2) {
    return Refuse(column, "a column is named by its table or alone, without a schema");
  }
  if (path->size() == 2) return QualifiedColumn(column, *path, place);
  const std::string& name = path->front();
  const std::vector<const RowColumn*> found = FindColumns(*place.scope, name);
  if (found.size() == 1) {
    Read(*found[0]);
    return absl::OkStatus();
  }
  if (found.size() > 1) {
    return Refuse(
        column, absl::StrCat("the column \"", name, "\" is ambiguous: more than one table has it"));
  }
  if (FindRelation(*place.scope, name) != nullptr) {
    return Refuse(column, absl::StrCat("\"", name, "\" is a table: name one of its columns"));
  }
  return Refuse(column, absl::StrCat("unknown column \"", name, "\" ", std::string(place.clause)),
                status::ClosestMatch(name, ColumnNames(*place.scope)));
}

absl::Status Walker::UnknownRelation(const json& column, const std::string& name,
                                     const Place& place) {
  std::string suggestion = AliasOf(*place.scope, name);
  if (suggestion.empty()) {
    suggestion = status::ClosestMatch(name, RelationNames(*place.scope));
  }
  return Refuse(column, absl::StrCat("unknown table \"", name, "\" in this SELECT"), suggestion);
}

absl::Status Walker::QualifiedColumn(const json& column, const Names& path, const Place& place) {
  const Relation* const relation = FindRelation(*place.scope, path[0]);
  if (relation == nullptr) return UnknownRelation(column, path[0], place);
  const std::vector<const RowColumn*> found = ColumnsNamed(relation->columns, path[1]);
  if (found.size() == 1) {
    Read(*found[0]);
    return absl::OkStatus();
  }
  if (found.size() > 1) {
    return Refuse(column, absl::StrCat("the column \"", path[1], "\" is ambiguous: \"", path[0],
                                       "\" has it more than once"));
  }
  return Refuse(column, absl::StrCat("unknown column \"", path[0], ".", path[1], "\""),
                status::ClosestMatch(path[1], ColumnNames(relation->columns)));
}

absl::Status Walker::Operator(const json& operation, const json& name, bool is_unary) {
  const Names names = NamesIn(name).value_or(Names());
  if (names.size() == 1 && IsOperator(names[0], is_unary)) return absl::OkStatus();
  return Refuse(operation, names.size() == 1
                               ? absl::StrCat("there is no operator ", names[0])
                               : std::string("an operator of a schema is not supported"));
}

// One value, or the list of IN and BETWEEN.
absl::Status Walker::Operand(const json* node, const Place& place) {
  if (node == nullptr) return absl::OkStatus();
  if (const json* const list = Part(*node, "List"); list != nullptr) {
    return Expressions(list->at("items"), place);
  }
  return Expression(*node, place);
}

absl::Status Walker::Operation(const json& operation, const Place& place) {
  RETURN_IF_ERROR(CheckParts(operation, {"kind", "name", "lexpr", "rexpr"}));
  static constexpr std::string_view kSymbolKinds[] = {"AEXPR_OP", "AEXPR_OP_ANY", "AEXPR_OP_ALL"};
  static constexpr std::string_view kWordKinds[] = {
      "AEXPR_DISTINCT", "AEXPR_NOT_DISTINCT", "AEXPR_NULLIF",  "AEXPR_IN",
      "AEXPR_LIKE",     "AEXPR_ILIKE",        "AEXPR_BETWEEN", "AEXPR_NOT_BETWEEN"};
  const std::string kind = TextPart(operation, "kind");
  const json* const left = Part(operation, "lexpr");
  const json* const right = Part(operation, "rexpr");
  if (std::find(std::begin(kSymbolKinds), std::end(kSymbolKinds), kind) != std::end(kSymbolKinds)) {
    // LIKE ANY (...) has LIKE's own symbol.
    const Names symbol = NamesIn(operation.at("name")).value_or(Names());
    const bool is_like_any = kind != "AEXPR_OP" && symbol.size() == 1 &&
                             (symbol[0].ends_with("~~") || symbol[0].ends_with("~~*"));
    if (!is_like_any) {
      RETURN_IF_ERROR(Operator(operation, operation.at("name"), left == nullptr));
    }
  } else if (std::find(std::begin(kWordKinds), std::end(kWordKinds), kind) ==
             std::end(kWordKinds)) {
    return Refuse(operation, FormRefusal(kind));
  }
  const bool is_like = kind == "AEXPR_LIKE" || kind == "AEXPR_ILIKE";
  if (is_like && right != nullptr && right->contains("FuncCall") &&
      TextPart((*right)["FuncCall"], "funcformat") == "COERCE_EXPLICIT_CALL" &&
      NamesIn((*right)["FuncCall"].at("funcname")) == Names{"pg_catalog", "like_escape"}) {
    return Refuse(operation, "LIKE ... ESCAPE is not supported");
  }
  RETURN_IF_ERROR(Operand(left, place));
  return Operand(right, place);
}

absl::Status Walker::Case(const json& body, const Place& place) {
  RETURN_IF_ERROR(Optional(Part(body, "arg"), place));
  for (const json& arm : body.at("args")) {
    const json& when = arm.at("CaseWhen");
    RETURN_IF_ERROR(Expression(when.at("expr"), place));
    RETURN_IF_ERROR(Expression(when.at("result"), place));
  }
  return Optional(Part(body, "defresult"), place);
}

absl::Status Walker::Cast(const json& cast, const Place& place) {
  const json& type = cast.at("typeName");
  RETURN_IF_ERROR(CheckParts(type, {"names", "typmods", "typemod"}));
  const Names names = NamesIn(type.at("names")).value_or(Names());
  const bool is_plain = names.size() == 1 || (names.size() == 2 && names[0] == "pg_catalog");
  if (!is_plain || !IsCastTarget(names.back())) {
    return Refuse(type,
                  absl::StrCat("there is no cast to ", absl::StrJoin(names, "."),
                               ": use bool, smallint, integer, bigint, real, double precision, "
                               "numeric, text, varchar, date, time, timestamp, timestamptz or "
                               "interval"));
  }
  const json& value = cast.at("arg");
  const json* const constant = Part(value, "A_Const");
  const bool is_time = names.back() == "date" || names.back().starts_with("time");
  if (is_time && constant != nullptr && constant->contains("sval") &&
      IsClockLiteral(TextPart((*constant)["sval"], "sval"))) {
    return Refuse(value, "this literal reads the clock: the same rows must give the same numbers");
  }
  for (const json& modifier : ListPart(type, "typmods")) {
    if (Part(modifier, "A_Const") == nullptr) return Refuse(type, "a type's size is a number");
  }
  return Expression(value, place);
}

absl::Status Walker::SubLink(const json& link, const Place& place) {
  RETURN_IF_ERROR(CheckParts(link, {"subLinkType", "testexpr", "operName", "subselect"}));
  const std::string kind = TextPart(link, "subLinkType");
  const json* const tested = Part(link, "testexpr");
  RETURN_IF_ERROR(Optional(tested, place));
  if (const json* const name = Part(link, "operName"); name != nullptr) {
    RETURN_IF_ERROR(Operator(link, *name, false));
  }
  ASSIGN_OR_RETURN(const Names outputs,
                   Query(link.at("subselect").at("SelectStmt"), place.scope, place.with));
  if (kind == "EXISTS_SUBLINK") return absl::OkStatus();
  size_t wanted = 1;
  if (tested != nullptr && tested->contains("RowExpr")) {
    wanted = ListPart((*tested)["RowExpr"], "args").size();
  }
  if (outputs.size() == wanted) return absl::OkStatus();
  return Refuse(link, absl::StrCat("this sub-select returns ", outputs.size(), " columns, where ",
                                   wanted, wanted == 1 ? " is wanted" : " are wanted"));
}

// x[1] and x[1:2]; not (x).field.
absl::Status Walker::Subscripts(const json& body, const Place& place) {
  RETURN_IF_ERROR(Expression(body.at("arg"), place));
  for (const json& item : body.at("indirection")) {
    const json* const indices = Part(item, "A_Indices");
    if (indices == nullptr) return Refuse(body, "a field of a value is not supported");
    RETURN_IF_ERROR(Optional(Part(*indices, "lidx"), place));
    RETURN_IF_ERROR(Optional(Part(*indices, "uidx"), place));
  }
  return absl::OkStatus();
}

}  // namespace metricstore::expression::select
