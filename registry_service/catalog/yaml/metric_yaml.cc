#include "registry_service/catalog/yaml/metric_yaml.h"

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "registry_service/catalog/definition/excerpt.h"
#include "registry_service/catalog/yaml/cut_filters.h"
#include "registry_service/catalog/yaml/metric_test_yaml.h"
#include "registry_service/catalog/yaml/syntax/expression_hint.h"
#include "registry_service/catalog/yaml/window_yaml.h"

namespace metricstore::registry {
namespace {

std::string ReadDatasetName(YamlMapping& mapping) {
  const bool has_table = mapping.Take("table") != nullptr;
  const bool has_dataset = mapping.Take("dataset") != nullptr;
  if (has_table && has_dataset) {
    mapping.Invalid("table", "table and dataset say the same thing; give one of them");
  }
  return has_dataset ? mapping.Text("dataset") : mapping.Text("table");
}

void ReadWords(YamlMapping& mapping, MetricDefinition& metric) {
  metric.display_name = mapping.Text("display_name");
  if (metric.display_name.empty()) metric.display_name = DefaultDisplayName(metric.name);
  metric.description = mapping.Text("description");
  metric.unit = mapping.Text("unit");
  metric.synonyms = mapping.Texts("synonyms");
  metric.notes = mapping.Text("notes");
  metric.validation = mapping.Text("validation");
  metric.owner = mapping.Text("owner");
  metric.source = mapping.Text("source");
  metric.tags = mapping.Texts("tags");
}

std::vector<std::string> ReadFilters(YamlMapping& mapping) {
  std::vector<std::string> filters = mapping.Texts("filters");
  const YamlNode* const node = mapping.Take("filters");
  const auto cut = node == nullptr ? std::nullopt : FindCutFilter(*node);
  if (!cut.has_value()) return filters;
  mapping.Invalid(absl::StrCat("filters[", *cut, "]"),
                  absl::StrCat("filters[", *cut, "] is \"", Excerpt(filters[*cut]),
                               "\": ", std::string(kFlowFilters)));
  mapping.source().faulty.insert("filters");  // the other pieces are none either
  return filters;
}

// What is computed, out of which rows.
void ReadMeaning(YamlMapping& mapping, MetricDefinition& metric) {
  metric.dataset = ReadDatasetName(mapping);
  metric.expression = mapping.Text("expression");
  metric.sql = mapping.Text("sql");
  for (const auto& [variant, node] : mapping.TakePrefixed("sql_by_")) {
    if (node != nullptr) metric.sql_variants[variant] = mapping.Text("sql_by_" + variant);
  }
  metric.filters = ReadFilters(mapping);
  metric.window = ReadWindow(mapping);
  metric.time_column = mapping.Text("time_column");
  metric.dimensions = mapping.Texts("dimensions");
  metric.timeframe = mapping.Span("timeframe");
  if (mapping.Choice("timeframe_alignment", {"clock", "session"}) == "session") {
    metric.timeframe_alignment = calendar::BarAlignment::kSession;
  }
  metric.tables = mapping.Texts("tables");
  metric.depends_on = mapping.Texts("depends_on");
  metric.rollup =
      mapping.Choice("rollup", {"first", "last", "min", "max", "sum", "avg"}).value_or("");
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
  ReadMeaning(mapping, metric);
  ReadWords(mapping, metric);
  metric.tests = ReadMetricTests(mapping);
  mapping.Finish();
  // A SELECT with faults is there all the same, and need not be an expression.
  if (mapping.source().faulty.contains("sql")) mapping.source().faulty.insert("expression");
  return metric;
}

}  // namespace metricstore::registry
