#include "registry_service/catalog/definition/metric_test_json.h"

#include <nlohmann/json.hpp>

namespace metricstore::registry {
namespace {

using Json = nlohmann::ordered_json;

// An array even where `elements` is empty.
template <typename Element, typename ToJson>
Json ArrayOf(const std::vector<Element>& elements, ToJson to_json) {
  Json array = Json::array();
  for (const Element& element : elements) array.push_back(to_json(element));
  return array;
}

Json PointToJson(const MetricTest::ExpectedPoint& point) {
  Json json = {{"bucket", point.bucket}};
  if (!point.entity.empty()) json["entity"] = point.entity;
  if (point.value.has_value()) json["value"] = *point.value;
  return json;
}

MetricTest::ExpectedPoint PointFrom(const Json& json) {
  MetricTest::ExpectedPoint point;
  point.bucket = json.at("bucket").get<std::string>();
  point.entity = json.value("entity", "");
  if (json.contains("value")) point.value = json.at("value").get<double>();
  return point;
}

Json TestToJson(const MetricTest& test) {
  Json json = {{"name", test.name}};
  json["rows"] = ArrayOf(test.rows, [](const MetricTest::Row& row) {
    return row.empty() ? Json::object() : Json(row);
  });
  json["expect"] = ArrayOf(test.expect, PointToJson);
  if (test.tolerance != 0) json["tolerance"] = test.tolerance;
  return json;
}

MetricTest TestFrom(const Json& json) {
  MetricTest test;
  test.name = json.at("name").get<std::string>();
  for (const Json& row : json.at("rows")) test.rows.push_back(row.get<MetricTest::Row>());
  for (const Json& point : json.at("expect")) test.expect.push_back(PointFrom(point));
  test.tolerance = json.value("tolerance", 0.0);
  return test;
}

}  // namespace

Json MetricTestsToJson(const std::vector<MetricTest>& tests) { return ArrayOf(tests, TestToJson); }

std::vector<MetricTest> MetricTestsFrom(const Json& json) {
  std::vector<MetricTest> tests;
  for (const Json& test : json) tests.push_back(TestFrom(test));
  return tests;
}

}  // namespace metricstore::registry
