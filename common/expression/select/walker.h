// Walks the tree of a SELECT: looks up every name, refuses every form that is not known.
#pragma once

#include <deque>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/expression/select/callable.h"
#include "common/expression/select/form.h"
#include "common/expression/select/scope.h"
#include "common/expression/select_statement.h"

namespace metricstore::expression::select {

// PostgreSQL's own limit. Without it a short text of nested stars asks for any amount of memory.
inline constexpr size_t kMaxOutputs = 1664;
inline constexpr size_t kMaxRowColumns = 10'000;

// A WITH query, from where it can be named. Linked from the innermost outwards.
struct WithQuery {
  std::string name;
  std::vector<std::string> columns;
  // Why it cannot be read yet; empty for one that can.
  std::string unreadable;
  const WithQuery* next = nullptr;
};

// What expressions at one place may use.
struct Place {
  const Scope* scope = nullptr;
  const WithQuery* with = nullptr;
  const std::vector<std::string>* windows = nullptr;  // names of the WINDOW clause
  std::string_view clause;                            // for messages: "in WHERE"
  bool aggregates = false;                            // whether they are allowed
  bool window_calls = false;
};

// Walks one SELECT. Lives for one call. All functions: INVALID_ARGUMENT (SQL_INVALID) as
// ParseSelect says; json::exception for a tree of an unknown shape.
class Walker {
 public:
  Walker(std::string_view text, const TableCatalog& catalog) : text_(text), catalog_(catalog) {}

  using Names = std::vector<std::string>;

  // The names of the columns that the body of a SelectStmt returns.
  absl::StatusOr<Names> Query(const json& select, const Scope* outer, const WithQuery* with);

  const std::set<std::string>& tables() const { return tables_; }
  const std::set<StoredColumn>& columns() const { return columns_; }

 private:
  // query.cc
  absl::Status CheckQueryParts(const json& select);
  absl::StatusOr<Names> QueryBody(const json& select, const Scope* outer, const WithQuery* with);
  absl::StatusOr<Names> SetOperation(const json& select, const Scope* outer, const WithQuery* with);
  absl::StatusOr<Names> Values(const json& select, const Scope* outer, const WithQuery* with);
  absl::StatusOr<Names> PlainSelect(const json& select, const Scope* outer, const WithQuery* with);
  absl::StatusOr<Names> Targets(const json& list, const Place& place);
  absl::Status AddStar(const json& column, const Place& place, Names* outputs);
  // with.cc
  absl::StatusOr<WithQuery> BindWith(const json& entry, bool is_recursive, const Scope* outer,
                                     const WithQuery* visible);
  absl::StatusOr<Names> RecursiveQuery(const json& entry, const json& select, const Scope* outer,
                                       const WithQuery* visible);
  // clauses.cc
  absl::Status Group(const json& item, const Names& outputs, const Place& place);
  absl::Status Sort(const json& list, const Names& outputs, const Place& place);
  absl::Status OutputOr(const json& item, const Names& outputs, bool output_first,
                        const Place& place);
  absl::StatusOr<bool> IsOrdinal(const json& item, const Names& outputs, const Place& place);
  absl::Status SortOutputs(const json& select, const Names& outputs, const WithQuery* with);
  absl::Status Limit(const json& select, const WithQuery* with);
  absl::StatusOr<Names> Windows(const json& list, const Place& place);
  absl::Status WindowDefinition(const json& window, const Place& place);
  absl::Status WindowName(const json& window, const std::string& name, const Place& place);
  // relations.cc
  absl::StatusOr<Row> From(const json& list, const Scope* outer, const WithQuery* with);
  absl::StatusOr<Row> Item(const json& item, const Scope& left, const WithQuery* with);
  absl::StatusOr<Row> Table(const json& table, const WithQuery* with);
  absl::StatusOr<std::vector<RowColumn>> TableColumns(const json& table, const std::string& name,
                                                      const WithQuery* with);
  absl::StatusOr<Row> SubSelect(const json& item, const Scope& left, const WithQuery* with);
  absl::StatusOr<Row> TableFunction(const json& item, const Scope& left, const WithQuery* with);
  absl::StatusOr<std::vector<RowColumn>> TableFunctionColumns(const json& call, const Place& place);
  absl::StatusOr<Row> Join(const json& join, const Scope& left, const WithQuery* with);
  absl::StatusOr<Row> JoinSides(const json& join, Row left_side, Row right_side, const Scope* outer,
                                const WithQuery* with);
  absl::StatusOr<Names> SharedColumns(const json& join, const Row& left, const Row& right);
  absl::StatusOr<Row> Named(const json& item, const std::string& default_name,
                            std::vector<RowColumn> columns);
  absl::Status UnknownTable(const json& table, const std::string& name, const WithQuery* with);
  absl::Status AppendItem(const json& item, Row added, Row* row);
  // expressions.cc
  absl::Status Expression(const json& node, const Place& place);
  absl::Status Expressions(const json& list, const Place& place);
  absl::Status Optional(const json* node, const Place& place);
  absl::Status Column(const json& column, const Place& place);
  absl::Status QualifiedColumn(const json& column, const Names& path, const Place& place);
  absl::Status UnknownRelation(const json& column, const std::string& name, const Place& place);
  absl::Status Operation(const json& operation, const Place& place);
  absl::Status Operand(const json* node, const Place& place);
  absl::Status Operator(const json& operation, const json& name, bool is_unary);
  absl::Status Case(const json& body, const Place& place);
  absl::Status Cast(const json& cast, const Place& place);
  absl::Status SubLink(const json& link, const Place& place);
  absl::Status Subscripts(const json& body, const Place& place);
  // calls.cc
  absl::Status Call(const json& call, const Place& place);
  absl::StatusOr<std::string> CallName(const json& call);
  absl::StatusOr<const Callable*> FindCall(const json& call, const std::string& name);
  absl::Status CheckCall(const json& call, const Callable& callable, const Place& place);
  absl::Status CheckModifiers(const json& call, const Callable& callable);
  absl::Status CheckCount(const json& call, const Callable& callable);

  void Read(const RowColumn& column) {
    for (const StoredColumn* stored : column.reads) columns_.insert(*stored);
  }
  const StoredColumn* Hold(const std::string& table, const std::string& column) {
    return &stored_.emplace_back(table, column);
  }
  absl::Status Refuse(const json& node, const std::string& message,
                      const std::string& suggestion = "") const;
  // Refuses a form with parts beside `known`.
  absl::Status CheckParts(const json& body, std::initializer_list<std::string_view> known) const;

  std::string_view text_;
  const TableCatalog& catalog_;
  std::set<std::string> tables_;
  std::set<StoredColumn> columns_;
  std::deque<StoredColumn> stored_;  // what rows point at
};

// The names that PostgreSQL gives to a result column without AS.
std::string OutputName(const json& target);

// "a parameter is not supported": by the name of a form or of its part.
std::string FormRefusal(std::string_view form);

}  // namespace metricstore::expression::select
