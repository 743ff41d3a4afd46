#include "registry_service/catalog/sources/metric_calls.h"

#include "absl/strings/match.h"
#include "common/expression/metric_literals.h"
#include "common/expression/syntax.h"

namespace metricstore::registry {
namespace {

using expression::SyntaxKind;
using expression::SyntaxNode;

bool IsCall(const SyntaxNode& node) {
  return node.kind == SyntaxKind::kFunction && absl::EqualsIgnoreCase(node.text, "metric");
}

void Collect(const SyntaxNode& node, std::vector<MetricCall>& calls) {
  if (IsCall(node)) {
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

const SyntaxNode* FindCall(const SyntaxNode& syntax, std::string_view id) {
  if (IsCall(syntax)) {
    return !syntax.arguments.empty() && syntax.arguments.front().text == id
               ? &syntax.arguments.front()
               : nullptr;
  }
  for (const SyntaxNode& argument : syntax.arguments) {
    if (const SyntaxNode* const found = FindCall(argument, id)) return found;
  }
  return nullptr;
}

}  // namespace metricstore::registry
