// GROUP BY, ORDER BY, LIMIT and WINDOW: where names of results are names too.

#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "common/expression/select/walker.h"
#include "common/status/error.h"
#include "common/status/macros.h"

namespace metricstore::expression::select {
namespace {

bool Holds(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// How many grouping sets an item of GROUP BY makes; any number above the limit for more.
size_t GroupingSetsOf(const json& item) {
  const Form form = FormOf(item);
  if (form.name != "GroupingSet") return 1;
  const json& content = ListPart(form.body, "content");
  const std::string kind = TextPart(form.body, "kind");
  if (kind == "GROUPING_SET_ROLLUP") return content.size() + 1;
  if (kind == "GROUPING_SET_CUBE") return size_t{1} << std::min<size_t>(content.size(), 20);
  if (kind != "GROUPING_SET_SETS") return 1;
  size_t sum = 0;
  for (const json& part : content) sum += GroupingSetsOf(part);
  return sum;
}

// The name that an item is, if it is nothing but one.
std::optional<std::string> BareName(const json& item) {
  const json* const column = Part(item, "ColumnRef");
  if (column == nullptr || column->at("fields").size() != 1) return std::nullopt;
  return NameIn(column->at("fields")[0]);
}

}  // namespace

absl::Status Walker::Group(const json& item, const Columns& outputs, const Place& place) {
  const Form form = FormOf(item);
  if (form.name == "GroupingSet") {
    RETURN_IF_ERROR(CheckParts(form.body, {"kind", "content"}));
    for (const json& part : ListPart(form.body, "content")) {
      RETURN_IF_ERROR(Group(part, outputs, place));
    }
    return absl::OkStatus();
  }
  if (form.name == "RowExpr") {
    for (const json& part : ListPart(form.body, "args")) {
      RETURN_IF_ERROR(Group(part, outputs, place));
    }
    return absl::OkStatus();
  }
  return OutputOr(item, outputs, false, place);
}

// Items of GROUP BY multiply.
absl::Status Walker::CheckGroupingSets(const json& select) {
  size_t sets = 1;
  for (const json& item : ListPart(select, "groupClause")) {
    const size_t of_item = GroupingSetsOf(item);
    if (of_item > kMaxGroupingSets || (sets *= of_item) > kMaxGroupingSets) {
      return Refuse(item,
                    absl::StrCat("GROUP BY makes at most ", kMaxGroupingSets, " grouping sets"));
    }
  }
  return absl::OkStatus();
}

// An output by its place or its name, or an expression of the rows. PostgreSQL looks a bare name of
// GROUP BY up among the rows first, one of ORDER BY among the outputs.
absl::Status Walker::OutputOr(const json& item, const Columns& outputs, bool output_first,
                              const Place& place) {
  ASSIGN_OR_RETURN(const bool is_ordinal, IsOrdinal(item, outputs, place));
  if (is_ordinal) return absl::OkStatus();
  const std::optional<std::string> name = BareName(item);
  const bool is_output = name.has_value() && !ColumnsNamed(outputs, *name).empty();
  if (is_output && output_first) return absl::OkStatus();
  if (is_output && ColumnsNamed(place.scope->row.columns, *name).empty()) return absl::OkStatus();
  return Expression(item, place).status();
}

absl::StatusOr<bool> Walker::IsOrdinal(const json& item, const Columns& outputs,
                                       const Place& place) {
  const json* const constant = Part(item, "A_Const");
  if (constant == nullptr) return false;
  const json* const number = Part(*constant, "ival");
  // The tree leaves out integers that are not positive.
  const int64_t ordinal = number == nullptr ? 0 : number->value("ival", int64_t{0});
  if (ordinal >= 1 && ordinal <= static_cast<int64_t>(outputs.size())) return true;
  return Refuse(item, absl::StrCat("a constant ", std::string(place.clause),
                                   " is the number of a result column, 1 to ", outputs.size()));
}

// One item of an ORDER BY, wherever it stands; without USING.
absl::Status Walker::CheckSort(const json& sort) {
  return CheckParts(sort, {"node", "sortby_dir", "sortby_nulls"});
}

absl::Status Walker::Sort(const json& list, const Columns& outputs, const Place& place) {
  for (const json& item : list) {
    const json& sort = item.at("SortBy");
    RETURN_IF_ERROR(CheckSort(sort));
    RETURN_IF_ERROR(OutputOr(sort.at("node"), outputs, true, place));
  }
  return absl::OkStatus();
}

// ORDER BY after UNION and VALUES: names and numbers of the outputs, nothing else.
absl::Status Walker::SortOutputs(const json& select, const Columns& outputs,
                                 const WithQuery* with) {
  Scope scope;
  scope.row.columns = outputs;
  const Place place{.scope = &scope, .with = with, .clause = "in ORDER BY"};
  const json& list = ListPart(select, "sortClause");
  for (const json& item : list) {
    const json& node = item.at("SortBy").at("node");
    if (Part(node, "A_Const") != nullptr || BareName(node).has_value()) continue;
    return Refuse(node,
                  "ORDER BY after UNION, INTERSECT, EXCEPT and VALUES takes names or numbers "
                  "of result columns");
  }
  return Sort(list, outputs, place);
}

absl::Status Walker::Limit(const json& select, const WithQuery* with) {
  const Scope scope;
  const Place place{.scope = &scope, .with = with, .clause = "in LIMIT"};
  RETURN_IF_ERROR(Optional(Part(select, "limitCount"), place).status());
  return Optional(Part(select, "limitOffset"), place).status();
}

absl::StatusOr<Walker::Names> Walker::Windows(const json& list, const Place& place) {
  Names names;
  Place before = place;
  before.windows = &names;
  for (const json& item : list) {
    const json& window = item.at("WindowDef");
    RETURN_IF_ERROR(WindowDefinition(window, before));
    std::string name = TextPart(window, "name");
    if (Holds(names, name)) {
      return Refuse(window, absl::StrCat("the window \"", name, "\" is given twice"));
    }
    names.push_back(std::move(name));
  }
  return names;
}

// What stands in the brackets of OVER and WINDOW.
absl::Status Walker::WindowDefinition(const json& window, const Place& place) {
  RETURN_IF_ERROR(CheckParts(window, {"name", "refname", "partitionClause", "orderClause",
                                      "frameOptions", "startOffset", "endOffset"}));
  RETURN_IF_ERROR(WindowName(window, TextPart(window, "refname"), place));
  Place inside = place;
  inside.window_calls = false;
  inside.clause = "in a window";
  RETURN_IF_ERROR(Expressions(ListPart(window, "partitionClause"), inside).status());
  for (const json& item : ListPart(window, "orderClause")) {
    RETURN_IF_ERROR(CheckSort(item.at("SortBy")));
    RETURN_IF_ERROR(Expression(item["SortBy"].at("node"), inside).status());
  }
  for (const char* const part : {"startOffset", "endOffset"}) {
    // A distance: a number or an interval.
    ASSIGN_OR_RETURN(const Value distance, Optional(Part(window, part), inside));
    if (distance.clock != nullptr) return RefuseClock(*distance.clock);
  }
  return absl::OkStatus();
}

absl::Status Walker::WindowName(const json& window, const std::string& name, const Place& place) {
  if (name.empty()) return absl::OkStatus();
  if (place.windows != nullptr && Holds(*place.windows, name)) return absl::OkStatus();
  return Refuse(window, absl::StrCat("unknown window \"", name, "\""),
                status::ClosestMatch(name, place.windows == nullptr ? Names() : *place.windows));
}

}  // namespace metricstore::expression::select
