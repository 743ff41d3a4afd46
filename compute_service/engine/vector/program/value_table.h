// Hands out one id for each distinct value: the common subexpression elimination.
#pragma once

#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "common/expression/expression.h"
#include "compute_service/engine/vector/program.h"

namespace metricstore::compute::vector {

// Not thread-safe.
class ValueTable {
 public:
  explicit ValueTable(const expression::Schema& schema) : schema_(schema) {}

  // The id of a value equal to `value`.
  ValueId Add(const Value& value);
  ValueId Add(Op op, ValueType type, const Domain& domain, std::vector<ValueId> arguments);
  ValueId Column(std::string_view name, uint32_t filter_set);
  ValueId Real(double value);
  ValueId Null(ValueType type);
  // A condition on the text column `column`.
  ValueId Test(ValueId column, TextTest test);

  const Value& operator[](ValueId id) const { return values_[id]; }
  size_t size() const { return values_.size(); }
  // Those that kColumn values name by payload.
  const std::vector<ProgramColumn>& columns() const { return columns_; }

  std::vector<Value> TakeValues() { return std::move(values_); }
  std::vector<ProgramColumn> TakeColumns() { return std::move(columns_); }
  std::vector<TextTest> TakeTests() { return std::move(tests_); }

 private:
  const expression::Schema& schema_;
  std::vector<Value> values_;
  absl::flat_hash_map<Value, ValueId> ids_;
  std::vector<ProgramColumn> columns_;
  std::vector<TextTest> tests_;
};

}  // namespace metricstore::compute::vector
