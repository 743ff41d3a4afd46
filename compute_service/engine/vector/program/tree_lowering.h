// The lowering of one tree; its families of constructs are apart in *_lowering.cc.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/expression/node.h"
#include "compute_service/engine/vector/program/lowering.h"
#include "compute_service/engine/vector/program/program.h"
#include "compute_service/engine/vector/program/value_table.h"

namespace metricstore::compute::vector {

// How values of a type of the language are computed.
ValueType ComputedType(columns::ColumnType type);

// Lives for one tree. What cannot be run is remembered, and stands as NULL meanwhile.
class TreeLowering {
 public:
  TreeLowering(ValueTable* values, StandIn stand_in) : values_(*values), stand_in_(stand_in) {}

  // The value of a node in a domain; texts are codes of the pool.
  ValueId Lower(const expression::Node& node, const Domain& domain);
  // A whole vector of the value, which may be a constant.
  ValueId Whole(ValueId value, const Domain& domain);
  // OK, or the first thing that stands in the way.
  absl::Status Verdict() const;

 private:
  using Node = expression::Node;

  // lowering.cc
  ValueId LowerLiteral(const Node& node);
  // The stored values of a column, in bucket order where that is the domain; kNoValue without one.
  ValueId Stored(const std::string& name, const Domain& domain);
  ValueId LowerColumn(const std::string& name, columns::ColumnType type, const Domain& domain);
  ValueId LowerStandIn(const Node& node, const std::string& name, const Domain& domain);
  ValueId LowerCall(const Node& node, const Domain& domain);
  ValueId Unsupported(const std::string& what, ValueType type);
  ValueId Condition(Op op, const Domain& domain, std::vector<ValueId> arguments) {
    return values_.Add(op, ValueType::kBool, domain, std::move(arguments));
  }
  ValueId Real(Op op, const Domain& domain, std::vector<ValueId> arguments) {
    return values_.Add(op, ValueType::kFloat64, domain, std::move(arguments));
  }

  // condition_lowering.cc
  // Compares `left`, lowered before by LowerLeft, with `right`.
  ValueId Compare(expression::Function function, const Node& left, ValueId lowered_left,
                  const Node& right, const Domain& domain);
  // What is compared several times is lowered once; a text column that is only compared with
  // literals has no value of its own.
  ValueId LowerLeft(const Node& node, const Domain& domain);
  ValueId CompareCodes(expression::Function function, ValueId left, ValueId right,
                       const Domain& domain);
  ValueId CompareTextColumn(expression::Function function, const Node& column, const Node& literal,
                            const Domain& domain);
  ValueId LowerComparison(const Node& node, const Domain& domain);
  // Where only presence counts, and which texts are the same: a text column as it is stored.
  ValueId LowerPresence(const Node& node, const Domain& domain);
  ValueId LowerIsNull(const Node& argument, const Domain& domain);
  ValueId LowerBetween(const Node& node, const Domain& domain);
  ValueId LowerDistinction(const Node& node, const Domain& domain);
  ValueId LowerIn(const Node& node, const Domain& domain);
  ValueId LowerLike(const Node& node, const Domain& domain);
  ValueId LowerCase(const Node& node, const Domain& domain);

  // call_lowering.cc
  ValueId LowerFold(const Node& node, const Domain& domain);
  ValueId LowerTextExtreme(const Node& node, const Domain& domain);
  ValueId LowerCast(const Node& node, const Domain& domain);
  ValueId LowerTimeCall(const Node& node, const Domain& domain);
  ValueId LowerRowCall(const Node& node, const Domain& domain);
  ValueId CastTo(columns::ColumnType from, columns::ColumnType to, ValueId value,
                 const Domain& domain);

  // ordered_lowering.cc
  ValueId LowerOrdered(const Node& node, const Domain& domain);
  ValueId LookAround(Op op, ValueId value, uint64_t rows, const Domain& domain);
  ValueId LowerRunning(const Node& node, const Domain& domain);
  ValueId LogReturn(ValueId value, const Domain& domain);

  // bucket_lowering.cc
  ValueId LowerBucketCall(const Node& node, const Domain& domain);
  // An argument as a whole vector; as reals.
  ValueId WholeRows(const Node& argument, const Domain& rows);
  ValueId RealRows(const Node& argument, const Domain& rows);
  ValueId LowerAggregateCall(const Node& node, const Domain& rows, const Domain& buckets);
  ValueId AggregateReals(expression::Function function, ValueId rows, const Domain& buckets);
  ValueId LowerVwap(const Node& node, const Domain& rows, const Domain& buckets);
  ValueId LowerZscore(const Node& node, const Domain& rows, const Domain& buckets);

  ValueTable& values_;
  const StandIn stand_in_;
  std::string missing_column_;
  std::string unsupported_;
};

}  // namespace metricstore::compute::vector
