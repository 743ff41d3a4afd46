// What plans and validation find in the database beside the newest definitions: tables with rows,
// versions that are served while others wait, definitions of an earlier release.

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "registry_service/catalog/plan/import_planner.h"
#include "registry_service/catalog/view/catalog_cache.h"
#include "tests/integration/catalog/catalog_fixture.h"
#include "tests/testing/matchers.h"

namespace metricstore::registry {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

DefinitionFile Derived(const std::string& name, const std::string& expression) {
  return {absl::StrCat("metrics/price/", name, ".yaml"),
          absl::StrCat("name: ", name, "\ndescription: Of others.\ntype: derived\ngrain: day\n",
                       "owner: markets\nexpression: \"", expression, "\"\n")};
}

DefinitionFile Second() { return Edited(OpeningFile(), "first(open)", "last(close)"); }

class StoredFindingsTest : public CatalogTest {
 protected:
  void SetUp() override { ASSERT_OK(Import(BaseFiles())); }

  // "dataset fact_bars: REASON field: message", errors only.
  std::vector<std::string> Errors(const std::vector<DefinitionFile>& files) {
    const auto reports = planner_.Validate(project_, files, true, {});
    if (!reports.ok()) return {reports.status().ToString()};
    std::vector<std::string> lines;
    for (const DefinitionReport& report : *reports) {
      for (const Finding& finding : report.findings) {
        if (finding.severity != Severity::kError) continue;
        lines.push_back(absl::StrCat(report.kind, " ", report.name, ": ", finding.reason, " ",
                                     finding.field, " ", finding.line, ": ", finding.message));
      }
    }
    return lines;
  }
  absl::StatusOr<ImportPlan> Plan(const std::vector<DefinitionFile>& files, bool promote) {
    return planner_.Plan(project_, files, promote, {});
  }

  void StoreRow() {
    const auto dataset = datasets_.Get(project_, "fact_bars", {});
    ASSERT_OK(dataset);
    const int64_t when = ToMicros(absl::FromCivil(absl::CivilDay(2024, 1, 2), absl::UTCTimeZone()));
    ASSERT_OK(partitions_.Ensure(**dataset, std::vector<int64_t>{when}, {}));
    ASSERT_OK(
        Execute("INSERT INTO fact_bars (project_id, symbol, ts, open, close, volume) "
                "VALUES (1, 'ACME', '2024-01-02 15:00Z', 1, 2, 3)"));
  }
  // As if an earlier release had stored all definitions.
  void ForgetWhatFollows() {
    ASSERT_OK(
        Execute("UPDATE metric_definitions SET "
                "definition = definition - '{meaning,meaning_without_sql,reads}'::text[], "
                "latest_definition = "
                "latest_definition - '{meaning,meaning_without_sql,reads}'::text[]"));
  }

