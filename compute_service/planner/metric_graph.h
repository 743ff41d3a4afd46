// The metrics of an evaluation and all that they read, bound to their datasets.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/expression/expression.h"
#include "compute_service/definition/definitions.h"
#include "compute_service/planner/definition_source.h"

namespace metricstore::compute {

using BoundPtr = std::shared_ptr<const expression::BoundExpression>;

// One metric version of a graph.
struct GraphMetric {
  // A call of metric(...) in the expression.
  struct Reference {
    const expression::Node* call = nullptr;
    std::string offset;  // canonical; "" for none
    size_t metric = 0;   // index in the graph, less than that of the reader
  };

  DefinitionPtr definition;
  DatasetPtr dataset;  // nullptr: it reads other metrics alone
  BoundPtr expression;
  std::vector<BoundPtr> filters;
  std::vector<Reference> references;  // as the expression names them, from left to right
  // Whose rows say which entities and which calendar: the metric's own dataset, else that of the
  // first metric it reads.
  DatasetPtr home;
};

// How an error about one metric is told: with the metric's name, or the field of a request.
using Blame = std::function<absl::Status(const absl::Status&, const MetricDefinition&)>;

// "metric a/x version 3: ..."
absl::Status BlameVersion(const absl::Status& error, const MetricDefinition& metric);

// Immutable.
class MetricGraph {
 public:
  // How many metrics may be read through one another.
  static constexpr int kMostDepth = 32;

  // `roots` and, level by level, what they read: what `source` has for version 0. INVALID_ARGUMENT,
  // told by `blame`: EXPRESSION_INVALID (violation of field expression or filters[i]),
  // NOT_SUPPORTED (a whole SELECT; more than kMostDepth levels; texts, vectors or conditions that
  // are read; datasets that cannot be lined up), DEPENDENCY_CYCLE (metadata cycle), FIELD_REQUIRED
  // and FIELD_INVALID (dataset). Errors of `source`, also told by `blame` for what a metric names.
  // Those about what metric(...) names have its place in the expression (metadata position).
  static absl::StatusOr<MetricGraph> Load(DefinitionSource& source,
                                          std::span<const DefinitionPtr> roots, const Blame& blame);

  // What is read comes before its readers.
  const std::vector<GraphMetric>& metrics() const { return metrics_; }
  const GraphMetric& operator[](size_t i) const { return metrics_[i]; }
  // Index of the i-th root.
  size_t root(size_t i) const { return roots_[i]; }

 private:
  friend class GraphLoader;
  std::vector<GraphMetric> metrics_;
  std::vector<size_t> roots_;
};

}  // namespace metricstore::compute
