// What every metric holds to, whether a file or a call brings it.

#include "registry_service/catalog/definition/metric_shape.h"

#include <limits>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace metricstore::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

MetricDefinition Metric() {
  MetricDefinition metric;
  metric.name = "opening";
  metric.category = "us";
  metric.description = "Opening price.";
  metric.dataset = "fact_bars";
  metric.expression = "first(open)";
  metric.tests = {{"t", {{{"open", "1"}}}, {{"2024-03-04", "A", 1}}, 0}};
  return metric;
}

// The fields of the faults of a metric that `change` was applied to.
template <typename Change>
std::vector<std::string> FaultyAfter(Change change) {
  MetricDefinition metric = Metric();
  change(metric);
  std::vector<std::string> fields;
  for (const FieldFault& fault : CheckMetricShape(metric)) {
    EXPECT_EQ(fault.reason, "DEFINITION_INVALID");
    EXPECT_FALSE(fault.message.empty());
    fields.push_back(fault.field);
  }
  return fields;
}

TEST(CheckMetricShape, AcceptsWhatIsWhole) {
  EXPECT_THAT(FaultyAfter([](auto&) {}), IsEmpty());
  EXPECT_THAT(FaultyAfter([](auto& m) {
                m.expression = "";
                m.sql = "SELECT 1";
              }),
              IsEmpty());
  EXPECT_THAT(FaultyAfter([](auto& m) { m.tests[0].expect[0].value.reset(); }), IsEmpty());
}

TEST(CheckMetricShape, WantsWhatIsRequired) {
  EXPECT_THAT(FaultyAfter([](auto& m) { m.description = ""; }), ElementsAre("description"));
  EXPECT_THAT(FaultyAfter([](auto& m) { m.expression = ""; }), ElementsAre("expression"));
  EXPECT_THAT(FaultyAfter([](auto& m) { m.type = MetricType::kSql; }), ElementsAre("sql"));
}

