// Function calls of a SELECT: which functions, where, and with what around them.

#include "absl/strings/str_cat.h"
#include "common/expression/select/walker.h"
#include "common/status/error.h"
#include "common/status/macros.h"

namespace metricstore::expression::select {
namespace {

bool IsAggregate(CallKind kind) {
  return kind == CallKind::kAggregate || kind == CallKind::kOrderedSet ||
         kind == CallKind::kMaybeOrderedSet;
}

}  // namespace

// "sum", and "extract" for what the grammar turns into pg_catalog.extract.
absl::StatusOr<std::string> Walker::CallName(const json& call) {
  const Names names = NamesIn(call.at("funcname")).value_or(Names());
  if (names.size() == 1) return names[0];
  if (names.size() == 2 && TextPart(call, "funcformat") == "COERCE_SQL_SYNTAX") return names[1];
  return Refuse(call, "a function is named without its schema");
}

absl::StatusOr<const Callable*> Walker::FindCall(const json& call, const std::string& name) {
  if (const Callable* const callable = FindCallable(name); callable != nullptr) return callable;
  const std::string reason = WhyRefused(name);
  if (!reason.empty()) return Refuse(call, reason);
  return Refuse(call, absl::StrCat("unknown function \"", name, "\""),
                status::ClosestMatch(name, SelectFunctionNames()));
}

absl::Status Walker::CheckCount(const json& call, const Callable& callable) {
  const json& arguments = ListPart(call, "args");
  const int count = static_cast<int>(arguments.size());
  const std::string name(callable.name);
  if (name == "age" && count == 1) {
    return Refuse(call, "age of one argument reads the clock: write age(later, earlier)");
  }
  if (count >= callable.min_arguments && count <= callable.max_arguments) return absl::OkStatus();
  std::string wanted = std::to_string(callable.min_arguments);
  if (callable.max_arguments == kAnyCount) {
    wanted = absl::StrCat("at least ", wanted);
  } else if (callable.max_arguments != callable.min_arguments) {
    absl::StrAppend(&wanted, " to ", callable.max_arguments);
  }
  return Refuse(call, absl::StrCat(name, " takes ", wanted,
                                   wanted == "1" ? " argument, not " : " arguments, not ", count));
}

// DISTINCT, ORDER BY, FILTER, WITHIN GROUP and OVER, each only where it means something.
absl::Status Walker::CheckModifiers(const json& call, const Callable& callable) {
  const std::string name(callable.name);
  const bool is_windowed = Part(call, "over") != nullptr;
  const bool is_within = FlagPart(call, "agg_within_group");
  if (FlagPart(call, "agg_star") && name != "count") {
    return Refuse(call, "* is only allowed in count(*)");
  }
  if (!IsAggregate(callable.kind)) {
    for (const char* const part : {"agg_distinct", "agg_order", "agg_filter"}) {
      if (Part(call, part) == nullptr) continue;
      return Refuse(call, absl::StrCat(name,
                                       " is no aggregate: it takes no DISTINCT, ORDER BY, "
                                       "WITHIN GROUP or FILTER"));
    }
  }
  if (callable.kind == CallKind::kWindow && !is_windowed) {
    return Refuse(call, absl::StrCat(name, " is a window function: it needs OVER"));
  }
  if (is_windowed && !IsAggregate(callable.kind) && callable.kind != CallKind::kWindow) {
    return Refuse(call,
                  absl::StrCat(name, " is no window function or aggregate: it takes no OVER"));
  }
  if (callable.kind == CallKind::kOrderedSet && !is_within) {
    return Refuse(call, absl::StrCat(name, " needs WITHIN GROUP (ORDER BY ...)"));
  }
  if (is_within && callable.kind == CallKind::kAggregate) {
    return Refuse(call, absl::StrCat(name, " takes no WITHIN GROUP"));
  }
  return absl::OkStatus();
}

absl::Status Walker::CheckCall(const json& call, const Callable& callable, const Place& place) {
  const std::string name(callable.name);
  if (callable.kind == CallKind::kTable) {
    return Refuse(call, absl::StrCat(name, " returns rows: it belongs in FROM"));
  }
  RETURN_IF_ERROR(CheckModifiers(call, callable));
  if (!FlagPart(call, "agg_star")) RETURN_IF_ERROR(CheckCount(call, callable));
  if (name == "count" && !FlagPart(call, "agg_star") && ListPart(call, "args").empty()) {
    return Refuse(call, "write count(*) or count(x)");
  }
  const bool is_windowed = Part(call, "over") != nullptr;
  if (is_windowed && !place.window_calls) {
    return Refuse(call, absl::StrCat("the window function ", name, " is not allowed ",
                                     std::string(place.clause)));
  }
  if (!is_windowed && IsAggregate(callable.kind) && !place.aggregates) {
    return Refuse(
        call, absl::StrCat("the aggregate ", name, " is not allowed ", std::string(place.clause)));
  }
  return absl::OkStatus();
}

// What comes of arguments that a function takes.
absl::StatusOr<Value> Walker::Result(std::string_view name, const std::vector<Value>& arguments) {
  const Flow flow = FlowOf(name);
  Value all;
  Value result;
  for (const Value& argument : arguments) {
    if (result.recursion == nullptr) result.recursion = argument.recursion;
    const bool is_time = flow == Flow::kTime || flow == Flow::kOfTimes || flow == Flow::kSeries;
    if (is_time && argument.clock != nullptr) return RefuseClock(*argument.clock);
    if (flow == Flow::kOneOf || flow == Flow::kMeet || flow == Flow::kSeries) {
      RETURN_IF_ERROR(Meet(argument, &all));
    }
  }
  if (flow == Flow::kOneOf || flow == Flow::kSeries) return all;
  if (flow == Flow::kFirst && !arguments.empty()) {
    result.is_time = arguments[0].is_time;
    result.clock = arguments[0].clock;
  }
  if (flow == Flow::kTime) result.is_time = true;
  return result;
}

// Arguments, ORDER BY and FILTER. What WITHIN GROUP orders is an argument too.
absl::StatusOr<Value> Walker::Arguments(const json& call, std::string_view name,
                                        const Place& place) {
  std::vector<Value> arguments;
  for (const json& argument : ListPart(call, "args")) {
    ASSIGN_OR_RETURN(arguments.emplace_back(), Expression(argument, place));
  }
  if (FlagPart(call, "agg_within_group")) arguments.clear();  // fractions
  for (const json& item : ListPart(call, "agg_order")) {
    RETURN_IF_ERROR(CheckSort(item.at("SortBy")));
    ASSIGN_OR_RETURN(const Value ordered, Expression(item["SortBy"].at("node"), place));
    if (FlagPart(call, "agg_within_group")) arguments.push_back(ordered);
  }
  RETURN_IF_ERROR(Optional(Part(call, "agg_filter"), place).status());
  return Result(name, arguments);
}

absl::StatusOr<Value> Walker::Call(const json& call, const Place& place) {
  ASSIGN_OR_RETURN(const std::string name, CallName(call));
  ASSIGN_OR_RETURN(const Callable* const callable, FindCall(call, name));
  RETURN_IF_ERROR(CheckParts(call, {"funcname", "args", "agg_order", "agg_filter", "over",
                                    "agg_within_group", "agg_star", "agg_distinct", "funcformat"}));
  RETURN_IF_ERROR(CheckCall(call, *callable, place));
  RETURN_IF_ERROR(CheckLiterals(call, name));
  Place inside = place;
  const json* const over = Part(call, "over");
  if (over != nullptr) {
    RETURN_IF_ERROR(WindowName(*over, TextPart(*over, "name"), place));
    RETURN_IF_ERROR(WindowDefinition(*over, place));
    inside.window_calls = false;
    inside.clause = "inside a window function";
  } else if (IsAggregate(callable->kind)) {
    inside.aggregates = inside.window_calls = false;
    inside.clause = "inside an aggregate";
  }
  return Arguments(call, name, inside);
}

}  // namespace metricstore::expression::select
