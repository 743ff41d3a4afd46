// Cumulative metrics: which are running totals, and where and why the others are refused.

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/testing/matchers.h"
#include "tests/unit/registry/definition_cases.h"

namespace metricstore::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class RunningTotalTable : public ::testing::TestWithParam<Case> {};

TEST_P(RunningTotalTable, IsAcceptedOrRefusedWithReasonAndPlace) { ExpectOutcome(GetParam()); }

// A cumulative metric over rows, with its window on line 5.
std::string Running(const std::string& window, const std::string& more = "",
                    const std::string& expression = "sum(volume)") {
  return absl::StrCat("name: a\ndescription: d\ntype: cumulative\ngrain: day\nwindow: ", window,
                      "\ntable: fact_bars\nexpression: ", expression, "\n", more);
}

INSTANTIATE_TEST_SUITE_P(
    Windows, RunningTotalTable,
    ::testing::Values(
        Case{"ToDate", Running("month_to_date of rth"), ""},
        Case{"ToDateAsAMapping", Running("{to_date: year}"), ""},
        Case{"Rolling", Running("rolling_30d"), ""},
        Case{"RollingSessions", Running("{session: rth, rolling: 20 sessions}"), ""},
        Case{"OfAnyAggregate", Running("year_to_date", "", "max(close) - min(close)"), ""},
        Case{"WithoutAWindow", Metric("type", "cumulative"), "DEFINITION_INVALID", 6,
             "for example window: year_to_date of rth"},
        Case{"OfTheWholeDay", Running("full_day"), "DEFINITION_INVALID", 5,
             "for example window: year_to_date"},
        Case{"OfAnEdge", Running("first_30m"), "DEFINITION_INVALID", 5,
             "for example window: year_to_date of first_30m"},
        Case{"OfThePreviousBucket", Running("previous_2 of rth"), "DEFINITION_INVALID", 5,
             "for example window: year_to_date of rth"},
        Case{"BesideASelect", Running("rth", "sql: SELECT sum(volume) AS value FROM fact_bars\n"),
             "DEFINITION_INVALID", 5, "to date or rolling"},
        Case{"OfASelectAlone",
             "name: a\ndescription: d\ntype: cumulative\ngrain: day\n"
             "sql: SELECT sum(volume) AS value FROM fact_bars\n",
             ""},
        Case{"OfAnUnknownSession", Running("rht"), "DEFINITION_INVALID", 5, "no session \"rht\""}),
    CaseName);

TEST(RunningTotals, MayBeThoseOfTheMetricsThatAreRead) {
  const auto over = [](const std::string& read, const std::string& more) {
    return absl::StrCat(read, "- name: a\n  description: d\n  type: cumulative\n  grain: day\n",
                        more);
  };
  const auto volume = [](const std::string& type, const std::string& window) {
    return absl::StrCat("- name: b\n  description: d\n  type: ", type,
                        "\n  grain: day\n  table: fact_bars\n  window: ", window,
                        "\n  expression: sum(volume)\n");
  };
  const std::string alone = "  expression: metric('m/b') / 1000\n";
  const std::string beside =
      "  table: fact_bars\n  expression: metric('m/b') / sum(volume)\n  window: ";
  EXPECT_OK(Check({{"m/f.yaml", over(volume("sum", "year_to_date"), alone)}}));
  EXPECT_OK(Check({{"m/f.yaml", over(volume("cumulative", "rolling_30d"), alone)}}));
  EXPECT_OK(Check({{"m/f.yaml", over(volume("sum", "year_to_date"), beside + "rth\n")}}));
  EXPECT_OK(Check({{"m/f.yaml", over(volume("sum", "rth"), beside + "year_to_date\n")}}));
  // A metric of a metric alone has no rows, so that its own window shows nothing.
  const absl::Status none =
      Check({{"m/f.yaml", over(volume("sum", "rth"), alone + "  window: year_to_date\n")}});
  EXPECT_THAT(none, testing::StatusIs(absl::StatusCode::kInvalidArgument, "DEFINITION_INVALID"));
  EXPECT_THAT(Places(none), ElementsAre("m/f.yaml:10"));
  EXPECT_THAT(std::string(none.message()), HasSubstr("window: year_to_date"));
  EXPECT_THAT(Places(Check({{"m/f.yaml", over(volume("sum", "rth"), beside + "rth\n")}})),
              ElementsAre("m/f.yaml:14"));
  // What is not there is told, and nothing that follows from it.
  EXPECT_THAT(Check({{"m/f.yaml", over("", alone)}}),
              testing::StatusIs(absl::StatusCode::kInvalidArgument, "METRIC_NOT_FOUND"));
  EXPECT_THAT(Places(Check({{"m/f.yaml", over("", alone)}})), ElementsAre("m/f.yaml:5"));
  EXPECT_THAT(Places(Check({{"m/f.yaml", Running("rht")}})), ElementsAre("m/f.yaml:5"));
}

// Over a stored metric whose window reaches so far.
absl::Status CheckOverStored(calendar::WindowReach reach) {
  StoredDefinitions stored = Ground();
  stored.summaries["m/b"] = {};
  MetricDefinition& metric = stored.metrics["m/b"].latest;
  metric.dataset = "fact_bars";
  metric.expression = "sum(volume)";
  metric.window.reach = reach;
  metric.window.period = Grain::kYear;
  stored.metrics["m/b"].active = metric;
  Faults faults;
  const std::vector<DefinitionFile> files = {
      {"m/a.yaml",
       "name: a\ndescription: d\ntype: cumulative\ngrain: day\nexpression: metric('m/b') * 2\n"}};
  Definitions definitions = ReadDefinitions(files, faults);
  CheckDefinitions(definitions, stored, faults);
  return faults.ToStatus();
}

TEST(RunningTotals, MayBeThoseOfStoredMetrics) {
  EXPECT_OK(CheckOverStored(calendar::WindowReach::kToDate));
  const absl::Status status = CheckOverStored(calendar::WindowReach::kBucket);
  EXPECT_THAT(status, testing::StatusIs(absl::StatusCode::kInvalidArgument, "DEFINITION_INVALID"));
  EXPECT_THAT(status, testing::HasMetadata("field", "type"));
}

}  // namespace
}  // namespace metricstore::registry
