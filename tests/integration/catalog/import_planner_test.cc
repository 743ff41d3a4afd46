// Plans of imports against a real PostgreSQL: what would change, and which stored results would be
// stale.

#include "registry_service/catalog/plan/import_planner.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "registry_service/catalog/plan/plan_statements.h"
#include "tests/integration/catalog/import_planner_fixture.h"

namespace metricstore::registry {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

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

}  // namespace
}  // namespace metricstore::registry
