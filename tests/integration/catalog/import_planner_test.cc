// Plans of imports and validation of definitions against a real PostgreSQL.

#include "registry_service/catalog/plan/import_planner.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/error.h"
#include "gmock/gmock.h"
#include "registry_service/catalog/plan/plan_statements.h"
#include "tests/integration/catalog/catalog_fixture.h"
#include "tests/testing/matchers.h"

namespace metricstore::registry {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ImportPlannerTest : public CatalogTest {
 protected:
  void SetUp() override { ASSERT_OK(Import(BaseFiles())); }

  absl::StatusOr<ImportPlan> Plan(const std::vector<DefinitionFile>& files) {
    return planner_.Plan(project_, files, false, {});
  }
  ImportPlan GoodPlan(const std::vector<DefinitionFile>& files) {
    auto plan = Plan(files);
    EXPECT_OK(plan);
    return plan.ok() ? *std::move(plan) : ImportPlan();
  }

  std::vector<DefinitionReport> Validate(const std::vector<DefinitionFile>& files,
                                         bool skip_tests = false) {
    auto reports = planner_.Validate(project_, files, skip_tests, {});
    EXPECT_OK(reports);
    return reports.ok() ? *std::move(reports) : std::vector<DefinitionReport>();
  }

  // Pretends that a backfill stored points of a metric's version for one symbol.
  void StoreResults(const std::string& id, int version, const std::string& symbol,
                    const std::vector<std::string>& days) {
    std::vector<std::string> starts;
    for (const std::string& day : days) starts.push_back(absl::StrCat("'", day, "Z'"));
    const std::string buckets = absl::StrJoin(starts, ",");
    ASSERT_OK(Execute(absl::StrCat(
        "WITH s AS (INSERT INTO metric_series (project_id, metric_id, version, grain, entity) "
        "VALUES (1, '",
        id, "', ", version, ", 2, '", symbol,
        "') RETURNING series_id) "
        "INSERT INTO metric_chunk (project_id, series_id, span_start, bucket_starts, \"values\") "
        "SELECT 1, series_id, '2024-01-01', ARRAY[",
        buckets, "]::timestamptz[], array_fill(1::float8, ARRAY[", days.size(), "]) FROM s")));
  }

  // Pretends that so many rows of a symbol were ingested.
  void StoreRows(const std::string& symbol, int rows) {
    ASSERT_OK(Execute(
        absl::StrCat("INSERT INTO dataset_entities (project_id, dataset, entity, row_count) VALUES "
                     "(1, 'fact_bars', '",
                     symbol, "', ", rows, ")")));
  }