TEST(CheckMetricShape, WantsTextsThatFilesCanHold) {
  EXPECT_THAT(FaultyAfter([](auto& m) { m.notes = std::string(16 * 1024 + 1, 'x'); }),
              ElementsAre("notes"));
  EXPECT_THAT(FaultyAfter([](auto& m) { m.owner = "a\x01"; }), ElementsAre("owner"));
  EXPECT_THAT(FaultyAfter([](auto& m) { m.tags = {"a", "b\r"}; }), ElementsAre("tags[1]"));
  EXPECT_THAT(FaultyAfter([](auto& m) { m.filters = {"a", ""}; }), ElementsAre("filters[1]"));
  EXPECT_THAT(FaultyAfter([](auto& m) { m.synonyms.assign(2'001, "a"); }), ElementsAre("synonyms"));
  EXPECT_THAT(FaultyAfter([](auto& m) { m.rollup = "median"; }), ElementsAre("rollup"));
  EXPECT_THAT(FaultyAfter([](auto& m) { m.window.length = absl::Milliseconds(1'500); }),
              ElementsAre("window.length"));
  EXPECT_THAT(FaultyAfter([](auto& m) { m.timeframe = absl::ZeroDuration(); }),
              ElementsAre("timeframe"));
}

TEST(CheckMetricShape, BoundsSqlVariants) {
  EXPECT_THAT(FaultyAfter([](auto& m) { m.sql_variants["Plan"] = "SELECT 1"; }),
              ElementsAre("sql_by_Plan"));
  EXPECT_THAT(FaultyAfter([](auto& m) { m.sql_variants["plan"] = ""; }),
              ElementsAre("sql_by_plan"));
  EXPECT_THAT(FaultyAfter([](auto& m) {
                for (int i = 0; i < 33; ++i) m.sql_variants[absl::StrCat("p", i)] = "SELECT 1";
              }),
              ElementsAre("sql_by_p9"));
}

TEST(CheckMetricShape, BoundsTests) {
  EXPECT_THAT(FaultyAfter([](auto& m) { m.tests.resize(101); }), ElementsAre("tests"));
  EXPECT_THAT(FaultyAfter([](auto& m) { m.tests.push_back(m.tests[0]); }),
              ElementsAre("tests[1].name"));
  EXPECT_THAT(FaultyAfter([](auto& m) { m.tests[0].name = std::string(201, 'x'); }),
              ElementsAre("tests[0].name"));
  EXPECT_THAT(FaultyAfter([](auto& m) { m.tests[0].name = ""; }), ElementsAre("tests[0].name"));
  EXPECT_THAT(FaultyAfter([](auto& m) { m.tests[0].rows.resize(1'001); }),
              ElementsAre("tests[0].rows"));
  EXPECT_THAT(FaultyAfter([](auto& m) {
                m.tests[0].rows.resize(900);
                for (auto& row : m.tests[0].rows) {
                  for (int i = 0; i < 60; ++i) row[absl::StrCat("c", i)] = "1";
                }
              }),
              ElementsAre("tests"));
  EXPECT_THAT(FaultyAfter([](auto& m) { m.tests[0].rows[0]["Open"] = "1"; }),
              ElementsAre("tests[0].rows[0]"));
  EXPECT_THAT(FaultyAfter([](auto& m) { m.tests[0].rows[0]["open"] = "\x02"; }),
              ElementsAre("tests[0].rows[0].open"));
  for (const double tolerance : {-0.1, 0.2, std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_THAT(FaultyAfter([&](auto& m) { m.tests[0].tolerance = tolerance; }),
                ElementsAre("tests[0].tolerance"));
  }
}

TEST(CheckMetricShape, WantsExpectedPointsWithBucketAndFiniteValue) {
  EXPECT_THAT(FaultyAfter([](auto& m) { m.tests[0].expect[0].bucket = ""; }),
              ElementsAre("tests[0].expect[0].bucket"));
  EXPECT_THAT(FaultyAfter([](auto& m) { m.tests[0].expect.resize(1'001, m.tests[0].expect[0]); }),
              ElementsAre("tests[0].expect"));
  EXPECT_THAT(FaultyAfter([](auto& m) {
                m.tests[0].expect[0].value = std::numeric_limits<double>::infinity();
              }),
              ElementsAre("tests[0].expect[0].value"));
}

TEST(NormalizeMetric, GivesTheFormThatFilesGive) {
  MetricDefinition metric = Metric();
  metric.name = " daily_range ";
  metric.expression = "first(open)\r\n";
  metric.sql_variants["plan"] = " SELECT\r\n1 ";
  metric.tags = {" us "};
  metric.window = {calendar::WindowKind::kSession, "rth ", absl::Hours(1), 5, 6};
  metric.tests[0].name = " t ";
  metric.tests[0].rows[0]["open"] = " 1\r\n";
  NormalizeMetric(metric);
  EXPECT_EQ(metric.name, "daily_range");
  EXPECT_EQ(metric.display_name, "Daily range");
  EXPECT_EQ(metric.expression, "first(open)");
  EXPECT_EQ(metric.sql_variants["plan"], "SELECT\n1");
  EXPECT_THAT(metric.tags, ElementsAre("us"));
  EXPECT_EQ(metric.window, (calendar::Window{calendar::WindowKind::kSession, "rth"}));
  EXPECT_EQ(metric.tests[0].name, "t");
  EXPECT_EQ(metric.tests[0].rows[0]["open"], " 1\n");
}

TEST(NormalizeMetric, KeepsOfAReachWhatItReads) {
  using calendar::Window;
  using calendar::WindowReach;
  const auto normal = [](WindowReach reach) {
    MetricDefinition metric = Metric();
    metric.window = {
        .reach = reach, .count = 5, .unit = calendar::RollingUnit::kHours, .period = Grain::kMonth};
    NormalizeMetric(metric);
    return metric.window;
  };
  EXPECT_EQ(normal(WindowReach::kBucket), Window());
  EXPECT_EQ(
      normal(WindowReach::kRolling),
      (Window{.reach = WindowReach::kRolling, .count = 5, .unit = calendar::RollingUnit::kHours}));
  EXPECT_EQ(normal(WindowReach::kToDate),
            (Window{.reach = WindowReach::kToDate, .period = Grain::kMonth}));
  EXPECT_EQ(normal(WindowReach::kPrevious), (Window{.reach = WindowReach::kPrevious, .count = 5}));
}

}  // namespace
}  // namespace metricstore::registry
