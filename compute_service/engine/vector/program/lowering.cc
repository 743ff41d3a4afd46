#include "compute_service/engine/vector/lowering.h"

#include <bit>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "compute_service/engine/vector/direct_op.h"

namespace metricstore::compute::vector {
namespace {

using columns::ColumnType;
using expression::Function;
using expression::Node;
using expression::NodeKind;

ValueType ComputedType(ColumnType type) {
  switch (type) {
    case ColumnType::kFloat64:
      return ValueType::kFloat64;
    case ColumnType::kBool:
      return ValueType::kBool;
    default:
      return ValueType::kInt64;
  }
}

bool IsTextColumn(const Node& node) {
  return node.kind == NodeKind::kColumn && node.type == ColumnType::kText;
}

// Whether the text that `node` gives is that of one column or NULL, so that codes of it can be
// compared. `column` is the one found so far, nullptr at first.
bool IsOfOneTextColumn(const Node& node, const std::string** column) {
  if (node.is_null()) return true;
  if (node.kind == NodeKind::kColumn) {
    if (*column == nullptr) *column = &node.column;
    return **column == node.column;
  }
  const bool has_value = node.kind == NodeKind::kCall && node.function == Function::kCaseOf;
  const bool is_case = node.kind == NodeKind::kCall && node.function == Function::kCase;
  if (!is_case && !has_value) return false;
  const size_t first = has_value ? 2 : 1;  // (condition, result)... and the result otherwise
  for (size_t at = first; at + 1 < node.arguments.size(); at += 2) {
    if (!IsOfOneTextColumn(*node.arguments[at], column)) return false;
  }
  return IsOfOneTextColumn(*node.arguments.back(), column);
}

// Lowers one tree. Unknown columns are remembered, and so is what this executor cannot run.
class Lowering {
 public:
  explicit Lowering(ValueTable* values) : values_(*values) {}

  ValueId Lower(const Node& node, const Domain& domain);
  // A whole vector of the value, which may be a constant.
  ValueId Whole(ValueId value, const Domain& domain) {
    if (values_[value].op != Op::kConstant) return value;
    return values_.Add(Op::kBroadcast, values_[value].type, domain, {value});
  }
  // OK, or the first thing that stands in the way.
  absl::Status Verdict() const;

 private:
  ValueId LowerLiteral(const Node& node);
  ValueId Stored(const Node& node, const Domain& domain);
  ValueId LowerColumn(const Node& node, const Domain& domain);
  ValueId LowerCall(const Node& node, const Domain& domain);
  ValueId LowerFold(const Node& node, const Domain& domain);
  ValueId LowerComparison(const Node& node, const Domain& domain);
  ValueId LowerBetween(const Node& node, const Domain& domain);
  // Compares `left`, lowered before by LowerLeft, with `right`.
  ValueId Compare(Function function, const Node& left, ValueId lowered_left, const Node& right,
                  const Domain& domain);
  ValueId CompareText(Function function, const Node& column, const Node& literal,
                      const Domain& domain);
  // A value that is compared several times is lowered once. Text columns have no value of their
  // own.
  ValueId LowerLeft(const Node& node, const Domain& domain) {
    return IsTextColumn(node) ? kNoValue : Lower(node, domain);
  }
  ValueId LowerIn(const Node& node, const Domain& domain);
  ValueId LowerCase(const Node& node, const Domain& domain);
  // The codes of a text.
  ValueId LowerText(const Node& node, const Domain& domain);
  ValueId Unsupported(const std::string& what, ValueType type);
  ValueId LowerLag(ValueId value, int64_t rows, const Domain& domain);
  ValueId LowerAggregate(const Node& node, const Domain& domain);
  ValueId LowerVariance(Function function, ValueId value, const Domain& domain);

  ValueId Condition(Op op, const Domain& domain, std::vector<ValueId> arguments) {
    return values_.Add(op, ValueType::kBool, domain, std::move(arguments));
  }
  ValueId Real(Op op, const Domain& domain, std::vector<ValueId> arguments) {
    return values_.Add(op, ValueType::kFloat64, domain, std::move(arguments));
  }

