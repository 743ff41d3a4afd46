#include "registry_service/catalog/validation/metric_texts.h"

#include <set>
#include <utility>
#include <variant>

#include "common/expression/canonical_text.h"
#include "common/expression/node.h"
#include "common/status/macros.h"

namespace metricstore::registry {
namespace {

using expression::Node;
using expression::NodeKind;
using expression::Schema;

void Collect(const Node& node, std::set<std::string>& columns, std::set<std::string>& references) {
  if (node.kind == NodeKind::kColumn) columns.insert(node.column);
  if (node.kind == NodeKind::kCall && node.function == expression::Function::kMetric) {
    references.insert(std::get<std::string>(node.arguments.front()->literal));
  }
  for (const expression::NodePtr& argument : node.arguments) {
    Collect(*argument, columns, references);
  }
}

absl::StatusOr<BoundText> BindText(const std::string& text,
                                   const absl::StatusOr<expression::SyntaxNode>& syntax,
                                   expression::Purpose purpose, const Schema& schema) {
  RETURN_IF_ERROR(syntax.status());
  ASSIGN_OR_RETURN(const expression::NodePtr root,
                   expression::Bind(text, *syntax, purpose, schema));
  std::set<std::string> columns;
  std::set<std::string> references;
  Collect(*root, columns, references);
  return BoundText{expression::CanonicalText(*root),
                   {columns.begin(), columns.end()},
                   {references.begin(), references.end()}};
}

}  // namespace

const absl::StatusOr<expression::SyntaxNode>& MetricTexts::Syntax(const std::string& text) {
  const auto found = syntax_.find(text);
  if (found != syntax_.end()) return found->second;
  return syntax_.emplace(text, expression::ParseSyntax(text)).first->second;
}

const absl::StatusOr<BoundText>& MetricTexts::Bound(const std::string& text,
                                                    expression::Purpose purpose,
                                                    const Schema& schema) {
  BoundKey key{&schema, purpose, text};
  const auto found = bound_.find(key);
  if (found != bound_.end()) return found->second;
  auto bound = BindText(text, Syntax(text), purpose, schema);
  return bound_.emplace(std::move(key), std::move(bound)).first->second;
}

const BoundSelect& MetricTexts::Select(const std::string& text) {
  const auto found = selects_.find(text);
  if (found != selects_.end()) return found->second;
  bool unsure = false;
  expression::TableCatalog tables;
  tables.names = ground_.DatasetNames();
  tables.find = [&](std::string_view table) {
    const Schema* const schema = ground_.Of(table).schema;
    unsure |= schema == nullptr && (ground_.Defines(table) || ground_.may_have_more_datasets());
    return schema;
  };
  auto statement = expression::ParseSelect(text, tables);
  return selects_.emplace(text, BoundSelect{std::move(statement), unsure}).first->second;
}

}  // namespace metricstore::registry
