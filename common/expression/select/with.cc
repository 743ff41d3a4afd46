// WITH queries, recursive ones too.

#include "absl/strings/str_cat.h"
#include "common/expression/select/walker.h"
#include "common/status/macros.h"

namespace metricstore::expression::select {
namespace {

// WITH q(a, b): the first names of the columns are replaced. False for more names than columns.
bool Rename(const std::vector<std::string>& names, std::vector<RowColumn>* columns) {
  if (names.size() > columns->size()) return false;
  for (size_t i = 0; i < names.size(); ++i) (*columns)[i].name = names[i];
  return true;
}

}  // namespace

absl::StatusOr<WithQuery> Walker::BindWith(const json& entry, bool is_recursive, const Scope* outer,
                                           const WithQuery* visible) {
  RETURN_IF_ERROR(CheckParts(entry, {"ctename", "aliascolnames", "ctematerialized", "ctequery"}));
  const json* const select = Part(entry.at("ctequery"), "SelectStmt");
  if (select == nullptr) {
    return Refuse(entry, "a WITH query is a SELECT: nothing may change data");
  }
  WithQuery query{
      .name = TextPart(entry, "ctename"), .columns = {}, .unreadable = "", .next = visible};
  if (is_recursive) {
    ASSIGN_OR_RETURN(query.columns, RecursiveQuery(entry, *select, outer, visible));
  } else {
    ASSIGN_OR_RETURN(query.columns, Query(*select, outer, visible));
  }
  if (!Rename(NamesIn(ListPart(entry, "aliascolnames")).value_or(Names()), &query.columns)) {
    return Refuse(entry, absl::StrCat("more names are given than \"", query.name,
                                      "\" has columns: ", query.columns.size()));
  }
  return query;
}

// One side of a UNION says which columns there are; the other may read them, once, under a
// condition on them: nothing else could end it. Whether the condition does is found out by running
// it, under a deadline.
absl::StatusOr<Walker::Columns> Walker::RecursiveQuery(const json& entry, const json& select,
                                                       const Scope* outer,
                                                       const WithQuery* visible) {
  WithQuery self{.name = TextPart(entry, "ctename"),
                 .columns = {},
                 .unreadable =
                     "reads itself before it has rows: a recursive query is "
                     "SELECT ... UNION ALL SELECT ..., and the second reads it",
                 .next = visible};
  const bool is_union = TextPart(select, "op") == "SETOP_UNION" &&
                        Part(select, "withClause") == nullptr &&
                        Part(select, "sortClause") == nullptr;
  if (!is_union) return Query(select, outer, &self);
  RETURN_IF_ERROR(CheckQueryParts(select));
  ASSIGN_OR_RETURN(Columns columns, Query(select.at("larg"), outer, &self));
  Recursion recursion;
  self.columns = columns;
  self.unreadable.clear();
  self.recursion = &recursion;
  for (RowColumn& column : self.columns) column.value.recursion = &recursion;
  if (!Rename(NamesIn(ListPart(entry, "aliascolnames")).value_or(Names()), &self.columns)) {
    return Refuse(entry, absl::StrCat("more names are given than \"", self.name,
                                      "\" has columns: ", columns.size()));
  }
  ASSIGN_OR_RETURN(Columns right, Query(select.at("rarg"), outer, &self));
  if (right.size() != columns.size()) {
    return Refuse(select["rarg"], absl::StrCat("the recursive side returns ", right.size(),
                                               " columns, the first ", columns.size()));
  }
  if (recursion.reads > 0 && !recursion.is_bounded) {
    return Refuse(
        select["rarg"],
        absl::StrCat("nothing ends the recursive query \"", self.name,
                     "\": give this side a condition on its rows, such as WHERE level < 100"));
  }
  for (RowColumn& column : right) column.value.recursion = nullptr;  // its use ends here
  RETURN_IF_ERROR(MeetColumns(right, &columns));
  RETURN_IF_ERROR(Limit(select, visible));
  return columns;
}

}  // namespace metricstore::expression::select
