#include "registry_service/catalog/sources/metric_calls.h"

#include "absl/strings/match.h"
#include "common/expression/metric_literals.h"
#include "common/expression/syntax.h"

namespace metricstore::registry {
namespace {

using expression::SyntaxKind;
using expression::SyntaxNode;

void Collect(const SyntaxNode& node, std::vector<MetricCall>& calls) {
  if (node.kind == SyntaxKind::kFunction && absl::EqualsIgnoreCase(node.text, "metric")) {
    if (node.arguments.empty()) return;
    MetricCall& call = calls.emplace_back();
    call.id = node.arguments[0].text;
    if (node.arguments.size() > 1) {
      call.offset = expression::CanonicalOffset(node.arguments[1].text).value_or("");
    }
    return;
  }
  for (const SyntaxNode& argument : node.arguments) Collect(argument, calls);
}

}  // namespace

std::vector<MetricCall> MetricCallsIn(std::string_view expression) {
  std::vector<MetricCall> calls;
  const auto syntax = expression::ParseSyntax(expression);
  if (syntax.ok()) Collect(*syntax, calls);
  return calls;
}

}  // namespace metricstore::registry
