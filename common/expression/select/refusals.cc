// What SELECTs do not have, in the words of users.

#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "common/expression/select/walker.h"

namespace metricstore::expression::select {
namespace {

// By the parse tree's name of a form, of its part, or of its kind.
constexpr struct {
  std::string_view name;
  std::string_view what;
} kRefused[] = {
    {"ParamRef", "a parameter"},
    {"NamedArgExpr", "a named argument"},
    {"CollateClause", "COLLATE"},
    {"SetToDefault", "DEFAULT"},
    {"CurrentOfExpr", "CURRENT OF"},
    {"XmlExpr", "XML"},
    {"XmlSerialize", "XML"},
    {"RangeTableSample", "TABLESAMPLE"},
    {"RangeTableFunc", "XMLTABLE"},
    // Parts.
    {"intoClause", "SELECT INTO"},
    {"lockingClause", "FOR UPDATE and the like"},
    {"func_variadic", "VARIADIC"},
    {"arrayBounds", "a cast to an array"},
    {"setof", "SETOF"},
    {"pct_type", "%TYPE"},
    {"is_rowsfrom", "ROWS FROM"},
    {"coldeflist", "a list of column definitions"},
    {"useOp", "ORDER BY ... USING"},
    {"search_clause", "SEARCH"},
    {"cycle_clause", "CYCLE"},
    // Kinds.
    {"AEXPR_SIMILAR", "SIMILAR TO"},
    {"AEXPR_BETWEEN_SYM", "BETWEEN SYMMETRIC"},
    {"AEXPR_NOT_BETWEEN_SYM", "BETWEEN SYMMETRIC"},
};

// By the function that the grammar makes of them.
constexpr struct {
  std::string_view name;
  std::string_view what;
} kRefusedSyntax[] = {
    {"is_normalized", "IS NORMALIZED"},    {"normalize", "NORMALIZE"}, {"overlaps", "OVERLAPS"},
    {"pg_collation_for", "COLLATION FOR"}, {"xmlexists", "XMLEXISTS"},
};

// Functions whose value is no function of the rows.
constexpr std::string_view kClockFunctions[] = {"clock_timestamp",
                                                "current_date",
                                                "current_localtime",
                                                "current_localtimestamp",
                                                "current_time",
                                                "current_timestamp",
                                                "get_current_time",
                                                "get_current_timestamp",
                                                "getdate",
                                                "localtime",
                                                "localtimestamp",
                                                "now",
                                                "statement_timestamp",
                                                "sysdate",
                                                "timeofday",
                                                "today",
                                                "transaction_timestamp"};
constexpr std::string_view kSessionFunctions[] = {
    "current_catalog",  "current_database", "current_query", "current_schema", "current_schemas",
    "current_setting",  "current_user",     "currval",       "getenv",         "getvariable",
    "inet_client_addr", "lastval",          "nextval",       "pg_backend_pid", "pg_sleep",
    "session_user",     "set_config",       "setval",        "txid_current",   "user",
    "version"};
constexpr std::string_view kRandomFunctions[] = {"gen_random_uuid", "random", "random_normal",
                                                 "setseed",         "uuid",   "uuid_generate_v4",
                                                 "uuidv4",          "uuidv7"};

template <typename Names>
bool Holds(const Names& names, std::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

}  // namespace

std::string FormRefusal(std::string_view form) {
  for (const auto& refused : kRefused) {
    if (refused.name == form) return absl::StrCat(std::string(refused.what), " is not supported");
  }
  return "this form is not supported";
}

std::string WhyRefused(std::string_view name) {
  for (const auto& refused : kRefusedSyntax) {
    if (refused.name == name) return absl::StrCat(std::string(refused.what), " is not supported");
  }
  if (name == "metric") {
    return "metric(...) reads other metrics in expressions; a SELECT reads tables";
  }
  if (Holds(kClockFunctions, name)) {
    return absl::StrCat(std::string(name),
                        " reads the clock: the same rows must give the same numbers");
  }
  if (Holds(kSessionFunctions, name)) {
    return absl::StrCat(std::string(name),
                        " depends on the session: the same rows must give the same numbers");
  }
  if (Holds(kRandomFunctions, name)) {
    return absl::StrCat(std::string(name), " is random: the same rows must give the same numbers");
  }
  return "";
}

}  // namespace metricstore::expression::select
