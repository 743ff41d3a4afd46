// Unit tests of metrics as part of a metric's canonical JSON.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "registry_service/catalog/definition/metric_definition.h"

namespace metricstore::registry {

nlohmann::ordered_json MetricTestsToJson(const std::vector<MetricTest>& tests);
// Throws nlohmann::json::exception for what no release wrote.
std::vector<MetricTest> MetricTestsFrom(const nlohmann::ordered_json& json);

}  // namespace metricstore::registry
