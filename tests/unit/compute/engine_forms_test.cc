// How the catalogue says that this executor computes a function is how it does: for every function
// there is an implementation of the form of its row, and none of another form.

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "common/expression/catalog/function_catalog.h"
#include "compute_service/engine/vector/kernels/aggregates/aggregate_kernels.h"
#include "compute_service/engine/vector/kernels/aggregates/call_kernels.h"
#include "compute_service/engine/vector/kernels/loops/row_kernels.h"
#include "compute_service/engine/vector/kernels/ranks/rank_answers.h"
#include "compute_service/engine/vector/kernels/rows/row_functions.h"
#include "compute_service/engine/vector/program/compile.h"
#include "compute_service/engine/vector/program/operation.h"
#include "tests/unit/compute/engine_fixture.h"

namespace metricstore::compute::vector {
namespace {

using expression::ArgumentType;
using expression::DistinctUse;
using expression::Function;
using expression::FunctionKind;
using expression::FunctionSpec;
using expression::SpecOf;
using expression::VectorForm;

// Types of computed values.
constexpr ValueType kTypes[] = {ValueType::kFloat64, ValueType::kInt64, ValueType::kBool,
                                ValueType::kCode};

// Of every function.
std::vector<FunctionSpec> Catalogue() {
  std::vector<FunctionSpec> all;
  for (int i = 0; i <= static_cast<int>(Function::kMetric); ++i) {
    all.push_back(SpecOf(static_cast<Function>(i)));
  }
  return all;
}

bool IsOneOf(const FunctionSpec& spec, std::initializer_list<VectorForm> forms) {
  return std::find(forms.begin(), forms.end(), spec.vector) != forms.end();
}

// Whether its loops or folds do not compare texts, so that something else does.
bool OrdersTexts(const FunctionSpec& spec) {
  if (spec.vector == VectorForm::kComparison) {
    return spec.function != Function::kEqual && spec.function != Function::kNotEqual;
  }
  return spec.arguments.size() > 0 && spec.arguments[0].type == ArgumentType::kOrdered;
}

bool HasParameter(const FunctionSpec& spec) {
  for (size_t i = 0; i < spec.arguments.size(); ++i) {
    if (expression::IsLiteral(spec.arguments[i].type)) return true;
  }
  return false;
}

TEST(EngineFormsTest, FunctionsThatAreOperationsHaveOneWithAKernel) {
  std::set<Function> found;
  for (const auto& [function, op] : FunctionOperations()) {
    EXPECT_TRUE(found.insert(function).second) << SpecOf(function).name << " is there twice";
    bool has_kernel = op == Op::kLag || op == Op::kLead || op == Op::kCountRows;
    for (const ValueType type : kTypes) {
      has_kernel |= IsAggregate(op) ? KernelOfAggregate(op, type) != nullptr
                                    : ArithmeticKernel(op, type) != nullptr ||
                                          ConditionKernel(op, type) != nullptr;
    }
    EXPECT_TRUE(has_kernel) << SpecOf(function).name;
  }
  for (const FunctionSpec& spec : Catalogue()) {
    const bool is_operation = IsOneOf(spec, {VectorForm::kOperation, VectorForm::kComparison,
                                             VectorForm::kNeighbour, VectorForm::kFold});
    EXPECT_EQ(found.contains(spec.function), is_operation) << spec.name;
  }
}

TEST(EngineFormsTest, FunctionsOfValuesAreThoseWithAFunction) {
  for (const FunctionSpec& spec : Catalogue()) {
    bool has_function = TextFunction(spec.function) != nullptr ||
                        TimeFunction(spec.function, columns::ColumnType::kTimestamp) != nullptr;
    for (const ValueType type : kTypes) {
      has_function |= MathFunction(spec.function, type) != nullptr;
    }
    const bool wants_one =
        IsOneOf(spec, {VectorForm::kFunction, VectorForm::kText}) ||
        (spec.vector == VectorForm::kComparison && OrdersTexts(spec)) ||
        (spec.vector == VectorForm::kOperation && (OrdersTexts(spec) || HasParameter(spec)));
    EXPECT_EQ(has_function, wants_one) << spec.name;
  }
}

TEST(EngineFormsTest, FunctionsOnceForEachTextReadOne) {
  for (const FunctionSpec& spec : Catalogue()) {
    if (spec.kind != FunctionKind::kRow) continue;
    EXPECT_EQ(IsOneOf(spec, {VectorForm::kText, VectorForm::kTextTest}),
              spec.arguments[0].type == ArgumentType::kText)
        << spec.name;
  }
}

TEST(EngineFormsTest, AggregatesThatAreWalkedAreThoseWithAKernelOfTheirOwn) {
  for (const FunctionSpec& spec : Catalogue()) {
    bool has_kernel = false;
    for (const ValueType type : kTypes) {
      AggregateCall call{.function = spec.function, .type = type, .second_type = type};
      has_kernel |= KernelOfCall(call).kernel != nullptr;
    }
    const bool wants_one = IsOneOf(spec, {VectorForm::kWalk, VectorForm::kRanked}) ||
                           spec.distinct == DistinctUse::kCounts ||
                           (spec.vector == VectorForm::kFold && OrdersTexts(spec));
    EXPECT_EQ(has_kernel, wants_one) << spec.name;
  }
}

// A column or a literal.
std::string FittingArgument(const FunctionSpec& spec, size_t index) {
  switch (spec.arguments[index].type) {
    case ArgumentType::kInt64:
      return "n";
    case ArgumentType::kBool:
      return "flag";
    case ArgumentType::kText:
      return "side";
    case ArgumentType::kTime:
      return "ts";
    case ArgumentType::kIntegerLiteral:
      return "2";
    case ArgumentType::kRealLiteral:  // of histogram: its ends
      return index == 2 ? "1.0" : "0.5";
    case ArgumentType::kTextLiteral:
    case ArgumentType::kPatternLiteral:
      return "'a'";
    case ArgumentType::kUnitLiteral:
    case ArgumentType::kPartLiteral:
      return "'day'";
    default:
      return index == 0 ? "a" : "b";
  }
}

std::vector<std::string> FittingArguments(const FunctionSpec& spec) {
  std::vector<std::string> arguments;
  for (int i = 0; i < spec.max_arguments; ++i) {
    arguments.push_back(FittingArgument(spec, static_cast<size_t>(i)));
  }
  return arguments;
}

// What operators that are made of others look like.
const std::map<Function, std::string>& OperatorForms() {
  static const std::map<Function, std::string> forms = {
      {Function::kIsDistinct, "$1 IS DISTINCT FROM $2"},
      {Function::kIsNotDistinct, "$1 IS NOT DISTINCT FROM $2"},
      {Function::kIsNotNull, "$1 IS NOT NULL"},
      {Function::kBetween, "$1 BETWEEN $2 AND $3"}};
  return forms;
}

std::string CallOf(const FunctionSpec& spec, const std::vector<std::string>& arguments) {
  return absl::StrCat(std::string(spec.name), "(", absl::StrJoin(arguments, ", "), ")");
}

// A metric of it: of a function of rows, the first of its values.
std::string MetricOf(const FunctionSpec& spec, const std::string& call) {
  return spec.kind == FunctionKind::kAggregate ? call : absl::StrCat("count(", call, ")");
}

Program CompileAll(const std::vector<std::string>& metrics) {
  const BucketsPtr buckets = MakeBuckets({{{0, 10}}});
  std::vector<MetricTask> tasks;
  for (const std::string& metric : metrics) tasks.push_back(MakeTask(metric, buckets));
  absl::StatusOr<Program> program = Compile(tasks, TestSchema(), "ts");
  EXPECT_TRUE(program.ok()) << metrics[0] << ": " << program.status();
  return program.ok() ? *std::move(program) : Program();
}

// The value that an operation computes; of an operation of many functions, this function's.
ValueId Find(const Program& program, Op op, Function function) {
  const bool is_of_function = op == Op::kRowCall || op == Op::kRunning || op == Op::kAggregateCall;
  for (ValueId id = 0; id < program.values.size(); ++id) {
    const Value& value = program.values[id];
    if (value.op == op && (!is_of_function || value.function == function)) return id;
  }
  return kNoValue;
}

// The operation that programs have of a function that is none itself.
std::optional<Op> CallingOp(VectorForm form) {
  switch (form) {
    case VectorForm::kFunction:
    case VectorForm::kText:
      return Op::kRowCall;
    case VectorForm::kRunning:
      return Op::kRunning;
    case VectorForm::kRanked:
    case VectorForm::kWalk:
      return Op::kAggregateCall;
    case VectorForm::kOperation:
    case VectorForm::kNeighbour:
    case VectorForm::kFold:
      break;
    default:
      return std::nullopt;
  }
  return Op::kConstant;  // the function's own
}

TEST(EngineFormsTest, ProgramsComputeFunctionsInTheirForm) {
  for (const FunctionSpec& spec : expression::Functions()) {
    const std::optional<Op> calling = CallingOp(spec.vector);
    if (!calling.has_value()) continue;
    const std::string metric = MetricOf(spec, CallOf(spec, FittingArguments(spec)));
    const Program program = CompileAll({metric});
    // With digits to round to it is a function.
    const bool is_function = spec.vector == VectorForm::kOperation && HasParameter(spec);
    const Op op = is_function                 ? Op::kRowCall
                  : *calling != Op::kConstant ? *calling
                                              : OperationOf(spec.function);
    const ValueId found = Find(program, op, spec.function);
    ASSERT_NE(found, kNoValue) << metric;
    EXPECT_EQ(RankQuestionOf(program, found).kind != RankQuestion::Kind::kNone,
              spec.vector == VectorForm::kRanked)
        << metric;
  }
}

TEST(EngineFormsTest, DistinctValuesAreWalked) {
  for (const FunctionSpec& spec : expression::Functions()) {
    if (spec.distinct != DistinctUse::kCounts) continue;
    std::string metric = CallOf(spec, FittingArguments(spec));
    metric.insert(spec.name.size() + 1, "DISTINCT ");
    const Program program = CompileAll({metric});
    const ValueId found = Find(program, Op::kAggregateCall, spec.function);
    ASSERT_NE(found, kNoValue) << metric;
    EXPECT_EQ(RankQuestionOf(program, found).kind, RankQuestion::Kind::kNone) << metric;
  }
}

// A call of a function that is made of others, all of whose arguments are `x`.
std::string CallOfMade(const FunctionSpec& spec, const std::string& x) {
  const auto form = OperatorForms().find(spec.function);
  if (form == OperatorForms().end()) {
    return CallOf(spec, std::vector<std::string>(spec.arguments.size(), x));
  }
  return absl::StrReplaceAll(form->second, {{"$1", x}, {"$2", x}, {"$3", x}});
}

// What the call is made of. Integers are widened before the call reads them.
std::string WrittenOut(const FunctionSpec& spec, const std::string& x) {
  const bool widens = x == "n" && spec.arguments[0].type == ArgumentType::kFloat64;
  const std::string read = widens ? "(n::double precision)" : x;
  return absl::StrReplaceAll(std::string(spec.made_of), {{"$1", read}, {"$2", read}, {"$3", read}});
}

// Written out it is the same value, so that it has the same bits and is computed once.
TEST(EngineFormsTest, FunctionsMadeOfOthersAreWhatTheyAreMadeOf) {
  std::set<Function> seen;
  for (const FunctionSpec& spec : Catalogue()) {
    if (spec.vector != VectorForm::kMadeOf) continue;
    for (const std::string x :
         {"a", "n", "side", "lower(side)", "flag", "day", "(a * b)", "lag(a)", "NULL"}) {
      const std::string metric = MetricOf(spec, CallOfMade(spec, x));
      if (!expression::BoundExpression::ParseMetric(metric, TestSchema()).ok()) continue;
      seen.insert(spec.function);
      const std::string written_out = MetricOf(spec, WrittenOut(spec, x));
      const Program program = CompileAll({metric, written_out});
      ASSERT_EQ(program.filters[0].groups.size(), 1U) << metric;
      const std::vector<ValueId>& roots = program.filters[0].groups[0].roots;
      ASSERT_EQ(roots.size(), 2U) << metric;
      EXPECT_EQ(roots[0], roots[1]) << metric << " is not " << written_out;
    }
    EXPECT_TRUE(seen.contains(spec.function)) << spec.name;
  }
}

// An argument is lowered once, however often it is named: otherwise these would take for ever.
TEST(EngineFormsTest, NestedCallsAreLoweredOnce) {
  std::string deltas = "a";
  std::string distinct = "flag";
  for (int depth = 0; depth < 50; ++depth) {
    deltas = absl::StrCat("delta(", deltas, ")");
    distinct = absl::StrCat("((", distinct, ") IS DISTINCT FROM flag)");
  }
  EXPECT_LT(CompileAll({absl::StrCat("sum(", deltas, ")")}).values.size(), 200U);
  EXPECT_LT(CompileAll({absl::StrCat("bool_or(", distinct, ")")}).values.size(), 500U);
}

}  // namespace
}  // namespace metricstore::compute::vector
