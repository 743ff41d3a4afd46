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
// CUBE of eight columns.
inline constexpr size_t kMaxGroupingSets = 256;

// A WITH query, from where it can be named. Linked from the innermost outwards.
struct WithQuery {
  std::string name;
  std::vector<RowColumn> columns;
  // Why it cannot be read yet; empty for one that can.
  std::string unreadable;
  Recursion* recursion = nullptr;  // inside of its own recursive side
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

// Walks one SELECT. Lives for one call, and its values and columns no longer than the tree. All
// functions: INVALID_ARGUMENT (SQL_INVALID) as ParseSelect says; json::exception for a tree of an
// unknown shape.
class Walker {
 public:
  Walker(std::string_view text, const TableCatalog& catalog) : text_(text), catalog_(catalog) {}

  using Names = std::vector<std::string>;
  using Columns = std::vector<RowColumn>;  // of a result: without reads

  // The columns that the body of a SelectStmt returns.
  absl::StatusOr<Columns> Query(const json& select, const Scope* outer, const WithQuery* with);

  const std::set<std::string>& tables() const { return tables_; }
  const std::set<StoredColumn>& columns() const { return columns_; }

 private:
  // query.cc
  absl::Status CheckQueryParts(const json& select);
  absl::StatusOr<Columns> QueryBody(const json& select, const Scope* outer, const WithQuery* with);
  absl::StatusOr<Columns> SetOperation(const json& select, const Scope* outer,
                                       const WithQuery* with);
  absl::StatusOr<Columns> Values(const json& select, const Scope* outer, const WithQuery* with);
  absl::StatusOr<Columns> PlainSelect(const json& select, const Scope* outer,
                                      const WithQuery* with);
  absl::StatusOr<Columns> Targets(const json& list, const Place& place);
  absl::Status AddStar(const json& column, const Place& place, Columns* outputs);
  // with.cc
  absl::StatusOr<WithQuery> BindWith(const json& entry, bool is_recursive, const Scope* outer,
                                     const WithQuery* visible);
  absl::StatusOr<Columns> RecursiveQuery(const json& entry, const json& select, const Scope* outer,
                                         const WithQuery* visible);
  // clauses.cc
  absl::Status Group(const json& item, const Columns& outputs, const Place& place);
  absl::Status Sort(const json& list, const Columns& outputs, const Place& place);
  absl::Status OutputOr(const json& item, const Columns& outputs, bool output_first,
                        const Place& place);
  absl::StatusOr<bool> IsOrdinal(const json& item, const Columns& outputs, const Place& place);
  absl::Status CheckGroupingSets(const json& select);
  absl::Status CheckSort(const json& sort);
  absl::Status SortOutputs(const json& select, const Columns& outputs, const WithQuery* with);
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
  absl::StatusOr<Value> Expression(const json& node, const Place& place);
  absl::StatusOr<Value> Expressions(const json& list, const Place& place);
  absl::StatusOr<Value> Optional(const json* node, const Place& place);
  absl::StatusOr<Value> Column(const json& column, const Place& place);
  absl::StatusOr<Value> QualifiedColumn(const json& column, const Names& path, const Place& place);
  absl::Status UnknownRelation(const json& column, const std::string& name, const Place& place);
  absl::StatusOr<Value> Plain(std::string_view form, const json& body, const Place& place);
  absl::StatusOr<Value> Constant(const json& constant);
  absl::StatusOr<Value> Case(const json& body, const Place& place);
  absl::StatusOr<Value> SubLink(const json& link, const Place& place);
  absl::StatusOr<Value> Subscripts(const json& body, const Place& place);
  absl::StatusOr<Value> Grouping(const json& body, const Place& place);
  // operators.cc
  absl::StatusOr<Value> Operation(const json& operation, const Place& place);
  absl::Status OperationKind(const json& operation);
  absl::StatusOr<Value> Operands(const json& operation, const Place& place);
  absl::Status Operator(const json& operation, const json& name, bool is_unary, bool may_be_like);
  // casts.cc
  absl::StatusOr<Value> Cast(const json& cast, const Place& place);
  absl::Status CheckTypeSize(const json& type, const std::string& name);
  absl::Status RefuseBuiltTime(const json& value);
  // values.cc
  absl::Status RefuseClock(const json& literal);
  absl::Status Meet(const Value& other, Value* value);
  absl::StatusOr<Value> Alternatives(const json& list, const Place& place);
  absl::StatusOr<std::vector<Value>> Parts(const json& node, const Place& place);
  absl::StatusOr<Value> Compare(const std::vector<Value>& left, const std::vector<Value>& right);
  absl::Status Condition(const json* node, const Place& place);
  absl::Status MeetColumns(const Columns& added, Columns* columns);
  // calls.cc
  absl::StatusOr<Value> Call(const json& call, const Place& place);
  absl::StatusOr<std::string> CallName(const json& call);
  absl::StatusOr<const Callable*> FindCall(const json& call, const std::string& name);
  absl::Status CheckCall(const json& call, const Callable& callable, const Place& place);
  absl::Status CheckModifiers(const json& call, const Callable& callable);
  absl::Status CheckCount(const json& call, const Callable& callable);
  absl::StatusOr<Value> Arguments(const json& call, std::string_view name, const Place& place);
  absl::StatusOr<Value> Result(std::string_view name, const std::vector<Value>& arguments);
  // literal_arguments.cc
  absl::Status CheckLiterals(const json& call, std::string_view name);
  absl::Status CheckZone(const json& zone);
  absl::Status CheckSeries(const json& call);
  absl::Status CheckLength(const json& call, std::string_view name);

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