  ImportPlanner planner_{pool_, tests_};
};

TEST_F(StoredFindingsTest, ValidationFindsWhatTheTableDoesNotAllow) {
  const DefinitionFile narrower = Edited(BarsFile(), "type: float64, unit: USD, rollup: last",
                                         "type: int64, unit: USD, rollup: last");
  EXPECT_THAT(Errors({narrower}), IsEmpty());
  StoreRow();
  EXPECT_THAT(Errors({narrower}),
              ElementsAre(HasSubstr("dataset fact_bars: DATASET_CHANGE_REFUSED name 3: ")));
  // Beside faults elsewhere, and not for datasets that have some themselves.
  EXPECT_THAT(Errors({narrower, Edited(OpeningFile(), "first(open)", "first(opn)")}),
              ElementsAre(HasSubstr("DATASET_CHANGE_REFUSED"), HasSubstr("EXPRESSION_INVALID")));
  EXPECT_THAT(Errors({Edited(narrower, "calendar: XNYS", "calendar: XNSY")}),
              ElementsAre(HasSubstr("DEFINITION_INVALID")));
  EXPECT_THAT(Errors({BarsFile()}), IsEmpty());
}

TEST_F(StoredFindingsTest, ValidationOfTheStoreLooksAtServedVersionsToo) {
  ASSERT_OK(Import({Second()}));
  EXPECT_THAT(Errors({}), IsEmpty());
  // As if an earlier release had let it happen.
  ASSERT_OK(Execute("DELETE FROM column_metadata WHERE column_name = 'open'"));
  EXPECT_THAT(Errors({}), ElementsAre(HasSubstr(
                              "metric price/opening: EXPRESSION_INVALID expression 0: version "
                              "1, which is served: expression: position 7: unknown column "
                              "\"open\"")));
}

TEST_F(StoredFindingsTest, ServedVersionsMayReadEachOtherAsTheyAreServed) {
  ASSERT_OK(Import({Derived("reader", "metric('price/opening') * 2")}));
  ASSERT_OK(Import({Derived("reader", "metric('price/opening') * 3"), Second()}));
  EXPECT_THAT(Errors({}), IsEmpty());
}

TEST_F(StoredFindingsTest, APlanTellsWhatAnImportThatPromotesWouldDo) {
  ASSERT_OK(Import({Second(), Derived("reader", "metric('price/opening') * 2")}));
  const auto waiting = Plan({Second()}, false);
  ASSERT_OK(waiting);
  EXPECT_EQ(waiting->changes[0].outcome.action, ImportAction::kUnchanged);
  EXPECT_EQ(waiting->changes[0].outcome.active_version, 1);
  const auto promoted = Plan({Second()}, true);
  ASSERT_OK(promoted);
  EXPECT_EQ(promoted->changes[0].outcome.action, ImportAction::kChanged);
  EXPECT_EQ(promoted->changes[0].outcome.active_version, 2);
  ASSERT_THAT(promoted->changes[0].changes, SizeIs(1));
  EXPECT_EQ(promoted->changes[0].changes[0].field, "active_version");
  EXPECT_THAT(promoted->changes[0].dependents, ElementsAre("price/reader"));
  // What only a promotion allows is refused without.
  const std::vector<DefinitionFile> files = {
      Edited(BarsFile(), "  - {name: open, type: float64, unit: USD, rollup: first}\n", ""),
      Second()};
  EXPECT_THAT(Plan(files, false),
              testing::StatusIs(absl::StatusCode::kInvalidArgument, "DEFINITION_INVALID"));
  EXPECT_OK(Plan(files, true));
  EXPECT_THAT(Import(files),
              testing::StatusIs(absl::StatusCode::kInvalidArgument, "DEFINITION_INVALID"));
  EXPECT_OK(ImportWith(files, {.promote = true}));
}

TEST_F(StoredFindingsTest, WhatFollowsFromMigratedDefinitionsIsDerivedWhenTheyAreRead) {
  ASSERT_OK(Import({Second()}));
  ForgetWhatFollows();
  CatalogCache cache(pool_, {}, nullptr);
  const auto snapshot = cache.Refresh(project_, {});
  ASSERT_OK(snapshot);
  const CatalogEntryPtr entry = (*snapshot)->FindId("price/opening");
  ASSERT_NE(entry, nullptr);
  EXPECT_THAT(entry->active.reads, ElementsAre("fact_bars.open", "fact_bars.volume"));
  EXPECT_THAT(entry->latest().reads, ElementsAre("fact_bars.close", "fact_bars.volume"));
  EXPECT_NE(entry->active.meaning, "");
  EXPECT_THAT((*snapshot)->Lineage("price/opening")[0].columns,
              ElementsAre("fact_bars.open", "fact_bars.volume"));
  const auto plan = Plan({Edited(Second(), "name: opening", "name: same")}, false);
  ASSERT_OK(plan);
  ASSERT_THAT(plan->near_duplicates, SizeIs(1));
  EXPECT_EQ(plan->near_duplicates[0].other, "price/opening");
}

TEST_F(StoredFindingsTest, NearDuplicatesAreFoundWhateverSelectsStandBesideStoredExpressions) {
  const DefinitionFile with_sql =
      Edited(Second(), "unit: USD", "unit: USD\nsql: SELECT max(close) AS value FROM fact_bars");
  const DefinitionFile same = Edited(Second(), "name: opening", "name: same");
  ASSERT_OK(ImportWith({with_sql}, {.promote = true}));
  const auto others = [&] {
    std::vector<std::string> ids;
    const auto plan = Plan({same}, false);
    EXPECT_OK(plan);
    if (!plan.ok()) return ids;
    for (const auto& pair : plan->near_duplicates) ids.push_back(pair.other);
    return ids;
  };
  EXPECT_THAT(others(), ElementsAre("price/opening"));
  // As an earlier release stored it, which knew the whole meaning alone.
  ASSERT_OK(
      Execute("UPDATE metric_definitions SET definition = definition - 'meaning_without_sql', "
              "latest_definition = latest_definition - 'meaning_without_sql'"));
  EXPECT_THAT(others(), ElementsAre("price/opening"));
  ForgetWhatFollows();
  EXPECT_THAT(others(), ElementsAre("price/opening"));
}

TEST_F(StoredFindingsTest, AMigratedDefinitionWithoutGroundIsReadNevertheless) {
  ForgetWhatFollows();
  ASSERT_OK(Execute("DELETE FROM column_metadata WHERE column_name = 'open'"));
  CatalogCache cache(pool_, {}, nullptr);
  const auto snapshot = cache.Refresh(project_, {});
  ASSERT_OK(snapshot);
  EXPECT_EQ((*snapshot)->FindId("price/opening")->active.expression, "first(open)");
  EXPECT_OK(Import({Derived("reader", "metric('price/opening') * 2")}));
}

}  // namespace
}  // namespace metricstore::registry
