// Whole SELECTs: parsed by PostgreSQL's grammar, checked against registered tables, and what they
// read.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/expression/expression.h"

namespace metricstore::expression {

// The tables that a SELECT may read.
struct TableCatalog {
  // The columns of a table, or nullptr if there is none of that name. Called while parsing.
  std::function<const Schema*(std::string_view table)> find;
  // For "did you mean".
  std::vector<std::string> names;
};

// A checked SELECT.
struct SelectStatement {
  std::vector<std::string> tables;  // registered ones that it reads, sorted, distinct
  std::vector<std::pair<std::string, std::string>> columns;  // table and column, sorted, distinct
  std::vector<std::string> outputs;  // names of the result's columns, in order
  std::string canonical_text;  // one text for all spellings: white space, case, comments, quoting
};

// Parses and checks exactly one SELECT: joins, sub-selects, CTEs, set operations, window functions.
// INVALID_ARGUMENT (SQL_INVALID, metadata position (1-based character) and suggestion) for what
// does not parse; anything but one SELECT (INSERT, several statements, SELECT INTO, FOR UPDATE,
// data-changing CTEs); an unknown table, schema-qualified table, column or function; an ambiguous
// column; a table function outside generate_series and unnest; a clock or random function (now,
// random: the same rows must give the same numbers); a parameter; a recursive query without a
// condition on its rows; more than 256 grouping sets; a time zone that the tz database has not.
//
// A literal with a clock word ('now', 'today', 'tomorrow', 'yesterday', 'allballs'; ' NOW ' and
// 'today 10:00' too) is refused where a date or time is meant: it is cast to one, or is compared,
// combined or merged with one (a column of type timestamp or date, a cast, a function of times;
// also through CASE, COALESCE, sub-selects, WITH and UNION), or is the argument of a function of
// times. Anywhere else it is text: status = 'today' is allowed. 'epoch' and 'infinity' are
// constants.
//
// Names, counts of arguments and places of aggregates are checked; types, and whether a column is
// grouped, are not. Text is at most 64 KiB, depth at most 64, nodes at most 10,000. Thread-safe.
absl::StatusOr<SelectStatement> ParseSelect(std::string_view text, const TableCatalog& tables);

// Names of the functions that a SELECT may call, sorted.
const std::vector<std::string>& SelectFunctionNames();

}  // namespace metricstore::expression
