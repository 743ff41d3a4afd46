// Calls: of functions, of what PostgreSQL spells with words, and of aggregates with their clauses.

#include <iterator>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/expression/catalog/function_catalog.h"
#include "common/expression/tree_adapter.h"
#include "common/status/error.h"

namespace metricstore::expression {
namespace {

// What the grammar makes of forms such as extract(year FROM x), and what they are here.
constexpr struct {
  std::string_view name;
  std::string_view function;
  std::string_view written;
} kSpelledForms[] = {
    {"extract", "date_part", "extract"}, {"substring", "substring", "substring"},
    {"position", "strpos", "position"},  {"btrim", "trim", "trim"},
    {"ltrim", "ltrim", "trim"},          {"rtrim", "rtrim", "trim"},
};

constexpr std::string_view kKnownParts[] = {"funcname",     "args",      "agg_star",
                                            "agg_filter",   "agg_order", "agg_within_group",
                                            "agg_distinct", "location",  "funcformat"};

// What there is in its place.
constexpr char kNoOver[] =
    ": cum_sum, lag and the like look at other rows inside an aggregate, and a rolling window at "
    "other dates";

// What close.mean() and np.mean(close) mean.
std::string FreeCall(const nlohmann::json& node, const std::vector<std::string>& names) {
  const std::string& name = names.back();
  const std::string form = FindFunction(name) != nullptr ? name : NearestFunction(name);
  if (form.empty() || form.find_first_of("( ") != std::string::npos) return form;
  std::string argument = names[names.size() - 2];
  if (const auto given = node.find("args"); given != node.end()) {
    const auto column = given->at(0).find("ColumnRef");
    const auto path = column == given->at(0).end() ? std::nullopt : NamesIn(column->at("fields"));
    argument = given->size() == 1 && path.has_value() ? path->back() : "x";
  }
  return absl::StrCat(form, "(", argument, ")");
}

}  // namespace

absl::Status TreeAdapter::CheckParts(const Json& node) {
  for (auto part = node.begin(); part != node.end(); ++part) {
    if (std::find(std::begin(kKnownParts), std::end(kKnownParts), part.key()) ==
        std::end(kKnownParts)) {
      return Refuse(node, absl::StrCat(RefusalOf(part.key()), part.key() == "over" ? kNoOver : ""));
    }
  }
  if (node.contains("agg_order") && !node.value("agg_within_group", false)) {
    return Refuse(node, absl::StrCat(RefusalOf("agg_order"), ": rows are in the order of time"));
  }
  return absl::OkStatus();
}

absl::StatusOr<TreeAdapter::CallName> TreeAdapter::NameOf(const Json& node) {
  const auto names = NamesIn(node.at("funcname"));
  if (!names.has_value()) return Refuse(node, "this call is not supported");
  if (names->size() == 1) return CallName{names->front(), names->front()};
  const std::string& name = names->back();
  if (node.value("funcformat", "") != "COERCE_SQL_SYNTAX") {
    return Refuse(node, "a function has no name and point before it", FreeCall(node, *names));
  }
  for (const auto& form : kSpelledForms) {
    if (form.name == name) return CallName{std::string(form.function), std::string(form.written)};
  }
  if (name == "timezone") {
    return Refuse(node, "AT TIME ZONE is not supported: times are in UTC");
  }
  return Refuse(node, absl::StrCat(name, " is not supported"));
}

absl::StatusOr<SyntaxNode> TreeAdapter::ConvertCall(const Json& node, int depth) {
  RETURN_IF_ERROR(CheckParts(node));
  ASSIGN_OR_RETURN(const CallName name, NameOf(node));
  if (node.value("agg_within_group", false)) return ConvertWithinGroup(node, name.written, depth);
  ASSIGN_OR_RETURN(SyntaxNode call, StartCall(node, name));
  if (node.contains("args")) {
    RETURN_IF_ERROR(call.text == "metric" ? AddMetricArguments(node["args"], depth, &call)
                                          : AddArguments(node["args"], depth, &call));
  }
  if (!node.contains("agg_filter")) return call;
  return ApplyFilter(std::move(call), node["agg_filter"], depth);
}

// The call without its arguments. count(*) and count(DISTINCT x) are constructs of their own.
absl::StatusOr<SyntaxNode> TreeAdapter::StartCall(const Json& node, const CallName& call_name) {
  const std::string& name = call_name.function;
  if (node.value("agg_star", false)) {
    if (name != "count") return Refuse(node, "* is only allowed in count(*)");
    return Operator(node, "count(*)");
  }
  const bool distinct = node.value("agg_distinct", false);
  if (distinct && name == "count") return Operator(node, "count(DISTINCT)");
  const FunctionSpec* const spec = FindFunction(name);
  if (distinct && spec != nullptr && spec->kind != FunctionKind::kAggregate) {
    return Refuse(node, absl::StrCat("DISTINCT belongs in aggregates, ", name, " is none"));
  }
  return SyntaxNode{.kind = SyntaxKind::kFunction,
                    .offset = OffsetOf(node),
                    .text = name,
                    .written = call_name.written,
                    .distinct = distinct};
}

// percentile_cont(p) WITHIN GROUP (ORDER BY x) is quantile_cont(x, p).
absl::StatusOr<SyntaxNode> TreeAdapter::ConvertWithinGroup(const Json& node,
                                                           const std::string& name, int depth) {
  const FunctionSpec* const spec = FindWithinGroup(name);
  if (spec == nullptr) {
    return Refuse(node,
                  absl::StrCat(name, " takes no WITHIN GROUP: percentile_cont, ",
                               "percentile_disc and mode do"),
                  status::ClosestMatch(name, {"percentile_cont", "percentile_disc", "mode"}));
  }
  const Json& order = node.at("agg_order");
  const Json& by = order.at(0).at("SortBy");
  if (order.size() != 1 || by.value("sortby_dir", "") == "SORTBY_DESC" || by.contains("useOp")) {
    return Refuse(by, "WITHIN GROUP orders by one value, rising");
  }
  SyntaxNode call{.kind = SyntaxKind::kFunction,
                  .offset = OffsetOf(node),
                  .text = std::string(spec->name),
                  .written = name,
                  .within_group = true};
  RETURN_IF_ERROR(AddArgument(by.at("node"), depth, &call));
  if (node.contains("args")) RETURN_IF_ERROR(AddArguments(node["args"], depth, &call));
  if (!node.contains("agg_filter")) return call;
  return ApplyFilter(std::move(call), node["agg_filter"], depth);
}

// metric('category/name') with an offset, by its place or by its name.
absl::Status TreeAdapter::AddMetricArguments(const Json& list, int depth, SyntaxNode* call) {
  for (const Json& item : list) {
    const auto named = item.find("NamedArgExpr");
    if (named == item.end()) {
      RETURN_IF_ERROR(AddArgument(item, depth, call));
      continue;
    }
    const std::string name = named->value("name", "");
    if (name != "offset") {
      return ErrorAt(text_, OffsetOf(*named),
                     absl::StrCat("metric has no argument named \"", name, "\""), "offset");
    }
    if (call->arguments.size() != 1 || list.size() != 2) {
      return Refuse(*named, "offset is the second and last argument of metric");
    }
    RETURN_IF_ERROR(AddArgument(named->at("arg"), depth, call));
  }
  return absl::OkStatus();
}

// f(x, ...) FILTER (WHERE c) is f(CASE WHEN c THEN x END, ...), because every aggregate skips rows
// where its first argument is NULL.
absl::StatusOr<SyntaxNode> TreeAdapter::ApplyFilter(SyntaxNode call, const Json& filter,
                                                    int depth) {
  const FunctionSpec* const spec =
      call.kind == SyntaxKind::kFunction ? FindFunction(call.text) : FindOperator(call.text);
  if (spec != nullptr && spec->kind != FunctionKind::kAggregate) {
    return ErrorAt(text_, call.offset,
                   absl::StrCat("FILTER follows an aggregate, ", call.text, " is none"));
  }
  SyntaxNode kept{
      .kind = SyntaxKind::kOperator, .offset = call.offset, .text = "CASE", .of_filter = true};
  RETURN_IF_ERROR(AddArgument(filter, depth + 1, &kept));
  if (call.text == "count(*)") {
    call.kind = SyntaxKind::kFunction;
    call.text = call.written = "count";
    call.arguments.push_back({.kind = SyntaxKind::kInteger, .offset = call.offset, .integer = 1});
  }
  if (call.arguments.empty()) return call;  // refused where arguments are counted
  kept.arguments.push_back(std::move(call.arguments.front()));
  kept.arguments.push_back({.offset = call.offset});
  call.arguments.front() = std::move(kept);
  return call;
}

}  // namespace metricstore::expression
