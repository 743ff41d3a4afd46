// The functions and operators of expressions, as data: names, kinds, argument types, result types.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace metricstore::expression {

// What a call computes. Operators and spelled functions share one set.
enum class Function {
  // Operators and constructs of the grammar.
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,  // real division; NULL where the divisor is zero
  kModulo,  // sign of the dividend; NULL where the divisor is zero
  kNegate,
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kAnd,
  kOr,
  kNot,
  kIsNull,
  kIsNotNull,
  kBetween,  // value, low, high
  kIn,       // value, candidates...
  kCase,     // (condition, result)..., else
  kCaseOf,   // value, (candidate, result)..., else
  kCoalesce,
  kNullIf,
  kGreatest,   // skips NULL
  kLeast,      // skips NULL
  kToFloat64,  // implicit, from int64
  // Functions of one row.
  kAbs,
  kSign,
  kFloor,
  kCeil,
  kRound,  // halves away from zero
  kExp,
  kLn,     // NULL where x <= 0
  kLog10,  // NULL where x <= 0
  kSqrt,   // NULL where x < 0
  kPower,  // NULL for a negative base with a fractional exponent, and for zero with a negative one
  // Functions of one row and those before it in its bucket.
  kLag,        // x of n rows before; NULL where there is none
  kDelta,      // x - lag(x)
  kLogReturn,  // ln(x / lag(x))
  // Aggregates over the rows of a bucket. All but kCountRows skip NULL.
  kCountRows,
  kCount,
  kSum,
  kAvg,
  kMin,
  kMax,
  kFirst,
  kLast,
  kStddevSamp,
  kStddevPop,
  kVarSamp,
  kVarPop,
  kCountDistinct,  // count(DISTINCT x), of any type
  kMedian,         // the middle value, or the mean of the two middle ones
  // The value of another metric at the same bucket, or at one before by an offset. Literal
  // arguments.
  kMetric,  // id, offset ('' for none)
};

enum class FunctionKind {
  kRow,
  kOrderedRow,
  kAggregate,
  kBucket,  // of whole buckets: only outside aggregates
};

// Which types the arguments may have. Except for kAny they become one common type: float64 if any
// of them is float64.
enum class ArgumentTypes {
  kNumber,   // float64, int64
  kFloat64,  // float64; int64 is widened
  kOrdered,  // numbers, timestamps, dates
  kAnyButText,
  kComparable,  // all types; text only as one column and literals
  kBool,
  kAny,
};

enum class ResultType { kFloat64, kInt64, kBool, kOfArguments };

inline constexpr int kAnyNumber = 1 << 20;  // of arguments

struct FunctionSpec {
  std::string_view name;
  Function function;
  FunctionKind kind;
  ArgumentTypes arguments;
  int min_arguments;
  int max_arguments;
  ResultType result;
};

// Functions that an expression may call by name. The first spec of a Function has its canonical
// name.
std::span<const FunctionSpec> Functions();
// Operators and constructs; names are those of the grammar: "+", "AND", "IS NULL", "CASE".
std::span<const FunctionSpec> Operators();

// nullptr if there is none of that name.
const FunctionSpec* FindFunction(std::string_view name);
const FunctionSpec* FindOperator(std::string_view name);

// The name that canonical texts and messages use.
std::string_view CanonicalName(Function function);

// Names for "did you mean".
std::vector<std::string> FunctionNames();

}  // namespace metricstore::expression
