// A metric's definition: metadata, a data requirement and an expression.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "common/calendar/window.h"
#include "common/time/grain.h"

namespace metricstore::registry {

// Values equal those of the proto enum metricstore.registry.v1.MetricType.
enum class MetricType {
  kSum = 1,
  kCount = 2,
  kAvg = 3,
  kMin = 4,
  kMax = 5,
  kRatio = 6,
  kDerived = 7,
  kCumulative = 8,
  kCounter = 9,
  kSql = 10
};

// "sum", "count", ...: the names used in YAML and in the database.
std::string_view MetricTypeName(MetricType type);
std::optional<MetricType> ParseMetricType(std::string_view name);

// See proto metricstore.registry.v1.Metric, which has the same fields.
struct MetricDefinition {
  std::string name;
  std::string category;
  std::string display_name;
  std::string description;
  MetricType type = MetricType::kDerived;
  std::string unit;
  Grain grain = Grain::kDay;
  std::string dataset;
  std::string expression;
  std::string sql;
  std::map<std::string, std::string> sql_variants;  // sql_by_plan in YAML is the key "plan"
  std::string time_column;                          // "": the dataset's
  std::vector<std::string> dimensions;
  std::vector<std::string> filters;
  calendar::Window window;
  std::optional<absl::Duration> timeframe;
  std::string rollup;
  std::vector<std::string> synonyms;
  std::string notes;
  std::string validation;
  std::string owner;
  std::vector<std::string> tags;

  // Derived by the parser from expression and filters; sorted.
  std::vector<std::string> tables;
  std::vector<std::string> depends_on;
  std::vector<std::string> columns;

  // Set by the store.
  int version = 0;
  int active_version = 0;
  std::string etag;
  absl::Time create_time;
  absl::Time update_time;

  std::string id() const { return category + "/" + name; }
};

}  // namespace metricstore::registry
