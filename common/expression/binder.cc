#include "common/expression/binder.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/expression/argument_check.h"
#include "common/expression/catalog/foreign_names.h"
#include "common/expression/catalog/function_catalog.h"
#include "common/expression/literals.h"
#include "common/expression/metric_literals.h"
#include "common/expression/types.h"
#include "common/status/error.h"
#include "common/status/macros.h"

namespace metricstore::expression {
namespace {

using columns::ColumnType;

MutableNode MakeLiteral(const SyntaxNode& syntax, ColumnType type, Literal value) {
  auto node = std::make_unique<Node>();
  node->type = type;
  node->offset = syntax.offset;
  node->literal = std::move(value);
  return node;
}

// Binds one expression. Lives for one call.
class Binder {
 public:
  Binder(std::string_view text, Purpose purpose, const Schema& schema)
      : text_(text), purpose_(purpose), schema_(schema) {}

  absl::StatusOr<MutableNode> Bind(const SyntaxNode& syntax);
  // Whether there is an aggregate or another metric: something that has a value in a bucket.
  bool found_bucket_value() const { return found_bucket_value_; }

 private:
  absl::StatusOr<MutableNode> BindTimeLiteral(const SyntaxNode& syntax);
  // nullptr if there is none.
  const SchemaColumn* FindColumn(std::string_view name) const;
  absl::StatusOr<MutableNode> BindColumn(const SyntaxNode& syntax);
  absl::Status RefuseUnknownColumn(const SyntaxNode& syntax) const;
  absl::StatusOr<MutableNode> BindCall(const SyntaxNode& syntax);
  absl::StatusOr<MutableNode> BindMetric(const SyntaxNode& syntax);
  absl::StatusOr<const FunctionSpec*> FindSpec(const SyntaxNode& syntax);
  absl::Status CheckPlace(const SyntaxNode& syntax, const FunctionSpec& spec);
  // The refusal of argument `at`, which is `error`, or a clearer one for "ab" beside a text.
  absl::Status RefuseArgument(const SyntaxNode& syntax, size_t at,
                              const std::vector<MutableNode>& before, absl::Status error);
  absl::StatusOr<MutableNode> BindCast(const SyntaxNode& syntax);
  absl::StatusOr<std::vector<MutableNode>> BindArguments(const SyntaxNode& syntax,
                                                         const FunctionSpec& spec);
  absl::StatusOr<bool> UseOfDistinct(const SyntaxNode& syntax, const FunctionSpec& spec);

  absl::Status Refuse(const SyntaxNode& syntax, const std::string& message,
                      const std::string& suggestion = "") const {
    return ErrorAt(text_, syntax.offset, message, suggestion);
  }

