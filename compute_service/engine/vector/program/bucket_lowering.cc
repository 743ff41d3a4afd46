// Aggregates: from rows to one value a bucket.
#include <utility>

#include "compute_service/engine/vector/program/aggregate_lowering.h"
#include "compute_service/engine/vector/program/parameters.h"
#include "compute_service/engine/vector/program/tree_lowering.h"

namespace metricstore::compute::vector {

using columns::ColumnType;
using expression::FunctionSpec;
using expression::Node;

ValueId TreeLowering::LowerAggregateCall(const Node& node, const Domain& buckets) {
  if (buckets.kind != DomainKind::kBuckets) {
    return Unsupported("an aggregate of a row", ComputedType(node.type));
  }
  const Domain rows = {.kind = DomainKind::kSliced,
                       .filter_set = buckets.filter_set,
                       .bucket_list = buckets.bucket_list};
  const FunctionSpec& spec = expression::SpecOf(node.function);
  AggregateTerm term{.function = node.function, .distinct = node.distinct};
  for (size_t i = 0; i < node.arguments.size(); ++i) {
    if (IsParameter(node.function, i)) continue;
    const Node& argument = *node.arguments[i];
    if (term.rows.empty()) term.argument_type = argument.type;
    // Counts only ask where there is a value, and which values are the same.
    const bool is_count = spec.empty == expression::EmptyBehaviour::kZero;
    term.rows.push_back(
        Whole(is_count ? LowerPresence(argument, rows) : Lower(argument, rows), rows));
  }
  if (spec.reads_time) {
    if (values_.time_column().empty())
      return Unsupported("rows without a time", ValueType::kFloat64);
    const ValueId time = Stored(values_.time_column(), rows);
    if (time == kNoValue) return values_.Null(ValueType::kFloat64);
    term.rows.push_back(time);
  }
  term.result_type = node.type;
  term.parameters = ParametersOf(node);
  const ValueId value = LowerAggregate(term, buckets, &values_);
  const bool widens = !node.is_vector && node.type == ColumnType::kFloat64 &&
                      values_[value].type == ValueType::kInt64;
  return widens ? Real(Op::kToFloat64, buckets, {value}) : value;
}

}  // namespace metricstore::compute::vector
