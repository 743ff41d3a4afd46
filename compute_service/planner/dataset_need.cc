#include "compute_service/planner/dataset_need.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/expression/node.h"
#include "common/expression/syntax.h"
#include "common/status/error.h"
#include "common/status/macros.h"

namespace metricstore::compute {
namespace {

using expression::BoundExpression;
using expression::Node;
using expression::SyntaxNode;

bool HasColumn(const SyntaxNode& syntax) {
  return syntax.kind == expression::SyntaxKind::kColumn ||
         std::any_of(syntax.arguments.begin(), syntax.arguments.end(), HasColumn);
}

bool HasAggregate(const Node& node) {
  const bool is_one =
      node.kind == expression::NodeKind::kCall &&
      expression::SpecOf(node.function).kind == expression::FunctionKind::kAggregate;
  return is_one || std::any_of(node.arguments.begin(), node.arguments.end(),
                               [](const auto& argument) { return HasAggregate(*argument); });
}

// The binder's refusal comes along: a column may be a text without its quotes.
absl::Status DatasetRequired(const absl::Status& refusal) {
  std::string message = "dataset is required: the dataset that the expression reads";
  if (!refusal.ok()) {
    absl::StrAppend(&message, " (without one, ", std::string(refusal.message()), ")");
  }
  return status::ErrorBuilder(absl::StatusCode::kInvalidArgument, "FIELD_REQUIRED", message)
      .Metadata("field", "dataset")
      .Field("dataset", message)
      .Build();
}

}  // namespace

absl::StatusOr<std::shared_ptr<const BoundExpression>> BindWithoutDataset(const std::string& text) {
  ASSIGN_OR_RETURN(const SyntaxNode syntax, expression::ParseSyntax(text));
  auto bound = BoundExpression::ParseMetric(text, expression::Schema());
  if (HasColumn(syntax)) return DatasetRequired(bound.status());
  if (!bound.ok()) return bound;
  const BoundExpression& expression = **bound;
  if (expression.metric_references().empty() || HasAggregate(expression.root())) {
    return DatasetRequired(absl::OkStatus());
  }
  return bound;
}

}  // namespace metricstore::compute
