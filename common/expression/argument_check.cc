#include "common/expression/argument_check.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/expression/literals.h"
#include "common/expression/syntax.h"
#include "common/status/error.h"
#include "common/status/macros.h"

namespace metricstore::expression {
namespace {

using columns::ColumnType;

constexpr std::string_view kUnits[] = {"year", "quarter", "month",  "week",
                                       "day",  "hour",    "minute", "second"};
constexpr std::string_view kOtherParts[] = {"dow", "isodow", "doy", "epoch"};

// "1", "0.5": bounds in messages.
std::string NumberText(double value) {
  constexpr double kExact = 1e15;
  if (value == std::trunc(value) && std::abs(value) < kExact) {
    return absl::StrCat(static_cast<int64_t>(value));
  }
  return FormatRealLiteral(value);
}

std::string BoundsOf(const ArgumentSpec& spec) {
  return absl::StrCat(spec.is_above_least ? "above " : "from ", NumberText(spec.least), " to ",
                      NumberText(spec.greatest));
}

bool IsWithin(const ArgumentSpec& spec, double value) {
  if (!spec.has_bounds()) return true;
  return value <= spec.greatest && (spec.is_above_least ? value > spec.least : value >= spec.least);
}

// What a literal of the argument is, with its bounds.
std::string WantedLiteral(const ArgumentSpec& spec) {
  switch (spec.type) {
    case ArgumentType::kIntegerLiteral:
      return absl::StrCat("a whole number written out, ", BoundsOf(spec));
    case ArgumentType::kRealLiteral:
      return spec.has_bounds() ? absl::StrCat("a number written out, ", BoundsOf(spec))
                               : "a number written out";
    case ArgumentType::kUnitLiteral:
    case ArgumentType::kPartLiteral:
      return "a unit such as 'day'";
    case ArgumentType::kPatternLiteral:
      return "a pattern written out";
    default:
      return spec.has_bounds() ? absl::StrCat("a text written out, of ", NumberText(spec.least),
                                              " to ", NumberText(spec.greatest), " bytes")
                               : "a text written out";
  }
}

std::string_view OrdinalOf(size_t i) {
  constexpr std::string_view kOrdinals[] = {"first", "second", "third", "fourth"};
  return kOrdinals[std::min(i, std::size(kOrdinals) - 1)];
}

// How the user finds argument `i`.
std::string PlaceOf(const CallSite& site, const std::vector<MutableNode>& arguments, size_t i) {
  // In the brackets before WITHIN GROUP is one argument at most.
  if (site.within_group) return "argument";
  // What follows the first argument stands before it in trim(BOTH 'x' FROM s) alone.
  if (arguments[i]->offset < arguments.front()->offset) return "argument before FROM";
  return absl::StrCat(std::string(OrdinalOf(i)), " argument");
}

// Checks one literal. Lives for one call.
class LiteralCheck {
 public:
  // `place` is how messages call the argument: "second argument".
  LiteralCheck(const CallSite& site, const ArgumentSpec& spec, std::string_view place, Node* node)
      : site_(site), spec_(spec), place_(place), node_(*node) {}

  absl::Status Run() {
    if (node_.kind != NodeKind::kLiteral || node_.is_null()) return Refuse();
    switch (spec_.type) {
      case ArgumentType::kIntegerLiteral:
        return CheckInteger();
      case ArgumentType::kRealLiteral:
        return CheckReal();
      default:
        break;
    }
    if (node_.type != ColumnType::kText) return Refuse();
    const std::string& text = std::get<std::string>(node_.literal);
    if (spec_.type == ArgumentType::kUnitLiteral || spec_.type == ArgumentType::kPartLiteral) {
      return CheckUnit(text);
    }
    if (spec_.type == ArgumentType::kPatternLiteral) return CheckPattern(text);
    return IsWithin(spec_, static_cast<double>(text.size())) ? absl::OkStatus() : Refuse();
  }

 private:
  absl::Status Refuse(const std::string& suggestion = "") const {
    return ErrorAt(
        site_.text, node_.offset,
        absl::StrCat(std::string(site_.name), "'s ", place_, " is ", WantedLiteral(spec_)),
        suggestion);
  }

  absl::Status CheckInteger() const {
    if (node_.type != ColumnType::kInt64) return Refuse();
    const auto value = static_cast<double>(std::get<int64_t>(node_.literal));
    return IsWithin(spec_, value) ? absl::OkStatus() : Refuse();
  }

  absl::Status CheckReal() {
    if (node_.type == ColumnType::kInt64) {
      node_.literal = static_cast<double>(std::get<int64_t>(node_.literal));
      node_.type = ColumnType::kFloat64;
    }
    if (node_.type != ColumnType::kFloat64) return Refuse();
    return IsWithin(spec_, std::get<double>(node_.literal)) ? absl::OkStatus() : Refuse();
  }

  absl::Status CheckUnit(const std::string& text) {
    std::string unit = absl::AsciiStrToLower(text);
    std::vector<std::string> known(std::begin(kUnits), std::end(kUnits));
    if (unit.ends_with('s') &&
        std::find(known.begin(), known.end(), unit.substr(0, unit.size() - 1)) != known.end()) {
      unit.pop_back();
    }
    if (spec_.type == ArgumentType::kPartLiteral) {
      known.insert(known.end(), std::begin(kOtherParts), std::end(kOtherParts));
    }
    if (std::find(known.begin(), known.end(), unit) != known.end()) {
      node_.literal = std::move(unit);
      return absl::OkStatus();
    }
    std::string all;
    for (const std::string& each : known) absl::StrAppend(&all, all.empty() ? "" : ", ", each);
    return ErrorAt(site_.text, node_.offset,
                   absl::StrCat(std::string(site_.name), " knows no unit '", text.substr(0, 40),
                                "'; units are ", all),
                   status::ClosestMatch(unit, known));
  }

