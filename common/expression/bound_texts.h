// Expressions bound to schemas, each text once.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <tuple>

#include "absl/status/statusor.h"
#include "common/expression/expression.h"

namespace metricstore::expression {

// Metrics often differ in their windows alone: what they compute is then parsed and compiled once.
// Not thread-safe.
class BoundTexts {
 public:
  // As BoundExpression::ParseMetric and ParseFilter. `schema` must outlive this, unchanged.
  absl::StatusOr<std::shared_ptr<const BoundExpression>> Metric(const std::string& text,
                                                                const Schema& schema);
  absl::StatusOr<std::shared_ptr<const BoundExpression>> Filter(const std::string& text,
                                                                const Schema& schema);

 private:
  enum class Kind { kMetric, kFilter };
  std::map<std::tuple<Kind, const Schema*, std::string>, std::shared_ptr<const BoundExpression>>
      bound_;
};

}  // namespace metricstore::expression