  ValueTable& values_;
  std::string missing_column_;
  std::string unsupported_;
};

ValueId Lowering::Lower(const Node& node, const Domain& domain) {
  if (node.kind == NodeKind::kLiteral) return LowerLiteral(node);
  if (node.kind == NodeKind::kColumn) return LowerColumn(node, domain);
  if (node.type == ColumnType::kText) {  // asked for to see where there is one
    return Condition(Op::kTextPresent, domain, {LowerText(node, domain)});
  }
  return LowerCall(node, domain);
}

ValueId Lowering::LowerText(const Node& node, const Domain& domain) {
  const std::string* column = nullptr;
  if (!IsOfOneTextColumn(node, &column)) {
    return Unsupported("text is computed as one column and NULL only", ValueType::kCode);
  }
  if (node.kind == NodeKind::kCall) return LowerCase(node, domain);
  const ValueId codes = node.is_null() ? kNoValue : Stored(node, domain);
  return codes == kNoValue ? values_.Null(ValueType::kCode) : codes;
}

ValueId Lowering::Unsupported(const std::string& what, ValueType type) {
  if (unsupported_.empty()) unsupported_ = what;
  return values_.Null(type);
}

absl::Status Lowering::Verdict() const {
  if (!missing_column_.empty()) {
    return status::ErrorBuilder(absl::StatusCode::kInvalidArgument, "EXPRESSION_INVALID",
                                absl::StrCat("the dataset has no column \"", missing_column_, "\""))
        .Build();
  }
  if (unsupported_.empty()) return absl::OkStatus();
  return status::ErrorBuilder(absl::StatusCode::kInvalidArgument, "NOT_SUPPORTED", unsupported_)
      .Metadata("field", "expression")
      .Build();
}

ValueId Lowering::LowerLiteral(const Node& node) {
  Value value{.type = ComputedType(node.type), .is_null = node.is_null()};
  if (const auto* real = std::get_if<double>(&node.literal)) {
    value.payload = std::bit_cast<uint64_t>(*real);
  } else if (const auto* flag = std::get_if<bool>(&node.literal)) {
    value.payload = *flag ? 1 : 0;
  } else if (const auto* integer = std::get_if<int64_t>(&node.literal)) {
    value.payload = static_cast<uint64_t>(*integer);
  }
  return values_.Add(value);
}

// The stored values of a column, in bucket order where that is the domain.
ValueId Lowering::Stored(const Node& node, const Domain& domain) {
  const ValueId column = values_.Column(node.column, domain.filter_set);
  if (column == kNoValue) missing_column_ = node.column;
  if (column == kNoValue || domain.kind == DomainKind::kRows) return column;
  return values_.Add(Op::kSlice, values_[column].type, domain, {column});
}

ValueId Lowering::LowerColumn(const Node& node, const Domain& domain) {
  const ValueId column = Stored(node, domain);
  if (column == kNoValue) return values_.Null(ComputedType(node.type));
  switch (values_[column].type) {
    case ValueType::kDate:
      return values_.Add(Op::kWidenDate, ValueType::kInt64, domain, {column});
    case ValueType::kCode:
      return Condition(Op::kTextPresent, domain, {column});
    default:
      return column;
  }
}

ValueId Lowering::LowerCall(const Node& node, const Domain& domain) {
  const auto argument = [&](size_t i) { return Lower(*node.arguments[i], domain); };
  switch (node.function) {
    case Function::kEqual:
    case Function::kNotEqual:
    case Function::kLess:
    case Function::kLessEqual:
    case Function::kGreater:
    case Function::kGreaterEqual:
      return LowerComparison(node, domain);
    case Function::kBetween:
      return LowerBetween(node, domain);
    case Function::kIn:
      return LowerIn(node, domain);
    case Function::kCase:
    case Function::kCaseOf:
      return LowerCase(node, domain);
    case Function::kIsNull:
      return Condition(Op::kIsNull, domain, {argument(0)});
    case Function::kIsNotNull:
      return Condition(Op::kNot, domain, {Condition(Op::kIsNull, domain, {argument(0)})});
    case Function::kLag:
      return LowerLag(argument(0),
                      node.arguments.size() < 2 ? 1 : std::get<int64_t>(node.arguments[1]->literal),
                      domain);
    case Function::kDelta: {
      const ValueId value = argument(0);
      return values_.Add(Op::kSubtract, values_[value].type, domain,
                         {value, LowerLag(value, 1, domain)});
    }
    case Function::kLogReturn: {
      const ValueId value = argument(0);
      return Real(Op::kLn, domain,
                  {Real(Op::kDivide, domain, {value, LowerLag(value, 1, domain)})});
    }
    case Function::kCountRows:
    case Function::kCount:
    case Function::kSum:
    case Function::kAvg:
    case Function::kMin:
    case Function::kMax:
    case Function::kFirst:
    case Function::kLast:
    case Function::kStddevSamp:
    case Function::kStddevPop:
    case Function::kVarSamp:
    case Function::kVarPop:
    case Function::kCountDistinct:
    case Function::kMedian:
      return LowerAggregate(node, domain);
    case Function::kMetric:
      return Unsupported("metrics that read other metrics are not computed by this release",
                         ValueType::kFloat64);
    default:
      return LowerFold(node, domain);
  }
}

// Calls of one operation; those of more arguments than it has are folded from the left.
ValueId Lowering::LowerFold(const Node& node, const Domain& domain) {
  const ValueType type = ComputedType(node.type);
  const bool is_rounding = node.function == Function::kFloor || node.function == Function::kCeil ||
                           node.function == Function::kRound;
  ValueId value = Lower(*node.arguments[0], domain);
  if (is_rounding && type == ValueType::kInt64) return value;
  const Op op = DirectOp(node.function);
  if (node.arguments.size() == 1) {
    const bool is_identity = op == Op::kCoalesce || op == Op::kGreatest || op == Op::kLeast;
    return is_identity ? value : values_.Add(op, type, domain, {value});
  }
  for (size_t i = 1; i < node.arguments.size(); ++i) {
    value = values_.Add(op, type, domain, {value, Lower(*node.arguments[i], domain)});
  }
  return value;
}

ValueId Lowering::CompareText(Function function, const Node& column, const Node& literal,
                              const Domain& domain) {
  if (literal.is_null()) return values_.Null(ValueType::kBool);
  const ValueId codes = Stored(column, domain);
  if (codes == kNoValue) return values_.Null(ValueType::kBool);
  return values_.Test(codes,
                      {.function = function, .literal = std::get<std::string>(literal.literal)});
}

ValueId Lowering::Compare(Function function, const Node& left, ValueId lowered_left,
                          const Node& right, const Domain& domain) {
  if (IsTextColumn(left)) return CompareText(function, left, right, domain);
  if (IsTextColumn(right)) return CompareText(Mirrored(function), right, left, domain);
  return Condition(DirectOp(function), domain, {lowered_left, Lower(right, domain)});
}

ValueId Lowering::LowerComparison(const Node& node, const Domain& domain) {
  const Node& left = *node.arguments[0];
  const Node& right = *node.arguments[1];
  return Compare(node.function, left, LowerLeft(left, domain), right, domain);
}

ValueId Lowering::LowerBetween(const Node& node, const Domain& domain) {
  const Node& value = *node.arguments[0];
  const ValueId lowered = LowerLeft(value, domain);
  const ValueId above =
      Compare(Function::kGreaterEqual, value, lowered, *node.arguments[1], domain);
  const ValueId below = Compare(Function::kLessEqual, value, lowered, *node.arguments[2], domain);
  return Condition(Op::kAnd, domain, {above, below});
}

ValueId Lowering::LowerIn(const Node& node, const Domain& domain) {
  const Node& value = *node.arguments[0];
  const ValueId lowered = LowerLeft(value, domain);
  ValueId found = kNoValue;
  for (size_t i = 1; i < node.arguments.size(); ++i) {
    const ValueId equal = Compare(Function::kEqual, value, lowered, *node.arguments[i], domain);
    found = found == kNoValue ? equal : Condition(Op::kOr, domain, {found, equal});
  }
  return found;
}

ValueId Lowering::LowerCase(const Node& node, const Domain& domain) {
  const bool has_value = node.function == Function::kCaseOf;
  const bool is_text = node.type == ColumnType::kText;
  const ValueType type = is_text ? ValueType::kCode : ComputedType(node.type);
  const auto lower_result = [&](const Node& result) {
    return is_text ? LowerText(result, domain) : Lower(result, domain);
  };
  const ValueId value = has_value ? LowerLeft(*node.arguments[0], domain) : kNoValue;
  ValueId result = lower_result(*node.arguments.back());
  for (size_t at = node.arguments.size() - 1; at >= (has_value ? 3u : 2u); at -= 2) {
    const Node& when = *node.arguments[at - 2];
    const ValueId condition =
        has_value ? Compare(Function::kEqual, *node.arguments[0], value, when, domain)
                  : Lower(when, domain);
    const ValueId then = lower_result(*node.arguments[at - 1]);
    result = values_.Add(Op::kSelect, type, domain, {condition, then, result});
  }
  return result;
}

ValueId Lowering::LowerLag(ValueId value, int64_t rows, const Domain& domain) {
  Value lag{.op = Op::kLag, .type = values_[value].type, .domain = domain};
  lag.arguments[0] = Whole(value, domain);
  lag.payload = static_cast<uint64_t>(rows);
  return values_.Add(lag);
}

ValueId Lowering::LowerAggregate(const Node& node, const Domain& domain) {
  if (node.function == Function::kCountRows) {
    return values_.Add(Op::kCountRows, ValueType::kInt64, domain, {});
  }
  const Node& argument = *node.arguments[0];
  const Domain rows = {.kind = DomainKind::kSliced,
                       .filter_set = domain.filter_set,
                       .bucket_list = domain.bucket_list};
  const bool by_code =
      node.function == Function::kCountDistinct && argument.type == ColumnType::kText;
  const ValueId value = Whole(by_code ? LowerText(argument, rows) : Lower(argument, rows), rows);
  const ValueType type = values_[value].type;
  switch (node.function) {
    case Function::kCount:
      return values_.Add(Op::kCount, ValueType::kInt64, domain, {value});
    case Function::kSum:
      return Real(Op::kSum, domain, {value});
    case Function::kAvg: {
      const ValueId count = values_.Add(Op::kCount, ValueType::kInt64, domain, {value});
      return Real(Op::kDivide, domain,
                  {Real(Op::kSum, domain, {value}), Real(Op::kToFloat64, domain, {count})});
    }
    case Function::kMin:
      return values_.Add(Op::kMin, type, domain, {value});
    case Function::kMax:
      return values_.Add(Op::kMax, type, domain, {value});
    case Function::kFirst:
      return values_.Add(Op::kFirst, type, domain, {value});
    case Function::kLast:
      return values_.Add(Op::kLast, type, domain, {value});
    case Function::kCountDistinct:
      return values_.Add(Op::kCountDistinct, ValueType::kInt64, domain, {value});
    case Function::kMedian:
      return Real(Op::kMedian, domain, {value});
    default:
      return LowerVariance(node.function, value, domain);
  }
}

// Squares around the mean, over n or n - 1. With one row n - 1 is zero, and so the result NULL.
ValueId Lowering::LowerVariance(Function function, ValueId value, const Domain& domain) {
  const ValueId sum = Real(Op::kSum, domain, {value});
  const ValueId count = values_.Add(Op::kCount, ValueType::kInt64, domain, {value});
  const ValueId squares = Real(Op::kSquaredDeviations, domain, {value, sum, count});
  const bool is_sample = function == Function::kVarSamp || function == Function::kStddevSamp;
  ValueId divisor = Real(Op::kToFloat64, domain, {count});
  if (is_sample) {
    divisor = Real(Op::kSubtract, domain, {divisor, values_.Real(1)});
  }
  const ValueId variance = Real(Op::kDivide, domain, {squares, divisor});
  const bool is_root = function == Function::kStddevSamp || function == Function::kStddevPop;
  return is_root ? Real(Op::kSqrt, domain, {variance}) : variance;
}

}  // namespace

absl::StatusOr<ValueId> LowerMetric(const expression::Node& root, uint32_t filter_set,
                                    uint32_t bucket_list, ValueTable* values) {
  Lowering lowering(values);
  const Domain buckets = {
      .kind = DomainKind::kBuckets, .filter_set = filter_set, .bucket_list = bucket_list};
  const ValueId value = lowering.Whole(lowering.Lower(root, buckets), buckets);
  RETURN_IF_ERROR(lowering.Verdict());
  return value;
}

absl::StatusOr<ValueId> LowerFilter(const expression::Node& root, ValueTable* values) {
  Lowering lowering(values);
  const Domain rows;
  const ValueId value = lowering.Whole(lowering.Lower(root, rows), rows);
  RETURN_IF_ERROR(lowering.Verdict());
  return value;
}

}  // namespace metricstore::compute::vector