  absl::Status CheckPattern(const std::string& text) const {
    size_t backslashes = 0;
    while (backslashes < text.size() && text[text.size() - 1 - backslashes] == '\\') ++backslashes;
    if (backslashes % 2 == 0) return absl::OkStatus();
    return ErrorAt(site_.text, node_.offset,
                   "a pattern cannot end in one backslash: two of them mean a backslash");
  }

  const CallSite& site_;
  const ArgumentSpec& spec_;
  const std::string place_;
  Node& node_;
};

// (condition, result)..., else; or value, (candidate, result)..., else.
absl::Status CheckCase(bool has_value, const CallSite& site, std::vector<MutableNode>* arguments) {
  std::vector<MutableNode*> conditions;
  std::vector<MutableNode*> results;
  size_t at = 0;
  if (has_value) conditions.push_back(&(*arguments)[at++]);
  for (; at + 1 < arguments->size(); at += 2) {
    conditions.push_back(&(*arguments)[at]);
    results.push_back(&(*arguments)[at + 1]);
  }
  results.push_back(&arguments->back());
  RETURN_IF_ERROR(Unify(site, has_value ? ArgumentType::kAny : ArgumentType::kBool, conditions));
  return Unify(site, ArgumentType::kAny, results);
}

absl::Status CheckHistogram(const CallSite& site, const std::vector<MutableNode>& arguments) {
  if (std::get<double>(arguments[1]->literal) < std::get<double>(arguments[2]->literal)) {
    return absl::OkStatus();
  }
  return ErrorAt(site.text, arguments[2]->offset,
                 "histogram's third argument, the high end, is above its second, the low end");
}

// ": lag(x) or lag(x, n)"; "" where the names of the arguments are unknown.
std::string FormsOf(const CallSite& site, const FunctionSpec& spec) {
  const std::string names(spec.argument_names);
  if (names.empty()) return "";
  const std::string name(site.name);
  if (site.within_group) {
    const size_t comma = std::min(names.find(", "), names.size());
    return absl::StrCat(": ", name, "(", names.substr(std::min(comma + 2, names.size())),
                        ") WITHIN GROUP (ORDER BY ", names.substr(0, comma), ")");
  }
  // What is called count(DISTINCT) has its bracket already.
  const std::string start =
      name.ends_with(')') ? absl::StrCat(name.substr(0, name.size() - 1), " ") : name + "(";
  const bool may_end = spec.max_arguments == spec.min_arguments + 1;
  const std::string shorter =
      may_end ? absl::StrCat(start, names.substr(0, names.rfind(", ")), ") or ") : "";
  return absl::StrCat(": ", shorter, start, names, ")");
}

}  // namespace

absl::Status CheckArgumentCount(const CallSite& site, const FunctionSpec& spec, size_t offset,
                                size_t count) {
  if (count >= static_cast<size_t>(spec.min_arguments) &&
      count <= static_cast<size_t>(spec.max_arguments)) {
    return absl::OkStatus();
  }
  // Messages count what is in the brackets.
  const int outside = site.within_group ? 1 : 0;
  std::string wanted = std::to_string(spec.min_arguments - outside);
  if (spec.max_arguments == kAnyNumber) {
    wanted = absl::StrCat("at least ", wanted);
  } else if (spec.max_arguments != spec.min_arguments) {
    absl::StrAppend(&wanted, " to ", spec.max_arguments - outside);
  }
  return ErrorAt(site.text, offset,
                 absl::StrCat(std::string(site.name), " takes ", wanted,
                              wanted == "1" ? " argument, not " : " arguments, not ",
                              count - static_cast<size_t>(outside), FormsOf(site, spec)));
}

absl::Status CheckArguments(const CallSite& site, const FunctionSpec& spec,
                            std::vector<MutableNode>* arguments) {
  if (spec.function == Function::kCase || spec.function == Function::kCaseOf) {
    return CheckCase(spec.function == Function::kCaseOf, site, arguments);
  }
  std::vector<MutableNode*> values;
  for (size_t i = 0; i < arguments->size(); ++i) {
    const ArgumentSpec& wanted = spec.arguments[i];
    MutableNode* const node = &(*arguments)[i];
    if (IsLiteral(wanted.type)) {
      RETURN_IF_ERROR(LiteralCheck(site, wanted, PlaceOf(site, *arguments, i), node->get()).Run());
    } else if (spec.of_one_type) {
      values.push_back(node);
    } else {
      RETURN_IF_ERROR(Unify(site, wanted.type, {node}));
    }
  }
  if (!values.empty()) {
    // The first argument that is no literal speaks for all.
    size_t first = 0;
    while (IsLiteral(spec.arguments[first].type)) ++first;
    RETURN_IF_ERROR(Unify(site, spec.arguments[first].type, values));
  }
  return spec.function == Function::kHistogram ? CheckHistogram(site, *arguments)
                                               : absl::OkStatus();
}

}  // namespace metricstore::expression
