#include "common/expression/types.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/expression/literals.h"
#include "common/expression/syntax.h"
#include "common/status/macros.h"

namespace metricstore::expression {
namespace {

using columns::ColumnType;

bool IsNumber(ColumnType type) {
  return type == ColumnType::kFloat64 || type == ColumnType::kInt64;
}

bool IsTime(ColumnType type) { return type == ColumnType::kTimestamp || type == ColumnType::kDate; }

bool IsTextLiteral(const Node& node) {
  return node.kind == NodeKind::kLiteral && node.type == ColumnType::kText;
}

bool Fits(ColumnType type, ArgumentTypes types) {
  switch (types) {
    case ArgumentTypes::kNumber:
    case ArgumentTypes::kFloat64:
      return IsNumber(type);
    case ArgumentTypes::kOrdered:
      return IsNumber(type) || IsTime(type);
    case ArgumentTypes::kAnyButText:
      return type != ColumnType::kText;
    case ArgumentTypes::kComparable:
    case ArgumentTypes::kAny:
      return true;
    case ArgumentTypes::kBool:
      return type == ColumnType::kBool;
  }
  return false;
}

std::string_view WhatFits(ArgumentTypes types) {
  switch (types) {
    case ArgumentTypes::kNumber:
    case ArgumentTypes::kFloat64:
      return "numbers";
    case ArgumentTypes::kOrdered:
      return "numbers, timestamps or dates";
    case ArgumentTypes::kAnyButText:
      return "numbers, timestamps, dates or conditions";
    case ArgumentTypes::kBool:
      return "conditions";
    case ArgumentTypes::kComparable:
    case ArgumentTypes::kAny:
      break;
  }
  return "values";
}

std::string Describe(const Node& node) {
  const std::string type(columns::ColumnTypeName(node.type));
  if (node.kind == NodeKind::kColumn) return absl::StrCat("\"", node.column, "\" is ", type);
  return absl::StrCat("found ", type);
}

absl::Status Misfit(const CallSite& site, const Node& node, const std::string& wanted) {
  return ErrorAt(site.text, node.offset,
                 absl::StrCat(std::string(site.name), " takes ", wanted, ", ", Describe(node)));
}

// The type that all values other than NULL and text literals have, or should have.
std::optional<ColumnType> CommonType(const std::vector<MutableNode*>& nodes) {
  std::optional<ColumnType> common;
  for (const MutableNode* node : nodes) {
    if ((*node)->is_null() || IsTextLiteral(**node)) continue;
    const ColumnType type = (*node)->type;
    const bool widens = common == ColumnType::kInt64 && type == ColumnType::kFloat64;
    if (!common.has_value() || widens) common = type;
  }
  return common;
}

// A text literal beside dates or instants is one of them.
absl::Status ReadTimeLiteral(const CallSite& site, ColumnType type, Node* node) {
  const std::string& text = std::get<std::string>(node->literal);
  const std::optional<int64_t> value =
      type == ColumnType::kDate ? ParseDateLiteral(text) : ParseTimestampLiteral(text);
  if (!value.has_value()) {
    const std::string word = ClockWordIn(text);
    if (!word.empty()) return ErrorAt(site.text, node->offset, WhyNoClockWord(word));
    return ErrorAt(
        site.text, node->offset,
        absl::StrCat(
            "'", text.substr(0, 40), "' is not a ", std::string(columns::ColumnTypeName(type)),
            type == ColumnType::kDate ? ": write '2024-03-10'" : ": write '2024-03-10T14:30:00Z'"));
  }
  node->type = type;
  node->literal = *value;
  return absl::OkStatus();
}

void Widen(MutableNode* node) {
  if ((*node)->kind == NodeKind::kLiteral) {
    (*node)->literal = static_cast<double>(std::get<int64_t>((*node)->literal));
    (*node)->type = ColumnType::kFloat64;
    return;
  }
  auto cast = std::make_unique<Node>();
  cast->kind = NodeKind::kCall;
  cast->offset = (*node)->offset;
  cast->function = Function::kToFloat64;
  cast->arguments.push_back(std::move(*node));
  *node = std::move(cast);
}

absl::Status ConvertTo(const CallSite& site, ColumnType type, MutableNode* node) {
  if ((*node)->is_null()) {
    (*node)->type = type;
    return absl::OkStatus();
  }
  if ((*node)->type == type) return absl::OkStatus();
  if (IsTextLiteral(**node) && IsTime(type)) return ReadTimeLiteral(site, type, node->get());
  if ((*node)->type == ColumnType::kInt64 && type == ColumnType::kFloat64) {
    Widen(node);
    return absl::OkStatus();
  }
  return Misfit(
      site, **node,
      absl::StrCat("values of one type, here ", std::string(columns::ColumnTypeName(type))));
}

// Text has no functions yet: one column is compared with literals.
absl::Status CheckText(const CallSite& site, const std::vector<MutableNode*>& nodes) {
  const Node* column = nullptr;
  for (const MutableNode* node : nodes) {
    if ((*node)->is_null() || IsTextLiteral(**node)) continue;
    if ((*node)->kind != NodeKind::kColumn || column != nullptr) {
      return ErrorAt(site.text, (*node)->offset, "text is compared as a column with literals only");
    }
    column = node->get();
  }
  if (column != nullptr) return absl::OkStatus();
  return ErrorAt(site.text, (*nodes.front())->offset,
                 "text is compared as a column with literals only");
}

}  // namespace

absl::Status Unify(const CallSite& site, ArgumentTypes types, std::vector<MutableNode*> nodes) {
  if (types == ArgumentTypes::kAny) return absl::OkStatus();
  std::optional<ColumnType> common = CommonType(nodes);
  for (const MutableNode* node : nodes) {
    const bool time_literal = IsTextLiteral(**node) && common.has_value() && IsTime(*common);
    if (!(*node)->is_null() && !time_literal && !Fits((*node)->type, types)) {
      return Misfit(site, **node, std::string(WhatFits(types)));
    }
    if (!common.has_value() && IsTextLiteral(**node)) common = ColumnType::kText;
  }
  if (types == ArgumentTypes::kFloat64) common = ColumnType::kFloat64;
  if (!common.has_value()) {
    common = types == ArgumentTypes::kBool ? ColumnType::kBool : ColumnType::kFloat64;
  }
  for (MutableNode* node : nodes) RETURN_IF_ERROR(ConvertTo(site, *common, node));
  return *common == ColumnType::kText ? CheckText(site, nodes) : absl::OkStatus();
}

}  // namespace metricstore::expression
