// Reports on definitions of files and of the store, against a real PostgreSQL: errors, warnings and
// the metrics' own tests.

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/error.h"
#include "gmock/gmock.h"
#include "tests/integration/catalog/import_planner_fixture.h"

namespace metricstore::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

// "metric price/opening: error EXPRESSION_INVALID expression 9".
std::vector<std::string> ReportLines(const std::vector<DefinitionReport>& reports) {
  std::vector<std::string> lines;
  for (const DefinitionReport& report : reports) {
    std::vector<std::string> findings;
    for (const Finding& finding : report.findings) {
      findings.push_back(absl::StrCat(finding.severity == Severity::kError ? "error " : "warning ",
                                      finding.reason, " ", finding.field, " ", finding.line));
    }
    std::string line = absl::StrCat(report.kind, " ", report.name, ":");
    if (!findings.empty()) absl::StrAppend(&line, " ", absl::StrJoin(findings, ", "));
    if (report.tests_passed > 0) absl::StrAppend(&line, " passed ", report.tests_passed);
    lines.push_back(line);
  }
  return lines;
}

TEST_F(ImportPlannerTest, ReportsOnEachDefinitionOfTheFiles) {
  const auto reports = Validate(
      {CalendarFile(),
       BarsFile(),
       {"metrics/price/two.yaml",
        "- name: bad\n  description: d\n  type: derived\n  grain: day\n  table: fact_bars\n"
        "  expression: first(opn)\n  windw: rth\n"
        "- name: doubtful\n  description: d\n  type: derived\n  grain: day\n  table: fact_bars\n"
        "  expression: max(open)\n  unit: EUR\n"},
       {"metrics/price/broken.yaml", "name: [\n"},
       {"metrics/price/kind.yaml", "kind: datset\nname: x\n"}});
  EXPECT_THAT(ReportLines(reports),
              ElementsAre(" : error YAML_INVALID  2", " : error DEFINITION_INVALID kind 1",
                          "calendar XNYS:", "dataset fact_bars:",
                          "metric price/bad: error EXPRESSION_INVALID expression 6, "
                          "error KEY_UNKNOWN windw 7",
                          "metric price/doubtful: warning NO_OWNER owner 8, "
                          "warning TYPE_DOUBTFUL type 10, warning UNIT_DOUBTFUL unit 14"));
  ASSERT_THAT(reports, SizeIs(6));
  EXPECT_EQ(reports[0].path, "metrics/price/broken.yaml");
  EXPECT_EQ(reports[4].path, "metrics/price/two.yaml");
  EXPECT_EQ(reports[4].findings[0].suggestion, "open");
  EXPECT_EQ(reports[4].findings[1].suggestion, "window");
  EXPECT_EQ(reports[5].findings[2].suggestion, "USD");
}

TEST_F(ImportPlannerTest, SendsMetricsWithoutFaultsBackWhereTheyAreAskedFor) {
  const std::vector<DefinitionFile> files = {
      Edited(OpeningFile(), "first(open)", "max(open)"),
      {"metrics/price/bad.yaml",
       "name: bad\ndescription: d\ntype: max\ngrain: day\ntable: fact_bars\n"
       "expression: max(opn)\n"}};
  const auto reports = planner_.Validate(project_, files, true, {}, true);
  ASSERT_OK(reports);
  ASSERT_THAT(*reports, SizeIs(2));
  EXPECT_EQ((*reports)[0].metric, nullptr);
  ASSERT_NE((*reports)[1].metric, nullptr);
  EXPECT_EQ((*reports)[1].metric->id(), "price/opening");
  EXPECT_EQ((*reports)[1].metric->expression, "max(open)");
  EXPECT_EQ((*reports)[1].lines.at("name"), 2);
  for (const DefinitionReport& report : Validate(files)) {
    EXPECT_EQ(report.metric, nullptr);
    EXPECT_TRUE(report.lines.empty());
  }
}

TEST_F(ImportPlannerTest, DoubtsOfCalendarsAreReportedAndToldByImports) {
  const DefinitionFile file = Edited(CalendarFile(), "holidays:\n",
                                     "holidays:\n  - {name: Once, on: {date: 1999-01-04}}\n");
  EXPECT_THAT(ReportLines(Validate({file})),
              ElementsAre(HasSubstr("calendar XNYS: warning DATES_DOUBTFUL holidays[0].on ")));
  const auto done = importer_.Import(project_, std::vector{file}, {}, {});
  ASSERT_OK(done);
  EXPECT_THAT(ReportLines(done->warnings),
              ElementsAre(HasSubstr("calendar XNYS: warning DATES_DOUBTFUL holidays[0].on ")));
  EXPECT_THAT(done->warnings[0].path, HasSubstr("XNYS.yaml"));
}

TEST_F(ImportPlannerTest, AnErrorIsReportedOnce) {
  for (const char* const grain : {"day", "week"}) {
    const DefinitionFile file = {
        "metrics/price/a.yaml",
        absl::StrCat("name: a\ndescription: d\ntype: max\ngrain: ", grain,
                     "\ntable: fact_bars\nexpression: max(open)\nowner: me\n"
                     "timeframe_alignment: session\nwindow: day_to_date of nowhere\n"
                     "tests:\n  - {name: t, rows: [{symbol: A, ts: 2024-03-05T15:00:00Z, open: 1}],"
                     " expect: [{bucket: 2024-03-0, entity: A, value: 1}]}\n")};
    std::vector<std::string> errors;
    for (const DefinitionReport& report : Validate({file})) {
      for (const Finding& finding : report.findings) errors.push_back(finding.message);
    }
    EXPECT_GE(errors.size(), 3u);
    std::sort(errors.begin(), errors.end());
    EXPECT_EQ(std::adjacent_find(errors.begin(), errors.end()), errors.end())
        << absl::StrJoin(errors, "\n");
  }
}

