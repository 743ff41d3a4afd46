// What an import does beside its definitions: deleted metrics, served versions, notes on columns,
// tests and doubts.

#include <string>
#include <vector>

#include "common/status/error.h"
#include "gmock/gmock.h"
#include "tests/integration/catalog/catalog_fixture.h"
#include "tests/testing/matchers.h"

namespace metricstore::registry {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

DefinitionFile DoubleOpening() {
  return {"metrics/price/doubled.yaml",
          "{name: doubled, description: Twice., type: derived, grain: day, "
          "expression: \"metric('price/opening') * 2\"}"};
}

DefinitionFile NotesFile() {
  return {"columns/fact_bars.yaml", R"yaml(
kind: columns
table: fact_bars
source: ann
columns:
  - {name: open, description: First price., confidence: 0.9}
)yaml"};
}

DefinitionFile TestedFile() {
  return {"metrics/price/tested.yaml", R"yaml(
name: tested
description: Mean price.
type: avg
unit: USD
grain: day
table: fact_bars
expression: avg(close)
tests:
  - name: one bar
    rows:
      - {symbol: A, ts: "2024-01-02T15:00:00Z", open: 1, close: 3, volume: 5}
    expect: [{bucket: 2024-01-02, entity: A, value: 3}]
)yaml"};
}

class ImportEffectsTest : public CatalogTest {
 protected:
  void SetUp() override { ASSERT_OK(Import(BaseFiles())); }
};

TEST_F(ImportEffectsTest, AnImportBringsADeletedMetricBack) {
  ASSERT_OK(editor_.Delete(project_, "price/opening", {}, {}));
  EXPECT_THAT(Lines(Import({OpeningFile()})), ElementsAre("metric price/opening restored 1"));
  EXPECT_EQ(Metric("price/opening").delete_time, std::nullopt);
  ASSERT_OK(editor_.Delete(project_, "price/opening", {}, {}));
  EXPECT_THAT(Lines(Import({Edited(OpeningFile(), "first(open)", "last(close)")})),
              ElementsAre("metric price/opening restored 2"));
  EXPECT_EQ(Metric("price/opening").expression, "first(open)");
  EXPECT_EQ(Metric("price/opening", 2).expression, "last(close)");
}

TEST_F(ImportEffectsTest, WhoReadsADeletedMetricIsRefused) {
  ASSERT_OK(editor_.Delete(project_, "price/opening", {}, {}));
  const auto result = Import({DoubleOpening()});
  EXPECT_THAT(result, testing::StatusIs(absl::StatusCode::kInvalidArgument, "METRIC_NOT_FOUND"));
  ASSERT_OK(Import({OpeningFile(), DoubleOpening()}));
}

TEST_F(ImportEffectsTest, AServedVersionKeepsItsGroundWhileAnotherWaits) {
  const std::vector<DefinitionFile> files = {
      Edited(BarsFile(), "  - {name: open, type: float64, unit: USD, rollup: first}\n", ""),
      Edited(OpeningFile(), "first(open)", "first(close)")};
  const auto refused = Import(files);
  EXPECT_THAT(refused, testing::StatusIs(absl::StatusCode::kInvalidArgument, "DEFINITION_INVALID"));
  EXPECT_THAT(refused, testing::ViolatesField("metrics/price/opening.yaml:2"));
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("version 1, which goes on"));
  EXPECT_OK(ImportWith(files, {.promote = true}));
}

TEST_F(ImportEffectsTest, NotesOnColumnsOutliveImportsOfTheirDataset) {
  EXPECT_THAT(Lines(Import({NotesFile()})), ElementsAre("columns fact_bars created 0"));
  EXPECT_THAT(Lines(Import({NotesFile()})), ElementsAre("columns fact_bars unchanged 0"));
  EXPECT_THAT(Lines(Import({BarsFile()})), ElementsAre("dataset fact_bars unchanged 0"));
  const DefinitionFile told =
      Edited(BarsFile(), "{name: open,", "{name: open, description: From the file.,");
  EXPECT_THAT(Lines(Import({told})), ElementsAre("dataset fact_bars unchanged 0"));
  EXPECT_THAT(Lines(Import({Edited(told, "unit: USD, rollup: first", "unit: EUR, rollup: first")})),
              ElementsAre("dataset fact_bars changed 0"));
  const auto dataset = datasets_.Get(project_, "fact_bars", {});
  ASSERT_OK(dataset);
  EXPECT_EQ((*dataset)->Find("open")->unit, "EUR");
  EXPECT_EQ((*dataset)->Find("open")->description, "First price.");
  EXPECT_EQ(Ask("SELECT confidence || source FROM column_metadata WHERE column_name = 'open'"),
            "0.9ann");
}

