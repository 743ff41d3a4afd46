#include "registry_service/catalog/yaml/metric_yaml.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "registry_service/catalog/definition/excerpt.h"
#include "registry_service/catalog/definition/names.h"
#include "registry_service/catalog/yaml/clock_text.h"

namespace metricstore::registry {
namespace {

using calendar::Window;
using calendar::WindowKind;

// "daily_range_us" -> "Daily range us".
std::string DisplayNameOf(const std::string& name) {
  std::string display = absl::StrReplaceAll(name, {{"_", " "}});
  if (!display.empty()) display[0] = absl::ascii_toupper(static_cast<unsigned char>(display[0]));
  return display;
}

std::string ReadDatasetName(YamlMapping& mapping) {
  const bool has_table = mapping.Take("table") != nullptr;
  const bool has_dataset = mapping.Take("dataset") != nullptr;
  if (has_table && has_dataset) {
    mapping.Invalid("table", "table and dataset say the same thing; give one of them");
  }
  return has_dataset ? mapping.Text("dataset") : mapping.Text("table");
}

int32_t ReadSecondOfDay(YamlMapping& mapping, std::string_view key) {
  const std::string text = mapping.RequiredText(key);
  if (text.empty()) return 0;
  const auto time = ParseLocalTime(text);
  if (time.has_value() && time->day_offset == 0) return time->second_of_day;
  mapping.Invalid(key, absl::StrCat(mapping.FieldName(key),
                                    " must be a time like \"09:30\", not \"", Excerpt(text), "\""));
  return 0;
}

Window ReadWindowMapping(YamlMapping& mapping) {
  Window window;
  const auto first = mapping.Span("first");
  const auto last = mapping.Span("last");
  const bool has_first = mapping.Take("first") != nullptr;
  const bool has_last = mapping.Take("last") != nullptr;
  const bool has_range = mapping.Take("from") != nullptr || mapping.Take("to") != nullptr;
  window.session = mapping.Text("session");
  for (const std::string_view form : {"rolling", "to_date"}) {
    if (mapping.Take(form) == nullptr) continue;
    mapping.source().Fault(
        mapping.line(), "NOT_SUPPORTED", mapping.FieldName(form),
        absl::StrCat(mapping.FieldName(form), " windows are not computed by this release"));
    return window;
  }
  if (has_first + has_last + has_range > 1) {
    mapping.source().Invalid(mapping.line(), "window",
                             "a window has one of first, last, or from and to");
  } else if (has_range) {
    window.kind = WindowKind::kRange;
    window.from_second = ReadSecondOfDay(mapping, "from");
    window.to_second = ReadSecondOfDay(mapping, "to");
  } else if (has_first || has_last) {
    window.kind = has_first ? WindowKind::kFirst : WindowKind::kLast;
    window.length = (has_first ? first : last).value_or(absl::ZeroDuration());
    // As in the names first_30m and last_1h.
    if (window.session.empty()) window.session = "rth";
  } else if (!window.session.empty()) {
    window.kind = WindowKind::kSession;
  } else {
    mapping.source().Invalid(mapping.line(), "window",
                             "a window needs first, last, from and to, or session");
  }
  return window;
}

Window ReadWindow(YamlMapping& parent) {
  const YamlNode* node = parent.Take("window");
  if (node == nullptr) return Window();
  if (node->kind == YamlNode::Kind::kMapping) {
    YamlMapping mapping(*node, parent.source(), "window.");
    Window window = ReadWindowMapping(mapping);
    mapping.Finish();
    return window;
  }
  const std::string name = parent.Text("window");
  if (name.empty()) return Window();
  auto window = calendar::ParseWindowName(name);
  if (window.ok()) return *std::move(window);
  // Which quotes the name once more.
  const std::string why(name.size() > kMaxNameBytes ? "is too long" : window.status().message());
  parent.Invalid("window", absl::StrCat("window \"", Excerpt(name), "\": ", why));
  return Window();
}

void ReadWords(YamlMapping& mapping, MetricDefinition& metric) {
  metric.display_name = mapping.Text("display_name");
  if (metric.display_name.empty()) metric.display_name = DisplayNameOf(metric.name);
  metric.description = mapping.RequiredText("description");
  metric.unit = mapping.Text("unit");
  metric.synonyms = mapping.Texts("synonyms");
  metric.notes = mapping.Text("notes");
  metric.validation = mapping.Text("validation");
  metric.owner = mapping.Text("owner");
  metric.tags = mapping.Texts("tags");
}

// The SELECT forms. They are read, so that a refusal can name them.
void ReadSql(YamlMapping& mapping, MetricDefinition& metric) {
  metric.sql = mapping.Text("sql");
  for (const auto& [variant, node] : mapping.TakePrefixed("sql_by_")) {
    if (node != nullptr) metric.sql_variants[variant] = mapping.Text("sql_by_" + variant);
  }
}

}  // namespace

MetricDefinition ReadMetric(YamlMapping& mapping, const std::string& folder) {
  MetricDefinition metric;
  metric.name = mapping.RequiredText("name");
  metric.category = mapping.Text("category");
  if (metric.category.empty()) metric.category = folder;
  if (metric.category.empty()) {
    mapping.Invalid("category", "category is required for a file that lies in no folder");
  }
  const auto type = mapping.RequiredChoice("type", {"sum", "count", "avg", "min", "max", "ratio",
                                                    "derived", "cumulative", "counter", "sql"});
  if (type.has_value()) metric.type = *ParseMetricType(*type);
  const auto grain =
      mapping.RequiredChoice("grain", {"hour", "day", "week", "month", "quarter", "year"});
  if (grain.has_value()) metric.grain = *ParseGrain(*grain);
  ReadSql(mapping, metric);
  metric.dataset = ReadDatasetName(mapping);
  const bool wants_expression = metric.sql.empty() && metric.type != MetricType::kSql;
  if (wants_expression && metric.dataset.empty()) mapping.Missing("table");
  metric.expression =
      wants_expression ? mapping.RequiredText("expression") : mapping.Text("expression");
  metric.filters = mapping.Texts("filters");
  metric.window = ReadWindow(mapping);
  metric.time_column = mapping.Text("time_column");
  metric.dimensions = mapping.Texts("dimensions");
  metric.timeframe = mapping.Span("timeframe");
  metric.tables = mapping.Texts("tables");
  metric.depends_on = mapping.Texts("depends_on");
  metric.rollup =
      mapping.Choice("rollup", {"first", "last", "min", "max", "sum", "avg"}).value_or("");
  ReadWords(mapping, metric);
  mapping.Finish();
  return metric;
}

}  // namespace metricstore::registry
