#include "compute_service/engine/vector/program/lowering.h"

#include <bit>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/expression/catalog/function_catalog.h"
#include "common/expression/function_body.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "compute_service/engine/vector/program/tree_lowering.h"

namespace metricstore::compute::vector {

using columns::ColumnType;
using expression::Node;
using expression::NodeKind;
using expression::VectorForm;

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
  if (node.kind == NodeKind::kColumn) {
    return frame_ != nullptr ? LowerArgument(node, domain)
                             : LowerColumn(node.column, node.type, domain);
  }
  const Place place = {&node, frame_ == nullptr ? 0 : frame_->number, domain};
  const auto known = lowered_.find(place);
  if (known != lowered_.end()) return known->second;
  const ValueId value = LowerCall(node, domain);
  lowered_[place] = value;
  return value;
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
  return Unsupported(absl::StrCat("\"", name, "\" is of another type than the expression wants"),
                     wanted);
}

ValueId TreeLowering::LowerCall(const Node& node, const Domain& domain) {
  const std::string column = stand_in_(node);
  return column.empty() ? LowerForm(node, domain) : LowerStandIn(node, column, domain);
}

ValueId TreeLowering::LowerForm(const Node& node, const Domain& domain) {
  switch (expression::SpecOf(node.function).vector) {
    case VectorForm::kOperation:
      return LowerOperation(node, domain);
    case VectorForm::kComparison:
      return Compare(node.function, *node.arguments[0], *node.arguments[1], domain);
    case VectorForm::kChoice:
      return LowerChoice(node, domain);
    case VectorForm::kCast:
      return LowerCast(node, domain);
    case VectorForm::kFunction:
    case VectorForm::kText:
      return LowerRowCall(node, domain);
    case VectorForm::kTextTest:
      return LowerTextTest(node, domain);
    case VectorForm::kNeighbour:
      return LowerNeighbour(node, domain);
    case VectorForm::kRunning:
      return LowerRunning(node, domain);
    case VectorForm::kFold:
    case VectorForm::kRanked:
    case VectorForm::kWalk:
      return LowerAggregateCall(node, domain);
    case VectorForm::kMadeOf:
      return node.distinct ? LowerAggregateCall(node, domain) : LowerBody(node, domain);
    case VectorForm::kReference:
      break;
  }
  return Unsupported("metrics that read other metrics are not computed here",
                     ComputedType(node.type));
}

ValueId TreeLowering::LowerBody(const Node& node, const Domain& domain) {
  const absl::StatusOr<const Node*> body = expression::BodyOf(node);
  if (!body.ok()) return Unsupported(std::string(body.status().message()), ComputedType(node.type));
  const Frame frame = {.call = node, .outer = frame_, .number = ++frames_};
  frame_ = &frame;
  const ValueId value = Lower(**body, domain);
  frame_ = frame.outer;
  return value;
}

ValueId TreeLowering::LowerArgument(const Node& column, const Domain& domain) {
  const Frame* const frame = frame_;
  frame_ = frame->outer;
  const ValueId value = Lower(*frame->call.arguments[expression::ArgumentIn(column)], domain);
  frame_ = frame;
  return value;
}

const Node& TreeLowering::Meant(const Node& node) const {
  const Node* meant = &node;
  for (const Frame* frame = frame_; frame != nullptr && meant->kind == NodeKind::kColumn;
       frame = frame->outer) {
    meant = frame->call.arguments[expression::ArgumentIn(*meant)].get();
  }
  return *meant;
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
