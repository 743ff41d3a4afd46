#include "common/expression/select/callable.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/ascii.h"
#include "common/expression/select_statement.h"

namespace metricstore::expression {
namespace select {
namespace {

using enum CallKind;

// Sorted by name. Names are PostgreSQL's, and DuckDB's where PostgreSQL has none.
constexpr Callable kCallables[] = {
    {"abs", kScalar, 1, 1},
    {"acos", kScalar, 1, 1},
    {"age", kScalar, 2, 2},
    {"any_value", kAggregate, 1, 1},
    {"approx_count_distinct", kAggregate, 1, 1},
    {"approx_quantile", kAggregate, 2, 2},
    {"arg_max", kAggregate, 2, 2},
    {"arg_min", kAggregate, 2, 2},
    {"array_agg", kAggregate, 1, 1},
    {"array_contains", kScalar, 2, 2},
    {"array_length", kScalar, 1, 2},
    {"array_position", kScalar, 2, 2},
    {"array_to_string", kScalar, 2, 3},
    {"ascii", kScalar, 1, 1},
    {"asin", kScalar, 1, 1},
    {"atan", kScalar, 1, 1},
    {"atan2", kScalar, 2, 2},
    {"avg", kAggregate, 1, 1},
    {"bit_and", kAggregate, 1, 1},
    {"bit_length", kScalar, 1, 1},
    {"bit_or", kAggregate, 1, 1},
    {"bit_xor", kAggregate, 1, 1},
    {"bool_and", kAggregate, 1, 1},
    {"bool_or", kAggregate, 1, 1},
    {"btrim", kScalar, 1, 2},
    {"cardinality", kScalar, 1, 1},
    {"cbrt", kScalar, 1, 1},
    {"ceil", kScalar, 1, 1},
    {"ceiling", kScalar, 1, 1},
    {"char_length", kScalar, 1, 1},
    {"character_length", kScalar, 1, 1},
    {"chr", kScalar, 1, 1},
    {"coalesce", kScalar, 1, kAnyCount},
    {"concat", kScalar, 1, kAnyCount},
    {"concat_ws", kScalar, 2, kAnyCount},
    {"contains", kScalar, 2, 2},
    {"corr", kAggregate, 2, 2},
    {"cos", kScalar, 1, 1},
    {"cosh", kScalar, 1, 1},
    {"count", kAggregate, 0, 1},
    {"count_if", kAggregate, 1, 1},
    {"covar_pop", kAggregate, 2, 2},
    {"covar_samp", kAggregate, 2, 2},
    {"cume_dist", kWindow, 0, 0},
    {"date_add", kScalar, 2, 3},
    {"date_bin", kScalar, 3, 3},
    {"date_diff", kScalar, 3, 3},
    {"date_part", kScalar, 2, 2},
    {"date_sub", kScalar, 3, 3},
    {"date_trunc", kScalar, 2, 3},
    {"datediff", kScalar, 3, 3},
    {"day", kScalar, 1, 1},
    {"dayname", kScalar, 1, 1},
    {"dayofweek", kScalar, 1, 1},
    {"dayofyear", kScalar, 1, 1},
    {"degrees", kScalar, 1, 1},
    {"dense_rank", kWindow, 0, 0},
    {"ends_with", kScalar, 2, 2},
    {"entropy", kAggregate, 1, 1},
    {"epoch", kScalar, 1, 1},
    {"epoch_ms", kScalar, 1, 1},
    {"epoch_us", kScalar, 1, 1},
    {"every", kAggregate, 1, 1},
    {"exp", kScalar, 1, 1},
    {"extract", kScalar, 2, 2},
    {"factorial", kScalar, 1, 1},
    {"first", kAggregate, 1, 1},
    {"first_value", kWindow, 1, 1},
    {"floor", kScalar, 1, 1},
    {"format", kScalar, 1, kAnyCount},
    {"gamma", kScalar, 1, 1},
    {"gcd", kScalar, 2, 2},
    {"generate_series", kTable, 2, 3},
    {"geomean", kAggregate, 1, 1},
    {"greatest", kScalar, 1, kAnyCount},
    {"hour", kScalar, 1, 1},
    {"if", kScalar, 3, 3},
    {"ifnull", kScalar, 2, 2},
    {"initcap", kScalar, 1, 1},
    {"instr", kScalar, 2, 2},
    {"isfinite", kScalar, 1, 1},
    {"isinf", kScalar, 1, 1},
    {"isnan", kScalar, 1, 1},
    {"isodow", kScalar, 1, 1},
    {"isoyear", kScalar, 1, 1},
    {"justify_days", kScalar, 1, 1},
    {"justify_hours", kScalar, 1, 1},
    {"justify_interval", kScalar, 1, 1},
    {"kurtosis", kAggregate, 1, 1},
    {"kurtosis_pop", kAggregate, 1, 1},
    {"lag", kWindow, 1, 3},
    {"last", kAggregate, 1, 1},
    {"last_day", kScalar, 1, 1},
    {"last_value", kWindow, 1, 1},
    {"lcm", kScalar, 2, 2},
    {"lead", kWindow, 1, 3},
    {"least", kScalar, 1, kAnyCount},
    {"left", kScalar, 2, 2},
    {"length", kScalar, 1, 1},
    {"levenshtein", kScalar, 2, 2},
    {"lgamma", kScalar, 1, 1},
    {"list", kAggregate, 1, 1},
    {"list_contains", kScalar, 2, 2},
    {"list_sort", kScalar, 2, 2},
    {"ln", kScalar, 1, 1},
    {"log", kScalar, 1, 2},
    {"log10", kScalar, 1, 1},
    {"log2", kScalar, 1, 1},
    {"lower", kScalar, 1, 1},
    {"lpad", kScalar, 2, 3},
    {"ltrim", kScalar, 1, 2},
    {"mad", kAggregate, 1, 1},
    {"make_date", kScalar, 3, 3},
    {"make_time", kScalar, 3, 3},
    {"make_timestamp", kScalar, 1, 6},
    {"max", kAggregate, 1, 1},
    {"max_by", kAggregate, 2, 2},
    {"md5", kScalar, 1, 1},
    {"mean", kAggregate, 1, 1},
    {"median", kAggregate, 1, 1},
    {"min", kAggregate, 1, 1},
    {"min_by", kAggregate, 2, 2},
    {"minute", kScalar, 1, 1},
    {"mod", kScalar, 2, 2},
    {"mode", kMaybeOrderedSet, 0, 1},
    {"month", kScalar, 1, 1},
    {"monthname", kScalar, 1, 1},
    {"nth_value", kWindow, 2, 2},
    {"ntile", kWindow, 1, 1},
    {"nullif", kScalar, 2, 2},
    {"octet_length", kScalar, 1, 1},
    {"overlay", kScalar, 3, 4},
    {"percent_rank", kWindow, 0, 0},
    {"percentile_cont", kOrderedSet, 1, 1},
    {"percentile_disc", kOrderedSet, 1, 1},
    {"pi", kScalar, 0, 0},
    {"position", kScalar, 2, 2},
    {"pow", kScalar, 2, 2},
    {"power", kScalar, 2, 2},
    {"prefix", kScalar, 2, 2},
    {"product", kAggregate, 1, 1},
    {"quantile", kAggregate, 2, 2},
    {"quantile_cont", kAggregate, 2, 2},
    {"quantile_disc", kAggregate, 2, 2},
    {"quarter", kScalar, 1, 1},
    {"radians", kScalar, 1, 1},
    {"rank", kWindow, 0, 0},
    {"regexp_extract", kScalar, 2, 4},
    {"regexp_matches", kScalar, 2, 3},
    {"regexp_replace", kScalar, 3, 4},
    {"regr_avgx", kAggregate, 2, 2},
    {"regr_avgy", kAggregate, 2, 2},
    {"regr_count", kAggregate, 2, 2},
    {"regr_intercept", kAggregate, 2, 2},
    {"regr_r2", kAggregate, 2, 2},
    {"regr_slope", kAggregate, 2, 2},
    {"regr_sxx", kAggregate, 2, 2},
    {"regr_sxy", kAggregate, 2, 2},
    {"regr_syy", kAggregate, 2, 2},
    {"repeat", kScalar, 2, 2},
    {"replace", kScalar, 3, 3},
    {"reverse", kScalar, 1, 1},
    {"right", kScalar, 2, 2},
    {"round", kScalar, 1, 2},
    {"row_number", kWindow, 0, 0},
    {"rpad", kScalar, 2, 3},
    {"rtrim", kScalar, 1, 2},
    {"second", kScalar, 1, 1},
    {"sign", kScalar, 1, 1},
    {"sin", kScalar, 1, 1},
    {"sinh", kScalar, 1, 1},
    {"skewness", kAggregate, 1, 1},
    {"split_part", kScalar, 3, 3},
    {"sqrt", kScalar, 1, 1},
    {"starts_with", kScalar, 2, 2},
    {"stddev", kAggregate, 1, 1},
    {"stddev_pop", kAggregate, 1, 1},
    {"stddev_samp", kAggregate, 1, 1},
    {"strftime", kScalar, 2, 2},
    {"string_agg", kAggregate, 1, 2},
    {"strlen", kScalar, 1, 1},
    {"strpos", kScalar, 2, 2},
    {"strptime", kScalar, 2, 2},
    {"substr", kScalar, 2, 3},
    {"substring", kScalar, 2, 3},
    {"suffix", kScalar, 2, 2},
    {"sum", kAggregate, 1, 1},
    {"tan", kScalar, 1, 1},
    {"tanh", kScalar, 1, 1},
    {"time_bucket", kScalar, 2, 3},
    {"timezone", kScalar, 2, 2},
    {"to_char", kScalar, 2, 2},
    {"to_date", kScalar, 2, 2},
    {"to_days", kScalar, 1, 1},
    {"to_hours", kScalar, 1, 1},
    {"to_minutes", kScalar, 1, 1},
    {"to_months", kScalar, 1, 1},
    {"to_seconds", kScalar, 1, 1},
    {"to_timestamp", kScalar, 1, 2},
    {"to_years", kScalar, 1, 1},
    {"translate", kScalar, 3, 3},
    {"trim", kScalar, 1, 2},
    {"trunc", kScalar, 1, 2},
    {"unnest", kTable, 1, kAnyCount},
    {"upper", kScalar, 1, 1},
    {"var_pop", kAggregate, 1, 1},
    {"var_samp", kAggregate, 1, 1},
    {"variance", kAggregate, 1, 1},
    {"week", kScalar, 1, 1},
    {"weekofyear", kScalar, 1, 1},
    {"year", kScalar, 1, 1},
};

constexpr std::string_view kCastTargets[] = {
    "bool", "bpchar",   "date",    "double", "float4", "float8",    "int2",        "int4",
    "int8", "interval", "numeric", "text",   "time",   "timestamp", "timestamptz", "varchar"};

constexpr std::string_view kBinaryOperators[] = {"+",  "-",  "*",   "/",  "%", "^",  "||",
                                                 "=",  "<>", "<",   "<=", ">", ">=", "~",
                                                 "!~", "~*", "!~*", "&",  "|", "<<", ">>"};
constexpr std::string_view kUnaryOperators[] = {"+", "-", "~"};

template <typename Names>
bool Holds(const Names& names, std::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

}  // namespace

const Callable* FindCallable(std::string_view name) {
  const auto* found = std::lower_bound(
      std::begin(kCallables), std::end(kCallables), name,
      [](const Callable& callable, std::string_view wanted) { return callable.name < wanted; });
  return found != std::end(kCallables) && found->name == name ? found : nullptr;
}

bool IsCastTarget(std::string_view type) { return Holds(kCastTargets, type); }

bool IsOperator(std::string_view symbol, bool is_unary) {
  return is_unary ? Holds(kUnaryOperators, symbol) : Holds(kBinaryOperators, symbol);
}

bool IsClockLiteral(std::string_view text) {
  const std::string word(absl::StripAsciiWhitespace(absl::AsciiStrToLower(std::string(text))));
  return word == "now" || word == "today" || word == "tomorrow" || word == "yesterday";
}

}  // namespace select

const std::vector<std::string>& SelectFunctionNames() {
  static const std::vector<std::string>* const kNames = [] {
    auto* names = new std::vector<std::string>();
    for (const select::Callable& callable : select::kCallables) names->emplace_back(callable.name);
    return names;
  }();
  return *kNames;
}

}  // namespace metricstore::expression