  std::string_view text_;
  Purpose purpose_;
  const Schema& schema_;
  bool inside_aggregate_ = false;
  bool found_bucket_value_ = false;
};

absl::StatusOr<MutableNode> Binder::Bind(const SyntaxNode& syntax) {
  switch (syntax.kind) {
    case SyntaxKind::kNull:
      return MakeLiteral(syntax, ColumnType::kFloat64, std::monostate());
    case SyntaxKind::kInteger:
      return MakeLiteral(syntax, ColumnType::kInt64, syntax.integer);
    case SyntaxKind::kReal:
      return MakeLiteral(syntax, ColumnType::kFloat64, syntax.real);
    case SyntaxKind::kBool:
      return MakeLiteral(syntax, ColumnType::kBool, syntax.boolean);
    case SyntaxKind::kText:
      return MakeLiteral(syntax, ColumnType::kText, syntax.text);
    case SyntaxKind::kDate:
    case SyntaxKind::kTimestamp:
      return BindTimeLiteral(syntax);
    case SyntaxKind::kColumn:
      return BindColumn(syntax);
    case SyntaxKind::kOperator:
    case SyntaxKind::kFunction:
      return BindCall(syntax);
    case SyntaxKind::kCast:
      return BindCast(syntax);
  }
  return Refuse(syntax, "this form is not supported");
}

absl::StatusOr<MutableNode> Binder::BindTimeLiteral(const SyntaxNode& syntax) {
  const bool is_date = syntax.kind == SyntaxKind::kDate;
  const std::optional<int64_t> value =
      is_date ? ParseDateLiteral(syntax.text) : ParseTimestampLiteral(syntax.text);
  if (!value.has_value()) {
    const std::string word = ClockWordIn(syntax.text);
    if (!word.empty()) return Refuse(syntax, WhyNoClockWord(word));
    return Refuse(syntax, is_date ? "not a date: write DATE '2024-03-10'"
                                  : "not an instant: write TIMESTAMP '2024-03-10T14:30:00Z'");
  }
  return MakeLiteral(syntax, is_date ? ColumnType::kDate : ColumnType::kTimestamp, *value);
}

const SchemaColumn* Binder::FindColumn(std::string_view name) const {
  const auto found =
      std::find_if(schema_.begin(), schema_.end(),
                   [name](const SchemaColumn& column) { return column.name == name; });
  return found == schema_.end() ? nullptr : &*found;
}

absl::Status Binder::RefuseUnknownColumn(const SyntaxNode& syntax) const {
  std::string suggestion;
  // No column may stand here: it is a call without its brackets.
  if (purpose_ == Purpose::kMetric && !inside_aggregate_ && FindFunction(syntax.text) != nullptr) {
    suggestion = absl::StrCat(syntax.text, syntax.text == "count" ? "(*)" : "(x)");
  } else {
    std::vector<std::string> names;
    for (const SchemaColumn& column : schema_) names.push_back(column.name);
    suggestion = status::ClosestMatch(syntax.text, names);
  }
  return Refuse(syntax, absl::StrCat("unknown column \"", syntax.text, "\""), suggestion);
}

absl::StatusOr<MutableNode> Binder::BindColumn(const SyntaxNode& syntax) {
  const SchemaColumn* const found = FindColumn(syntax.text);
  if (found == nullptr) return RefuseUnknownColumn(syntax);
  if (purpose_ == Purpose::kMetric && !inside_aggregate_) {
    return Refuse(syntax, absl::StrCat("the column \"", syntax.text,
                                       "\" is outside an aggregate: say which of the bucket's "
                                       "rows count, for example last(",
                                       syntax.text, ")"));
  }
  auto node = std::make_unique<Node>();
  node->kind = NodeKind::kColumn;
  node->type = found->type;
  node->offset = syntax.offset;
  node->column = found->name;
  return node;
}

absl::StatusOr<const FunctionSpec*> Binder::FindSpec(const SyntaxNode& syntax) {
  const FunctionSpec* spec =
      syntax.kind == SyntaxKind::kOperator ? FindOperator(syntax.text) : FindFunction(syntax.text);
  if (spec != nullptr) return spec;
  if (const std::vector<std::string> clearer = ClearerNames(syntax.text); !clearer.empty()) {
    return Refuse(syntax,
                  absl::StrCat(syntax.text, " does not say of what: ", clearer[0],
                               " is of a sample, ", clearer[1], " of the whole"),
                  clearer[0]);
  }
  if (FindWithinGroup(syntax.text) != nullptr) {
    return Refuse(syntax, absl::StrCat(syntax.text, " needs WITHIN GROUP (ORDER BY x)"),
                  std::string(FindWithinGroup(syntax.text)->name));
  }
  if (const std::string why = WhyNotOfRows(syntax.text); !why.empty()) return Refuse(syntax, why);
  const std::string suggestion = NearestFunction(syntax.text);
  return Refuse(syntax,
                absl::StrCat("unknown function \"", syntax.text, "\"",
                             suggestion.empty() ? "; packs/README.md lists all functions" : ""),
                suggestion);
}

// What the user wrote, for messages: FILTER is a CASE inside, and both forms of CASE have one name.
std::string_view WrittenName(const SyntaxNode& syntax, const FunctionSpec& spec) {
  if (syntax.of_filter) return "FILTER";
  if (spec.function == Function::kCaseOf) return "CASE";
  return syntax.written.empty() ? spec.name : syntax.written;
}

// Whether a call of this kind may stand here at all.
absl::Status Binder::CheckPlace(const SyntaxNode& syntax, const FunctionSpec& spec) {
  const std::string name(WrittenName(syntax, spec));
  if (spec.kind == FunctionKind::kRow) return absl::OkStatus();
  if (purpose_ == Purpose::kFilter) {
    return Refuse(syntax, absl::StrCat(name, " is not allowed in a filter: a filter sees one row"));
  }
  if (spec.kind == FunctionKind::kAggregate && inside_aggregate_) {
    return Refuse(syntax, absl::StrCat("the aggregate ", name, " is inside an aggregate"));
  }
  if (spec.kind == FunctionKind::kOrderedRow && !inside_aggregate_ && purpose_ != Purpose::kBody) {
    return Refuse(syntax, absl::StrCat(name, " is a function of rows: use it inside an aggregate"));
  }
  if (spec.kind == FunctionKind::kBucket && inside_aggregate_) {
    return Refuse(syntax,
                  absl::StrCat(name, " is the value of a bucket: use it outside aggregates"));
  }
  return absl::OkStatus();
}

// The type of a call, and of the elements of a vector.
ColumnType ResultOf(const FunctionSpec& spec, const std::vector<MutableNode>& arguments) {
  switch (spec.result) {
    case ResultType::kFloat64:
      return ColumnType::kFloat64;
    case ResultType::kInt64:
    case ResultType::kVectorOfInt64:
      return ColumnType::kInt64;
    case ResultType::kBool:
      return ColumnType::kBool;
    case ResultType::kText:
      return ColumnType::kText;
    case ResultType::kTimestamp:
      return ColumnType::kTimestamp;
    case ResultType::kOfLast:
      return arguments.back()->type;
    case ResultType::kOfPart: {
      const std::string& part = std::get<std::string>(arguments.front()->literal);
      return part == "epoch" || part == "second" ? ColumnType::kFloat64 : ColumnType::kInt64;
    }
    case ResultType::kOfFirst:
    case ResultType::kVectorOfFirst:
    case ResultType::kOfCast:
      break;
  }
  return arguments.front()->type;
}

absl::StatusOr<bool> Binder::UseOfDistinct(const SyntaxNode& syntax, const FunctionSpec& spec) {
  if (!syntax.distinct || spec.distinct == DistinctUse::kNoMatter) return false;
  if (spec.distinct == DistinctUse::kCounts) return true;
  return Refuse(syntax,
                absl::StrCat("DISTINCT means nothing in ", std::string(WrittenName(syntax, spec))));
}

absl::Status Binder::RefuseArgument(const SyntaxNode& syntax, size_t at,
                                    const std::vector<MutableNode>& before, absl::Status error) {
  const SyntaxNode& argument = syntax.arguments[at];
  if (syntax.kind != SyntaxKind::kOperator || argument.kind != SyntaxKind::kColumn ||
      FindColumn(argument.text) != nullptr || !text_.substr(argument.offset).starts_with('"')) {
    return error;
  }
  // WHEN and FILTER (WHERE ...) want conditions.
  const bool is_condition =
      syntax.text == "CASE" && at % 2 == 0 && at + 1 < syntax.arguments.size();
  if (is_condition) return error;
  bool is_beside_text = std::any_of(before.begin(), before.end(), [](const MutableNode& node) {
    return node->type == ColumnType::kText;
  });
  for (size_t i = at + 1; i < syntax.arguments.size() && !is_beside_text; ++i) {
    const absl::StatusOr<MutableNode> after = Bind(syntax.arguments[i]);
    is_beside_text = after.ok() && (*after)->type == ColumnType::kText;
  }
  if (!is_beside_text) return error;
  return Refuse(
      argument,
      absl::StrCat("unknown column \"", argument.text, "\": a text stands in single quotes"),
      absl::StrCat("'", absl::StrReplaceAll(argument.text, {{"'", "''"}}), "'"));
}

absl::StatusOr<std::vector<MutableNode>> Binder::BindArguments(const SyntaxNode& syntax,
                                                               const FunctionSpec& spec) {
  const bool is_aggregate = spec.kind == FunctionKind::kAggregate;
  if (is_aggregate) found_bucket_value_ = inside_aggregate_ = true;
  std::vector<MutableNode> arguments;
  for (size_t i = 0; i < syntax.arguments.size(); ++i) {
    const SyntaxNode& argument = syntax.arguments[i];
    absl::StatusOr<MutableNode> given = Bind(argument);
    if (!given.ok()) return RefuseArgument(syntax, i, arguments, given.status());
    MutableNode bound = *std::move(given);
    if (bound->is_vector) {
      return Refuse(argument, absl::StrCat(std::string(CanonicalName(bound->function)),
                                           " gives a vector, which has no functions: it is the "
                                           "whole of its metric"));
    }
    arguments.push_back(std::move(bound));
  }
  if (is_aggregate) inside_aggregate_ = false;
  return arguments;
}

absl::StatusOr<MutableNode> Binder::BindCall(const SyntaxNode& syntax) {
  ASSIGN_OR_RETURN(const FunctionSpec* spec, FindSpec(syntax));
  const CallSite site{
      .text = text_, .name = WrittenName(syntax, *spec), .within_group = syntax.within_group};
  RETURN_IF_ERROR(CheckPlace(syntax, *spec));
  RETURN_IF_ERROR(CheckArgumentCount(site, *spec, syntax.offset, syntax.arguments.size()));
  if (spec->function == Function::kMetric) return BindMetric(syntax);
  ASSIGN_OR_RETURN(const bool distinct, UseOfDistinct(syntax, *spec));
  ASSIGN_OR_RETURN(std::vector<MutableNode> arguments, BindArguments(syntax, *spec));
  RETURN_IF_ERROR(CheckArguments(site, *spec, &arguments));
  auto node = std::make_unique<Node>();
  node->kind = NodeKind::kCall;
  node->offset = syntax.offset;
  node->function = spec->function;
  node->distinct = distinct;
  node->is_vector =
      spec->result == ResultType::kVectorOfFirst || spec->result == ResultType::kVectorOfInt64;
  node->type = ResultOf(*spec, arguments);
  for (MutableNode& argument : arguments) node->arguments.push_back(std::move(argument));
  return node;
}

// Numbers, conditions and text become each other, times become text and each other.
bool MayCast(ColumnType from, ColumnType to) {
  const auto is_time = [](ColumnType type) {
    return type == ColumnType::kDate || type == ColumnType::kTimestamp;
  };
  return from == ColumnType::kText || to == ColumnType::kText || is_time(from) == is_time(to);
}

absl::StatusOr<MutableNode> Binder::BindCast(const SyntaxNode& syntax) {
  const ColumnType type = columns::ParseColumnType(syntax.text).value();
  ASSIGN_OR_RETURN(MutableNode value, Bind(syntax.arguments.front()));
  const std::string name(columns::ColumnTypeName(value->type));
  if (value->is_vector) return Refuse(syntax, "a vector cannot be cast");
  if (value->type == type && !value->is_null()) return value;
  const bool to_time = type == ColumnType::kDate || type == ColumnType::kTimestamp;
  if (to_time && value->type == ColumnType::kText && value->kind == NodeKind::kLiteral) {
    return BindTimeLiteral(
        {.kind = type == ColumnType::kDate ? SyntaxKind::kDate : SyntaxKind::kTimestamp,
         .offset = value->offset,
         .text = std::get<std::string>(value->literal)});
  }
  if (!value->is_null() && !MayCast(value->type, type)) {
    return Refuse(syntax, absl::StrCat("a ", name, " cannot be cast to ", syntax.text),
                  to_time ? "" : "extract(epoch FROM ...)");
  }
  auto node = std::make_unique<Node>();
  node->kind = NodeKind::kCall;
  node->type = type;
  node->offset = syntax.offset;
  node->function = Function::kCast;
  node->arguments.push_back(std::move(value));
  return node;
}

absl::StatusOr<MutableNode> Binder::BindMetric(const SyntaxNode& syntax) {
  for (const SyntaxNode& argument : syntax.arguments) {
    if (argument.kind == SyntaxKind::kText) continue;
    return Refuse(argument, "metric takes literals: metric('category/name', offset => '1 month')");
  }
  const SyntaxNode& id = syntax.arguments[0];
  if (!IsMetricId(id.text)) {
    return Refuse(id, absl::StrCat("'", id.text.substr(0, 130),
                                   "' is not the id of a metric: write 'category/name'"));
  }
  SyntaxNode offset{.kind = SyntaxKind::kText, .offset = syntax.offset};
  if (syntax.arguments.size() == 2) {
    const std::optional<std::string> canonical = CanonicalOffset(syntax.arguments[1].text);
    if (!canonical.has_value()) {
      return Refuse(
          syntax.arguments[1],
          absl::StrCat("an offset is a number from 1 to ", kMaxOffsetUnits,
                       " and a unit, back in time: '1 month', '7 days'; units are hour, day, "
                       "week, month, quarter, year"));
    }
    offset.offset = syntax.arguments[1].offset;
    offset.text = *canonical;
  }
  found_bucket_value_ = true;
  auto node = std::make_unique<Node>();
  node->kind = NodeKind::kCall;
  node->offset = syntax.offset;
  node->function = Function::kMetric;
  node->arguments.push_back(MakeLiteral(id, ColumnType::kText, id.text));
  node->arguments.push_back(MakeLiteral(offset, ColumnType::kText, offset.text));
  return node;
}

}  // namespace

absl::StatusOr<NodePtr> Bind(std::string_view text, const SyntaxNode& syntax, Purpose purpose,
                             const Schema& schema) {
  Binder binder(text, purpose, schema);
  ASSIGN_OR_RETURN(MutableNode root, binder.Bind(syntax));
  if (purpose == Purpose::kBody) return NodePtr(std::move(root));
  const std::string type(columns::ColumnTypeName(root->type));
  if (purpose == Purpose::kFilter) {
    if (root->type == ColumnType::kBool) return NodePtr(std::move(root));
    return ErrorAt(text, root->offset, absl::StrCat("a filter is a condition, this is ", type));
  }
  if (!binder.found_bucket_value()) {
    return ErrorAt(text, root->offset,
                   "a metric needs an aggregate such as sum(x) or last(x), or another metric");
  }
  if (root->type == ColumnType::kDate || root->type == ColumnType::kTimestamp) {
    return ErrorAt(text, root->offset,
                   absl::StrCat("a metric is a number, a text or a condition, this is ", type),
                   "extract(epoch FROM ...)");
  }
  return NodePtr(std::move(root));
}

}  // namespace metricstore::expression
