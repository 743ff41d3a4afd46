#include "common/expression/bound_texts.h"

#include "common/status/macros.h"

namespace metricstore::expression {

absl::StatusOr<std::shared_ptr<const BoundExpression>> BoundTexts::Metric(const std::string& text,
                                                                          const Schema& schema) {
  auto& known = bound_[{Kind::kMetric, &schema, text}];
  if (known != nullptr) return known;
  ASSIGN_OR_RETURN(auto bound, BoundExpression::ParseMetric(text, schema));
  // A reference is told from others by its place in the tree of its metric.
  if (bound->metric_references().empty()) known = bound;
  return bound;
}

absl::StatusOr<std::shared_ptr<const BoundExpression>> BoundTexts::Filter(const std::string& text,
                                                                          const Schema& schema) {
  auto& known = bound_[{Kind::kFilter, &schema, text}];
  if (known == nullptr) {
    ASSIGN_OR_RETURN(known, BoundExpression::ParseFilter(text, schema));
  }
  return known;
}

}  // namespace metricstore::expression
