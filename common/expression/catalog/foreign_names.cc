#include "common/expression/catalog/foreign_names.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"

namespace metricstore::expression {
namespace {

constexpr std::string_view kPercentile = "quantile_cont(x, 0.5)";
constexpr std::string_view kDistinct = "count(DISTINCT x)";
constexpr std::string_view kReturn = "x / lag(x) - 1";
constexpr std::string_view kChoice = "CASE WHEN c THEN x ELSE y END";

constexpr ForeignName kForeignNames[] = {
    // Aggregates.
    {"mean", "avg"},
    {"average", "avg"},
    {"total", "sum"},
    {"percentile", kPercentile},
    {"quantile", kPercentile},
    {"approx_percentile", kPercentile},
    {"approx_quantile", kPercentile},
    {"percentile_approx", kPercentile},
    {"count_distinct", kDistinct},
    {"countdistinct", kDistinct},
    {"distinct_count", kDistinct},
    {"distinctcount", kDistinct},
    {"approx_count_distinct", kDistinct},
    {"nunique", kDistinct},
    {"uniq", kDistinct},
    {"count_if", "count(*) FILTER (WHERE c)"},
    {"countif", "count(*) FILTER (WHERE c)"},
    {"sum_if", "sum(x) FILTER (WHERE c)"},
    {"sumif", "sum(x) FILTER (WHERE c)"},
    {"avg_if", "avg(x) FILTER (WHERE c)"},
    {"averageif", "avg(x) FILTER (WHERE c)"},
    {"first_value", "first"},
    {"last_value", "last"},
    {"min_by", "arg_min"},
    {"max_by", "arg_max"},
    {"correl", "corr"},
    {"every", "bool_and"},
    {"stdevp", "stddev_pop"},
    {"varp", "var_pop"},
    {"group_concat", "string_agg(x, ',')"},
    {"listagg", "string_agg(x, ',')"},
    {"collect_list", "array_agg"},
    {"prod", "product"},
    {"weighted_avg", "vwap(x, weight)"},
    {"weighted_average", "vwap(x, weight)"},
    {"weighted_mean", "vwap(x, weight)"},
    {"avg_weighted", "vwap(x, weight)"},
    {"wavg", "vwap(x, weight)"},
    {"p50", "median"},
    {"p75", "quantile_cont(x, 0.75)"},
    {"p90", "quantile_cont(x, 0.9)"},
    {"p95", "quantile_cont(x, 0.95)"},
    {"p99", "quantile_cont(x, 0.99)"},
    {"p999", "quantile_cont(x, 0.999)"},
    // Rows and their neighbours.
    {"shift", "lag"},
    {"diff", "delta"},
    {"pct_change", kReturn},
    {"returns", kReturn},
    {"cumsum", "cum_sum"},
    {"cummax", "cum_max"},
    {"cummin", "cum_min"},
    {"ewm", "ewma(x, alpha)"},
    {"ema", "ewma(x, alpha)"},
    // Choices and NULL.
    {"if", kChoice},
    {"iif", kChoice},
    {"iff", kChoice},
    {"decode", "CASE x WHEN 1 THEN y ELSE z END"},
    {"ifnull", "coalesce"},
    {"nvl", "coalesce"},
    {"zeroifnull", "coalesce(x, 0)"},
    {"nullifzero", "nullif(x, 0)"},
    {"isnull", "x IS NULL or coalesce(x, y)"},
    {"safe_divide", "x / y"},
    {"div0", "x / y"},
    {"mod", "x % y"},
    // Texts.
    {"concat", "x || y"},
    {"concat_ws", "x || ',' || y"},
    {"len", "length"},
    {"strlen", "length"},
    {"lcase", "lower"},
    {"ucase", "upper"},
    {"mid", "substring"},
    {"instr", "strpos"},
    {"locate", "strpos"},
    {"charindex", "strpos"},
    // Dates and instants.
    {"year", "extract(year FROM t)"},
    {"quarter", "extract(quarter FROM t)"},
    {"month", "extract(month FROM t)"},
    {"week", "extract(week FROM t)"},
    {"day", "extract(day FROM t)"},
    {"hour", "extract(hour FROM t)"},
    {"minute", "extract(minute FROM t)"},
    {"second", "extract(second FROM t)"},
    {"dayofweek", "extract(dow FROM t)"},
    {"weekday", "extract(dow FROM t)"},
    {"dayofyear", "extract(doy FROM t)"},
    {"unix_timestamp", "extract(epoch FROM t)"},
    {"to_date", "CAST(x AS date)"},
    {"to_timestamp", "CAST(x AS timestamp)"},
};

constexpr ForeignName kForeignOperators[] = {
    {"==", "="},           {"===", "="},
    {"!==", "<>"},         {"<=>", "IS NOT DISTINCT FROM"},
    {"**", "power(a, b)"}, {"//", "trunc(a / b) or floor(a / b)"},
    {"&&", "AND"},         {"!", "NOT"},
    {"~", "LIKE"},         {"~~", "LIKE"},
    {"=~", "LIKE"},        {"~*", "ILIKE"},
    {"~~*", "ILIKE"},      {"!~", "NOT LIKE"},
    {"!~~", "NOT LIKE"},   {"!~*", "NOT ILIKE"},
    {"!~~*", "NOT ILIKE"}, {"@", "abs(a)"},
    {"|/", "sqrt(a)"},     {"||/", "cbrt(a)"},
};

// Functions whose value is no function of the rows.
constexpr std::string_view kClockFunctions[] = {"clock_timestamp",
                                                "curdate",
                                                "current_date",
                                                "current_localtime",
                                                "current_localtimestamp",
                                                "current_time",
                                                "current_timestamp",
                                                "get_current_time",
                                                "get_current_timestamp",
                                                "getdate",
                                                "getutcdate",
                                                "localtime",
                                                "localtimestamp",
                                                "now",
                                                "statement_timestamp",
                                                "sysdate",
                                                "timeofday",
                                                "today",
                                                "transaction_timestamp",
                                                "utcnow"};
constexpr std::string_view kSessionFunctions[] = {
    "current_catalog", "current_database", "current_query",
    "current_role",    "current_schema",   "current_schemas",
    "current_setting", "current_user",     "currval",
    "getenv",          "getvariable",      "inet_client_addr",
    "lastval",         "nextval",          "pg_backend_pid",
    "pg_sleep",        "session_user",     "set_config",
    "setval",          "txid_current",     "user",
    "version"};
constexpr std::string_view kRandomFunctions[] = {
    "gen_random_uuid",  "newid",  "rand",  "random", "random_normal", "setseed", "uuid",
    "uuid_generate_v4", "uuidv4", "uuidv7"};

template <typename Names>
bool Holds(const Names& names, std::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

std::string_view FormIn(std::span<const ForeignName> names, std::string_view name) {
  const auto found = std::find_if(names.begin(), names.end(), [name](const ForeignName& foreign) {
    return foreign.name == name;
  });
  return found == names.end() ? "" : found->form;
}

}  // namespace

std::span<const ForeignName> ForeignNames() { return kForeignNames; }

std::string_view FormOfForeignName(std::string_view name) { return FormIn(kForeignNames, name); }

std::string_view FormOfForeignOperator(std::string_view symbol) {
  return FormIn(kForeignOperators, symbol);
}

std::string WhyNotOfRows(std::string_view name) {
  std::string_view what;
  if (Holds(kClockFunctions, name)) what = " reads the clock";
  if (Holds(kSessionFunctions, name)) what = " depends on the session";
  if (Holds(kRandomFunctions, name)) what = " is random";
  if (what.empty()) return "";
  return absl::StrCat(std::string(name), std::string(what),
                      ": the same rows must give the same numbers");
}

}  // namespace metricstore::expression
