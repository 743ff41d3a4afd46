#include "common/expression/binder.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/expression/function_catalog.h"
#include "common/expression/literals.h"
#include "common/expression/metric_literals.h"
#include "common/expression/types.h"
#include "common/status/error.h"
#include "common/status/macros.h"

namespace metricstore::expression {
namespace {

using columns::ColumnType;

// No window of rows is longer; keeps offsets far from overflow.
constexpr int64_t kMaxLagRows = 1'000'000;

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
  absl::StatusOr<MutableNode> BindColumn(const SyntaxNode& syntax);
  absl::StatusOr<MutableNode> BindCall(const SyntaxNode& syntax);
  absl::StatusOr<MutableNode> BindMetric(const SyntaxNode& syntax);
  absl::StatusOr<const FunctionSpec*> FindSpec(const SyntaxNode& syntax);
  absl::Status CheckArgumentCount(const SyntaxNode& syntax, const FunctionSpec& spec);
  absl::Status CheckPlace(const SyntaxNode& syntax, const FunctionSpec& spec);
  absl::Status UnifyArguments(const FunctionSpec& spec, bool may_be_text,
                              std::vector<MutableNode>* arguments);
  absl::Status UnifyCase(const FunctionSpec& spec, bool may_be_text,
                         std::vector<MutableNode>* arguments);
  absl::Status UnifyResults(const CallSite& site, bool may_be_text,
                            const std::vector<MutableNode*>& results);
  absl::Status CheckLagRows(const Node& rows);

  absl::Status Refuse(const SyntaxNode& syntax, const std::string& message,
                      const std::string& suggestion = "") const {
    return ErrorAt(text_, syntax.offset, message, suggestion);
  }

