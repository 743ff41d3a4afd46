// From aggregates of the language to values: which operations each of them is made of.
#pragma once

#include <vector>

#include "common/columns/column_batch.h"
#include "common/expression/catalog/function_catalog.h"
#include "compute_service/engine/vector/program/program.h"
#include "compute_service/engine/vector/program/value_table.h"

namespace metricstore::compute::vector {

// One aggregate and what it reads.
struct AggregateTerm {
  expression::Function function = expression::Function::kCountRows;
  bool distinct = false;
  // Whole row vectors of the arguments that are no literals by the function's definition, in their
  // order; behind them the time, where the function reads it. Texts are codes of the pool; those of
  // counts may be a column's own.
  std::vector<ValueId> rows;
  // The language's types of the first argument and of the result (of a vector: of its elements).
  columns::ColumnType argument_type = columns::ColumnType::kFloat64;
  columns::ColumnType result_type = columns::ColumnType::kFloat64;
  Parameters parameters;  // the literals, see ParametersOf
};

// Adds what computes `term` in each bucket and gives its value, in the domain `buckets`. FILTER is
// part of the arguments: NULL where it does not hold. What is made of other functions is lowered by
// the caller, unless it is DISTINCT.
ValueId LowerAggregate(const AggregateTerm& term, const Domain& buckets, ValueTable* values);

// How the results of an aggregate lie in memory; `argument` is how its first argument does. Vectors
// are texts.
ValueType ResultTypeOf(expression::Function function, ValueType argument);

}  // namespace metricstore::compute::vector