  ImportPlanner planner_{pool_, tests_};
};

// "metric price/opening changed 2 new version breaking: a, b".
std::vector<std::string> ChangeLines(const ImportPlan& plan) {
  constexpr const char* kActions[] = {"", "created", "changed", "unchanged", "restored"};
  std::vector<std::string> lines;
  for (const PlannedChange& change : plan.changes) {
    std::string line = absl::StrCat(change.outcome.kind, " ", change.outcome.name, " ",
                                    kActions[static_cast<int>(change.outcome.action)], " ",
                                    change.outcome.version);
    if (change.makes_version) line += " new version";
    if (change.breaking) line += " breaking";
    if (!change.dependents.empty()) {
      absl::StrAppend(&line, ": ", absl::StrJoin(change.dependents, ", "));
    }
    lines.push_back(line);
  }
  return lines;
}

std::vector<std::string> StaleLines(const ImportPlan& plan) {
  std::vector<std::string> lines;
  for (const StaleResults& stale : plan.stale) {
    lines.push_back(absl::StrCat(stale.metric, " v", stale.version, " ", stale.series, " series ",
                                 stale.points, " points ", FormatInstant(*stale.first_bucket), " ",
                                 FormatInstant(*stale.last_bucket)));
  }
  return lines;
}

DefinitionFile Derived(const std::string& name, const std::string& expression) {
  return {absl::StrCat("metrics/price/", name, ".yaml"),
          absl::StrCat("name: ", name,
                       "\ndescription: Of others.\ntype: derived\ngrain: day\nowner: markets\n"
                       "expression: \"",
                       expression, "\"\n")};
}

TEST_F(ImportPlannerTest, EveryStatementCanBePrepared) {
  for (const pg::Statement* statement : kPlanStatements) {
    SCOPED_TRACE(std::string(statement->name));
    EXPECT_OK(Execute(
        absl::StrCat("PREPARE checked AS ", std::string(statement->sql), "; DEALLOCATE checked")));
  }
}

TEST_F(ImportPlannerTest, SaysWhatAnImportWouldDoAndStoresNothing) {
  const std::string before = Ask("SELECT catalog_revision FROM projects");
  const DefinitionFile closing = {"metrics/price/closing.yaml",
                                  "name: closing\ndescription: Last.\ntype: derived\ngrain: day\n"
                                  "table: fact_bars\nexpression: last(close)\n"};
  auto plan = GoodPlan({CalendarFile(), BarsFile(), OpeningFile(), closing});
  EXPECT_THAT(ChangeLines(plan),
              ElementsAre("calendar XNYS unchanged 1", "dataset fact_bars unchanged 0",
                          "metric price/closing created 1 new version",
                          "metric price/opening unchanged 1"));
  EXPECT_EQ(plan.changes[2].outcome.path, "metrics/price/closing.yaml");
  EXPECT_THAT(plan.stale, IsEmpty());
  plan = GoodPlan({Edited(OpeningFile(), "Price of the first trade.", "First price.")});
  EXPECT_THAT(ChangeLines(plan), ElementsAre("metric price/opening changed 1"));
  ASSERT_THAT(plan.changes[0].changes, SizeIs(1));
  EXPECT_EQ(plan.changes[0].changes[0].after, "First price.");
  plan = GoodPlan({Edited(Edited(OpeningFile(), "first(open)", "last(close)"), "USD", "EUR")});
  EXPECT_THAT(ChangeLines(plan),
              ElementsAre("metric price/opening changed 2 new version breaking"));
  EXPECT_EQ(plan.changes[0].outcome.active_version, 1);
  EXPECT_EQ(Ask("SELECT catalog_revision FROM projects"), before);
  EXPECT_EQ(Ask("SELECT count(*) FROM metric_versions"), "1");
}

TEST_F(ImportPlannerTest, WhileAVersionWaitsReadersOfTheServedOneAreToldToo) {
  ASSERT_OK(Import({Edited(OpeningFile(), "USD", "EUR")}));
  const auto plan =
      GoodPlan({Edited(Edited(OpeningFile(), "USD", "EUR"), "first(open)", "min(open)")});
  EXPECT_THAT(ChangeLines(plan),
              ElementsAre("metric price/opening changed 3 new version breaking"));
  ASSERT_THAT(plan.changes[0].changes, SizeIs(1)) << "the unit waits already";
  EXPECT_EQ(plan.changes[0].served_version, 1);
  ASSERT_THAT(plan.changes[0].served_changes, SizeIs(2));
  EXPECT_EQ(plan.changes[0].served_changes[0].before, "USD");
  const auto same = GoodPlan({Edited(OpeningFile(), "USD", "EUR")});
  EXPECT_THAT(ChangeLines(same), ElementsAre("metric price/opening unchanged 2"));
  EXPECT_EQ(same.changes[0].served_version, 1);
}

TEST_F(ImportPlannerTest, ADeletedMetricWouldBeRestored) {
  ASSERT_OK(editor_.Delete(project_, "price/opening", {}, {}));
  EXPECT_THAT(ChangeLines(GoodPlan({OpeningFile()})),
              ElementsAre("metric price/opening restored 1"));
}

TEST_F(ImportPlannerTest, TellsStaleResultsOfTheActiveVersionAndOfAllThatReadIt) {
  ASSERT_OK(Import({Derived("double", "metric('price/opening') * 2"),
                    Derived("four", "metric('price/double') * 2"),
                    {"metrics/price/other.yaml",
                     "name: other\ndescription: d\ntype: max\ngrain: day\ntable: fact_bars\n"
                     "expression: max(close)\n"}}));
  ASSERT_OK(Import({Edited(OpeningFile(), "first(open)", "min(open)")}));
  StoreResults("price/opening", 1, "A", {"2024-01-02", "2024-01-03"});
  StoreResults("price/opening", 1, "B", {"2024-01-04"});
  StoreResults("price/opening", 2, "A", {"2023-01-02"});  // waits to be promoted
  StoreResults("price/four", 1, "A", {"2024-01-05"});
  StoreResults("price/other", 1, "C", {"2024-01-06"});
  StoreRows("A", 100);
  StoreRows("B", 20);
  StoreRows("C", 3);
  const auto plan = GoodPlan({Edited(OpeningFile(), "first(open)", "max(open)")});
  EXPECT_THAT(ChangeLines(plan),
              ElementsAre("metric price/opening changed 3 new version: price/double, price/four"));
  EXPECT_THAT(StaleLines(plan),
              ElementsAre("price/four v1 1 series 1 points 2024-01-05T00:00:00Z "
                          "2024-01-05T00:00:00Z",
                          "price/opening v1 2 series 3 points 2024-01-02T00:00:00Z "
                          "2024-01-04T00:00:00Z"));
  EXPECT_EQ(plan.stale[1].grain, Grain::kDay) << "all points are of one grain";
  EXPECT_EQ(plan.recompute_points, 4);
  EXPECT_EQ(plan.recompute_rows, 120);
  // Words make nothing stale.
  const auto words = GoodPlan(
      {Edited(Edited(OpeningFile(), "first(open)", "min(open)"), "Price of", "The price of")});
  EXPECT_THAT(words.stale, IsEmpty());
  EXPECT_EQ(words.recompute_points, 0);
  EXPECT_EQ(words.recompute_rows, 0);
}

TEST_F(ImportPlannerTest, ChangedGroundTellsWhoStandsOnIt) {
  ASSERT_OK(Import({Derived("double", "metric('price/opening') * 2")}));
  StoreResults("price/opening", 1, "A", {"2024-01-02"});
  StoreRows("A", 7);
  const auto calendar = GoodPlan({Edited(CalendarFile(), "\"16:00\"", "\"13:00\"")});
  EXPECT_THAT(ChangeLines(calendar),
              ElementsAre("calendar XNYS changed 2: price/double, price/opening"));
  EXPECT_THAT(StaleLines(calendar), ElementsAre(HasSubstr("price/opening v1 1 series 1 points")));
  EXPECT_EQ(calendar.recompute_rows, 7);
  const auto words = GoodPlan({Edited(CalendarFile(), "New York Stock Exchange.", "NYSE.")});
  EXPECT_THAT(ChangeLines(words),
              ElementsAre("calendar XNYS changed 2: price/double, price/opening"));
  EXPECT_THAT(words.stale, IsEmpty());
  const auto dataset = GoodPlan({Edited(BarsFile(), "Minute bars.", "Bars.")});
  EXPECT_THAT(ChangeLines(dataset),
              ElementsAre("dataset fact_bars changed 0: price/double, price/opening"));
  EXPECT_THAT(dataset.stale, IsEmpty());
  // Another calendar that cuts the same days makes no difference.
  const DefinitionFile other = Edited(CalendarFile(), "name: XNYS", "name: XNAS");
  const DefinitionFile bars = Edited(BarsFile(), "calendar: XNYS", "calendar: XNAS");
  EXPECT_THAT(StaleLines(GoodPlan({other, bars})), IsEmpty());
  EXPECT_THAT(StaleLines(GoodPlan({Edited(other, "\"16:00\"", "\"13:00\""), bars})), SizeIs(1));
  // Rows that belong to other times make all of it stale.
  const DefinitionFile retimed = Edited(BarsFile(), "time_column: ts", "time_column: at");
  const DefinitionFile with_times = Edited(
      Edited(retimed, "grain: [symbol, ts]", "grain: [symbol, at]"), "{name: ts,", "{name: at,");
  EXPECT_THAT(StaleLines(GoodPlan({with_times})), SizeIs(1));
}

TEST_F(ImportPlannerTest, NotesOnColumnsArePlannedToo) {
  const DefinitionFile notes = {
      "columns/fact_bars.yaml",
      "kind: columns\ntable: fact_bars\ncolumns: [{name: open, description: First price.}]\n"};
  EXPECT_THAT(ChangeLines(GoodPlan({notes})), ElementsAre("columns fact_bars created 0"));
  ASSERT_OK(Import({notes}));
  EXPECT_THAT(ChangeLines(GoodPlan({notes})), ElementsAre("columns fact_bars unchanged 0"));
  EXPECT_THAT(ChangeLines(GoodPlan({Edited(notes, "First price.", "Opening price.")})),
              ElementsAre("columns fact_bars changed 0"));
}

TEST_F(ImportPlannerTest, PointsOutTheSameThingUnderAnotherName) {
  const auto again = [](const std::string& name) {
    DefinitionFile file = Edited(OpeningFile(), "name: opening", absl::StrCat("name: ", name));
    file.path = absl::StrCat("metrics/price/", name, ".yaml");
    return Edited(file, "first(open)", "FIRST( open )");
  };
  const auto plan = GoodPlan({again("start"), again("begin"), OpeningFile()});
  std::vector<std::string> pairs;
  for (const NearDuplicate& pair : plan.near_duplicates) {
    pairs.push_back(pair.metric + " = " + pair.other);
  }
  EXPECT_THAT(pairs, ElementsAre("price/begin = price/opening", "price/begin = price/start",
                                 "price/opening = price/start"));
}

TEST_F(ImportPlannerTest, FaultsAndRefusalsAreThoseOfAnImport) {
  EXPECT_THAT(Plan({Edited(OpeningFile(), "first(open)", "first(opn)")}),
              AllOf(testing::StatusIs(absl::StatusCode::kInvalidArgument, "EXPRESSION_INVALID"),
                    testing::ViolatesField("metrics/price/opening.yaml:9")));
  const DefinitionFile changed =
      Edited(BarsFile(), "name: close, type: float64", "name: close, type: int64");
  EXPECT_OK(Plan({changed}));
  ASSERT_OK(partitions_.Ensure(**datasets_.Get(project_, "fact_bars", {}),
                               std::vector<int64_t>{ToMicros(absl::FromUnixSeconds(1704207600))},
                               {}));
  ASSERT_OK(
      Execute("INSERT INTO fact_bars (project_id, symbol, ts, open, close, volume) "
              "VALUES (1, 'A', '2024-01-02 15:00Z', 1, 2, 3)"));
  EXPECT_THAT(Plan({changed}),
              testing::StatusIs(absl::StatusCode::kFailedPrecondition, "DATASET_CHANGE_REFUSED"));
  EXPECT_OK(Plan({Edited(BarsFile(), "Minute bars.", "Bars.")}));
}

TEST_F(ImportPlannerTest, OtherProjectsAreOfNoConcern) {
  const int32_t other = AddProject("other");
  ASSERT_OK(ImportTo(other, BaseFiles()));
  StoreResults("price/opening", 1, "A", {"2024-01-02"});
  const auto plan = planner_.Plan(
      other, std::vector{Edited(OpeningFile(), "first(open)", "max(open)")}, false, {});
  ASSERT_OK(plan);
  EXPECT_THAT(plan->stale, IsEmpty());
  EXPECT_THAT(plan->near_duplicates, IsEmpty());
}

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
