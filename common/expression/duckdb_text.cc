#include "common/expression/duckdb_text.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "common/expression/catalog/function_catalog.h"
#include "common/expression/literals.h"
#include "common/expression/node.h"
#include "common/expression/select_layers.h"
#include "common/status/macros.h"

namespace metricstore::expression {
namespace {

using columns::ColumnType;

// Each value counts where it comes first.
constexpr std::string_view kDistinctTemplate =
    "(CASE WHEN {row_number() OVER (PARTITION BY $1 ORDER BY $order)} = 1 THEN $1 END)";

std::string_view TypeName(ColumnType type) {
  switch (type) {
    case ColumnType::kFloat64:
      return "DOUBLE";
    case ColumnType::kInt64:
      return "BIGINT";
    case ColumnType::kBool:
      return "BOOLEAN";
    case ColumnType::kText:
      return "VARCHAR";
    case ColumnType::kTimestamp:
      return "TIMESTAMP";
    case ColumnType::kDate:
      break;
  }
  return "DATE";
}

// DuckDB reads 1.5 as a decimal and 1.5e0 as a double.
std::string RealText(double value) {
  std::string text = FormatRealLiteral(value);
  if (text.find('e') == std::string::npos) text += "e0";
  return text;
}

std::string LiteralText(const Node& node) {
  const std::string type(TypeName(node.type));
  if (node.is_null()) return absl::StrCat("NULL::", type);
  if (const auto* real = std::get_if<double>(&node.literal)) {
    return absl::StrCat("(", RealText(*real), ")");
  }
  if (const auto* flag = std::get_if<bool>(&node.literal)) return *flag ? "TRUE" : "FALSE";
  if (const auto* text = std::get_if<std::string>(&node.literal)) {
    return absl::StrCat("'", absl::StrReplaceAll(*text, {{"'", "''"}}), "'");
  }
  const int64_t value = std::get<int64_t>(node.literal);
  if (node.type == ColumnType::kDate) {
    return absl::StrCat("DATE '", FormatDateLiteral(value), "'");
  }
  if (node.type == ColumnType::kTimestamp) return absl::StrCat("make_timestamp(", value, ")");
  return absl::StrCat("(", value, ")::BIGINT");
}

// The place of the brace that closes the one at `open`.
size_t ClosingBrace(std::string_view text, size_t open) {
  int depth = 0;
  for (size_t at = open; at < text.size(); ++at) {
    if (text[at] == '{') ++depth;
    if (text[at] == '}' && --depth == 0) return at;
  }
  return text.size();
}

// How often a template uses argument `index`, counted from 1.
int UsesOf(std::string_view text, size_t index) {
  const std::string sign = absl::StrCat("$", index);
  int uses = 0;
  for (size_t at = text.find(sign); at != std::string_view::npos; at = text.find(sign, at + 1)) {
    ++uses;
  }
  return uses;
}

std::vector<std::string_view> SplitSteps(std::string_view steps) {
  constexpr std::string_view kBetween = "; ";
  std::vector<std::string_view> parts;
  while (!steps.empty()) {
    const size_t end = std::min(steps.find(kBetween), steps.size());
    parts.push_back(steps.substr(0, end));
    steps.remove_prefix(std::min(end + kBetween.size(), steps.size()));
  }
  return parts;
}

// Renders one metric. Lives for one call.
class Renderer {
 public:
  explicit Renderer(const DuckDbRows& rows) : rows_(rows) {}

  absl::StatusOr<std::string> Run(const BoundExpression& metric,
                                  std::span<const std::shared_ptr<const BoundExpression>> filters);

 private:
  // What a template is filled with.
  struct Call {
    const Node& node;
    SelectLayers& layers;
    std::vector<LayeredText> arguments;
    std::vector<LayeredText> steps = {};
  };

