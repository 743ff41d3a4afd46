// PostgreSQL's parse tree as libpg_query prints it: positions, names, and the walk to our own tree.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/expression/syntax.h"

namespace metricstore::expression {

// An expression is parsed as the one target of this statement.
inline constexpr std::string_view kStatementPrefix = "SELECT ";

// "a sub-select is not supported": the refusal of a form, by the parse tree's name for it.
std::string RefusalOf(std::string_view form);

// The first place that anything below `tree` came from, in bytes of the statement.
std::optional<size_t> FirstLocation(const nlohmann::json& tree);
// Where a node stands, in bytes of the expression.
size_t OffsetOf(const nlohmann::json& tree);

// A list of {"String": {"sval": ...}} as strings; nullopt if it holds anything else.
std::optional<std::vector<std::string>> NamesIn(const nlohmann::json& list);

// Converts the tree of an expression's value. INVALID_ARGUMENT (EXPRESSION_INVALID) as ParseSyntax;
// throws nlohmann::json::exception for a tree of an unknown shape.
absl::StatusOr<SyntaxNode> ConvertTree(std::string_view text, const nlohmann::json& value);

}  // namespace metricstore::expression
