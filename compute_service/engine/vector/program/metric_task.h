// One metric to evaluate.
#pragma once

#include <memory>
#include <vector>

#include "common/calendar/buckets.h"
#include "common/expression/expression.h"

namespace metricstore::compute::vector {

// An expression over the rows that pass all filters, for each bucket.
struct MetricTask {
  std::shared_ptr<const expression::BoundExpression> expression;
  std::vector<std::shared_ptr<const expression::BoundExpression>> filters;
  // In time order; often shared between tasks. They may overlap: each shown row is read and
  // computed once, then aggregated in every bucket that shows it.
  std::shared_ptr<const calendar::WindowBuckets> buckets;
};

}  // namespace metricstore::compute::vector
