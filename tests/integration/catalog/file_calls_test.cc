// Files over gRPC: planned, validated, and imported with the tests of their metrics.

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/integration/catalog/catalog_writes_fixture.h"

namespace metricstore::registry {
namespace {

using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

TEST_F(CatalogWritesTest, PlansWithoutWriting) {
  ASSERT_OK(Create(OpeningMetric()));
  const auto files = ImportRequest({Edited(OpeningFile(), "first(open)", "last(open)")});
  v1::PlanImportRequest request;
  *request.mutable_files() = files.files();
  const auto plan = Catalog(&Stub::PlanImport, request);
  ASSERT_OK(plan);
  ASSERT_EQ(plan->changes_size(), 1);
  EXPECT_EQ(plan->changes(0).outcome().action(), v1::ImportOutcome::ACTION_CHANGED);
  EXPECT_TRUE(plan->changes(0).makes_version());
  EXPECT_EQ(GetMetric("opening")->metric().latest_version(), 1);
  EXPECT_THAT(Catalog(&Stub::PlanImport, v1::PlanImportRequest()), testing::ViolatesField("files"));
}

TEST_F(CatalogWritesTest, ValidatesFilesAndWhatIsStored) {
  ASSERT_OK(Create(OpeningMetric()));
  v1::ValidateMetricsRequest request;
  const auto stored = Catalog(&Stub::ValidateMetrics, request);
  ASSERT_OK(stored);
  EXPECT_EQ(stored->errors(), 0);
  EXPECT_EQ(stored->reports_size(), 3);
  const auto files = ImportRequest({Edited(OpeningFile(), "first(open)", "first(opne)")});
  *request.mutable_files() = files.files();
  const auto checked = Catalog(&Stub::ValidateMetrics, request);
  ASSERT_OK(checked);
  EXPECT_EQ(checked->errors(), 1);
  ASSERT_EQ(checked->reports_size(), 1);
  const v1::Finding& finding = checked->reports(0).findings(0);
  EXPECT_EQ(finding.severity(), v1::Finding::SEVERITY_ERROR);
  EXPECT_EQ(finding.reason(), "EXPRESSION_INVALID");
  EXPECT_EQ(finding.suggestion(), "open");
}

TEST_F(CatalogWritesTest, SendsMetricsBackWithTheLinesOfTheirFields) {
  ASSERT_OK(Create(OpeningMetric()));
  v1::ValidateMetricsRequest request;
  request.set_with_definitions(true);
  request.set_skip_tests(true);
  const auto stored = Catalog(&Stub::ValidateMetrics, request);
  ASSERT_OK(stored);
  ASSERT_TRUE(stored->reports().rbegin()->has_definition());
  EXPECT_THAT(stored->reports().rbegin()->field_lines(), IsEmpty()) << "no file has them";
  const auto files =
      ImportRequest({{"metrics/price/a.yaml",
                      "- name: b\n  description: d\n  type: max\n  grain: day\n  table: fact_bars\n"
                      "  expression: |\n    max(open)\n  filters:\n  - open > 0\n  tests:\n"
                      "  - {name: t, rows: [{symbol: A, ts: 2024-03-04T15:00:00Z, open: 1}], "
                      "expect: [{bucket: 2024-03-04, entity: A, value: 1}]}\n"}});
  *request.mutable_files() = files.files();
  const auto read = Catalog(&Stub::ValidateMetrics, request);
  ASSERT_OK(read);
  ASSERT_EQ(read->reports_size(), 1);
  ASSERT_TRUE(read->reports(0).has_definition());
  EXPECT_THAT(read->reports(0).field_lines(),
              UnorderedElementsAre(Pair("name", 1), Pair("description", 2), Pair("type", 3),
                                   Pair("grain", 4), Pair("dataset", 5), Pair("expression", 6),
                                   Pair("filters", 8), Pair("filters[0]", 9)));
}

TEST_F(CatalogWritesTest, ImportsRunTestsUnlessToldOtherwise) {
  const DefinitionFile tested = {
      "metrics/price/opening.yaml",
      absl::StrCat(
          OpeningFile().content,
          "tests:\n  - name: one\n    rows: [{symbol: A, ts: \"2024-03-04T15:00:00Z\", open: 1, "
          "close: 1, volume: 1}]\n    expect: [{bucket: 2024-03-04, entity: A, value: "
          "1}]\n")};
  evaluator_.status = absl::UnavailableError("nobody answers");
  EXPECT_EQ(ImportOver(ImportRequest({tested})).status().code(), absl::StatusCode::kUnavailable);
  auto request = ImportRequest({tested});
  request.set_skip_tests(true);
  request.set_request_id("import-1");
  const auto imported = ImportOver(request);
  ASSERT_OK(imported);
  EXPECT_EQ(imported->outcomes(0).tests_run(), 0);
  EXPECT_EQ(GetMetric("opening")->metric().tests(0).name(), "one");
  const auto again = ImportOver(request);
  ASSERT_OK(again);
  EXPECT_EQ(again->outcomes(0).action(), v1::ImportOutcome::ACTION_CREATED);
}

}  // namespace
}  // namespace metricstore::registry