  absl::StatusOr<LayeredText> Render(const Node& node, SelectLayers* layers);
  absl::StatusOr<LayeredText> RenderCall(const Node& node, SelectLayers* layers);
  absl::StatusOr<LayeredText> RenderAggregate(const Node& node);
  absl::StatusOr<LayeredText> RenderArgument(const Node& call, size_t index, int uses,
                                             SelectLayers* layers);
  absl::StatusOr<std::string> Filtered(
      std::span<const std::shared_ptr<const BoundExpression>> filters);
  LayeredText Fill(std::string_view text, const Call& call) const;
  // Reads one sign at `*at` of `text` and appends what it stands for.
  void FillSign(std::string_view text, const Call& call, size_t* at, LayeredText* filled) const;
  std::string ArmsOf(const Call& call) const;

  const DuckDbRows& rows_;
  SelectLayers row_layers_{"row "};
  SelectLayers bucket_layers_{"bucket "};
  std::vector<std::string> aggregates_;  // texts of columns "aggregate 1", ...
};

void Append(const LayeredText& part, LayeredText* whole) {
  whole->text += part.text;
  whole->layers = std::max(whole->layers, part.layers);
}

std::string_view TemplateOf(const Node& node, const FunctionSpec& spec) {
  const bool is_short = node.arguments.size() < spec.arguments.size();
  if (is_short && !spec.duckdb_short.empty()) return spec.duckdb_short;
  const bool is_int64 =
      !node.arguments.empty() && node.arguments.front()->type == ColumnType::kInt64;
  if (is_int64 && !spec.duckdb_int64.empty()) return spec.duckdb_int64;
  return spec.duckdb;
}

std::string Renderer::ArmsOf(const Call& call) const {
  std::string text;
  size_t at = 0;
  const std::vector<LayeredText>& arguments = call.arguments;
  if (call.node.function == Function::kCaseOf) text = absl::StrCat(arguments[at++].text, " ");
  for (; at + 1 < arguments.size(); at += 2) {
    absl::StrAppend(&text, "WHEN ", arguments[at].text, " THEN ", arguments[at + 1].text, " ");
  }
  return absl::StrCat(text, "ELSE ", arguments.back().text);
}

void Renderer::FillSign(std::string_view text, const Call& call, size_t* at,
                        LayeredText* filled) const {
  const std::string_view rest = text.substr(*at);
  const auto starts = [&](std::string_view sign) {
    if (!rest.starts_with(sign)) return false;
    *at += sign.size();
    return true;
  };
  if (starts("$order")) return void(filled->text += QuotedName(rows_.order));
  if (starts("$time")) return void(filled->text += QuotedName(rows_.time));
  if (starts("$type")) return void(filled->text += TypeName(call.node.type));
  if (starts("$arms")) {
    for (const LayeredText& each : call.arguments) {
      filled->layers = std::max(filled->layers, each.layers);
    }
    filled->text += ArmsOf(call);
    return;
  }
  const auto index = static_cast<size_t>(rest[1] - '1');
  *at += 2;
  Append(call.arguments[index], filled);
  if (*at >= text.size() || text[*at] != '[') return;
  const size_t end = text.find(']', *at);
  const std::string_view separator = text.substr(*at + 1, end - *at - 1);
  *at = end + 1;
  for (size_t i = index + 1; i < call.arguments.size(); ++i) {
    filled->text += separator;
    Append(call.arguments[i], filled);
  }
}

LayeredText Renderer::Fill(std::string_view text, const Call& call) const {
  LayeredText filled{.is_simple = false};
  for (size_t at = 0; at < text.size();) {
    if (text[at] == '$') {
      FillSign(text, call, &at, &filled);
    } else if (text[at] == '{') {
      const size_t end = ClosingBrace(text, at);
      Append(call.layers.Add(Fill(text.substr(at + 1, end - at - 1), call)), &filled);
      at = end + 1;
    } else if (text[at] == '#') {
      Append(call.steps[static_cast<size_t>(text[at + 1] - '1')], &filled);
      at += 2;
    } else {
      filled.text += text[at++];
    }
  }
  return filled;
}

absl::StatusOr<LayeredText> Renderer::Render(const Node& node, SelectLayers* layers) {
  switch (node.kind) {
    case NodeKind::kLiteral:
      return LayeredText{.text = LiteralText(node)};
    case NodeKind::kColumn:
      return LayeredText{.text = QuotedName(node.column)};
    case NodeKind::kCall:
      break;
  }
  return RenderCall(node, layers);
}

absl::StatusOr<LayeredText> Renderer::RenderCall(const Node& node, SelectLayers* layers) {
  const FunctionSpec& spec = SpecOf(node.function);
  if (spec.kind == FunctionKind::kBucket) {
    return absl::UnimplementedError("DuckDB's text of another metric");
  }
  if (spec.kind == FunctionKind::kAggregate && layers != &row_layers_) {
    return RenderAggregate(node);
  }
  const std::string_view text = TemplateOf(node, spec);
  Call call{.node = node, .layers = *layers, .arguments = {}};
  for (size_t i = 0; i < node.arguments.size(); ++i) {
    const int uses = UsesOf(text, i + 1) + UsesOf(spec.duckdb_steps, i + 1);
    ASSIGN_OR_RETURN(LayeredText argument, RenderArgument(node, i, uses, layers));
    call.arguments.push_back(std::move(argument));
  }
  for (const std::string_view step : SplitSteps(spec.duckdb_steps)) {
    call.steps.push_back(layers->Add(Fill(step, call)));
  }
  return Fill(text, call);
}

absl::StatusOr<LayeredText> Renderer::RenderArgument(const Node& call, size_t index, int uses,
                                                     SelectLayers* layers) {
  ASSIGN_OR_RETURN(LayeredText argument, Render(*call.arguments[index], layers));
  if (index == 0 && call.distinct) {
    if (!argument.is_simple) argument = layers->Add(argument);
    argument = Fill(kDistinctTemplate,
                    {.node = call, .layers = *layers, .arguments = {std::move(argument)}});
  }
  return !argument.is_simple && uses > 1 ? layers->Add(argument) : argument;
}

absl::StatusOr<LayeredText> Renderer::RenderAggregate(const Node& node) {
  ASSIGN_OR_RETURN(const LayeredText call, RenderCall(node, &row_layers_));
  size_t number = 0;
  while (number < aggregates_.size() && aggregates_[number] != call.text) ++number;
  if (number == aggregates_.size()) aggregates_.push_back(call.text);
  return LayeredText{.text = QuotedName(absl::StrCat("aggregate ", number + 1))};
}

absl::StatusOr<std::string> Renderer::Filtered(
    std::span<const std::shared_ptr<const BoundExpression>> filters) {
  if (filters.empty()) return rows_.relation;
  SelectLayers layers("filter ");
  std::vector<std::string> conditions;
  for (const auto& filter : filters) {
    ASSIGN_OR_RETURN(const LayeredText condition, Render(filter->root(), &layers));
    conditions.push_back(condition.text);
  }
  return absl::StrCat("(SELECT * FROM ", layers.Over(rows_.relation), " WHERE ",
                      absl::StrJoin(conditions, " AND "), ")");
}

absl::StatusOr<std::string> Renderer::Run(
    const BoundExpression& metric,
    std::span<const std::shared_ptr<const BoundExpression>> filters) {
  ASSIGN_OR_RETURN(const std::string relation, Filtered(filters));
  ASSIGN_OR_RETURN(const LayeredText value, Render(metric.root(), &bucket_layers_));
  std::string columns;
  for (size_t i = 0; i < aggregates_.size(); ++i) {
    absl::StrAppend(&columns, i == 0 ? "" : ", ", aggregates_[i], " AS ",
                    QuotedName(absl::StrCat("aggregate ", i + 1)));
  }
  const std::string buckets =
      absl::StrCat("(SELECT ", columns, " FROM ", row_layers_.Over(relation), ")");
  return absl::StrCat("SELECT ", value.text, " AS value FROM ", bucket_layers_.Over(buckets));
}

}  // namespace

absl::StatusOr<std::string> DuckDbSelect(
    const BoundExpression& metric, std::span<const std::shared_ptr<const BoundExpression>> filters,
    const DuckDbRows& rows) {
  return Renderer(rows).Run(metric, filters);
}

}  // namespace metricstore::expression
