// Literal arguments that a call must not have: unknown time zones, fields of the session's time
// zone, and amounts that no metric needs. Amounts that are computed are bounded where they are
// executed.

#include <algorithm>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/expression/select/walker.h"
#include "common/status/macros.h"

namespace metricstore::expression::select {
namespace {

constexpr int kMaxSeriesRows = 1'000'000;
constexpr int kMaxCount = 65'536;

// The text of a literal, or nullopt for anything else.
std::optional<std::string> LiteralText(const json& node) {
  const json* const constant = Part(node, "A_Const");
  const json* const text = constant == nullptr ? nullptr : Part(*constant, "sval");
  if (text == nullptr) return std::nullopt;
  return TextPart(*text, "sval");
}

// The number that a literal is, or is cast from. The tree leaves out integers that are not
// positive: those are 0 here.
std::optional<double> LiteralNumber(const json& node) {
  const json* value = &node;
  while (const json* const cast = Part(*value, "TypeCast")) value = &cast->at("arg");
  const json* const constant = Part(*value, "A_Const");
  if (constant == nullptr) return std::nullopt;
  if (const json* const integer = Part(*constant, "ival"); integer != nullptr) {
    return static_cast<double>(integer->value("ival", int64_t{0}));
  }
  const json* const real = Part(*constant, "fval");
  double number = 0;
  if (real == nullptr || !absl::SimpleAtod(TextPart(*real, "fval"), &number)) return std::nullopt;
  return number;
}

// A name of the tz database as it is spelled everywhere: no path, no file beside the zones.
bool IsZone(const std::string& name) {
  const bool is_name = !name.empty() && name[0] >= 'A' && name[0] <= 'Z' &&
                       std::all_of(name.begin(), name.end(), [](char c) {
                         return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                                (c >= '0' && c <= '9') || c == '_' || c == '+' || c == '-' ||
                                c == '/';
                       });
  absl::TimeZone zone;
  return is_name && absl::LoadTimeZone(name, &zone);
}

}  // namespace

absl::Status Walker::CheckZone(const json& zone) {
  const std::optional<std::string> name = LiteralText(zone);
  if (!name.has_value() || IsZone(*name)) return absl::OkStatus();
  return Refuse(zone, absl::StrCat("unknown time zone '", name->substr(0, 40),
                                   "': write an IANA name such as 'America/New_York'"));
}

absl::Status Walker::CheckSeries(const json& call) {
  const json& arguments = call.at("args");
  const std::optional<double> first = LiteralNumber(arguments.at(0));
  const std::optional<double> last = LiteralNumber(arguments.at(1));
  const std::optional<double> step =
      arguments.size() == 3 ? LiteralNumber(arguments[2]) : std::optional<double>(1);
  if (!first.has_value() || !last.has_value() || !step.has_value()) return absl::OkStatus();
  const bool is_long = *step > 0 && (*last - *first) / *step >= kMaxSeriesRows;
  const bool is_longer_down = *step == 0 && *first - *last >= kMaxSeriesRows;
  if (!is_long && !is_longer_down) return absl::OkStatus();
  return Refuse(call, absl::StrCat("generate_series makes at most ", kMaxSeriesRows, " rows"));
}

absl::Status Walker::CheckLength(const json& call, std::string_view name) {
  const json& arguments = call.at("args");
  const std::optional<double> count = LiteralNumber(arguments.at(1));
  if (!count.has_value() || *count <= kMaxCount) return absl::OkStatus();
  return Refuse(arguments[1],
                absl::StrCat(std::string(name), " takes a count of at most ", kMaxCount));
}

absl::Status Walker::CheckLiterals(const json& call, std::string_view name) {
  const json& arguments = ListPart(call, "args");
  if (name == "timezone") return CheckZone(arguments.at(0));
  if (name == "date_trunc" && arguments.size() == 3) return CheckZone(arguments[2]);
  if (name == "generate_series") return CheckSeries(call);
  if (name == "repeat" || name == "lpad" || name == "rpad") return CheckLength(call, name);
  if (name != "extract" && name != "date_part") return absl::OkStatus();
  const std::string field = LiteralText(arguments.at(0)).value_or("");
  if (!absl::StartsWithIgnoreCase(field, "timezone")) return absl::OkStatus();
  return Refuse(call, absl::StrCat("the field ", field,
                                   " depends on the session: the same rows must give the same "
                                   "numbers"));
}

}  // namespace metricstore::expression::select
