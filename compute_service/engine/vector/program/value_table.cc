#include "compute_service/engine/vector/program/value_table.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace metricstore::compute::vector {
namespace {

using columns::ColumnType;

ValueType StoredType(ColumnType type) {
  switch (type) {
    case ColumnType::kFloat64:
      return ValueType::kFloat64;
    case ColumnType::kInt64:
    case ColumnType::kTimestamp:
      return ValueType::kInt64;
    case ColumnType::kBool:
      return ValueType::kBool;
    case ColumnType::kText:
      return ValueType::kCode;
    case ColumnType::kDate:
      break;
  }
  return ValueType::kDate;
}

}  // namespace

ValueTable::ValueTable(const expression::Schema& schema, std::string time_column)
    : schema_(schema), time_column_(std::move(time_column)) {}

ValueId ValueTable::Add(const Value& value) {
  const auto [entry, is_new] = ids_.try_emplace(value, static_cast<ValueId>(values_.size()));
  if (is_new) values_.push_back(value);
  return entry->second;
}

ValueId ValueTable::Add(Op op, ValueType type, const Domain& domain,
                        std::vector<ValueId> arguments) {
  Value value{.op = op, .type = type, .domain = domain};
  std::copy(arguments.begin(), arguments.end(), value.arguments.begin());
  return Add(value);
}

ValueId ValueTable::Column(std::string_view name, uint32_t filter_set) {
  auto found = std::find_if(columns_.begin(), columns_.end(),
                            [name](const ProgramColumn& column) { return column.name == name; });
  if (found == columns_.end()) {
    const auto in_schema = std::find_if(
        schema_.begin(), schema_.end(),
        [name](const expression::SchemaColumn& column) { return column.name == name; });
    if (in_schema == schema_.end()) return kNoValue;
    columns_.push_back({.name = in_schema->name, .type = in_schema->type});
    found = columns_.end() - 1;
  }
  return Add({.op = Op::kColumn,
              .type = StoredType(found->type),
              .domain = {.kind = DomainKind::kRows, .filter_set = filter_set},
              .payload = static_cast<uint64_t>(found - columns_.begin())});
}

ValueId ValueTable::Real(double value) { return Add({.payload = std::bit_cast<uint64_t>(value)}); }

ValueId ValueTable::Bool(bool value) {
  return Add({.type = ValueType::kBool, .payload = value ? UINT64_C(1) : 0});
}

ValueId ValueTable::Text(std::string_view value) {
  auto found = std::find(texts_.begin(), texts_.end(), value);
  if (found == texts_.end()) found = texts_.emplace(texts_.end(), value);
  return Add({.type = ValueType::kCode, .payload = static_cast<uint64_t>(found - texts_.begin())});
}

ValueId ValueTable::Null(ValueType type) { return Add({.type = type, .is_null = true}); }

ValueId ValueTable::Test(ValueId codes, TextTest test) {
  auto found = std::find(tests_.begin(), tests_.end(), test);
  if (found == tests_.end()) found = tests_.insert(tests_.end(), std::move(test));
  return Add({.op = Op::kTextTest,
              .type = ValueType::kBool,
              .domain = values_[codes].domain,
              .arguments = {codes, kNoValue, kNoValue},
              .payload = static_cast<uint64_t>(found - tests_.begin())});
}

uint32_t ValueTable::Parameterize(Parameters parameters) {
  auto found = std::find(parameters_.begin(), parameters_.end(), parameters);
  if (found == parameters_.end()) {
    found = parameters_.insert(parameters_.end(), std::move(parameters));
  }
  return static_cast<uint32_t>(found - parameters_.begin());
}

}  // namespace metricstore::compute::vector
