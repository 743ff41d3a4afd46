// Metrics as the JSON in which they are stored, and their etags.

#include "registry_service/catalog/definition/metric_json.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/matchers.h"

namespace metricstore::registry {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

MetricDefinition FullMetric() {
  MetricDefinition metric;
  metric.name = "close";
  metric.category = "us";
  metric.display_name = "The close";
  metric.description = "Last price.";
  metric.type = MetricType::kDerived;
  metric.unit = "USD";
  metric.grain = Grain::kWeek;
  metric.dataset = "fact_bars";
  metric.expression = "last(close)";
  metric.sql = "SELECT 1";
  metric.sql_variants = {{"plan", "SELECT 2"}};
  metric.time_column = "ts";
  metric.dimensions = {"venue"};
  metric.filters = {"trades > 0", "close > 1"};
  metric.window = {calendar::WindowKind::kLast, "rth", absl::Hours(1)};
  metric.window.reach = calendar::WindowReach::kRolling;
  metric.window.count = 30;
  metric.window.unit = calendar::RollingUnit::kDays;
  metric.timeframe = absl::Minutes(5);
  metric.timeframe_alignment = calendar::BarAlignment::kSession;
  metric.rollup = "last";
  metric.synonyms = {"final"};
  metric.notes = "Line one\nline \"two\"";
  metric.validation = "By eye.";
  metric.owner = "markets";
  metric.source = "The desk's handbook";
  metric.tags = {"us", "eu"};
  metric.tests = {{"one row",
                   {{{"ts", "2024-03-04T15:00:00Z"}, {"close", "1.5"}}, {}},
                   {{"2024-03-04", "A", 1.5}, {"2024-03-11", "", std::nullopt}},
                   0.01},
                  {"no rows", {}, {}, 0}};
  metric.tables = {"fact_bars"};
  metric.depends_on = {"us/open"};
  metric.columns = {"close", "trades"};
  metric.reads = {"fact_bars.close", "fact_bars.trades"};
  metric.meaning = "0a1b";
  metric.meaning_without_sql = "2c3d";
  return metric;
}

TEST(MetricJson, RoundTripsEveryField) {
  const MetricDefinition metric = FullMetric();
  const auto back = MetricFromJson(MetricToJson(metric));
  ASSERT_OK(back);
  EXPECT_EQ(MetricToJson(*back), MetricToJson(metric));
  EXPECT_EQ(back->notes, metric.notes);
  EXPECT_EQ(back->window, metric.window);
  EXPECT_EQ(back->timeframe, metric.timeframe);
  EXPECT_EQ(back->timeframe_alignment, metric.timeframe_alignment);
  EXPECT_EQ(back->source, metric.source);
  EXPECT_EQ(back->tests, metric.tests);
  EXPECT_EQ(back->reads, metric.reads);
  EXPECT_EQ(back->meaning, metric.meaning);
  EXPECT_EQ(back->meaning_without_sql, metric.meaning_without_sql);
}

TEST(MetricJson, LeavesOutWhatTheStoreSetsAndCanonicalForms) {
  MetricDefinition metric = FullMetric();
  const std::string json = MetricToJson(metric);
  metric.canonical = {"last(close)", {"close > 1"}, "SELECT 1", {}};
  metric.version = 3;
  metric.etag = "x";
  metric.delete_time = absl::UnixEpoch();
  EXPECT_EQ(MetricToJson(metric), json);
}

TEST(MetricJson, ReadsWhatTheFirstReleaseWrote) {
  const auto metric = MetricFromJson(R"json({
    "name": "range", "category": "us", "display_name": "Range", "description": "d",
    "type": "derived", "grain": "day", "dataset": "fact_bars",
    "expression": "max(high) - min(low)", "window": {"kind": 2, "session": "rth"},
    "tables": ["fact_bars"], "columns": ["high", "low"]})json");
  ASSERT_OK(metric);
  EXPECT_EQ(metric->id(), "us/range");
  EXPECT_EQ(metric->window.session, "rth");
  EXPECT_EQ(metric->window.reach, calendar::WindowReach::kBucket);
  EXPECT_EQ(metric->timeframe_alignment, calendar::BarAlignment::kClock);
  EXPECT_EQ(metric->source, "");
  EXPECT_TRUE(metric->tests.empty());
  EXPECT_TRUE(metric->reads.empty());
  EXPECT_EQ(metric->meaning, "");
}

TEST(MetricJson, RoundTripsEveryReachOfAWindow) {
  for (const char* text : {"rolling_20_sessions of rth", "rolling_30d", "rolling_24h",
                           "month_to_date of first_30m", "day_to_date", "previous", "previous_7"}) {
    MetricDefinition metric = FullMetric();
    metric.window = *calendar::ParseWindow(text);
    const auto back = MetricFromJson(MetricToJson(metric));
    ASSERT_OK(back);
    EXPECT_EQ(back->window, metric.window) << text;
  }
}

TEST(MetricJson, LeavesEmptyFieldsOut) {
  MetricDefinition metric;
  metric.name = "a";
  metric.category = "us";
  for (const char* key : {"timeframe", "rolling", "to_date", "previous", "source", "tests", "reads",
                          "meaning", "sql", "filters"}) {
    EXPECT_THAT(MetricToJson(metric), Not(HasSubstr(key)));
  }
}

TEST(MetricJson, AForeignTextIsAnInternalError) {
  for (
      const char* json :
      {"[1", "{}", R"({"name":"a","category":"b","type":"odd","grain":"day","window":{"kind":1}})",
       R"({"name":"a","category":"b","type":"sum","grain":"day","window":{"kind":1},"tests":[1]})"}) {
    EXPECT_THAT(MetricFromJson(json), testing::StatusIs(absl::StatusCode::kInternal)) << json;
  }
}

TEST(EtagOf, ChangesWithEverythingThatIsStored) {
  const MetricDefinition metric = FullMetric();
  MetricDefinition other = metric;
  other.notes = "Other";
  const std::string etag = EtagOf(metric, metric, 2, 2, false);
  EXPECT_EQ(EtagOf(metric, metric, 2, 2, false), etag);
  EXPECT_NE(EtagOf(other, metric, 2, 2, false), etag);
  EXPECT_NE(EtagOf(metric, other, 2, 2, false), etag);
  EXPECT_NE(EtagOf(metric, metric, 3, 2, false), etag);
  EXPECT_NE(EtagOf(metric, metric, 2, 1, false), etag);
  EXPECT_NE(EtagOf(metric, metric, 2, 2, true), etag);
  EXPECT_NE(EtagOf(other, metric, 2, 2, false), EtagOf(metric, other, 2, 2, false));
}

}  // namespace
}  // namespace metricstore::registry
