// How the faults of several files and definitions are told together.

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "gmock/gmock.h"
#include "tests/testing/matchers.h"
#include "tests/unit/registry/definition_cases.h"

namespace metricstore::registry {
namespace {

using ::testing::HasSubstr;

TEST(Definitions, AllFaultsOfAllFilesAreReportedInOrder) {
  const absl::Status status = Check({{"b/two.yaml", Metric("expression", "first(opn)")},
                                     {"a/one.yaml", Metric("windw", "rth")},
                                     {"c/three.yaml", "name: [\n"}});
  EXPECT_THAT(status, testing::StatusIs(absl::StatusCode::kInvalidArgument, "KEY_UNKNOWN"));
  EXPECT_THAT(status, testing::HasMetadata("path", "a/one.yaml"));
  EXPECT_THAT(status, testing::HasMetadata("suggestion", "window"));
  const auto details = status::DetailsOf(status);
  ASSERT_TRUE(details.has_value());
  ASSERT_EQ(details->violations.size(), 3u);
  EXPECT_EQ(details->violations[0].field, "a/one.yaml:8");
  EXPECT_EQ(details->violations[1].field, "b/two.yaml:7");
  EXPECT_THAT(details->violations[2].field, ::testing::StartsWith("c/three.yaml:"));
}

TEST(Definitions, FaultsOfOneMetricDoNotHideEachOther) {
  const absl::Status status = Check({{"m.yaml", R"(name: Opening-Price
description: ''
type: sum
grain: dya
table: fact_bars
window: rht
expression: first(opn)
filters: [volume > 0, voluem > 1, '']
rollup: median
windw: rth
)"}});
  // 1: no category and a bad name; 8: the empty filter and the misspelt one.
  EXPECT_THAT(Places(status), ::testing::ElementsAre("m.yaml:1", "m.yaml:1", "m.yaml:2", "m.yaml:3",
                                                     "m.yaml:4", "m.yaml:6", "m.yaml:7", "m.yaml:8",
                                                     "m.yaml:8", "m.yaml:9", "m.yaml:10"));
}

TEST(Definitions, AFilterThatIsCutAtItsCommaIsToldOnce) {
  const absl::Status status =
      Check({{"m/a.yaml", Metric("filters", "[coalesce(volume, 0) > 0, close > 0]")}});
  EXPECT_THAT(Places(status), ::testing::ElementsAre("m/a.yaml:8"));
}

TEST(Definitions, AMetricWithoutANameIsCheckedAllTheSame) {
  EXPECT_THAT(Places(Check({{"m/a.yaml", Metric("name", "''")},
                            {"m/b.yaml", absl::StrCat("description: d\ntype: derived\ngrain: day\n"
                                                      "table: fact_bar\nexpression: first(open\n"
                                                      "filters: [volume >]\n")},
                            {"m/c.yaml", Metric("table", "fact_brs")}})),
              ::testing::ElementsAre("m/a.yaml:1", "m/b.yaml:1", "m/b.yaml:4", "m/b.yaml:5",
                                     "m/b.yaml:6", "m/c.yaml:5"));
}

// Whether it needs a dataset shows once it parses.
TEST(Definitions, AMetricWithoutADatasetHasItsExpressionParsed) {
  EXPECT_THAT(Places(Check({{"m/a.yaml", absl::StrCat("name: a\ndescription: d\ntype: sum\n"
                                                      "grain: day\nexpression: sum(open\n")},
                            {"m/b.yaml", absl::StrCat("name: b\ndescription: d\ntype: sum\n"
                                                      "grain: day\nexpression: max(open)\n")}})),
              ::testing::ElementsAre("m/a.yaml:5", "m/b.yaml:1", "m/b.yaml:3"));
}

TEST(Definitions, FaultsOfOneDatasetDoNotHideEachOtherOrThoseOfItsMetrics) {
  const std::string dataset = R"(kind: dataset
name: ticks
grain: [symbl, ts]
time_column: ts
entity_column: price
calendar: XNYZ
timeframe: soon
columns:
  - {name: symbol, type: text, rollup: sum}
  - {name: ts, type: timestamp}
  - {name: price, type: float64}
)";
  EXPECT_THAT(Places(Check({{"d.yaml", dataset}})),
              ::testing::ElementsAre("d.yaml:1", "d.yaml:2", "d.yaml:3", "d.yaml:5", "d.yaml:6",
                                     "d.yaml:7", "d.yaml:9"));
  EXPECT_THAT(Places(Check(
                  {{"d.yaml", DatasetWith(3, "description: ''")},
                   {"m/a.yaml", absl::StrCat(Metric("table", "fact_ticks"), "filters: [a > 1]")}})),
              ::testing::ElementsAre("d.yaml:3", "m/a.yaml:7", "m/a.yaml:8"));
}

TEST(Definitions, WhatFollowsFromAFaultIsNotReportedAsWell) {
  EXPECT_THAT(Places(Check({{"d.yaml", DatasetWith(5, "time_colum: ts\ntimeframe: 1m")}})),
              ::testing::ElementsAre("d.yaml:5"));
  EXPECT_THAT(Places(Check({{"d.yaml", DatasetWith(8,
                                                   "columns: [{name: symbol, type: text}, hello,\n"
                                                   "  {name: ts, type: timestmp},\n"
                                                   "  {name: day, type: text, rollup: sum}]")}})),
              ::testing::ElementsAre("d.yaml:8", "d.yaml:9", "d.yaml:10"));
  EXPECT_THAT(Places(Check({{"c.yaml", CalendarWith(5, "first_date: 2020-02-30")}})),
              ::testing::ElementsAre("c.yaml:5"));
  EXPECT_THAT(
      Places(Check(
          {{"c.yaml", CalendarWith(8, "sessions: [{name: rth, open: '9:30', close: '00:00'}]")}})),
      ::testing::ElementsAre("c.yaml:8"));
}

TEST(Definitions, FaultsOfOneCalendarDoNotHideEachOtherOrThoseOfWhatReadsIt) {
  const std::string calendar = R"(kind: calendar
name: 'C M E'
time_zone: America/Chicgo
first_date: 2020-01-01
last_date: 2019-12-31
open_days: [mon, tus]
sessions: [{name: rth, open: '16:00', close: '09:30'}]
holidays: [{name: X, on: {month: 12}}]
)";
  EXPECT_THAT(Places(Check({{"c.yaml", calendar}})),
              ::testing::ElementsAre("c.yaml:1", "c.yaml:2", "c.yaml:3", "c.yaml:5", "c.yaml:6",
                                     "c.yaml:7", "c.yaml:8"));
  EXPECT_THAT(Places(Check({{"c.yaml", CalendarWith(3, "description: ''")},
                            {"d.yaml", DatasetWith(7, "calendar: CME")},
                            {"m/a.yaml", Metric("table", "fact_ticks")}})),
              ::testing::ElementsAre("c.yaml:3", "m/a.yaml:6", "m/a.yaml:7"));
  // The zone is of no concern to a metric's columns.
  EXPECT_THAT(Places(Check({{"c.yaml", CalendarWith(4, "time_zone: America/Chicgo")},
                            {"d.yaml", DatasetWith(7, "calendar: CME")},
                            {"m/a.yaml", Metric("table", "fact_ticks")}})),
              ::testing::ElementsAre("c.yaml:4", "m/a.yaml:7"));
}

TEST(Definitions, ASecondDefinitionOfTheSameNameIsCheckedToo) {
  EXPECT_THAT(Places(Check({{"x/one.yaml", Metric("category", "us")},
                            {"y/two.yaml",
                             absl::StrCat(Metric("expression", "first(opn)"), "category: us\n")}})),
              ::testing::ElementsAre("y/two.yaml:1", "y/two.yaml:7"));
}

TEST(Definitions, MessagesQuoteTheBeginningOfLongTexts) {
  const std::string text(5'000, 'x');
  for (const std::string& yaml :
       {Metric("name", text), Metric("category", text), Metric("type", text), Metric("table", text),
        Metric("window", text), Metric("timeframe", text), Metric(text, "1"),
        DatasetWith(2, absl::StrCat("name: ", text)),
        DatasetWith(2, absl::StrCat("name: fact_", text)),
        DatasetWith(4, absl::StrCat("grain: [symbol, ts, ", text, "]")),
        DatasetWith(7, absl::StrCat("calendar: ", text)),
        CalendarWith(2, absl::StrCat("name: ", text)),
        CalendarWith(5, absl::StrCat("first_date: ", text)),
        CalendarWith(8, absl::StrCat("sessions: [{name: rth, open: ", text, ", close: 1:0}]"))}) {
    const absl::Status status = Check({{"m/file.yaml", yaml}});
    EXPECT_THAT(std::string(status.message()), ::testing::SizeIs(::testing::Lt(350)))
        << status.message();
    EXPECT_THAT(std::string(status.message()), ::testing::Not(HasSubstr(std::string(81, 'x'))));
  }
}

TEST(Definitions, ASecondDefinitionOfTheSameNameNamesTheFirst) {
  const absl::Status status =
      Check({{"x/one.yaml", Metric("category", "us")}, {"y/two.yaml", Metric("category", "us")}});
  EXPECT_THAT(status,
              testing::StatusIs(absl::StatusCode::kInvalidArgument, "DEFINITION_DUPLICATE"));
  EXPECT_THAT(status, testing::ViolatesField("y/two.yaml:1"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("x/one.yaml:1"));
}

TEST(Definitions, TheSameNameInTwoFoldersIsTwoMetrics) {
  Definitions definitions;
  EXPECT_OK(Check({{"m/us/one.yaml", Metric()}, {"m/eu/one.yaml", Metric()}}, &definitions));
  ASSERT_EQ(definitions.metrics.size(), 2u);
  EXPECT_EQ(definitions.metrics[0].definition.id(), "eu/opening");
  EXPECT_EQ(definitions.metrics[1].definition.id(), "us/opening");
}

TEST(Definitions, AMetricInNoFolderNeedsACategory) {
  EXPECT_THAT(Check({{"one.yaml", Metric()}}),
              testing::StatusIs(absl::StatusCode::kInvalidArgument, "DEFINITION_INVALID"));
  EXPECT_OK(Check({{"one.yaml", Metric("category", "us")}}));
}

TEST(Definitions, WhatANeighbourWithFaultsDefinesIsNotReportedAsMissing) {
  const std::string broken = DatasetWith(8, "columns: [{name: symbol, type: txt}]");
  const absl::Status status =
      Check({{"d/ticks.yaml", broken}, {"m/us/last.yaml", Metric("table", "fact_ticks")}});
  const auto details = status::DetailsOf(status);
  ASSERT_TRUE(details.has_value());
  for (const auto& violation : details->violations) {
    EXPECT_EQ(violation.field.substr(0, 2), "d/") << violation.description;
  }
}

TEST(Definitions, BindingFillsInWhatFollowsFromTheDataset) {
  Definitions definitions;
  ASSERT_OK(Check({{"us/one.yaml", absl::StrCat(Metric("expression", "last(close) - first(open)"),
                                                "filters: [volume > 0]\ntime_column: ts\n")}},
                  &definitions));
  const MetricDefinition& metric = definitions.metrics.front().definition;
  EXPECT_EQ(metric.columns, (std::vector<std::string>{"close", "open", "volume"}));
  EXPECT_EQ(metric.tables, std::vector<std::string>{"fact_bars"});
  EXPECT_EQ(metric.time_column, "");
  EXPECT_EQ(metric.display_name, "Opening");
}

TEST(Definitions, ADatasetMayNotPullColumnsFromUnderStoredMetrics) {
  StoredDefinitions stored = Ground();
  Faults faults;
  std::vector<DefinitionFile> files = {{"us/one.yaml", Metric()}};
  Definitions definitions = ReadDefinitions(files, faults);
  CheckDefinitions(definitions, stored, faults);
  const MetricDefinition& metric = definitions.metrics.front().definition;
  stored.metrics["us/opening"] = {metric, metric, 1, 1, false};
  files = {{"d/bars.yaml",
            "kind: dataset\nname: fact_bars\ndescription: d\ngrain: [ts]\ntime_column: ts\n"
            "calendar: XNYS\ncolumns: [{name: ts, type: timestamp}]\n"}};
  definitions = ReadDefinitions(files, faults);
  CheckDefinitions(definitions, stored, faults);
  const absl::Status status = faults.ToStatus();
  EXPECT_THAT(status, testing::StatusIs(absl::StatusCode::kInvalidArgument, "DEFINITION_INVALID"));
  EXPECT_THAT(status, testing::ViolatesField("d/bars.yaml:2"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("us/opening"));
}

}  // namespace
}  // namespace metricstore::registry
