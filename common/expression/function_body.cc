#include "common/expression/function_body.h"

#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/expression/binder.h"
#include "common/expression/catalog/function_catalog.h"
#include "common/expression/syntax.h"
#include "common/status/macros.h"

namespace metricstore::expression {
namespace {

using columns::ColumnType;

// The grammar has $1 as a parameter of a statement; quoted it is the name of a column.
std::string WithColumns(std::string_view made_of) {
  std::string text;
  for (size_t i = 0; i < made_of.size(); ++i) {
    if (made_of[i] != '$') {
      text += made_of[i];
      continue;
    }
    absl::StrAppend(&text, "\"$", std::string(1, made_of[++i]), "\"");
  }
  return text;
}

absl::StatusOr<NodePtr> BindBody(Function function, const std::vector<ColumnType>& arguments) {
  Schema schema;
  for (const ColumnType type : arguments) {
    schema.push_back({.name = absl::StrCat("$", schema.size() + 1), .type = type});
  }
  const std::string text = WithColumns(SpecOf(function).made_of);
  ASSIGN_OR_RETURN(const SyntaxNode syntax, ParseSyntax(text));
  return Bind(text, syntax, Purpose::kBody, schema);
}

}  // namespace

absl::StatusOr<const Node*> BodyOf(const Node& call) {
  using Key = std::pair<Function, std::vector<ColumnType>>;
  static std::mutex mutex;
  static std::map<Key, NodePtr>* const kBodies = new std::map<Key, NodePtr>();
  Key key = {call.function, {}};
  for (const NodePtr& argument : call.arguments) key.second.push_back(argument->type);
  const std::lock_guard<std::mutex> lock(mutex);
  const auto known = kBodies->find(key);
  if (known != kBodies->end()) return known->second.get();
  const std::string name(CanonicalName(call.function));
  absl::StatusOr<NodePtr> body = BindBody(key.first, key.second);
  if (!body.ok()) {
    return absl::InternalError(
        absl::StrCat(name, " is made of no expression: ", std::string(body.status().message())));
  }
  if ((*body)->type != call.type) {
    return absl::InternalError(absl::StrCat(name, " is made of another type than its own"));
  }
  return kBodies->emplace(std::move(key), *std::move(body)).first->second.get();
}

size_t ArgumentIn(const Node& column) { return static_cast<size_t>(column.column[1] - '1'); }

}  // namespace metricstore::expression
