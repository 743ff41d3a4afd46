// Casts and typed literals of a SELECT: to which types, of which size, and never of the clock.

#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/expression/select/walker.h"
#include "common/status/macros.h"

namespace metricstore::expression::select {
namespace {

// The numbers in brackets that a type takes.
struct SizeLimit {
  std::string_view type;
  size_t max_count;
  int64_t least;
  int64_t most;
};
constexpr int64_t kMaxCharacters = 10'485'760;
constexpr SizeLimit kSizeLimits[] = {
    {"bpchar", 1, 1, kMaxCharacters},
    {"numeric", 2, 1, 38},  // 38: the widest that DuckDB has
    {"time", 1, 0, 6},
    {"timestamp", 1, 0, 6},
    {"timestamptz", 1, 0, 6},
    {"varchar", 1, 1, kMaxCharacters},
};

bool IsTimeType(std::string_view name) { return name == "date" || name.starts_with("time"); }

// Whether anything below names a column or reads a table.
bool ReadsRows(const json& value) {
  std::vector<const json*> pending = {&value};
  while (!pending.empty()) {
    const json& node = *pending.back();
    pending.pop_back();
    if (node.is_object() && (node.contains("ColumnRef") || node.contains("SubLink"))) return true;
    for (const json& part : node) {
      if (part.is_structured()) pending.push_back(&part);
    }
  }
  return false;
}

bool IsLiteral(const json& value) {
  const json* inner = &value;
  while (const json* const cast = Part(*inner, "TypeCast")) inner = &cast->at("arg");
  return inner->contains("A_Const");
}

}  // namespace

absl::Status Walker::CheckTypeSize(const json& type, const std::string& name) {
  const json& sizes = ListPart(type, "typmods");
  // The grammar checks the fields of an interval.
  if (sizes.empty() || name == "interval") return absl::OkStatus();
  const auto* const limit = std::find_if(std::begin(kSizeLimits), std::end(kSizeLimits),
                                         [&](const SizeLimit& each) { return each.type == name; });
  if (limit == std::end(kSizeLimits)) {
    return Refuse(type, absl::StrCat("the type ", name, " takes no size"));
  }
  if (sizes.size() > limit->max_count) {
    return Refuse(type, absl::StrCat("the type ", name, " takes at most ", limit->max_count,
                                     limit->max_count == 1 ? " number" : " numbers"));
  }
  int64_t least = limit->least;
  int64_t most = limit->most;
  for (const json& size : sizes) {
    const json* const constant = Part(size, "A_Const");
    const json* const number = constant == nullptr ? nullptr : Part(*constant, "ival");
    if (number == nullptr) return Refuse(type, "a type's size is a number");
    // The tree leaves out integers that are not positive.
    const int64_t value = number->value("ival", int64_t{0});
    if (value < least || value > most) {
      return Refuse(type, absl::StrCat("a size of the type ", name, " is ", least, " to ", most));
    }
    least = 0;  // digits behind the point: at most all
    most = value;
  }
  return absl::OkStatus();
}

// A time put together from literals alone could spell a clock word and says nothing that a literal
// would not.
absl::Status Walker::RefuseBuiltTime(const json& value) {
  if (IsLiteral(value) || ReadsRows(value)) return absl::OkStatus();
  return Refuse(value, "a fixed date or time is one literal, such as '2024-03-10'");
}

absl::StatusOr<Value> Walker::Cast(const json& cast, const Place& place) {
  RETURN_IF_ERROR(CheckParts(cast, {"arg", "typeName"}));
  const json& type = cast.at("typeName");
  RETURN_IF_ERROR(CheckParts(type, {"names", "typmods", "typemod"}));
  const Names names = NamesIn(type.at("names")).value_or(Names());
  const bool is_plain = names.size() == 1 || (names.size() == 2 && names[0] == "pg_catalog");
  if (!is_plain || !IsCastTarget(names.back())) {
    return Refuse(type,
                  absl::StrCat("there is no cast to ", absl::StrJoin(names, "."),
                               ": use bool, smallint, integer, bigint, real, double precision, "
                               "numeric, text, varchar, date, time, timestamp, timestamptz or "
                               "interval"));
  }
  RETURN_IF_ERROR(CheckTypeSize(type, names.back()));
  const json& value = cast.at("arg");
  ASSIGN_OR_RETURN(const Value inner, Expression(value, place));
  Value made{.recursion = inner.recursion};
  const std::string& name = names.back();
  if (IsTimeType(name)) {
    if (inner.clock != nullptr) return RefuseClock(*inner.clock);
    if (!inner.is_time) RETURN_IF_ERROR(RefuseBuiltTime(value));
  }
  made.is_time = IsTimeType(name) || name == "interval";
  const bool is_text = name == "text" || name == "varchar" || name == "bpchar";
  if (is_text) made.clock = inner.clock;
  return made;
}

}  // namespace metricstore::expression::select
