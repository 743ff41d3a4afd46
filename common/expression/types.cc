#include "common/expression/types.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/expression/canonical_text.h"
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

bool Fits(ColumnType type, ArgumentType wanted) {
  switch (wanted) {
    case ArgumentType::kNumber:
    case ArgumentType::kFloat64:
      return IsNumber(type);
    case ArgumentType::kInt64:
      return type == ColumnType::kInt64;
    case ArgumentType::kBool:
      return type == ColumnType::kBool;
    case ArgumentType::kText:
      return type == ColumnType::kText;
    case ArgumentType::kTime:
      return IsTime(type);
    case ArgumentType::kMetrical:
      return IsNumber(type) || IsTime(type);
    case ArgumentType::kOrdered:
      return type != ColumnType::kBool;
    case ArgumentType::kListed:
      return !IsTime(type);
    default:
      return true;
  }
}

std::string_view WhatFits(ArgumentType wanted) {
  switch (wanted) {
    case ArgumentType::kNumber:
    case ArgumentType::kFloat64:
      return "numbers";
    case ArgumentType::kInt64:
      return "whole numbers";
    case ArgumentType::kBool:
      return "conditions";
    case ArgumentType::kText:
      return "text";
    case ArgumentType::kTime:
      return "dates or timestamps";
    case ArgumentType::kMetrical:
      return "numbers, timestamps or dates";
    case ArgumentType::kOrdered:
      return "numbers, text, timestamps or dates";
    case ArgumentType::kListed:
      return "numbers, text or conditions";
    default:
      return "values";
  }
}

// How to make what is wanted of a value.
std::string HowToConvert(const CallSite& site, ColumnType type, ArgumentType wanted,
                         const std::vector<MutableNode*>& nodes) {
  const bool wants_number = wanted == ArgumentType::kNumber || wanted == ArgumentType::kFloat64;
  const bool are_texts = std::all_of(nodes.begin(), nodes.end(), [](const MutableNode* node) {
    return (*node)->type == ColumnType::kText;
  });
  const bool are_times = std::all_of(nodes.begin(), nodes.end(),
                                     [](const MutableNode* node) { return IsTime((*node)->type); });
  if (site.name == "+" && are_texts) return "||";
  if (site.name == "-" && are_times) return "date_diff('day', from, to)";
  if (wants_number && IsTime(type)) return "extract(epoch FROM ...)";
  if (wants_number && type == ColumnType::kText) return "CAST(... AS float8)";
  if (wants_number && type == ColumnType::kBool) {
    return site.name == "sum" ? "count(*) FILTER (WHERE ...)" : "CAST(... AS bigint)";
  }
  if (wanted == ArgumentType::kInt64 && type == ColumnType::kFloat64) {
    return "CAST(... AS bigint)";
  }
  if (wanted == ArgumentType::kListed || wanted == ArgumentType::kText) return "CAST(... AS text)";
  return "";
}

// What a NULL becomes where no other value has a type.
ColumnType DefaultOf(ArgumentType wanted) {
  switch (wanted) {
    case ArgumentType::kInt64:
      return ColumnType::kInt64;
    case ArgumentType::kBool:
      return ColumnType::kBool;
    case ArgumentType::kText:
      return ColumnType::kText;
    case ArgumentType::kTime:
      return ColumnType::kTimestamp;
    default:
      return ColumnType::kFloat64;
  }
}

std::string Describe(const Node& node) {
  const std::string type(columns::ColumnTypeName(node.type));
  if (node.kind == NodeKind::kColumn) return absl::StrCat("\"", node.column, "\" is ", type);
  return absl::StrCat("found ", type);
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

// What is written for a literal that means a condition, or "".
std::string ConditionMeant(const Node& node) {
  if (node.kind != NodeKind::kLiteral) return "";
  if (const auto* const number = std::get_if<int64_t>(&node.literal)) {
    return *number == 1 ? "TRUE" : *number == 0 ? "FALSE" : "";
  }
  const auto* const text = std::get_if<std::string>(&node.literal);
  if (text == nullptr) return "";
  const std::string word = absl::AsciiStrToUpper(*text);
  return word == "TRUE" || word == "FALSE" ? word : "";
}

// How `node`, one of `nodes`, and values of `type` become of one type.
std::string HowToAgree(ColumnType type, const Node& node, const std::vector<MutableNode*>& nodes) {
  if (type == ColumnType::kBool) return ConditionMeant(node);
  if (!IsTime(type) || !IsTime(node.type)) return "";
  const auto instant = std::find_if(nodes.begin(), nodes.end(), [](const MutableNode* each) {
    return (*each)->type == ColumnType::kTimestamp;
  });
  const bool is_column = instant != nodes.end() && (**instant)->kind == NodeKind::kColumn;
  return absl::StrCat("CAST(", is_column ? CanonicalText(***instant) : "...", " AS date)");
}

absl::Status ConvertTo(const CallSite& site, ColumnType type,
                       const std::vector<MutableNode*>& nodes, MutableNode* node) {
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
      absl::StrCat("values of one type, here ", std::string(columns::ColumnTypeName(type))),
      HowToAgree(type, **node, nodes));
}

}  // namespace

absl::Status Misfit(const CallSite& site, const Node& node, const std::string& wanted,
                    const std::string& suggestion) {
  return ErrorAt(site.text, node.offset,
                 absl::StrCat(std::string(site.name), " takes ", wanted, ", ", Describe(node)),
                 suggestion);
}

absl::Status Unify(const CallSite& site, ArgumentType wanted,
                   const std::vector<MutableNode*>& nodes) {
  std::optional<ColumnType> common = CommonType(nodes);
  for (const MutableNode* node : nodes) {
    const bool time_literal = IsTextLiteral(**node) && common.has_value() && IsTime(*common);
    if (!(*node)->is_null() && !time_literal && !Fits((*node)->type, wanted)) {
      return Misfit(site, **node, std::string(WhatFits(wanted)),
                    HowToConvert(site, (*node)->type, wanted, nodes));
    }
    if (!common.has_value() && IsTextLiteral(**node)) common = ColumnType::kText;
  }
  if (wanted == ArgumentType::kFloat64) common = ColumnType::kFloat64;
  if (!common.has_value()) common = DefaultOf(wanted);
  for (MutableNode* node : nodes) RETURN_IF_ERROR(ConvertTo(site, *common, nodes, node));
  return absl::OkStatus();
}

}  // namespace metricstore::expression
