// Names in sight: what FROM items bring, and which column a name means.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace metricstore::expression::select {

// Table and column of a registered table.
using StoredColumn = std::pair<std::string, std::string>;

// How a recursive WITH query reads itself.
struct Recursion {
  int reads = 0;
  bool is_bounded = false;  // whether a condition looks at its rows
};

// What is known of a value. Types are not checked; this much is, for the clock's words.
struct Value {
  bool is_time = false;                   // a date, a time, an instant or an interval
  const nlohmann::json* clock = nullptr;  // the literal with a clock word that it may be
  Recursion* recursion = nullptr;         // the recursive query that it was made of
};

// A column of a FROM item or a result, and what naming it reads: nothing where it is computed,
// several stored columns where USING merged them. Rows are copied often, so they point at what the
// walker holds.
struct RowColumn {
  std::string name;
  std::vector<const StoredColumn*> reads;
  Value value;
};

// A FROM item that columns may be qualified by.
struct Relation {
  std::string name;
  std::vector<RowColumn> columns;
};

// What a FROM clause, or a part of it, brings.
struct Row {
  std::vector<Relation> relations;
  std::vector<RowColumn> columns;  // in the order of *
};

// One level of names. Outer levels are those of the statements around a sub-select.
struct Scope {
  const Scope* outer = nullptr;
  Row row;
};

// Relations and columns of `added` follow those of `row`.
void Append(Row added, Row* row);

// The relation of that name, innermost first; nullptr if there is none.
const Relation* FindRelation(const Scope& scope, std::string_view name);

// The columns of that name at the innermost level that has any. More than one: ambiguous.
std::vector<const RowColumn*> FindColumns(const Scope& scope, std::string_view name);
std::vector<const RowColumn*> ColumnsNamed(const std::vector<RowColumn>& columns,
                                           std::string_view name);

// For "did you mean", innermost first.
std::vector<std::string> ColumnNames(const Scope& scope);
std::vector<std::string> ColumnNames(const std::vector<RowColumn>& columns);
std::vector<std::string> RelationNames(const Scope& scope);
// The name under which the stored table is in sight; "" if it is not.
std::string AliasOf(const Scope& scope, std::string_view table);

// `left` JOIN `right` with the columns of `shared` merged: those come first and once. Every name
// of `shared` is in both sides. `alias` may be empty; otherwise it names the merged columns.
Row JoinUsing(Row left, Row right, const std::vector<std::string>& shared,
              const std::string& alias);

}  // namespace metricstore::expression::select
