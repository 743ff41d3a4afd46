// The lowering of one tree; its families of constructs are apart in *_lowering.cc.
#pragma once

#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "absl/container/flat_hash_map.h"
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

  // A call whose body is being lowered: columns of the body are its arguments, which stand in the
  // frame around it.
  struct Frame {
    const Node& call;
    const Frame* outer;
    uint32_t number;  // from 1
  };
  // A node has one value in a domain, however often bodies name it.
  using Place = std::tuple<const Node*, uint32_t, Domain>;  // with the number of its frame

  // lowering.cc
  ValueId LowerLiteral(const Node& node);
  // The stored values of a column, in bucket order where that is the domain; kNoValue without one.
  ValueId Stored(const std::string& name, const Domain& domain);
  ValueId LowerColumn(const std::string& name, columns::ColumnType type, const Domain& domain);
  ValueId LowerStandIn(const Node& node, const std::string& name, const Domain& domain);
  ValueId LowerCall(const Node& node, const Domain& domain);
  ValueId LowerForm(const Node& node, const Domain& domain);
  // The argument that a column of a body stands for.
  ValueId LowerArgument(const Node& column, const Domain& domain);
  ValueId LowerBody(const Node& node, const Domain& domain);
  // The node itself, or what it stands for in a body.
  const Node& Meant(const Node& node) const;
  ValueId Unsupported(const std::string& what, ValueType type);
  ValueId Condition(Op op, const Domain& domain, std::vector<ValueId> arguments) {
    return values_.Add(op, ValueType::kBool, domain, std::move(arguments));
  }
  ValueId Real(Op op, const Domain& domain, std::vector<ValueId> arguments) {
    return values_.Add(op, ValueType::kFloat64, domain, std::move(arguments));
  }

  // condition_lowering.cc
  ValueId Compare(expression::Function function, const Node& left, const Node& right,
                  const Domain& domain);
  ValueId CompareCodes(expression::Function function, ValueId left, ValueId right,
                       const Domain& domain);
  ValueId CompareTextColumn(expression::Function function, const Node& column, const Node& literal,
                            const Domain& domain);
  // Where only presence counts, and which texts are the same: a text column as it is stored.
  ValueId LowerPresence(const Node& node, const Domain& domain);
  ValueId LowerChoice(const Node& node, const Domain& domain);
  ValueId LowerIn(const Node& node, const Domain& domain);
  ValueId LowerTextTest(const Node& node, const Domain& domain);
  ValueId LowerCase(const Node& node, const Domain& domain);

  // call_lowering.cc
  ValueId LowerOperation(const Node& node, const Domain& domain);
  ValueId LowerTextExtreme(const Node& node, const Domain& domain);
  ValueId LowerCast(const Node& node, const Domain& domain);
  ValueId LowerRowCall(const Node& node, const Domain& domain);
  ValueId CastTo(columns::ColumnType from, columns::ColumnType to, ValueId value,
                 const Domain& domain);

  // ordered_lowering.cc
  ValueId LowerNeighbour(const Node& node, const Domain& domain);
  ValueId LowerRunning(const Node& node, const Domain& domain);
  ValueId NotInAggregate(const Node& node);

  // bucket_lowering.cc
  ValueId LowerAggregateCall(const Node& node, const Domain& buckets);

  ValueTable& values_;
  const StandIn stand_in_;
  const Frame* frame_ = nullptr;  // nullptr in the tree itself
  uint32_t frames_ = 0;
  absl::flat_hash_map<Place, ValueId> lowered_;  // calls
  std::string missing_column_;
  std::string unsupported_;
};

}  // namespace metricstore::compute::vector
