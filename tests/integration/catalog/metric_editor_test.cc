// Metrics created and updated against a real PostgreSQL: what is stored, and what is refused.

#include "registry_service/catalog/store/metric_editor.h"

#include <optional>
#include <set>
#include <string>

#include "gmock/gmock.h"
#include "tests/integration/catalog/metric_editor_fixture.h"

namespace metricstore::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST_F(MetricEditorTest, ACreatedMetricIsStoredWhole) {
  MetricDefinition wanted = Closing();
  wanted.tables = {"not", "told"};
  wanted.version = 9;
  const auto created = editor_.Create(project_, wanted, {}, {});
  ASSERT_OK(created);
  EXPECT_EQ(created->id(), "price/closing");
  EXPECT_EQ(created->display_name, "Closing");
  EXPECT_THAT(created->tables, ElementsAre("fact_bars"));
  EXPECT_THAT(created->columns, ElementsAre("close"));
  EXPECT_EQ(created->version, 1);
  EXPECT_EQ(created->active_version, 1);
  EXPECT_EQ(created->latest_version, 1);
  EXPECT_EQ(created->etag, Ask("SELECT etag FROM metric_definitions WHERE name = 'closing'"));
  EXPECT_NE(created->create_time, absl::Time());
  EXPECT_EQ(Metric("price/closing").expression, "last(close)");
  EXPECT_EQ(Revision(), "2");
}

TEST_F(MetricEditorTest, WhatIsThereIsNotCreated) {
  MetricDefinition metric = Closing();
  metric.name = "opening";
  const auto there = editor_.Create(project_, metric, {}, {});
  EXPECT_THAT(there, testing::StatusIs(absl::StatusCode::kAlreadyExists, "METRIC_EXISTS"));
  EXPECT_THAT(there, testing::HasMetadata("metric", "price/opening"));
  EXPECT_THAT(there, testing::HasMetadata("etag", Metric("price/opening").etag));
  ASSERT_OK(editor_.Delete(project_, "price/opening", {}, {}));
  EXPECT_THAT(editor_.Create(project_, metric, {}, {}),
              testing::StatusIs(absl::StatusCode::kAlreadyExists, "METRIC_DELETED"));
}

TEST_F(MetricEditorTest, FaultsAreNamedByFields) {
  MetricDefinition metric = Closing();
  metric.expression = "last(clos)";
  const auto expression = editor_.Create(project_, metric, {}, {});
  EXPECT_THAT(expression,
              testing::StatusIs(absl::StatusCode::kInvalidArgument, "EXPRESSION_INVALID"));
  EXPECT_THAT(expression, testing::ViolatesField("metric.expression"));
  EXPECT_THAT(expression, testing::HasMetadata("suggestion", "close"));
  metric = Closing();
  metric.dataset = "fact_bar";
  const auto dataset = editor_.Create(project_, metric, {}, {});
  EXPECT_THAT(dataset, testing::ViolatesField("metric.dataset"));
  EXPECT_THAT(dataset, testing::HasMetadata("suggestion", "fact_bars"));
  metric = Closing();
  metric.description.clear();
  EXPECT_THAT(editor_.Create(project_, metric, {}, {}),
              testing::ViolatesField("metric.description"));
  EXPECT_EQ(Ask("SELECT count(*) FROM metric_definitions"), "1");
}

TEST_F(MetricEditorTest, AMaskSetsItsFieldsAndClearsThoseThatAreEmpty) {
  MetricDefinition metric = Metric("price/opening");
  metric.description = "First price.";
  metric.unit.clear();
  metric.owner = "not named";
  const auto updated = editor_.Update(project_, metric, {"description", "unit"}, {}, {});
  ASSERT_OK(updated);
  EXPECT_EQ(updated->metric.description, "First price.");
  EXPECT_EQ(updated->metric.unit, "");
  EXPECT_EQ(updated->metric.owner, "");
  EXPECT_EQ(updated->metric.version, 2);
  std::set<std::string> fields;
  for (const FieldChange& change : updated->changes) fields.insert(change.field);
  EXPECT_THAT(fields, ElementsAre("description", "unit"));
}

TEST_F(MetricEditorTest, WithoutAMaskEverythingIsSet) {
  MetricDefinition metric = Closing();
  metric.name = "opening";
  const auto updated = editor_.Update(project_, metric, {}, {}, {});
  ASSERT_OK(updated);
  EXPECT_EQ(updated->metric.expression, "last(close)");
  EXPECT_THAT(updated->metric.filters, IsEmpty());
  EXPECT_EQ(updated->metric.window.kind, calendar::WindowKind::kFullDay);
  EXPECT_EQ(updated->metric.version, 2);
  EXPECT_EQ(updated->metric.active_version, 1);
}

