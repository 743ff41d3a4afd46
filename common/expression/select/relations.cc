// FROM items: tables, WITH queries, sub-selects, table functions, joins.

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/expression/select/walker.h"
#include "common/status/error.h"
#include "common/status/macros.h"

namespace metricstore::expression::select {
namespace {

// Whether a FROM item may name columns of the items to its left.
bool MayLookLeft(const json& item) {
  const Form form = FormOf(item);
  return form.name == "RangeFunction" || form.name == "JoinExpr" || FlagPart(form.body, "lateral");
}

}  // namespace

absl::StatusOr<Row> Walker::From(const json& list, const Scope* outer, const WithQuery* with) {
  Scope left{.outer = outer, .row = {}};
  for (const json& item : list) {
    ASSIGN_OR_RETURN(Row added, Item(item, left, with));
    RETURN_IF_ERROR(AppendItem(item, std::move(added), &left.row));
  }
  return std::move(left.row);
}

absl::Status Walker::AppendItem(const json& item, Row added, Row* row) {
  for (const Relation& relation : added.relations) {
    const bool is_taken =
        std::any_of(row->relations.begin(), row->relations.end(),
                    [&](const Relation& other) { return other.name == relation.name; });
    if (is_taken) {
      return Refuse(item, absl::StrCat("the name \"", relation.name,
                                       "\" is given to two tables: use AS to tell them apart"));
    }
  }
  if (row->columns.size() + added.columns.size() > kMaxRowColumns) {
    return Refuse(
        item, absl::StrCat("the tables of one FROM have more than ", kMaxRowColumns, " columns"));
  }
  Append(std::move(added), row);
  return absl::OkStatus();
}

// `left` is what LATERAL items may see: the items before, and the outer levels.
absl::StatusOr<Row> Walker::Item(const json& item, const Scope& left, const WithQuery* with) {
  const Form form = FormOf(item);
  if (form.name == "RangeVar") return Table(form.body, with);
  if (form.name == "RangeSubselect") return SubSelect(form.body, left, with);
  if (form.name == "RangeFunction") return TableFunction(form.body, left, with);
  if (form.name == "JoinExpr") return Join(form.body, left, with);
  return Refuse(item, FormRefusal(form.name));
}

// `columns` under the item's alias, or under `default_name`.
absl::StatusOr<Row> Walker::Named(const json& item, const std::string& default_name,
                                  std::vector<RowColumn> columns) {
  Relation relation{.name = default_name, .columns = std::move(columns)};
  if (const json* const alias = Part(item, "alias"); alias != nullptr) {
    relation.name = TextPart(*alias, "aliasname");
    const Names names = NamesIn(ListPart(*alias, "colnames")).value_or(Names());
    if (names.size() > relation.columns.size()) {
      return Refuse(item, absl::StrCat("more names are given than \"", relation.name,
                                       "\" has columns: ", relation.columns.size()));
    }
    for (size_t i = 0; i < names.size(); ++i) relation.columns[i].name = names[i];
  }
  Row row;
  row.columns = relation.columns;
  row.relations.push_back(std::move(relation));
  return row;
}

absl::StatusOr<Row> Walker::Table(const json& table, const WithQuery* with) {
  if (Part(table, "schemaname") != nullptr || Part(table, "catalogname") != nullptr) {
    return Refuse(table, "a table is named without its schema");
  }
  if (!FlagPart(table, "inh")) return Refuse(table, "ONLY is not supported");
  RETURN_IF_ERROR(CheckParts(table, {"relname", "inh", "relpersistence", "alias"}));
  const std::string name = TextPart(table, "relname");
  ASSIGN_OR_RETURN(std::vector<RowColumn> columns, TableColumns(table, name, with));
  return Named(table, name, std::move(columns));
}

absl::StatusOr<std::vector<RowColumn>> Walker::TableColumns(const json& table,
                                                            const std::string& name,
                                                            const WithQuery* with) {
  for (const WithQuery* query = with; query != nullptr; query = query->next) {
    if (query->name != name) continue;
    if (!query->unreadable.empty()) {
      return Refuse(table, absl::StrCat("\"", name, "\" ", query->unreadable));
    }
    if (query->recursion != nullptr && ++query->recursion->reads > 1) {
      return Refuse(table,
                    absl::StrCat("the recursive query \"", name, "\" may read itself only once"));
    }
    return query->columns;
  }
  const Schema* const schema = catalog_.find(name);
  if (schema == nullptr) return UnknownTable(table, name, with);
  tables_.insert(name);
  std::vector<RowColumn> found;
  for (const SchemaColumn& column : *schema) {
    const bool is_time =
        column.type == columns::ColumnType::kTimestamp || column.type == columns::ColumnType::kDate;
    found.push_back(
        {.name = column.name, .reads = {Hold(name, column.name)}, .value = {.is_time = is_time}});
  }
  return found;
}

absl::Status Walker::UnknownTable(const json& table, const std::string& name,
                                  const WithQuery* with) {
  Names known = catalog_.names;
  for (const WithQuery* query = with; query != nullptr; query = query->next) {
    known.push_back(query->name);
  }
  return Refuse(table, absl::StrCat("unknown table \"", name, "\""),
                status::ClosestMatch(name, known));
}

absl::StatusOr<Row> Walker::SubSelect(const json& item, const Scope& left, const WithQuery* with) {
  RETURN_IF_ERROR(CheckParts(item, {"lateral", "subquery", "alias"}));
  const Scope* const outer = FlagPart(item, "lateral") ? &left : left.outer;
  ASSIGN_OR_RETURN(Columns outputs, Query(item.at("subquery").at("SelectStmt"), outer, with));
  return Named(item, "", std::move(outputs));
}

absl::StatusOr<Row> Walker::TableFunction(const json& item, const Scope& left,
                                          const WithQuery* with) {
  RETURN_IF_ERROR(CheckParts(item, {"lateral", "ordinality", "functions", "alias"}));
  const json& functions = item.at("functions");
  const json* const call = Part(functions.at(0).at("List").at("items").at(0), "FuncCall");
  if (functions.size() != 1 || call == nullptr) {
    return Refuse(item, "FROM takes one function, generate_series or unnest");
  }
  const Place place{.scope = &left, .with = with, .clause = "in FROM"};
  ASSIGN_OR_RETURN(std::vector<RowColumn> columns, TableFunctionColumns(*call, place));
  // The alias of a function of one column names the column too.
  const json* const alias = Part(item, "alias");
  if (alias != nullptr && columns.size() == 1) columns[0].name = TextPart(*alias, "aliasname");
  const std::string name = columns[0].name;
  if (FlagPart(item, "ordinality")) columns.push_back({.name = "ordinality", .reads = {}});
  return Named(item, name, std::move(columns));
}

absl::StatusOr<std::vector<RowColumn>> Walker::TableFunctionColumns(const json& call,
                                                                    const Place& place) {
  RETURN_IF_ERROR(CheckParts(call, {"funcname", "args", "funcformat"}));
  ASSIGN_OR_RETURN(const std::string name, CallName(call));
  const Callable* const callable = FindCallable(name);
  const bool is_scalar = callable != nullptr && callable->kind != CallKind::kTable;
  if (callable == nullptr || is_scalar) {
    const std::string reason = WhyRefused(name);
    if (!reason.empty()) return Refuse(call, reason);
    return Refuse(call,
                  absl::StrCat("the function \"", name,
                               "\" is not allowed in FROM: only generate_series and unnest are"),
                  is_scalar ? "" : status::ClosestMatch(name, {"generate_series", "unnest"}));
  }
  RETURN_IF_ERROR(CheckCount(call, *callable));
  RETURN_IF_ERROR(CheckLiterals(call, name));
  if (name != "unnest") {
    ASSIGN_OR_RETURN(const Value element, Arguments(call, name, place));
    return Columns{{.name = name, .reads = {}, .value = element}};
  }
  Columns elements;
  for (const json& array : ListPart(call, "args")) {
    ASSIGN_OR_RETURN(const Value element, Expression(array, place));
    elements.push_back({.name = name, .reads = {}, .value = element});
  }
  return elements;
}

absl::StatusOr<Row> Walker::Join(const json& join, const Scope& left, const WithQuery* with) {
  RETURN_IF_ERROR(CheckParts(join, {"jointype", "isNatural", "larg", "rarg", "usingClause",
                                    "join_using_alias", "quals", "alias", "rtindex"}));
  ASSIGN_OR_RETURN(Row left_side, Item(join.at("larg"), left, with));
  Scope seen{.outer = left.outer, .row = {}};
  if (MayLookLeft(join.at("rarg"))) {
    seen.row = left.row;
    Append(left_side, &seen.row);
  }
  ASSIGN_OR_RETURN(Row right_side, Item(join["rarg"], seen, with));
  ASSIGN_OR_RETURN(Row joined,
                   JoinSides(join, std::move(left_side), std::move(right_side), left.outer, with));
  // An alias hides the tables that are joined.
  if (Part(join, "alias") == nullptr) return joined;
  return Named(join, "", std::move(joined.columns));
}

absl::StatusOr<Row> Walker::JoinSides(const json& join, Row left_side, Row right_side,
                                      const Scope* outer, const WithQuery* with) {
  if (FlagPart(join, "isNatural") || Part(join, "usingClause") != nullptr) {
    ASSIGN_OR_RETURN(const Names shared, SharedColumns(join, left_side, right_side));
    const json* const alias = Part(join, "join_using_alias");
    Row checked = left_side;
    RETURN_IF_ERROR(AppendItem(join.at("rarg"), right_side, &checked));
    return JoinUsing(std::move(left_side), std::move(right_side), shared,
                     alias == nullptr ? "" : TextPart(*alias, "aliasname"));
  }
  Scope scope{.outer = outer, .row = std::move(left_side)};
  RETURN_IF_ERROR(AppendItem(join.at("rarg"), std::move(right_side), &scope.row));
  const Place place{.scope = &scope, .with = with, .clause = "in ON"};
  RETURN_IF_ERROR(Condition(Part(join, "quals"), place));
  return std::move(scope.row);
}

// The columns of USING, or those that NATURAL means. Joining reads them on both sides.
absl::StatusOr<Walker::Names> Walker::SharedColumns(const json& join, const Row& left,
                                                    const Row& right) {
  Names shared = NamesIn(ListPart(join, "usingClause")).value_or(Names());
  if (FlagPart(join, "isNatural")) {
    for (const std::string& name : ColumnNames(left.columns)) {
      if (!ColumnsNamed(right.columns, name).empty()) shared.push_back(name);
    }
  }
  for (const std::string& name : shared) {
    Value both;
    for (const Row* const side : {&left, &right}) {
      const std::vector<const RowColumn*> found = ColumnsNamed(side->columns, name);
      if (found.size() == 1) {
        Read(*found[0]);
        RETURN_IF_ERROR(Meet(found[0]->value, &both));
        continue;
      }
      const std::string where = side == &left ? "left" : "right";
      return Refuse(
          join,
          absl::StrCat("the column \"", name, "\" of the join is ",
                       found.empty() ? "not in the " : "more than once in the ", where, " table"),
          found.empty() ? status::ClosestMatch(name, ColumnNames(side->columns)) : "");
    }
    if (both.recursion != nullptr) both.recursion->is_bounded = true;
  }
  return shared;
}

}  // namespace metricstore::expression::select