  std::string_view text_;
  Purpose purpose_;
  const Schema& schema_;
  bool inside_aggregate_ = false;
  bool found_bucket_value_ = false;
  // Whether the next call is what count(DISTINCT ...) counts.
  bool is_counted_ = false;
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

absl::StatusOr<MutableNode> Binder::BindColumn(const SyntaxNode& syntax) {
  const auto found = std::find_if(schema_.begin(), schema_.end(), [&](const SchemaColumn& column) {
    return column.name == syntax.text;
  });
  if (found == schema_.end()) {
    std::vector<std::string> names;
    for (const SchemaColumn& column : schema_) names.push_back(column.name);
    return Refuse(syntax, absl::StrCat("unknown column \"", syntax.text, "\""),
                  status::ClosestMatch(syntax.text, names));
  }
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
  const std::string suggestion = status::ClosestMatch(syntax.text, FunctionNames());
  return Refuse(syntax,
                absl::StrCat("unknown function \"", syntax.text, "\"",
                             suggestion.empty() ? "; packs/README.md lists all functions" : ""),
                suggestion);
}

absl::Status Binder::CheckArgumentCount(const SyntaxNode& syntax, const FunctionSpec& spec) {
  const int count = static_cast<int>(syntax.arguments.size());
  if (count >= spec.min_arguments && count <= spec.max_arguments) return absl::OkStatus();
  std::string wanted = std::to_string(spec.min_arguments);
  if (spec.max_arguments == kAnyNumber) {
    wanted = absl::StrCat("at least ", wanted);
  } else if (spec.max_arguments != spec.min_arguments) {
    absl::StrAppend(&wanted, " to ", spec.max_arguments);
  }
  return Refuse(syntax,
                absl::StrCat(std::string(spec.name), " takes ", wanted,
                             wanted == "1" ? " argument, not " : " arguments, not ", count));
}

// Whether a call of this kind may stand here at all.
absl::Status Binder::CheckPlace(const SyntaxNode& syntax, const FunctionSpec& spec) {
  const std::string name(spec.name);
  if (spec.kind == FunctionKind::kRow) return absl::OkStatus();
  if (purpose_ == Purpose::kFilter) {
    return Refuse(syntax, absl::StrCat(name, " is not allowed in a filter: a filter sees one row"));
  }
  if (spec.kind == FunctionKind::kAggregate && inside_aggregate_) {
    return Refuse(syntax, absl::StrCat("the aggregate ", name, " is inside an aggregate"));
  }
  if (spec.kind == FunctionKind::kOrderedRow && !inside_aggregate_) {
    return Refuse(syntax, absl::StrCat(name, " is a function of rows: use it inside an aggregate"));
  }
  if (spec.kind == FunctionKind::kBucket && inside_aggregate_) {
    return Refuse(syntax,
                  absl::StrCat(name, " is the value of a bucket: use it outside aggregates"));
  }
  return absl::OkStatus();
}

absl::Status Binder::CheckLagRows(const Node& rows) {
  const int64_t* const value = std::get_if<int64_t>(&rows.literal);
  if (rows.kind == NodeKind::kLiteral && rows.type == ColumnType::kInt64 && value != nullptr &&
      *value >= 1 && *value <= kMaxLagRows) {
    return absl::OkStatus();
  }
  return ErrorAt(text_, rows.offset,
                 absl::StrCat("lag's second argument is a number of rows, 1 to ", kMaxLagRows));
}

// Text is a result only where distinct values are counted, and then of one column.
absl::Status Binder::UnifyResults(const CallSite& site, bool may_be_text,
                                  const std::vector<MutableNode*>& results) {
  const bool is_text = std::any_of(results.begin(), results.end(), [](const MutableNode* result) {
    return (*result)->kind == NodeKind::kColumn && (*result)->type == ColumnType::kText;
  });
  if (!is_text || !may_be_text) return Unify(site, ArgumentTypes::kAnyButText, results);
  for (const MutableNode* result : results) {
    if ((*result)->is_null() || (*result)->kind == NodeKind::kColumn) continue;
    return ErrorAt(text_, (*result)->offset, "text in CASE is one column or NULL");
  }
  return Unify(site, ArgumentTypes::kComparable, results);
}

// (condition, result)..., else; or value, (candidate, result)..., else.
absl::Status Binder::UnifyCase(const FunctionSpec& spec, bool may_be_text,
                               std::vector<MutableNode>* arguments) {
  const CallSite site{.text = text_, .name = "CASE"};
  const bool has_value = spec.function == Function::kCaseOf;
  std::vector<MutableNode*> conditions;
  std::vector<MutableNode*> results;
  size_t at = 0;
  if (has_value) conditions.push_back(&(*arguments)[at++]);
  for (; at + 1 < arguments->size(); at += 2) {
    conditions.push_back(&(*arguments)[at]);
    results.push_back(&(*arguments)[at + 1]);
  }
  results.push_back(&arguments->back());
  RETURN_IF_ERROR(
      Unify(site, has_value ? ArgumentTypes::kComparable : ArgumentTypes::kBool, conditions));
  return UnifyResults(site, may_be_text, results);
}

absl::Status Binder::UnifyArguments(const FunctionSpec& spec, bool may_be_text,
                                    std::vector<MutableNode>* arguments) {
  const CallSite site{.text = text_, .name = spec.name};
  if (spec.function == Function::kCase || spec.function == Function::kCaseOf) {
    return UnifyCase(spec, may_be_text, arguments);
  }
  std::vector<MutableNode*> nodes;
  for (MutableNode& argument : *arguments) nodes.push_back(&argument);
  if (spec.function == Function::kLag) {
    if (nodes.size() == 2) RETURN_IF_ERROR(CheckLagRows(**nodes[1]));
    nodes.resize(1);
  }
  return Unify(site, spec.arguments, nodes);
}

ColumnType ResultOf(const FunctionSpec& spec, const std::vector<MutableNode>& arguments) {
  switch (spec.result) {
    case ResultType::kFloat64:
      return ColumnType::kFloat64;
    case ResultType::kInt64:
      return ColumnType::kInt64;
    case ResultType::kBool:
      return ColumnType::kBool;
    case ResultType::kOfArguments:
      break;
  }
  // The last argument of CASE is a result, its first is not; lag's last is a number of rows.
  return spec.function == Function::kLag ? arguments.front()->type : arguments.back()->type;
}

absl::StatusOr<MutableNode> Binder::BindCall(const SyntaxNode& syntax) {
  ASSIGN_OR_RETURN(const FunctionSpec* spec, FindSpec(syntax));
  RETURN_IF_ERROR(CheckPlace(syntax, *spec));
  RETURN_IF_ERROR(CheckArgumentCount(syntax, *spec));
  if (spec->function == Function::kMetric) return BindMetric(syntax);
  const bool is_aggregate = spec->kind == FunctionKind::kAggregate;
  if (is_aggregate) found_bucket_value_ = inside_aggregate_ = true;
  const bool may_be_text = std::exchange(is_counted_, spec->function == Function::kCountDistinct);
  std::vector<MutableNode> arguments;
  for (const SyntaxNode& argument : syntax.arguments) {
    ASSIGN_OR_RETURN(MutableNode bound, Bind(argument));
    arguments.push_back(std::move(bound));
  }
  is_counted_ = false;
  if (is_aggregate) inside_aggregate_ = false;
  RETURN_IF_ERROR(UnifyArguments(*spec, may_be_text, &arguments));
  auto node = std::make_unique<Node>();
  node->kind = NodeKind::kCall;
  node->offset = syntax.offset;
  node->function = spec->function;
  node->type = ResultOf(*spec, arguments);
  for (MutableNode& argument : arguments) node->arguments.push_back(std::move(argument));
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
          "an offset is a number and a unit, back in time: '1 month', '7 days'; units are "
          "hour, day, week, month, quarter, year");
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
  const std::string type(columns::ColumnTypeName(root->type));
  if (purpose == Purpose::kFilter) {
    if (root->type == ColumnType::kBool) return NodePtr(std::move(root));
    return ErrorAt(text, root->offset, absl::StrCat("a filter is a condition, this is ", type));
  }
  if (!binder.found_bucket_value()) {
    return ErrorAt(text, root->offset,
                   "a metric needs an aggregate such as sum(x) or last(x), or another metric");
  }
  if (root->type != ColumnType::kFloat64 && root->type != ColumnType::kInt64) {
    return ErrorAt(text, root->offset, absl::StrCat("a metric is a number, this is ", type));
  }
  return NodePtr(std::move(root));
}

}  // namespace metricstore::expression
