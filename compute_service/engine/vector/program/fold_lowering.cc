#include "compute_service/engine/vector/program/fold_lowering.h"

#include "absl/strings/str_cat.h"
#include "common/status/error.h"

namespace metricstore::compute::vector {
namespace {

// NULL rows are left out of the mean.
ValueId Average(ValueId value, const Domain& buckets, ValueTable* values) {
  const ValueId sum = values->Add(Op::kSum, ValueType::kFloat64, buckets, {value});
  const ValueId count = values->Add(Op::kCount, ValueType::kInt64, buckets, {value});
  const ValueId divisor = values->Add(Op::kToFloat64, ValueType::kFloat64, buckets, {count});
  return values->Add(Op::kDivide, ValueType::kFloat64, buckets, {sum, divisor});
}

ValueId Sum(ValueId value, const Domain& buckets, ValueTable* values) {
  const ValueType type = (*values)[value].type;
  return values->Add(type == ValueType::kFloat64 ? Op::kSum : Op::kSumExact, type, buckets,
                     {value});
}

ValueId Extreme(Op op, ValueId value, const Domain& rows, const Domain& buckets,
                ValueTable* values) {
  if ((*values)[value].type == ValueType::kDate) {
    value = values->Add(Op::kWidenDate, ValueType::kInt64, rows, {value});
  }
  return values->Add(op, (*values)[value].type, buckets, {value});
}

absl::Status Refused(std::string_view reason, std::string_view problem, const ColumnFold& fold) {
  return status::ErrorBuilder(absl::StatusCode::kInvalidArgument, reason,
                              absl::StrCat(std::string(problem), " \"", fold.column, "\""))
      .Metadata("field", "timeframe")
      .Build();
}

}  // namespace

absl::StatusOr<ValueId> LowerColumnFold(const ColumnFold& fold, uint32_t filter_set,
                                        uint32_t bucket_list, ValueTable* values) {
  const Domain rows = {
      .kind = DomainKind::kSliced, .filter_set = filter_set, .bucket_list = bucket_list};
  const Domain buckets = {
      .kind = DomainKind::kBuckets, .filter_set = filter_set, .bucket_list = bucket_list};
  const ValueId column = values->Column(fold.column, filter_set);
  if (column == kNoValue) return Refused("EXPRESSION_INVALID", "the dataset has no column", fold);
  if (!FoldedType(fold.fold, values->columns()[(*values)[column].payload].type).has_value()) {
    return Refused("NOT_SUPPORTED", "its type does not allow the rollup of column", fold);
  }
  const ValueType type = (*values)[column].type;
  const ValueId value = values->Add(Op::kSlice, type, rows, {column});
  switch (fold.fold) {
    case Fold::kFirst:
      return values->Add(Op::kFirst, type, buckets, {value});
    case Fold::kLast:
      return values->Add(Op::kLast, type, buckets, {value});
    case Fold::kMin:
      return Extreme(Op::kMin, value, rows, buckets, values);
    case Fold::kMax:
      return Extreme(Op::kMax, value, rows, buckets, values);
    case Fold::kSum:
      return Sum(value, buckets, values);
    case Fold::kAvg:
      break;
  }
  return Average(value, buckets, values);
}

}  // namespace metricstore::compute::vector
