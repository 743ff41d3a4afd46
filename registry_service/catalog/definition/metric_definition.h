// A metric's definition: metadata, a data requirement and an expression.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "common/calendar/buckets.h"
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

// A metric's unit test. See proto metricstore.registry.v1.MetricTest.
struct MetricTest {
  struct ExpectedPoint {
    std::string bucket;  // as written: "2024-03-04" or "2024-03-04T15:00:00Z"
    std::string entity;
    std::optional<double> value;  // nullopt: NULL
    friend bool operator==(const ExpectedPoint&, const ExpectedPoint&) = default;
  };
  // Column to text; a column that is not named is NULL.
  using Row = std::map<std::string, std::string>;

  std::string name;
  std::vector<Row> rows;
  std::vector<ExpectedPoint> expect;
  double tolerance = 0;  // relative; 0: 1e-9
  friend bool operator==(const MetricTest&, const MetricTest&) = default;
};

// The canonical forms of what a metric computes, one text for all spellings. Derived by the parser;
// kept in memory only, since another release may spell them differently.
struct CanonicalForms {
  std::string expression;
  std::vector<std::string> filters;  // sorted: all must hold
  std::string sql;
  std::map<std::string, std::string> sql_variants;
  friend bool operator==(const CanonicalForms&, const CanonicalForms&) = default;
};

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
  calendar::BarAlignment timeframe_alignment = calendar::BarAlignment::kClock;
  std::string rollup;
  std::vector<std::string> synonyms;
  std::string notes;
  std::string validation;
  std::string owner;
  std::string source;
  std::vector<std::string> tags;
  std::vector<MetricTest> tests;

  // Derived by the parser; sorted.
  std::vector<std::string> tables;      // that expression and SELECTs read
  std::vector<std::string> depends_on;  // ids of metrics that the expression reads
  std::vector<std::string> columns;     // of the dataset, that expression and filters read
  std::vector<std::string>
      reads;                 // every "table.column" of expression, filters, dimensions, SELECTs
  CanonicalForms canonical;  // empty until bound
  // Hash of the canonical forms with dataset, window, grain, dimensions, timeframe and its
  // alignment: equal for metrics that say the same under other names. Stored.
  std::string meaning;
  // The same without the SELECTs, where they stand beside an expression; else "". Stored.
  std::string meaning_without_sql;

  // Set by the store.
  int version = 0;
  int active_version = 0;
  int latest_version = 0;
  std::optional<absl::Time> delete_time;
  std::string etag;
  absl::Time create_time;
  absl::Time update_time;

  std::string id() const { return category + "/" + name; }
  bool has_select() const { return !sql.empty() || !sql_variants.empty(); }
  // What near duplicates have in common: the meaning of the expression, whatever SELECTs stand
  // beside it, or that of the SELECTs where there is none.
  const std::string& likeness() const {
    return meaning_without_sql.empty() ? meaning : meaning_without_sql;
  }
};

// "daily_range_us" -> "Daily range us": what a metric is called that has no display name.
std::string DefaultDisplayName(std::string_view name);

// Whether its window runs on from bucket to bucket, to date or rolling: what makes a running total.
bool HasRunningWindow(const MetricDefinition& metric);

// Why this release does not compute the metric: "has dimensions", "has no expression", "type
// counter". Empty if it does, as far as the definition tells: what it reads may not be computed.
std::string WhyNotComputed(const MetricDefinition& metric);
// Why its tests cannot be run: they hold rows of one dataset. Empty if they can.
std::string WhyNotTested(const MetricDefinition& metric);

}  // namespace metricstore::registry