TEST_F(MetricEditorTest, AnUpdateThatChangesNothingIsNoWrite) {
  const MetricDefinition before = Metric("price/opening");
  const auto updated = editor_.Update(project_, before, {}, {}, {});
  ASSERT_OK(updated);
  EXPECT_THAT(updated->changes, IsEmpty());
  EXPECT_EQ(updated->metric.etag, before.etag);
  EXPECT_EQ(updated->metric.update_time, before.update_time);
  EXPECT_EQ(Revision(), "1");
}

TEST_F(MetricEditorTest, AChangeOfMeaningWaitsUnlessItIsPromoted) {
  const auto waiting = Express("last(open)");
  ASSERT_OK(waiting);
  EXPECT_EQ(waiting->metric.version, 2);
  EXPECT_EQ(waiting->metric.expression, "last(open)");
  EXPECT_EQ(waiting->metric.active_version, 1);
  EXPECT_EQ(Metric("price/opening").expression, "first(open)");
  const auto promoted = Express("max(open)", {.promote = true});
  ASSERT_OK(promoted);
  EXPECT_EQ(promoted->metric.active_version, 3);
  EXPECT_EQ(Metric("price/opening").expression, "max(open)");
}

TEST_F(MetricEditorTest, ValidatingAnswersAndStoresNothing) {
  const WriteOptions validation{.validate_only = true};
  const auto created = editor_.Create(project_, Closing(), validation, {});
  ASSERT_OK(created);
  EXPECT_EQ(created->version, 1);
  const auto updated = Express("last(open)", validation);
  ASSERT_OK(updated);
  EXPECT_EQ(updated->metric.version, 2);
  const auto deleted = editor_.Delete(project_, "price/opening", validation, {});
  ASSERT_OK(deleted);
  EXPECT_TRUE(deleted->delete_time.has_value());
  EXPECT_EQ(Ask("SELECT count(*) FROM metric_definitions"), "1");
  EXPECT_EQ(Metric("price/opening").latest_version, 1);
  EXPECT_EQ(Metric("price/opening").delete_time, std::nullopt);
  EXPECT_EQ(Revision(), "1");
}

TEST_F(MetricEditorTest, TheUnknownIsNotFound) {
  const auto status = [](const auto& result) { return result.status(); };
  MetricDefinition metric = Closing();
  for (const absl::Status& missing :
       {status(editor_.Update(project_, metric, {}, {}, {})),
        status(editor_.Delete(project_, "price/closing", {}, {})),
        status(editor_.Undelete(project_, "price/closing", {}, {})),
        status(editor_.Promote(project_, "price/closing", 0, {}, {}))}) {
    EXPECT_THAT(missing, testing::StatusIs(absl::StatusCode::kNotFound, "METRIC_NOT_FOUND"));
    EXPECT_THAT(missing, testing::HasMetadata("metric", "price/closing"));
  }
  EXPECT_THAT(editor_.Delete(project_, "price/openin", {}, {}),
              testing::HasMetadata("suggestion", "price/opening"));
}

TEST_F(MetricEditorTest, AMetricMayNotReadItself) {
  const auto cycle = Express("metric('price/opening') + 1");
  EXPECT_THAT(cycle, testing::StatusIs(absl::StatusCode::kInvalidArgument, "DEPENDENCY_CYCLE"));
  EXPECT_THAT(cycle, testing::HasMetadata("position", "8"));
}

TEST_F(MetricEditorTest, TestsOfAnEditedMetricMustPass) {
  MetricDefinition metric = Closing();
  MetricTest test;
  test.name = "one bar";
  test.rows = {{{"symbol", "A"},
                {"ts", "2024-01-02T15:00:00Z"},
                {"open", "1"},
                {"close", "3"},
                {"volume", "5"}}};
  test.expect = {{.bucket = "2024-01-02", .entity = "A", .value = 3}};
  metric.tests = {test};
  evaluator_.answer.points = {
      {"A", absl::FromCivil(absl::CivilSecond(2024, 1, 2, 5, 0, 0), absl::UTCTimeZone()), 4, true}};
  const auto failed = editor_.Create(project_, metric, {}, {});
  EXPECT_THAT(failed, testing::StatusIs(absl::StatusCode::kInvalidArgument, "TEST_FAILED"));
  EXPECT_THAT(failed, testing::ViolatesField("metric.tests[0].expect[0]"));
  EXPECT_OK(editor_.Create(project_, metric, {.skip_tests = true}, {}));
  evaluator_.answer.points[0].value = 3;
  EXPECT_OK(editor_.Update(project_, metric, {}, {.promote = true}, {}));
}

}  // namespace
}  // namespace metricstore::registry