TEST_F(ImportPlannerTest, ReportsWhatMetricsShareWithOthersAndWithTheStore) {
  const auto reports = Validate(
      {Edited(Edited(OpeningFile(), "name: opening", "name: start"), "unit: USD",
              "unit: USD\nowner: me\nsynonyms: [first price]"),
       {"metrics/price/closing.yaml",
        "name: closing\ndescription: d\ntype: derived\ngrain: day\ntable: fact_bars\nowner: me\n"
        "expression: last(close)\nsynonyms: [First_Price]\n"}});
  EXPECT_THAT(ReportLines(reports),
              ElementsAre("metric price/closing: warning SYNONYM_SHARED synonyms[0] 8",
                          "metric price/start: warning SYNONYM_SHARED synonyms[0] 7, "
                          "warning NEAR_DUPLICATE expression 11"));
}

DefinitionFile TestedFile(const std::string& expression = "max(open)") {
  return {"metrics/price/tested.yaml",
          absl::StrCat("name: tested\ndescription: d\ntype: max\ngrain: day\ntable: fact_bars\n"
                       "owner: me\nexpression: ",
                       expression,
                       "\ntests:\n  - name: one\n"
                       "    rows: [{symbol: A, ts: 2024-03-04T15:00:00Z, open: 1}]\n"
                       "    expect: [{bucket: 2024-03-04, entity: A, value: 1}]\n")};
}

TEST_F(ImportPlannerTest, RunsTheTestsOfMetricsWithoutFaults) {
  evaluator_.answer.points = {{"A", absl::FromUnixSeconds(1709528400), 1.0, true}};
  EXPECT_THAT(ReportLines(Validate({TestedFile()})), ElementsAre("metric price/tested: passed 1"));
  evaluator_.answer.points[0].value = 2;
  const auto reports = Validate({TestedFile()});
  EXPECT_THAT(ReportLines(reports),
              ElementsAre("metric price/tested: error TEST_FAILED tests[0].expect[0] 11"));
  EXPECT_EQ(reports[0].findings[0].message,
            "test \"one\": bucket 2024-03-04 of A is 2, expected 1");
  const int evaluated = evaluator_.evaluated;
  EXPECT_THAT(ReportLines(Validate({TestedFile()}, true)), ElementsAre("metric price/tested:"));
  EXPECT_THAT(ReportLines(Validate({TestedFile("max(opn)")})),
              ElementsAre("metric price/tested: error EXPRESSION_INVALID expression 7"));
  EXPECT_EQ(evaluator_.evaluated, evaluated);
  evaluator_.status =
      status::ErrorBuilder(absl::StatusCode::kUnavailable, "COMPUTE_UNAVAILABLE", "gone").Build();
  EXPECT_THAT(planner_.Validate(project_, std::vector{TestedFile()}, false, {}),
              testing::StatusIs(absl::StatusCode::kUnavailable, "COMPUTE_UNAVAILABLE"));
}

TEST_F(ImportPlannerTest, ReportsOnAllThatIsStored) {
  evaluator_.answer.points = {{"A", absl::FromUnixSeconds(1709528400), 1.0, true}};
  ASSERT_OK(Import({TestedFile(),
                    Derived("double", "metric('price/opening') * 2"),
                    {"columns/fact_bars.yaml",
                     "kind: columns\ntable: fact_bars\n"
                     "columns: [{name: open, description: First price.}]\n"}}));
  ASSERT_OK(Import({{"metrics/price/gone.yaml",
                     "name: gone\ndescription: d\ntype: max\ngrain: day\ntable: fact_bars\n"
                     "expression: max(open)\n"}}));
  ASSERT_OK(editor_.Delete(project_, "price/gone", {}, {}));
  const auto reports = Validate({});
  EXPECT_THAT(ReportLines(reports),
              ElementsAre("calendar XNYS:", "dataset fact_bars:", "columns fact_bars:",
                          "metric price/double:", "metric price/opening: warning NO_OWNER owner 0",
                          "metric price/tested: passed 1"));
  for (const DefinitionReport& report : reports) EXPECT_EQ(report.path, "");
}

TEST_F(ImportPlannerTest, FindsStoredMetricsThatLostTheirGround) {
  ASSERT_OK(Import({Derived("double", "metric('price/opening') * 2")}));
  // As if an earlier release had let it happen.
  ASSERT_OK(Execute("DELETE FROM column_metadata WHERE column_name = 'open'"));
  ASSERT_OK(
      Execute("UPDATE metric_definitions SET latest_definition = latest_definition || "
              "'{\"expression\": \"metric(''price/openin'')\"}' WHERE name = 'double'"));
  ASSERT_OK(Execute("UPDATE metric_definitions SET definition = latest_definition"));
  const auto reports = Validate({});
  EXPECT_THAT(ReportLines(reports),
              ElementsAre("calendar XNYS:", "dataset fact_bars:",
                          "metric price/double: error METRIC_NOT_FOUND expression 0",
                          "metric price/opening: error EXPRESSION_INVALID expression 0"));
  ASSERT_THAT(reports, SizeIs(4));
  EXPECT_EQ(reports[2].findings[0].suggestion, "price/opening");
}

}  // namespace
}  // namespace metricstore::registry
