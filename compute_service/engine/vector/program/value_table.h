// Hands out one id for each distinct value: the common subexpression elimination.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "common/expression/expression.h"
#include "compute_service/engine/vector/program/program.h"

namespace metricstore::compute::vector {

// Not thread-safe.
class ValueTable {
 public:
  // `time_column` is the rows' order, for functions that weigh with time; "" if there is none.
  explicit ValueTable(const expression::Schema& schema, std::string time_column = "");

  // The id of a value equal to `value`.
  ValueId Add(const Value& value);
  ValueId Add(Op op, ValueType type, const Domain& domain, std::vector<ValueId> arguments);
  ValueId Column(std::string_view name, uint32_t filter_set);
  ValueId Real(double value);
  ValueId Bool(bool value);
  ValueId Text(std::string_view value);
  ValueId Null(ValueType type);
  // A condition on the texts `codes`, of a column or of the pool.
  ValueId Test(ValueId codes, TextTest test);
  // Their index in the program.
  uint32_t Parameterize(Parameters parameters);

  const Value& operator[](ValueId id) const { return values_[id]; }
  size_t size() const { return values_.size(); }
  // Those that kColumn values name by payload.
  const std::vector<ProgramColumn>& columns() const { return columns_; }
  const std::string& time_column() const { return time_column_; }

  std::vector<Value> TakeValues() { return std::move(values_); }
  std::vector<ProgramColumn> TakeColumns() { return std::move(columns_); }
  std::vector<TextTest> TakeTests() { return std::move(tests_); }
  std::vector<Parameters> TakeParameters() { return std::move(parameters_); }
  std::vector<std::string> TakeTexts() { return std::move(texts_); }

 private:
  const expression::Schema& schema_;
  const std::string time_column_;
  std::vector<Value> values_;
  absl::flat_hash_map<Value, ValueId> ids_;
  std::vector<ProgramColumn> columns_;
  std::vector<TextTest> tests_;
  std::vector<Parameters> parameters_ = {{}};
  std::vector<std::string> texts_ = {""};
};

}  // namespace metricstore::compute::vector
