#include "common/expression/canonical_text.h"

#include <algorithm>
#include <span>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/expression/literals.h"

namespace metricstore::expression {
namespace {

// PostgreSQL 15's reserved words, and those that may name a type or function but not a column.
constexpr std::string_view kReservedWords[] = {
    "all",
    "analyse",
    "analyze",
    "and",
    "any",
    "array",
    "as",
    "asc",
    "asymmetric",
    "authorization",
    "binary",
    "both",
    "case",
    "cast",
    "check",
    "collate",
    "collation",
    "column",
    "concurrently",
    "constraint",
    "create",
    "cross",
    "current_catalog",
    "current_date",
    "current_role",
    "current_schema",
    "current_time",
    "current_user",
    "current_timestamp",
    "default",
    "deferrable",
    "desc",
    "distinct",
    "do",
    "else",
    "end",
    "except",
    "false",
    "fetch",
    "for",
    "foreign",
    "freeze",
    "from",
    "full",
    "grant",
    "group",
    "having",
    "ilike",
    "in",
    "initially",
    "inner",
    "intersect",
    "into",
    "is",
    "isnull",
    "join",
    "lateral",
    "leading",
    "left",
    "like",
    "limit",
    "localtime",
    "localtimestamp",
    "natural",
    "not",
    "notnull",
    "null",
    "offset",
    "on",
    "only",
    "or",
    "order",
    "outer",
    "overlaps",
    "placing",
    "primary",
    "references",
    "returning",
    "right",
    "select",
    "session_user",
    "similar",
    "some",
    "symmetric",
    "table",
    "tablesample",
    "then",
    "to",
    "trailing",
    "true",
    "union",
    "unique",
    "user",
    "using",
    "variadic",
    "verbose",
    "when",
    "where",
    "window",
    "with",
};

std::string ColumnText(const std::string& name) {
  const bool is_plain = !name.empty() && (name[0] == '_' || (name[0] >= 'a' && name[0] <= 'z')) &&
                        std::all_of(name.begin(), name.end(), [](char c) {
                          return c == '_' || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
                        });
  const bool is_reserved = std::find(std::begin(kReservedWords), std::end(kReservedWords), name) !=
                           std::end(kReservedWords);
  if (is_plain && !is_reserved) return name;
  return absl::StrCat("\"", absl::StrReplaceAll(name, {{"\"", "\"\""}}), "\"");
}

std::string LiteralText(const Node& node) {
  if (node.is_null()) return "NULL";
  if (const auto* real = std::get_if<double>(&node.literal)) return FormatRealLiteral(*real);
  if (const auto* flag = std::get_if<bool>(&node.literal)) return *flag ? "TRUE" : "FALSE";
  if (const auto* text = std::get_if<std::string>(&node.literal)) {
    return absl::StrCat("'", absl::StrReplaceAll(*text, {{"'", "''"}}), "'");
  }
  const int64_t value = std::get<int64_t>(node.literal);
  if (node.type == columns::ColumnType::kDate) {
    return absl::StrCat("DATE '", FormatDateLiteral(value), "'");
  }
  if (node.type == columns::ColumnType::kTimestamp) {
    return absl::StrCat("TIMESTAMP '", FormatTimestampLiteral(value), "'");
  }
  return std::to_string(value);
}

// Types as PostgreSQL's grammar has them.
std::string_view TypeText(columns::ColumnType type) {
  switch (type) {
    case columns::ColumnType::kFloat64:
      return "float8";
    case columns::ColumnType::kInt64:
      return "bigint";
    case columns::ColumnType::kBool:
      return "boolean";
    default:
      return columns::ColumnTypeName(type);
  }
}

std::string Text(const Node& node);

std::string Join(std::span<const NodePtr> nodes, const std::string& separator) {
  std::string joined;
  for (const NodePtr& node : nodes) {
    if (!joined.empty()) joined += separator;
    joined += Text(*node);
  }
  return joined;
}

std::string CaseText(const Node& node) {
  std::string text = "CASE";
  size_t at = 0;
  if (node.function == Function::kCaseOf) absl::StrAppend(&text, " ", Text(*node.arguments[at++]));
  for (; at + 1 < node.arguments.size(); at += 2) {
    absl::StrAppend(&text, " WHEN ", Text(*node.arguments[at]), " THEN ",
                    Text(*node.arguments[at + 1]));
  }
  return absl::StrCat(text, " ELSE ", Text(*node.arguments.back()), " END");
}

std::string MetricText(const Node& node) {
  const Node& offset = *node.arguments[1];
  const bool is_offset = !std::get<std::string>(offset.literal).empty();
  return absl::StrCat("metric(", Text(*node.arguments[0]),
                      is_offset ? absl::StrCat(", \"offset\" => ", Text(offset)) : "", ")");
}

std::string CastText(const Node& node) {
  return absl::StrCat("CAST(", Text(*node.arguments[0]), " AS ", std::string(TypeText(node.type)),
                      ")");
}

std::string CallText(const Node& node) {
  const std::span<const NodePtr> arguments = node.arguments;
  const std::string name(CanonicalName(node.function));
  switch (node.function) {
    case Function::kToFloat64:  // comes back from the types around it
      return Text(*arguments[0]);
    case Function::kCast:
      return CastText(node);
    case Function::kIsDistinct:
    case Function::kIsNotDistinct:
    case Function::kLike:
    case Function::kIlike:
    case Function::kConcat:
    case Function::kAdd:
    case Function::kSubtract:
    case Function::kMultiply:
    case Function::kDivide:
    case Function::kModulo:
    case Function::kEqual:
    case Function::kNotEqual:
    case Function::kLess:
    case Function::kLessEqual:
    case Function::kGreater:
    case Function::kGreaterEqual:
    case Function::kAnd:
    case Function::kOr:
      return absl::StrCat("(", Join(arguments, absl::StrCat(" ", name, " ")), ")");
    case Function::kNegate:
      return absl::StrCat("(- ", Text(*arguments[0]), ")");
    case Function::kNot:
      return absl::StrCat("(NOT ", Text(*arguments[0]), ")");
    case Function::kIsNull:
    case Function::kIsNotNull:
      return absl::StrCat("(", Text(*arguments[0]), " ", name, ")");
    case Function::kBetween:
      return absl::StrCat("(", Text(*arguments[0]), " BETWEEN ", Text(*arguments[1]), " AND ",
                          Text(*arguments[2]), ")");
    case Function::kIn:
      return absl::StrCat("(", Text(*arguments[0]), " IN (", Join(arguments.subspan(1), ", "),
                          "))");
    case Function::kCase:
    case Function::kCaseOf:
      return CaseText(node);
    case Function::kCountRows:
      return name;
    case Function::kCountDistinct:
      return absl::StrCat("count(DISTINCT ", Text(*arguments[0]), ")");
    case Function::kMetric:
      return MetricText(node);
    default:
      return absl::StrCat(name, node.distinct ? "(DISTINCT " : "(", Join(arguments, ", "), ")");
  }
}

std::string Text(const Node& node) {
  switch (node.kind) {
    case NodeKind::kLiteral:
      return LiteralText(node);
    case NodeKind::kColumn:
      return ColumnText(node.column);
    case NodeKind::kCall:
      break;
  }
  return CallText(node);
}

}  // namespace

std::string CanonicalText(const Node& root) {
  const bool is_widened =
      root.kind == NodeKind::kCall && root.function == Function::kToFloat64;  // a part of a tree
  return is_widened ? CastText(root) : Text(root);
}

}  // namespace metricstore::expression
