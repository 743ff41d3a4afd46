#include "common/expression/select/scope.h"

#include <algorithm>
#include <iterator>

namespace metricstore::expression::select {
namespace {

template <typename T>
void Move(std::vector<T> from, std::vector<T>* to) {
  to->insert(to->end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

bool Holds(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

void Append(Row added, Row* row) {
  Move(std::move(added.relations), &row->relations);
  Move(std::move(added.columns), &row->columns);
}

const Relation* FindRelation(const Scope& scope, std::string_view name) {
  for (const Scope* level = &scope; level != nullptr; level = level->outer) {
    for (const Relation& relation : level->row.relations) {
      if (relation.name == name) return &relation;
    }
  }
  return nullptr;
}

std::vector<const RowColumn*> ColumnsNamed(const std::vector<RowColumn>& columns,
                                           std::string_view name) {
  std::vector<const RowColumn*> found;
  for (const RowColumn& column : columns) {
    if (column.name == name) found.push_back(&column);
  }
  return found;
}

std::vector<const RowColumn*> FindColumns(const Scope& scope, std::string_view name) {
  for (const Scope* level = &scope; level != nullptr; level = level->outer) {
    std::vector<const RowColumn*> found = ColumnsNamed(level->row.columns, name);
    if (!found.empty()) return found;
  }
  return {};
}

std::vector<std::string> ColumnNames(const std::vector<RowColumn>& columns) {
  std::vector<std::string> names;
  for (const RowColumn& column : columns) names.push_back(column.name);
  return names;
}

std::vector<std::string> ColumnNames(const Scope& scope) {
  std::vector<std::string> names;
  for (const Scope* level = &scope; level != nullptr; level = level->outer) {
    Move(ColumnNames(level->row.columns), &names);
  }
  return names;
}

std::vector<std::string> RelationNames(const Scope& scope) {
  std::vector<std::string> names;
  for (const Scope* level = &scope; level != nullptr; level = level->outer) {
    for (const Relation& relation : level->row.relations) names.push_back(relation.name);
  }
  return names;
}

std::string AliasOf(const Scope& scope, std::string_view table) {
  for (const Scope* level = &scope; level != nullptr; level = level->outer) {
    for (const Relation& relation : level->row.relations) {
      for (const RowColumn& column : relation.columns) {
        if (column.reads.size() == 1 && column.reads[0]->first == table) return relation.name;
      }
    }
  }
  return "";
}

Row JoinUsing(Row left, Row right, const std::vector<std::string>& shared,
              const std::string& alias) {
  Row joined;
  for (const std::string& name : shared) {
    RowColumn merged{.name = name, .reads = {}, .value = {}};
    for (const Row* side : {&left, &right}) {
      for (const RowColumn* column : ColumnsNamed(side->columns, name)) {
        merged.reads.insert(merged.reads.end(), column->reads.begin(), column->reads.end());
        merged.value.is_time = merged.value.is_time || column->value.is_time;
        if (merged.value.clock == nullptr) merged.value.clock = column->value.clock;
        if (merged.value.recursion == nullptr) merged.value.recursion = column->value.recursion;
      }
    }
    joined.columns.push_back(std::move(merged));
  }
  Move(std::move(left.relations), &joined.relations);
  Move(std::move(right.relations), &joined.relations);
  if (!alias.empty()) joined.relations.push_back({.name = alias, .columns = joined.columns});
  for (Row* side : {&left, &right}) {
    for (RowColumn& column : side->columns) {
      if (!Holds(shared, column.name)) joined.columns.push_back(std::move(column));
    }
  }
  return joined;
}

}  // namespace metricstore::expression::select
