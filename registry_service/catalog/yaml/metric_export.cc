#include <string>

#include "absl/strings/str_cat.h"
#include "common/calendar/window.h"
#include "common/time/iso8601.h"
#include "registry_service/catalog/yaml/definition_export.h"
#include "registry_service/catalog/yaml/syntax/yaml_writer.h"

namespace metricstore::registry {
namespace {

void WriteRow(YamlWriter& writer, const MetricTest::Row& row) {
  for (const auto& [column, value] : row) writer.RawValue(column, value);
}

void WritePoint(YamlWriter& writer, const MetricTest::ExpectedPoint& point) {
  writer.Plain("bucket", point.bucket);
  writer.Text("entity", point.entity);
  if (point.value.has_value()) {
    writer.Number("value", *point.value);
  } else {
    writer.Null("value");
  }
}

void WriteTest(YamlWriter& writer, const MetricTest& test) {
  writer.Text("name", test.name);
  writer.Mappings("rows", test.rows, WriteRow);
  writer.Mappings("expect", test.expect, WritePoint);
  if (test.tolerance != 0) writer.Number("tolerance", test.tolerance);
}

void WriteMeaning(const MetricDefinition& metric, YamlWriter& writer) {
  writer.Text("table", metric.dataset);
  writer.Text("expression", metric.expression);
  writer.Text("sql", metric.sql);
  for (const auto& [variant, sql] : metric.sql_variants) {
    writer.Text(absl::StrCat("sql_by_", variant), sql);
  }
  writer.Text("time_column", metric.time_column);
  writer.Texts("dimensions", metric.dimensions);
  writer.Texts("filters", metric.filters);
  if (metric.window != calendar::Window()) {
    writer.Text("window", calendar::WindowText(metric.window));
  }
  if (metric.timeframe.has_value()) writer.Plain("timeframe", FormatSpan(*metric.timeframe));
  if (metric.timeframe_alignment != calendar::BarAlignment::kClock) {
    writer.Plain("timeframe_alignment", "session");
  }
  writer.Text("rollup", metric.rollup);
}

}  // namespace

DefinitionFile ExportMetric(const MetricDefinition& metric) {
  YamlWriter writer;
  writer.BeginMapping();
  writer.Text("name", metric.name);
  writer.Text("category", metric.category);
  if (metric.display_name != DefaultDisplayName(metric.name)) {
    writer.Text("display_name", metric.display_name);
  }
  writer.Text("description", metric.description);
  writer.Plain("type", MetricTypeName(metric.type));
  writer.Text("unit", metric.unit);
  writer.Plain("grain", GrainName(metric.grain));
  WriteMeaning(metric, writer);
  writer.Texts("synonyms", metric.synonyms);
  writer.Text("notes", metric.notes);
  writer.Text("validation", metric.validation);
  writer.Text("owner", metric.owner);
  writer.Text("source", metric.source);
  writer.Texts("tags", metric.tags);
  writer.Mappings("tests", metric.tests, WriteTest);
  writer.EndMapping();
  return {absl::StrCat("metrics/", metric.id(), ".yaml"), writer.Take()};
}

}  // namespace metricstore::registry
