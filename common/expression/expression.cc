#include "common/expression/expression.h"

#include <set>
#include <utility>

#include "common/expression/binder.h"
#include "common/expression/canonical_text.h"
#include "common/expression/node.h"
#include "common/expression/syntax.h"
#include "common/status/macros.h"

namespace metricstore::expression {
namespace {

void CollectColumns(const Node& node, std::set<std::string>* names) {
  if (node.kind == NodeKind::kColumn) names->insert(node.column);
  for (const NodePtr& argument : node.arguments) CollectColumns(*argument, names);
}

void CollectMetrics(const Node& node, std::set<MetricReference>* metrics) {
  if (node.kind == NodeKind::kCall && node.function == Function::kMetric) {
    metrics->insert({.id = std::get<std::string>(node.arguments[0]->literal),
                     .offset = std::get<std::string>(node.arguments[1]->literal)});
    return;
  }
  for (const NodePtr& argument : node.arguments) CollectMetrics(*argument, metrics);
}

OutputType OutputOf(const Node& root) {
  if (root.is_vector) return OutputType::kVector;
  switch (root.type) {
    case columns::ColumnType::kInt64:
      return OutputType::kInteger;
    case columns::ColumnType::kBool:
      return OutputType::kBoolean;
    case columns::ColumnType::kText:
      return OutputType::kText;
    default:
      return OutputType::kNumber;
  }
}

absl::StatusOr<NodePtr> Parse(std::string_view text, Purpose purpose, const Schema& schema) {
  ASSIGN_OR_RETURN(const SyntaxNode syntax, ParseSyntax(text));
  return Bind(text, syntax, purpose, schema);
}

}  // namespace

BoundExpression::BoundExpression(std::shared_ptr<const Node> root)
    : root_(std::move(root)), output_(OutputOf(*root_)), canonical_text_(CanonicalText(*root_)) {
  std::set<std::string> names;
  CollectColumns(*root_, &names);
  columns_.assign(names.begin(), names.end());
  std::set<MetricReference> metrics;
  CollectMetrics(*root_, &metrics);
  metric_references_.assign(metrics.begin(), metrics.end());
}

absl::StatusOr<std::shared_ptr<const BoundExpression>> BoundExpression::ParseMetric(
    std::string_view text, const Schema& schema) {
  ASSIGN_OR_RETURN(NodePtr root, Parse(text, Purpose::kMetric, schema));
  return FromNode(std::move(root));
}

absl::StatusOr<std::shared_ptr<const BoundExpression>> BoundExpression::ParseFilter(
    std::string_view text, const Schema& schema) {
  ASSIGN_OR_RETURN(NodePtr root, Parse(text, Purpose::kFilter, schema));
  return FromNode(std::move(root));
}

std::shared_ptr<const BoundExpression> BoundExpression::FromNode(NodePtr root) {
  return std::shared_ptr<const BoundExpression>(new BoundExpression(std::move(root)));
}

}  // namespace metricstore::expression
