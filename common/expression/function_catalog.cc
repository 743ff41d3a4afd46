#include "common/expression/function_catalog.h"

#include <algorithm>

namespace metricstore::expression {
namespace {

using enum Function;
using Kind = FunctionKind;
using Args = ArgumentTypes;
using Result = ResultType;

constexpr FunctionSpec kFunctions[] = {
    {"count", kCount, Kind::kAggregate, Args::kAny, 1, 1, Result::kInt64},
    {"sum", kSum, Kind::kAggregate, Args::kNumber, 1, 1, Result::kFloat64},
    {"avg", kAvg, Kind::kAggregate, Args::kNumber, 1, 1, Result::kFloat64},
    {"min", kMin, Kind::kAggregate, Args::kOrdered, 1, 1, Result::kOfArguments},
    {"max", kMax, Kind::kAggregate, Args::kOrdered, 1, 1, Result::kOfArguments},
    {"first", kFirst, Kind::kAggregate, Args::kOrdered, 1, 1, Result::kOfArguments},
    {"last", kLast, Kind::kAggregate, Args::kOrdered, 1, 1, Result::kOfArguments},
    {"stddev_samp", kStddevSamp, Kind::kAggregate, Args::kFloat64, 1, 1, Result::kFloat64},
    {"stddev", kStddevSamp, Kind::kAggregate, Args::kFloat64, 1, 1, Result::kFloat64},
    {"stddev_pop", kStddevPop, Kind::kAggregate, Args::kFloat64, 1, 1, Result::kFloat64},
    {"var_samp", kVarSamp, Kind::kAggregate, Args::kFloat64, 1, 1, Result::kFloat64},
    {"variance", kVarSamp, Kind::kAggregate, Args::kFloat64, 1, 1, Result::kFloat64},
    {"var_pop", kVarPop, Kind::kAggregate, Args::kFloat64, 1, 1, Result::kFloat64},
    {"median", kMedian, Kind::kAggregate, Args::kFloat64, 1, 1, Result::kFloat64},
    // The binder checks the id and the offset.
    {"metric", kMetric, Kind::kBucket, Args::kAny, 1, 2, Result::kFloat64},
    {"abs", kAbs, Kind::kRow, Args::kNumber, 1, 1, Result::kOfArguments},
    {"sign", kSign, Kind::kRow, Args::kNumber, 1, 1, Result::kOfArguments},
    {"floor", kFloor, Kind::kRow, Args::kNumber, 1, 1, Result::kOfArguments},
    {"ceil", kCeil, Kind::kRow, Args::kNumber, 1, 1, Result::kOfArguments},
    {"ceiling", kCeil, Kind::kRow, Args::kNumber, 1, 1, Result::kOfArguments},
    {"round", kRound, Kind::kRow, Args::kNumber, 1, 1, Result::kOfArguments},
    {"exp", kExp, Kind::kRow, Args::kFloat64, 1, 1, Result::kFloat64},
    {"ln", kLn, Kind::kRow, Args::kFloat64, 1, 1, Result::kFloat64},
    {"log10", kLog10, Kind::kRow, Args::kFloat64, 1, 1, Result::kFloat64},
    {"log", kLog10, Kind::kRow, Args::kFloat64, 1, 1, Result::kFloat64},
    {"sqrt", kSqrt, Kind::kRow, Args::kFloat64, 1, 1, Result::kFloat64},
    {"power", kPower, Kind::kRow, Args::kFloat64, 2, 2, Result::kFloat64},
    {"pow", kPower, Kind::kRow, Args::kFloat64, 2, 2, Result::kFloat64},
    {"lag", kLag, Kind::kOrderedRow, Args::kOrdered, 1, 2, Result::kOfArguments},
    {"delta", kDelta, Kind::kOrderedRow, Args::kNumber, 1, 1, Result::kOfArguments},
    {"log_return", kLogReturn, Kind::kOrderedRow, Args::kFloat64, 1, 1, Result::kFloat64},
};

constexpr FunctionSpec kOperators[] = {
    {"+", kAdd, Kind::kRow, Args::kNumber, 2, 2, Result::kOfArguments},
    {"-", kSubtract, Kind::kRow, Args::kNumber, 2, 2, Result::kOfArguments},
    {"*", kMultiply, Kind::kRow, Args::kNumber, 2, 2, Result::kOfArguments},
    {"/", kDivide, Kind::kRow, Args::kFloat64, 2, 2, Result::kFloat64},
    {"%", kModulo, Kind::kRow, Args::kNumber, 2, 2, Result::kOfArguments},
    {"^", kPower, Kind::kRow, Args::kFloat64, 2, 2, Result::kFloat64},
    {"unary -", kNegate, Kind::kRow, Args::kNumber, 1, 1, Result::kOfArguments},
    {"=", kEqual, Kind::kRow, Args::kComparable, 2, 2, Result::kBool},
    {"<>", kNotEqual, Kind::kRow, Args::kComparable, 2, 2, Result::kBool},
    {"<", kLess, Kind::kRow, Args::kComparable, 2, 2, Result::kBool},
    {"<=", kLessEqual, Kind::kRow, Args::kComparable, 2, 2, Result::kBool},
    {">", kGreater, Kind::kRow, Args::kComparable, 2, 2, Result::kBool},
    {">=", kGreaterEqual, Kind::kRow, Args::kComparable, 2, 2, Result::kBool},
    {"AND", kAnd, Kind::kRow, Args::kBool, 2, kAnyNumber, Result::kBool},
    {"OR", kOr, Kind::kRow, Args::kBool, 2, kAnyNumber, Result::kBool},
    {"NOT", kNot, Kind::kRow, Args::kBool, 1, 1, Result::kBool},
    {"IS NULL", kIsNull, Kind::kRow, Args::kAny, 1, 1, Result::kBool},
    {"IS NOT NULL", kIsNotNull, Kind::kRow, Args::kAny, 1, 1, Result::kBool},
    {"BETWEEN", kBetween, Kind::kRow, Args::kComparable, 3, 3, Result::kBool},
    {"IN", kIn, Kind::kRow, Args::kComparable, 2, kAnyNumber, Result::kBool},
    // The binder checks conditions, candidates and results of CASE apart.
    {"CASE", kCase, Kind::kRow, Args::kAny, 3, kAnyNumber, Result::kOfArguments},
    {"CASE OF", kCaseOf, Kind::kRow, Args::kAny, 4, kAnyNumber, Result::kOfArguments},
    {"COALESCE", kCoalesce, Kind::kRow, Args::kAnyButText, 1, kAnyNumber, Result::kOfArguments},
    {"NULLIF", kNullIf, Kind::kRow, Args::kAnyButText, 2, 2, Result::kOfArguments},
    {"GREATEST", kGreatest, Kind::kRow, Args::kOrdered, 1, kAnyNumber, Result::kOfArguments},
    {"LEAST", kLeast, Kind::kRow, Args::kOrdered, 1, kAnyNumber, Result::kOfArguments},
    {"count(*)", kCountRows, Kind::kAggregate, Args::kAny, 0, 0, Result::kInt64},
    {"count(DISTINCT)", kCountDistinct, Kind::kAggregate, Args::kAny, 1, 1, Result::kInt64},
};

const FunctionSpec* FindIn(std::span<const FunctionSpec> specs, std::string_view name) {
  const auto found = std::find_if(specs.begin(), specs.end(),
                                  [name](const FunctionSpec& spec) { return spec.name == name; });
  return found == specs.end() ? nullptr : &*found;
}

}  // namespace

std::span<const FunctionSpec> Functions() { return kFunctions; }
std::span<const FunctionSpec> Operators() { return kOperators; }

const FunctionSpec* FindFunction(std::string_view name) { return FindIn(kFunctions, name); }
const FunctionSpec* FindOperator(std::string_view name) { return FindIn(kOperators, name); }

std::string_view CanonicalName(Function function) {
  for (const std::span<const FunctionSpec> specs : {Functions(), Operators()}) {
    for (const FunctionSpec& spec : specs) {
      if (spec.function == function) return spec.name;
    }
  }
  return "float64";  // kToFloat64: nobody can write it
}

std::vector<std::string> FunctionNames() {
  std::vector<std::string> names = {"coalesce", "nullif", "greatest", "least"};
  for (const FunctionSpec& spec : kFunctions) names.emplace_back(spec.name);
  return names;
}

}  // namespace metricstore::expression
