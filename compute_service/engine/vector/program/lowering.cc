#include "compute_service/engine/vector/program/lowering.h"

#include <bit>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "compute_service/engine/vector/program/direct_op.h"
#include "compute_service/engine/vector/program/tree_lowering.h"

namespace metricstore::compute::vector {

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
    case ColumnType::kText:
      return ValueType::kCode;
    default:
      return ValueType::kInt64;
  }
}

ValueId TreeLowering::Whole(ValueId value, const Domain& domain) {
  if (values_[value].op != Op::kConstant) return value;
  return values_.Add(Op::kBroadcast, values_[value].type, domain, {value});
}

ValueId TreeLowering::Lower(const Node& node, const Domain& domain) {
  if (node.kind == NodeKind::kLiteral) return LowerLiteral(node);
  if (node.kind == NodeKind::kColumn) return LowerColumn(node.column, node.type, domain);
  const std::string column = stand_in_(node);
  return column.empty() ? LowerCall(node, domain) : LowerStandIn(node, column, domain);
}

ValueId TreeLowering::Unsupported(const std::string& what, ValueType type) {
  if (unsupported_.empty()) unsupported_ = what;
  return values_.Null(type);
}

absl::Status TreeLowering::Verdict() const {
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

ValueId TreeLowering::LowerLiteral(const Node& node) {
  if (const auto* text = std::get_if<std::string>(&node.literal)) return values_.Text(*text);
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

ValueId TreeLowering::Stored(const std::string& name, const Domain& domain) {
  const ValueId column = values_.Column(name, domain.filter_set);
  if (column == kNoValue) missing_column_ = name;
  if (column == kNoValue || domain.kind == DomainKind::kRows) return column;
  return values_.Add(Op::kSlice, values_[column].type, domain, {column});
}

ValueId TreeLowering::LowerColumn(const std::string& name, ColumnType type, const Domain& domain) {
  const ValueId column = Stored(name, domain);
  if (column == kNoValue) return values_.Null(ComputedType(type));
  switch (values_[column].type) {
    case ValueType::kDate:
      return values_.Add(Op::kWidenDate, ValueType::kInt64, domain, {column});
    case ValueType::kCode: {
      Value pooled{.op = Op::kPoolText, .type = ValueType::kCode, .domain = domain};
      pooled.arguments[0] = column;
      const bool is_slice = values_[column].op == Op::kSlice;
      pooled.payload = values_[is_slice ? values_[column].arguments[0] : column].payload;
      return values_.Add(pooled);
    }
    default:
      return column;
  }
}

ValueId TreeLowering::LowerStandIn(const Node& node, const std::string& name,
                                   const Domain& domain) {
  const ValueId column = LowerColumn(name, node.type, domain);
  const ValueType wanted = ComputedType(node.type);
  const ValueType found = values_[column].type;
  if (found == wanted) return column;
  if (found == ValueType::kInt64 && wanted == ValueType::kFloat64) {
    return Real(Op::kToFloat64, domain, {column});
  }
  if (found == ValueType::kFloat64 && wanted == ValueType::kInt64) {
    return CastTo(ColumnType::kFloat64, ColumnType::kInt64, column, domain);
  }
  return Unsupported(absl::StrCat("\"", name, "\" is of another type than the expression wants"),
                     wanted);
}

ValueId TreeLowering::LowerCall(const Node& node, const Domain& domain) {
  switch (node.function) {
    case Function::kEqual:
    case Function::kNotEqual:
    case Function::kLess:
    case Function::kLessEqual:
    case Function::kGreater:
    case Function::kGreaterEqual:
      return LowerComparison(node, domain);
    case Function::kIsDistinct:
    case Function::kIsNotDistinct:
      return LowerDistinction(node, domain);
    case Function::kBetween:
      return LowerBetween(node, domain);
    case Function::kIn:
      return LowerIn(node, domain);
    case Function::kLike:
    case Function::kIlike:
      return LowerLike(node, domain);
    case Function::kCase:
    case Function::kCaseOf:
      return LowerCase(node, domain);
    case Function::kIsNull:
      return LowerIsNull(*node.arguments[0], domain);
    case Function::kIsNotNull:
      return Condition(Op::kNot, domain, {LowerIsNull(*node.arguments[0], domain)});
    case Function::kCast:
      return LowerCast(node, domain);
    case Function::kDatePart:
    case Function::kDateTrunc:
    case Function::kDateDiff:
      return LowerTimeCall(node, domain);
    case Function::kMetric:
      return Unsupported("metrics that read other metrics are not computed here",
                         ComputedType(node.type));
    default:
      break;
  }
  if (IsOrderedCall(node.function)) return LowerOrdered(node, domain);
  if (IsAggregateCall(node.function)) return LowerBucketCall(node, domain);
  return IsRowCall(node) ? LowerRowCall(node, domain) : LowerFold(node, domain);
}

namespace {

std::string NoStandIn(const Node&) { return ""; }

absl::StatusOr<ValueId> LowerTree(const Node& root, const Domain& domain, StandIn stand_in,
                                  ValueTable* values) {
  TreeLowering lowering(values, stand_in);
  const ValueId value = lowering.Whole(lowering.Lower(root, domain), domain);
  RETURN_IF_ERROR(lowering.Verdict());
  return value;
}

}  // namespace

absl::StatusOr<ValueId> LowerMetric(const Node& root, uint32_t filter_set, uint32_t bucket_list,
                                    ValueTable* values) {
  const Domain buckets = {
      .kind = DomainKind::kBuckets, .filter_set = filter_set, .bucket_list = bucket_list};
  return LowerTree(root, buckets, NoStandIn, values);
}

absl::StatusOr<ValueId> LowerFilter(const Node& root, ValueTable* values) {
  return LowerTree(root, Domain(), NoStandIn, values);
}

absl::StatusOr<ValueId> LowerRows(const Node& root, StandIn stand_in, ValueTable* values) {
  return LowerTree(root, Domain(), stand_in, values);
}

}  // namespace metricstore::compute::vector
