// SELECTs as wholes: clauses in the order in which they see names.

#include "absl/strings/str_cat.h"
#include "common/expression/select/walker.h"
#include "common/expression/syntax.h"
#include "common/status/macros.h"

namespace metricstore::expression::select {

absl::Status Walker::Refuse(const json& node, const std::string& message,
                            const std::string& suggestion) const {
  return SqlErrorAt(text_, PlaceOf(node), message, suggestion);
}

absl::Status Walker::CheckParts(const json& body,
                                std::initializer_list<std::string_view> known) const {
  const std::string unknown = UnknownPart(body, known);
  return unknown.empty() ? absl::OkStatus() : Refuse(body, FormRefusal(unknown));
}

absl::Status Walker::CheckQueryParts(const json& select) {
  return CheckParts(select, {"distinctClause", "targetList", "fromClause", "whereClause",
                             "groupClause", "groupDistinct", "havingClause", "windowClause",
                             "valuesLists", "sortClause", "limitOffset", "limitCount",
                             "limitOption", "withClause", "op", "all", "larg", "rarg"});
}

absl::StatusOr<Walker::Columns> Walker::Query(const json& select, const Scope* outer,
                                              const WithQuery* with) {
  RETURN_IF_ERROR(CheckQueryParts(select));
  const json* const clause = Part(select, "withClause");
  if (clause == nullptr) return QueryBody(select, outer, with);
  const json& entries = clause->at("ctes");
  std::vector<WithQuery> queries(entries.size());
  for (size_t i = 0; i < entries.size(); ++i) {
    const json& entry = entries[i].at("CommonTableExpr");
    for (size_t before = 0; before < i; ++before) {
      if (queries[before].name == TextPart(entry, "ctename")) {
        return Refuse(entry,
                      absl::StrCat("the WITH query \"", queries[before].name, "\" is given twice"));
      }
    }
    ASSIGN_OR_RETURN(queries[i], BindWith(entry, FlagPart(*clause, "recursive"), outer,
                                          i == 0 ? with : &queries[i - 1]));
  }
  return QueryBody(select, outer, &queries.back());
}

absl::StatusOr<Walker::Columns> Walker::QueryBody(const json& select, const Scope* outer,
                                                  const WithQuery* with) {
  if (TextPart(select, "op") != "SETOP_NONE") return SetOperation(select, outer, with);
  if (Part(select, "valuesLists") != nullptr) return Values(select, outer, with);
  return PlainSelect(select, outer, with);
}

absl::StatusOr<Walker::Columns> Walker::SetOperation(const json& select, const Scope* outer,
                                                     const WithQuery* with) {
  ASSIGN_OR_RETURN(Columns left, Query(select.at("larg"), outer, with));
  ASSIGN_OR_RETURN(const Columns right, Query(select.at("rarg"), outer, with));
  if (left.size() != right.size()) {
    return Refuse(select["rarg"],
                  absl::StrCat("both sides of UNION, INTERSECT and EXCEPT return as many columns: "
                               "the left returns ",
                               left.size(), ", the right ", right.size()));
  }
  RETURN_IF_ERROR(MeetColumns(right, &left));
  RETURN_IF_ERROR(SortOutputs(select, left, with));
  RETURN_IF_ERROR(Limit(select, with));
  return left;
}

absl::StatusOr<Walker::Columns> Walker::Values(const json& select, const Scope* outer,
                                               const WithQuery* with) {
  const json& lists = select.at("valuesLists");
  const Scope scope{.outer = outer, .row = {}};
  const Place place{.scope = &scope, .with = with, .clause = "in VALUES"};
  Columns outputs(lists.at(0).at("List").at("items").size());
  const size_t width = outputs.size();
  for (const json& list : lists) {
    const json& items = list.at("List").at("items");
    if (items.size() != width) {
      return Refuse(list, absl::StrCat("every row of VALUES has as many values as the first: ",
                                       width, ", here ", items.size()));
    }
    for (size_t i = 0; i < width; ++i) {
      ASSIGN_OR_RETURN(const Value value, Expression(items[i], place));
      RETURN_IF_ERROR(Meet(value, &outputs[i].value));
    }
  }
  for (size_t i = 0; i < width; ++i) outputs[i].name = absl::StrCat("column", i + 1);
  RETURN_IF_ERROR(SortOutputs(select, outputs, with));
  RETURN_IF_ERROR(Limit(select, with));
  return outputs;
}

absl::StatusOr<Walker::Columns> Walker::PlainSelect(const json& select, const Scope* outer,
                                                    const WithQuery* with) {
  Scope scope{.outer = outer, .row = {}};
  ASSIGN_OR_RETURN(scope.row, From(ListPart(select, "fromClause"), outer, with));
  const Place rows{.scope = &scope, .with = with, .clause = "in WHERE"};
  RETURN_IF_ERROR(Condition(Part(select, "whereClause"), rows));
  Place values = rows;
  values.aggregates = true;
  values.clause = "in WINDOW";
  ASSIGN_OR_RETURN(const Names windows, Windows(ListPart(select, "windowClause"), values));
  values.windows = &windows;
  values.window_calls = true;
  values.clause = "in SELECT";
  ASSIGN_OR_RETURN(Columns outputs, Targets(ListPart(select, "targetList"), values));
  if (outputs.empty()) return Refuse(select, "the SELECT returns no column");
  Place groups = rows;
  groups.clause = "in GROUP BY";
  RETURN_IF_ERROR(CheckGroupingSets(select));
  for (const json& item : ListPart(select, "groupClause")) {
    RETURN_IF_ERROR(Group(item, outputs, groups));
  }
  Place having = values;
  having.window_calls = false;
  having.clause = "in HAVING";
  RETURN_IF_ERROR(Condition(Part(select, "havingClause"), having));
  for (const json& item : ListPart(select, "distinctClause")) {
    if (!item.empty()) RETURN_IF_ERROR(OutputOr(item, outputs, true, values));  // {}: no ON
  }
  values.clause = "in ORDER BY";
  RETURN_IF_ERROR(Sort(ListPart(select, "sortClause"), outputs, values));
  RETURN_IF_ERROR(Limit(select, with));
  return outputs;
}

absl::StatusOr<Walker::Columns> Walker::Targets(const json& list, const Place& place) {
  Columns outputs;
  for (const json& item : list) {
    const json& target = item.at("ResTarget");
    RETURN_IF_ERROR(CheckParts(target, {"name", "val"}));
    const json& value = target.at("val");
    const json* const column = Part(value, "ColumnRef");
    if (column != nullptr && column->at("fields").back().contains("A_Star")) {
      RETURN_IF_ERROR(AddStar(*column, place, &outputs));
      continue;
    }
    ASSIGN_OR_RETURN(const Value known, Expression(value, place));
    outputs.push_back({.name = OutputName(target), .reads = {}, .value = known});
  }
  return outputs;
}

// * and t.*
absl::Status Walker::AddStar(const json& column, const Place& place, Columns* outputs) {
  const json& fields = column.at("fields");
  if (fields.size() > 2) return Refuse(column, "a table is named without its schema");
  const std::vector<RowColumn>* columns = &place.scope->row.columns;
  if (fields.size() == 2) {
    const std::string name = NameIn(fields[0]).value_or("");
    const Relation* const relation = FindRelation(*place.scope, name);
    if (relation == nullptr) return UnknownRelation(column, name, place);
    columns = &relation->columns;
  } else if (place.scope->row.relations.empty()) {
    return Refuse(column, "* needs a FROM clause");
  }
  if (outputs->size() + columns->size() > kMaxOutputs) {
    return Refuse(column, absl::StrCat("a SELECT returns at most ", kMaxOutputs, " columns"));
  }
  for (const RowColumn& each : *columns) {
    Read(each);
    outputs->push_back({.name = each.name, .reads = {}, .value = each.value});
  }
  return absl::OkStatus();
}

}  // namespace metricstore::expression::select
