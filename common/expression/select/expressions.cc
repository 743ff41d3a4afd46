// Expressions of a SELECT: columns, constants, CASE, sub-selects.

#include "absl/strings/str_cat.h"
#include "common/expression/literals.h"
#include "common/expression/select/walker.h"
#include "common/status/error.h"
#include "common/status/macros.h"

namespace metricstore::expression::select {
namespace {

std::string WhyNoSession(const std::string& op) {
  const bool is_clock = op.starts_with("SVFOP_CURRENT_DATE") ||
                        op.starts_with("SVFOP_CURRENT_TIME") || op.starts_with("SVFOP_LOCAL");
  return absl::StrCat(is_clock ? "this reads the clock" : "this depends on the session",
                      ": the same rows must give the same numbers");
}

}  // namespace

// Values that have nothing to do with each other.
absl::StatusOr<Value> Walker::Expressions(const json& list, const Place& place) {
  Value all;
  for (const json& item : list) {
    ASSIGN_OR_RETURN(const Value value, Expression(item, place));
    if (all.recursion == nullptr) all.recursion = value.recursion;
  }
  return all;
}

absl::StatusOr<Value> Walker::Optional(const json* node, const Place& place) {
  if (node == nullptr) return Value();
  return Expression(*node, place);
}

absl::StatusOr<Value> Walker::Expression(const json& node, const Place& place) {
  const auto [form, body] = FormOf(node);
  if (form == "ColumnRef") return Column(body, place);
  if (form == "FuncCall") return Call(body, place);
  if (form == "A_Expr") return Operation(body, place);
  if (form == "A_Const") return Constant(node);
  if (form == "TypeCast") return Cast(body, place);
  if (form == "CaseExpr") return Case(body, place);
  if (form == "SubLink") return SubLink(body, place);
  if (form == "A_Indirection") return Subscripts(body, place);
  if (form == "GroupingFunc") return Grouping(body, place);
  if (form == "SQLValueFunction") return Refuse(body, WhyNoSession(TextPart(body, "op")));
  return Plain(form, body, place);
}

// The forms whose parts are walked as they come.
absl::StatusOr<Value> Walker::Plain(std::string_view form, const json& body, const Place& place) {
  if (form == "BoolExpr") {
    RETURN_IF_ERROR(CheckParts(body, {"boolop", "args"}));
    return Expressions(body.at("args"), place);
  }
  if (form == "NullTest" || form == "BooleanTest") {
    RETURN_IF_ERROR(CheckParts(body, {"arg", "nulltesttype", "booltesttype"}));
    ASSIGN_OR_RETURN(const Value tested, Expression(body.at("arg"), place));
    return Value{.recursion = tested.recursion};
  }
  if (form == "CoalesceExpr" || form == "MinMaxExpr") {
    RETURN_IF_ERROR(CheckParts(body, {"op", "args"}));
    return Alternatives(body.at("args"), place);
  }
  if (form == "A_ArrayExpr") {
    RETURN_IF_ERROR(CheckParts(body, {"elements"}));
    return Alternatives(ListPart(body, "elements"), place);
  }
  if (form == "RowExpr") {
    RETURN_IF_ERROR(CheckParts(body, {"args", "row_format"}));
    return Expressions(ListPart(body, "args"), place);
  }
  return Refuse(body, FormRefusal(form));
}

absl::StatusOr<Value> Walker::Constant(const json& constant) {
  const json& body = constant.at("A_Const");
  if (body.contains("bsval")) return Refuse(body, "a bit string is not supported");
  const json* const text = Part(body, "sval");
  const bool is_clock = text != nullptr && !ClockWordIn(TextPart(*text, "sval")).empty();
  return Value{.clock = is_clock ? &constant : nullptr};
}

absl::StatusOr<Value> Walker::Grouping(const json& body, const Place& place) {
  RETURN_IF_ERROR(CheckParts(body, {"args"}));
  if (!place.aggregates) {
    return Refuse(body, absl::StrCat("GROUPING is not allowed ", std::string(place.clause)));
  }
  return Expressions(ListPart(body, "args"), place);
}

absl::StatusOr<Value> Walker::Column(const json& column, const Place& place) {
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
    return found[0]->value;
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

absl::StatusOr<Value> Walker::QualifiedColumn(const json& column, const Names& path,
                                              const Place& place) {
  const Relation* const relation = FindRelation(*place.scope, path[0]);
  if (relation == nullptr) return UnknownRelation(column, path[0], place);
  const std::vector<const RowColumn*> found = ColumnsNamed(relation->columns, path[1]);
  if (found.size() == 1) {
    Read(*found[0]);
    return found[0]->value;
  }
  if (found.size() > 1) {
    return Refuse(column, absl::StrCat("the column \"", path[1], "\" is ambiguous: \"", path[0],
                                       "\" has it more than once"));
  }
  return Refuse(column, absl::StrCat("unknown column \"", path[0], ".", path[1], "\""),
                status::ClosestMatch(path[1], ColumnNames(relation->columns)));
}

absl::StatusOr<Value> Walker::Case(const json& body, const Place& place) {
  RETURN_IF_ERROR(CheckParts(body, {"arg", "args", "defresult"}));
  const json* const tested = Part(body, "arg");
  ASSIGN_OR_RETURN(Value compared, Optional(tested, place));
  Value result;
  for (const json& arm : body.at("args")) {
    const json& when = arm.at("CaseWhen");
    RETURN_IF_ERROR(CheckParts(when, {"expr", "result"}));
    ASSIGN_OR_RETURN(const Value candidate, Expression(when.at("expr"), place));
    if (tested != nullptr) RETURN_IF_ERROR(Meet(candidate, &compared));
    ASSIGN_OR_RETURN(const Value value, Expression(when.at("result"), place));
    RETURN_IF_ERROR(Meet(value, &result));
  }
  ASSIGN_OR_RETURN(const Value otherwise, Optional(Part(body, "defresult"), place));
  RETURN_IF_ERROR(Meet(otherwise, &result));
  return result;
}

absl::StatusOr<Value> Walker::SubLink(const json& link, const Place& place) {
  RETURN_IF_ERROR(CheckParts(link, {"subLinkType", "testexpr", "operName", "subselect"}));
  const std::string kind = TextPart(link, "subLinkType");
  std::vector<Value> tested;
  if (const json* const row = Part(link, "testexpr"); row != nullptr) {
    ASSIGN_OR_RETURN(tested, Parts(*row, place));
  }
  if (const json* const name = Part(link, "operName"); name != nullptr) {
    RETURN_IF_ERROR(Operator(link, *name, false, true));
  }
  ASSIGN_OR_RETURN(const Columns outputs,
                   Query(link.at("subselect").at("SelectStmt"), place.scope, place.with));
  if (kind == "EXISTS_SUBLINK") return Value();
  const size_t wanted = tested.empty() ? 1 : tested.size();
  if (outputs.size() != wanted) {
    return Refuse(link, absl::StrCat("this sub-select returns ", outputs.size(), " columns, where ",
                                     wanted, wanted == 1 ? " is wanted" : " are wanted"));
  }
  if (tested.empty()) return outputs[0].value;
  std::vector<Value> found;
  for (const RowColumn& output : outputs) found.push_back(output.value);
  return Compare(tested, found);
}

// x[1] and x[1:2]; not (x).field.
absl::StatusOr<Value> Walker::Subscripts(const json& body, const Place& place) {
  RETURN_IF_ERROR(CheckParts(body, {"arg", "indirection"}));
  ASSIGN_OR_RETURN(const Value element, Expression(body.at("arg"), place));
  for (const json& item : body.at("indirection")) {
    const json* const indices = Part(item, "A_Indices");
    if (indices == nullptr) return Refuse(body, "a field of a value is not supported");
    RETURN_IF_ERROR(Optional(Part(*indices, "lidx"), place).status());
    RETURN_IF_ERROR(Optional(Part(*indices, "uidx"), place).status());
  }
  return element;
}

}  // namespace metricstore::expression::select
