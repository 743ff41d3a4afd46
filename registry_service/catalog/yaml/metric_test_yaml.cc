#include "registry_service/catalog/yaml/metric_test_yaml.h"

#include "registry_service/catalog/yaml/syntax/yaml_items.h"

namespace metricstore::registry {
namespace {

MetricTest::ExpectedPoint ReadPoint(YamlMapping& mapping) {
  MetricTest::ExpectedPoint point;
  point.bucket = mapping.RequiredText("bucket");
  point.entity = mapping.Text("entity");
  point.value = mapping.Number("value");
  mapping.Finish();
  return point;
}

MetricTest ReadTest(YamlMapping& mapping) {
  MetricTest test;
  test.name = mapping.RequiredText("name");
  test.rows = ReadItems(mapping, "rows", [](YamlMapping& row) { return row.AllTexts(); });
  test.expect = ReadItems(mapping, "expect", ReadPoint);
  test.tolerance = mapping.Number("tolerance").value_or(0);
  mapping.Finish();
  return test;
}

}  // namespace

std::vector<MetricTest> ReadMetricTests(YamlMapping& parent) {
  return ReadItems(parent, "tests", ReadTest);
}

}  // namespace metricstore::registry
