// Names in sight: what FROM items bring, and which column a name means.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace metricstore::expression::select {

// Table and column of a registered table.
using StoredColumn = std::pair<std::string, std::string>;

// A column of a FROM item, and what naming it reads: nothing where it is computed, several stored
// columns where USING merged them. Rows are copied often, so they point at what the walker holds.
struct RowColumn {
  std::string name;
  std::vector<const StoredColumn*> reads;
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
