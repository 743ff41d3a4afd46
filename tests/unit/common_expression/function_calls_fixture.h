// Calls of every function and operator of the catalogue.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "common/expression/catalog/function_catalog.h"
#include "common/expression/duckdb_text.h"
#include "common/expression/expression.h"

namespace metricstore::expression {

// Columns of every type that functions take.
const Schema& Rows();

// That many arguments that fit their places; one beyond the last fits the last.
std::vector<std::string> FittingArguments(const FunctionSpec& spec, int count);

// A call of a named function as a metric, and where the call begins in it.
struct Call {
  std::string before;
  std::string text;
  std::string after;
  std::string metric() const { return before + text + after; }
};

Call CallOf(const FunctionSpec& spec, const std::vector<std::string>& arguments);

// One metric for each operator and construct, by its name.
const std::map<std::string, std::string>& OperatorMetrics();

// Where DuckDB finds the rows in these tests.
inline const DuckDbRows kRows = {.relation = "rows", .order = "row_id", .time = "ts"};

// Fails the test unless the metric has DuckDB's text, without signs of templates in it.
void ExpectDuckDbText(const std::string& text);

}  // namespace metricstore::expression