TEST_F(ImportEffectsTest, DescriptionsOfTheDefinitionFollowIt) {
  ASSERT_OK(Import({Edited(BarsFile(), "{name: close,", "{name: close, description: Old.,")}));
  ASSERT_OK(Import({Edited(BarsFile(), "{name: close,", "{name: close, description: New.,")}));
  EXPECT_EQ((*datasets_.Get(project_, "fact_bars", {}))->Find("close")->description, "New.");
}

TEST_F(ImportEffectsTest, NotesOnColumnsThatAreNotThereAreRefused) {
  EXPECT_THAT(Import({Edited(NotesFile(), "name: open", "name: opne")}),
              testing::StatusIs(absl::StatusCode::kInvalidArgument, "DEFINITION_INVALID"));
  EXPECT_EQ(Ask("SELECT count(*) FROM column_metadata WHERE source = 'ann'"), "0");
}

TEST_F(ImportEffectsTest, TestsRunForWhatIsCreatedOrChangedOrStandsOnChangedGround) {
  evaluator_.answer.points = {
      {"A", absl::FromCivil(absl::CivilSecond(2024, 1, 2, 5, 0, 0), absl::UTCTimeZone()), 3.0,
       true}};
  auto result = Import({TestedFile()});
  ASSERT_OK(result);
  EXPECT_THAT(Lines(result), ElementsAre("metric price/tested created 1"));
  EXPECT_EQ(result->outcomes[0].tests_run, 1);
  EXPECT_EQ(evaluator_.evaluated, 1);
  result = Import({TestedFile()});
  ASSERT_OK(result);
  EXPECT_EQ(result->outcomes[0].tests_run, 0);
  EXPECT_EQ(evaluator_.evaluated, 1);
  result = Import(
      {TestedFile(), Edited(CalendarFile(), "first_date: 2020-01-01", "first_date: 2021-01-01")});
  ASSERT_OK(result);
  EXPECT_EQ(result->outcomes[1].tests_run, 1);
  EXPECT_EQ(evaluator_.evaluated, 2);
  result = ImportWith({Edited(TestedFile(), "avg(close)", "avg(open)")}, {.skip_tests = true});
  ASSERT_OK(result);
  EXPECT_EQ(result->outcomes[0].tests_run, 0);
  EXPECT_EQ(evaluator_.evaluated, 2);
}

TEST_F(ImportEffectsTest, AFailedTestRefusesTheImportAtItsLine) {
  evaluator_.answer.points = {
      {"A", absl::FromCivil(absl::CivilSecond(2024, 1, 2, 5, 0, 0), absl::UTCTimeZone()), 4.0,
       true}};
  const auto result = Import({TestedFile()});
  EXPECT_THAT(result, testing::StatusIs(absl::StatusCode::kInvalidArgument, "TEST_FAILED"));
  EXPECT_THAT(result, testing::HasMetadata("test", "one bar"));
  EXPECT_THAT(result, testing::HasMetadata("path", "metrics/price/tested.yaml"));
  EXPECT_THAT(result, testing::ViolatesField("metrics/price/tested.yaml:13"));
  EXPECT_EQ(Ask("SELECT count(*) FROM metric_definitions"), "1");
}

TEST_F(ImportEffectsTest, WithoutComputeTestsAreNotTakenForPassed) {
  evaluator_.status =
      status::ErrorBuilder(absl::StatusCode::kUnavailable, "COMPUTE_UNAVAILABLE", "nobody answers")
          .Build();
  EXPECT_THAT(Import({TestedFile()}),
              testing::StatusIs(absl::StatusCode::kUnavailable, "COMPUTE_UNAVAILABLE"));
  ASSERT_OK(ImportWith({TestedFile()}, {.skip_tests = true}));
}

TEST_F(ImportEffectsTest, DoubtsAboutWhatChangesAreWarnings) {
  const DefinitionFile doubtful = Edited(OpeningFile(), "unit: USD", "unit: EUR");
  const auto first = Import({doubtful});
  ASSERT_OK(first);
  ASSERT_THAT(first->warnings, SizeIs(1));
  EXPECT_EQ(first->warnings[0].name, "price/opening");
  EXPECT_EQ(first->warnings[0].path, "metrics/price/opening.yaml");
  std::vector<std::string> reasons;
  for (const Finding& finding : first->warnings[0].findings) reasons.push_back(finding.reason);
  EXPECT_THAT(reasons, Contains("UNIT_DOUBTFUL"));
  const auto again = Import({doubtful});
  ASSERT_OK(again);
  EXPECT_THAT(again->warnings, SizeIs(0));
}

}  // namespace
}  // namespace metricstore::registry
