// The functions and types that a SELECT may name, as data, and why others are refused.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace metricstore::expression::select {

enum class CallKind {
  kScalar,
  kAggregate,
  kOrderedSet,       // an aggregate with WITHIN GROUP (ORDER BY ...)
  kMaybeOrderedSet,  // an aggregate, with or without it
  kWindow,           // only with OVER
  kTable,            // only in FROM
};

inline constexpr int kAnyCount = 1 << 20;  // of arguments

struct Callable {
  std::string_view name;
  CallKind kind;
  int min_arguments;
  int max_arguments;
};

// nullptr if a SELECT may not call it.
const Callable* FindCallable(std::string_view name);

// Why a function that users reach for is refused, "the clock: ..."; "" for a name that nobody
// knows.
std::string WhyRefused(std::string_view name);

// Whether values may be cast to a type of that name, as the grammar spells it ("float8").
bool IsCastTarget(std::string_view type);

// Whether the grammar's operator of that name may be used with that many operands.
bool IsOperator(std::string_view symbol, bool is_unary);

// What a function makes of times among its arguments.
enum class Flow {
  kApart,    // arguments and result have nothing to do with each other
  kOneOf,    // the result is one of the arguments
  kFirst,    // the result is the first argument, or of it
  kMeet,     // the arguments are compared
  kTime,     // takes nothing that the clock could be; the result is a time
  kOfTimes,  // the same, and the result is no time
  kSeries,   // the same, and the result is what the arguments are
};
Flow FlowOf(std::string_view name);

}  // namespace metricstore::expression::select
