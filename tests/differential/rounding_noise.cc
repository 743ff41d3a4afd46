#include "tests/differential/rounding_noise.h"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <string_view>

#include "absl/strings/str_cat.h"

namespace metricstore::differential {
namespace {

constexpr std::string_view kSums[] = {"fsum", "favg"};
constexpr std::string_view kOthers[] = {
    "exp",     "ln",      "log2",    "log10",       "pow",          "cbrt",  "sin",
    "cos",     "tan",     "asin",    "acos",        "atan",         "atan2", "degrees",
    "radians", "product", "entropy", "list_reduce", "quantile_cont"};

template <typename Names>
bool IsOneOf(const Names& names, std::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

bool IsNameSign(char sign) {
  return sign == '_' || std::isalnum(static_cast<unsigned char>(sign)) != 0;
}

// The end of what is in quotes from `at` on.
size_t EndOfQuoted(std::string_view sql, size_t at) {
  const size_t end = sql.find(sql[at], at + 1);
  return end == std::string_view::npos ? sql.size() : end + 1;
}

// Behind the parenthesis that closes the one at `open`.
size_t EndOfParentheses(std::string_view sql, size_t open) {
  int depth = 0;
  for (size_t at = open; at < sql.size();) {
    if (sql[at] == '\'' || sql[at] == '"') {
      at = EndOfQuoted(sql, at);
      continue;
    }
    if (sql[at] == '(') ++depth;
    if (sql[at] == ')') --depth;
    ++at;
    if (depth == 0) return at;
  }
  return sql.size();
}

class Noise {
 public:
  explicit Noise(uint32_t seed) : seed_(seed), is_snapped_(seed % 3 == 0) {}

  std::string Over(std::string_view sql) const {
    std::string noisy;
    for (size_t at = 0; at < sql.size();) at = Step(sql, at, &noisy);
    return noisy;
  }

 private:
  // Appends what begins at `at`, and returns where it ends.
  size_t Step(std::string_view sql, size_t at, std::string* noisy) const {
    size_t end = at + 1;
    if (sql[at] == '\'' || sql[at] == '"') {
      end = EndOfQuoted(sql, at);
    } else if (IsNameSign(sql[at])) {
      while (end < sql.size() && IsNameSign(sql[end])) ++end;
      const std::string_view name = sql.substr(at, end - at);
      const bool is_sum = IsOneOf(kSums, name);
      if (end < sql.size() && sql[end] == '(' && (is_sum || IsOneOf(kOthers, name))) {
        return AppendCall(sql, at, end, is_sum, noisy);
      }
    }
    *noisy += sql.substr(at, end - at);
    return end;
  }

  // A call with the clauses behind it.
  size_t AppendCall(std::string_view sql, size_t at, size_t open, bool is_sum,
                    std::string* noisy) const {
    size_t end = EndOfParentheses(sql, open);
    bool is_of_rows = false;
    for (const std::string_view clause : {" FILTER (", " OVER ("}) {
      if (!sql.substr(end).starts_with(clause)) continue;
      is_of_rows = is_sum && clause == " OVER (" && !sql.substr(end).starts_with(" OVER ()");
      end = EndOfParentheses(sql, end + clause.size() - 1);
    }
    const size_t close = EndOfParentheses(sql, open);
    *noisy += is_snapped_ ? "noise_snapped(" : is_of_rows ? "noise_of_row(" : "noise_of_value(";
    *noisy += sql.substr(at, open + 1 - at);
    *noisy += Over(sql.substr(open + 1, close - open - 2));
    *noisy += sql.substr(close - 1, end - close + 1);
    absl::StrAppend(noisy, ", ", seed_, ")");
    return end;
  }

  const uint32_t seed_;
  const bool is_snapped_;
};

}  // namespace

absl::Status DefineRoundingNoise(DuckDbPeer* peer) {
  // Two last places of 2^-52 either way.
  return peer->Execute(
      "CREATE MACRO noise_of_value(v, seed) AS "
      "v * (1e0 + (hash(v, seed) / 18446744073709551616e0 - 0.5e0) * 8.8817841970012523e-16);"
      "CREATE MACRO noise_of_row(v, seed) AS "
      "v * (1e0 + (random() - 0.5e0) * 8.8817841970012523e-16);"
      "CREATE MACRO noise_snapped(v, seed) AS CAST(printf('%.13e', v) AS DOUBLE)");
}

std::string WithRoundingNoise(const std::string& sql, uint32_t seed) {
  return Noise(seed).Over(sql);
}

}  // namespace metricstore::differential
