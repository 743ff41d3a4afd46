// The walk from PostgreSQL's parse tree to syntax nodes.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "common/expression/parse_tree.h"
#include "common/expression/syntax.h"
#include "common/status/macros.h"

namespace metricstore::expression {

// Walks one parse tree. Lives for one call. Everything returns INVALID_ARGUMENT
// (EXPRESSION_INVALID) for forms that expressions do not have.
class TreeAdapter {
 public:
  explicit TreeAdapter(std::string_view text) : text_(text) {}

  absl::StatusOr<SyntaxNode> Convert(const nlohmann::json& node, int depth);

 private:
  using Json = nlohmann::json;

  absl::Status Refuse(const Json& node, const std::string& message,
                      const std::string& suggestion = "") const {
    return ErrorAt(text_, OffsetOf(node), message, suggestion);
  }
  static SyntaxNode Operator(const Json& node, std::string_view name) {
    return {.kind = SyntaxKind::kOperator, .offset = OffsetOf(node), .text = std::string(name)};
  }
  absl::Status AddArgument(const Json& node, int depth, SyntaxNode* call) {
    ASSIGN_OR_RETURN(SyntaxNode argument, Convert(node, depth + 1));
    call->arguments.push_back(std::move(argument));
    return absl::OkStatus();
  }
  absl::Status AddArguments(const Json& list, int depth, SyntaxNode* call) {
    for (const Json& item : list) RETURN_IF_ERROR(AddArgument(item, depth, call));
    return absl::OkStatus();
  }

  absl::Status RefuseDepth(const Json& node) const;

  // Literals and columns: tree_adapter.cc.
  absl::StatusOr<SyntaxNode> ConvertConstant(const Json& node);
  absl::StatusOr<SyntaxNode> ConvertInteger(const Json& value, SyntaxNode literal);
  absl::StatusOr<SyntaxNode> ConvertNumber(const std::string& digits, SyntaxNode literal);
  absl::StatusOr<SyntaxNode> ConvertColumn(const Json& node);

  // tree_operators.cc
  absl::StatusOr<SyntaxNode> ConvertOperator(const Json& node, int depth);
  absl::StatusOr<SyntaxNode> ConvertSymbol(const Json& node, int depth);
  absl::StatusOr<SyntaxNode> ConvertPair(const Json& node, std::string_view name, int depth);
  absl::StatusOr<SyntaxNode> ConvertLike(const Json& node, std::string_view name, int depth);
  absl::StatusOr<SyntaxNode> ConvertList(const Json& node, std::string_view name, bool negated,
                                         int depth);
  absl::StatusOr<SyntaxNode> ConvertBoolean(const Json& node, int depth);
  absl::Status RefuseConditionTest(const Json& node) const;
  absl::StatusOr<SyntaxNode> ConvertCase(const Json& node, int depth);
  absl::StatusOr<SyntaxNode> ConvertCast(const Json& node, int depth);

  // tree_calls.cc
  absl::StatusOr<SyntaxNode> ConvertCall(const Json& node, int depth);
  absl::Status CheckParts(const Json& node);
  // What is called, and its name in the text.
  struct CallName {
    std::string function;
    std::string written;
  };
  absl::StatusOr<CallName> NameOf(const Json& node);
  absl::StatusOr<SyntaxNode> StartCall(const Json& node, const CallName& name);
  absl::StatusOr<SyntaxNode> ConvertWithinGroup(const Json& node, const std::string& name,
                                                int depth);
  absl::Status AddMetricArguments(const Json& list, int depth, SyntaxNode* call);
  absl::StatusOr<SyntaxNode> ApplyFilter(SyntaxNode call, const Json& filter, int depth);

  std::string_view text_;
  int nodes_ = 0;
  int chain_terms_ = 0;  // of a + b + c and the like, around the node that is converted
};

}  // namespace metricstore::expression
