// Single writes to the catalogue against a real PostgreSQL.

#include "registry_service/catalog/store/metric_editor.h"

#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/integration/catalog/catalog_fixture.h"
#include "tests/testing/matchers.h"

namespace metricstore::registry {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class MetricEditorTest : public CatalogTest {
 protected:
  void SetUp() override { ASSERT_OK(Import(BaseFiles())); }

  static MetricDefinition Closing() {
    MetricDefinition metric;
    metric.category = "price";
    metric.name = "closing";
    metric.description = "Price of the last trade.";
    metric.type = MetricType::kDerived;
    metric.unit = "USD";
    metric.dataset = "fact_bars";
    metric.expression = "last(close)";
    return metric;
  }
  // Reads price/opening.
  static MetricDefinition Doubled() {
    MetricDefinition metric = Closing();
    metric.name = "doubled";
    metric.dataset.clear();
    metric.expression = "metric('price/opening') * 2";
    return metric;
  }
  // price/opening with that description.
  MetricDefinition Described(const std::string& description) {
    MetricDefinition metric = Metric("price/opening");
    metric.description = description;
    return metric;
  }
  absl::StatusOr<UpdateOutcome> Describe(const std::string& description,
                                         const WriteOptions& options = {}) {
    return editor_.Update(project_, Described(description), {"description"}, options, {});
  }
  // price/opening with that expression.
  absl::StatusOr<UpdateOutcome> Express(const std::string& expression,
                                        const WriteOptions& options = {}) {
    MetricDefinition metric = Metric("price/opening");
    metric.expression = expression;
    return editor_.Update(project_, metric, {"expression"}, options, {});
  }
  std::string Revision() {
    return Ask("SELECT catalog_revision FROM projects WHERE name = 'default'");
  }
};

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

TEST_F(MetricEditorTest, OfTwoUpdatesOfOneStateTheSecondIsAborted) {
  const std::string etag = Metric("price/opening").etag;
  const auto first = Describe("First price.", {.etag = etag});
  ASSERT_OK(first);
  const auto second = Describe("Price at first.", {.etag = etag});
  EXPECT_THAT(second, testing::StatusIs(absl::StatusCode::kAborted, "ETAG_MISMATCH"));
  EXPECT_THAT(second, testing::HasMetadata("etag", first->metric.etag));
  EXPECT_THAT(second, testing::HasMetadata("metric", "price/opening"));
  EXPECT_OK(Describe("Price at first.", {.etag = first->metric.etag}));
  EXPECT_OK(Describe("The last write wins."));
  EXPECT_EQ(Metric("price/opening").description, "The last write wins.");
}

TEST_F(MetricEditorTest, ConcurrentUpdatesOfOneStateAreDoneOnce) {
  const MetricDefinition before = Metric("price/opening");
  std::vector<absl::StatusOr<UpdateOutcome>> outcomes(4, absl::UnknownError("not run"));
  {
    std::vector<std::jthread> threads;
    for (size_t i = 0; i < outcomes.size(); ++i) {
      threads.emplace_back([&, i] {
        MetricDefinition metric = before;
        metric.notes = absl::StrCat("by ", i);
        outcomes[i] = editor_.Update(project_, metric, {"notes"}, {.etag = before.etag}, {});
      });
    }
  }
  int done = 0;
  for (const auto& outcome : outcomes) {
    if (outcome.ok()) {
      ++done;
    } else {
      EXPECT_THAT(outcome, testing::StatusIs(absl::StatusCode::kAborted, "ETAG_MISMATCH"));
      EXPECT_THAT(outcome, testing::HasMetadata("etag", Metric("price/opening").etag));
    }
  }
  EXPECT_EQ(done, 1);
}

TEST_F(MetricEditorTest, EveryKindOfChangeChangesTheEtag) {
  std::set<std::string> etags = {Metric("price/opening").etag};
  ASSERT_OK(Describe("First price."));
  etags.insert(Metric("price/opening").etag);
  ASSERT_OK(Express("last(open)"));
  etags.insert(Metric("price/opening").etag);
  ASSERT_OK(editor_.Promote(project_, "price/opening", 0, {}, {}));
  etags.insert(Metric("price/opening").etag);
  ASSERT_OK(editor_.Promote(project_, "price/opening", 1, {}, {}));
  etags.insert(Metric("price/opening").etag);
  ASSERT_OK(editor_.Delete(project_, "price/opening", {}, {}));
  etags.insert(Metric("price/opening").etag);
  EXPECT_THAT(etags, SizeIs(6));
}

TEST_F(MetricEditorTest, TheSameRequestCreatesOnce) {
  const WriteOptions request{.request_id = "c", .request_sha256 = "one"};
  const auto first = editor_.Create(project_, Closing(), request, {});
  ASSERT_OK(first);
  const auto again = editor_.Create(project_, Closing(), request, {});
  ASSERT_OK(again);
  EXPECT_EQ(again->etag, first->etag);
  EXPECT_THAT(editor_.Create(project_, Closing(), {.request_id = "c", .request_sha256 = "two"}, {}),
              testing::StatusIs(absl::StatusCode::kAlreadyExists, "REQUEST_ID_REUSED"));
  EXPECT_THAT(editor_.Create(project_, Closing(), {.request_id = "d", .request_sha256 = "one"}, {}),
              testing::StatusIs(absl::StatusCode::kAlreadyExists, "METRIC_EXISTS"));
  EXPECT_EQ(Ask("SELECT count(*) FROM metric_versions"), "2");
}

TEST_F(MetricEditorTest, ConcurrentRequestsOfOneIdAreDoneOnce) {
  const WriteOptions request{.request_id = "c", .request_sha256 = "one"};
  std::vector<absl::Status> statuses(4);
  {
    std::vector<std::jthread> threads;
    for (absl::Status& status : statuses) {
      threads.emplace_back(
          [&] { status = editor_.Create(project_, Closing(), request, {}).status(); });
    }
  }
  for (const absl::Status& status : statuses) EXPECT_OK(status);
  EXPECT_EQ(Ask("SELECT count(*) FROM metric_versions"), "2");
}

TEST_F(MetricEditorTest, ARepeatedUpdateTellsItsChangesAndTheMetricAsItIs) {
  const WriteOptions request{
      .request_id = "u", .request_sha256 = "one", .etag = Metric("price/opening").etag};
  const auto first = Describe("First price.", request);
  ASSERT_OK(first);
  ASSERT_OK(Describe("Another's words."));
  const auto again = Describe("First price.", request);
  ASSERT_OK(again);
  EXPECT_EQ(again->metric.description, "Another's words.");
  ASSERT_THAT(again->changes, SizeIs(1));
  EXPECT_EQ(again->changes[0].field, "description");
  EXPECT_EQ(again->changes[0].after, first->changes[0].after);
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

TEST_F(MetricEditorTest, ADeletedMetricIsNotChangedUntilItIsBack) {
  const auto deleted = editor_.Delete(project_, "price/opening", {}, {});
  ASSERT_OK(deleted);
  EXPECT_TRUE(deleted->delete_time.has_value());
  EXPECT_THAT(Describe("First price."),
              testing::StatusIs(absl::StatusCode::kFailedPrecondition, "METRIC_DELETED"));
  EXPECT_THAT(editor_.Promote(project_, "price/opening", 0, {}, {}),
              testing::StatusIs(absl::StatusCode::kFailedPrecondition, "METRIC_DELETED"));
  EXPECT_THAT(editor_.Delete(project_, "price/opening", {}, {}),
              testing::StatusIs(absl::StatusCode::kFailedPrecondition, "METRIC_DELETED"));
  EXPECT_THAT(editor_.Undelete(project_, "price/opening", {.etag = "old"}, {}),
              testing::StatusIs(absl::StatusCode::kAborted, "ETAG_MISMATCH"));
  const auto back = editor_.Undelete(project_, "price/opening", {.etag = deleted->etag}, {});
  ASSERT_OK(back);
  EXPECT_EQ(back->delete_time, std::nullopt);
  EXPECT_EQ(back->version, 1);
  EXPECT_OK(Describe("First price."));
  EXPECT_THAT(editor_.Undelete(project_, "price/opening", {}, {}),
              testing::StatusIs(absl::StatusCode::kFailedPrecondition, "METRIC_NOT_DELETED"));
  EXPECT_EQ(Revision(), "4");
}

TEST_F(MetricEditorTest, AMetricThatOthersReadIsNotDeleted) {
  ASSERT_OK(editor_.Create(project_, Doubled(), {}, {}));
  const auto refused = editor_.Delete(project_, "price/opening", {}, {});
  EXPECT_THAT(refused,
              testing::StatusIs(absl::StatusCode::kFailedPrecondition, "METRIC_HAS_DEPENDENTS"));
  EXPECT_THAT(refused, testing::HasMetadata("dependents", "price/doubled"));
  // Neither the version that is served nor the one that waits may lose its ground.
  MetricDefinition alone = Doubled();
  alone.expression = "last(close)";
  alone.dataset = "fact_bars";
  ASSERT_OK(editor_.Update(project_, alone, {}, {}, {}));
  EXPECT_THAT(editor_.Delete(project_, "price/opening", {}, {}),
              testing::StatusIs(absl::StatusCode::kFailedPrecondition, "METRIC_HAS_DEPENDENTS"));
  ASSERT_OK(editor_.Promote(project_, "price/doubled", 0, {}, {}));
  EXPECT_OK(editor_.Delete(project_, "price/opening", {}, {}));
}

TEST_F(MetricEditorTest, DependentsThatWaitCountToo) {
  ASSERT_OK(editor_.Create(project_, Closing(), {}, {}));
  MetricDefinition reader = Closing();
  reader.dataset.clear();
  reader.expression = "metric('price/opening')";
  ASSERT_OK(editor_.Update(project_, reader, {}, {}, {}));
  EXPECT_THAT(editor_.Delete(project_, "price/opening", {}, {}),
              testing::HasMetadata("dependents", "price/closing"));
}

TEST_F(MetricEditorTest, AMetricComesBackOnlyOntoGroundThatIsThere) {
  ASSERT_OK(editor_.Create(project_, Doubled(), {}, {}));
  ASSERT_OK(editor_.Delete(project_, "price/doubled", {}, {}));
  ASSERT_OK(editor_.Delete(project_, "price/opening", {}, {}));
  const auto refused = editor_.Undelete(project_, "price/doubled", {}, {});
  EXPECT_THAT(refused, testing::StatusIs(absl::StatusCode::kInvalidArgument, "METRIC_NOT_FOUND"));
  EXPECT_THAT(refused, testing::ViolatesField("metric.expression"));
  ASSERT_OK(editor_.Undelete(project_, "price/opening", {}, {}));
  EXPECT_OK(editor_.Undelete(project_, "price/doubled", {}, {}));
}

TEST_F(MetricEditorTest, TheServedVersionComesBackOntoItsGroundToo) {
  ASSERT_OK(Express("last(close)"));
  ASSERT_OK(editor_.Delete(project_, "price/opening", {}, {}));
  ASSERT_OK(Import(
      {Edited(BarsFile(), "  - {name: open, type: float64, unit: USD, rollup: first}\n", "")}));
  const auto refused = editor_.Undelete(project_, "price/opening", {}, {});
  EXPECT_THAT(refused, testing::StatusIs(absl::StatusCode::kInvalidArgument, "DEFINITION_INVALID"));
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("version 1, which goes on"));
}

TEST_F(MetricEditorTest, AMetricMayNotReadItself) {
  const auto cycle = Express("metric('price/opening') + 1");
  EXPECT_THAT(cycle, testing::StatusIs(absl::StatusCode::kInvalidArgument, "DEPENDENCY_CYCLE"));
  EXPECT_THAT(cycle, testing::HasMetadata("position", "8"));
}

TEST_F(MetricEditorTest, PromotionServesAnyVersionAndGoesBack) {
  ASSERT_OK(Describe("First price."));
  ASSERT_OK(Express("last(open)"));
  const auto promoted = editor_.Promote(project_, "price/opening", 0, {}, {});
  ASSERT_OK(promoted);
  EXPECT_EQ(promoted->previous_version, 1);
  EXPECT_EQ(promoted->metric.version, 2);
  EXPECT_EQ(promoted->metric.expression, "last(open)");
  EXPECT_EQ(promoted->metric.description, "First price.");
  const auto back = editor_.Promote(project_, "price/opening", 1, {}, {});
  ASSERT_OK(back);
  EXPECT_EQ(back->previous_version, 2);
  EXPECT_EQ(back->metric.expression, "first(open)");
  EXPECT_EQ(back->metric.description, "Price of the first trade.");
  EXPECT_EQ(back->metric.latest_version, 2);
  EXPECT_THAT(editor_.Promote(project_, "price/opening", 3, {}, {}),
              testing::StatusIs(absl::StatusCode::kNotFound, "METRIC_VERSION_NOT_FOUND"));
  EXPECT_EQ(Revision(), "5");
  const auto same = editor_.Promote(project_, "price/opening", 1, {}, {});
  ASSERT_OK(same);
  EXPECT_EQ(same->previous_version, 1);
  EXPECT_EQ(same->metric.etag, back->metric.etag);
  EXPECT_EQ(Revision(), "5");
}

TEST_F(MetricEditorTest, ARepeatedPromotionTellsWhatItReplaced) {
  ASSERT_OK(Express("last(open)"));
  const WriteOptions request{.request_id = "p", .request_sha256 = "one"};
  ASSERT_OK(editor_.Promote(project_, "price/opening", 2, request, {}));
  const auto again = editor_.Promote(project_, "price/opening", 2, request, {});
  ASSERT_OK(again);
  EXPECT_EQ(again->previous_version, 1);
  EXPECT_EQ(again->metric.version, 2);
}

TEST_F(MetricEditorTest, AVersionThatLostItsGroundIsNotPromoted) {
  ASSERT_OK(Express("last(close)", {.promote = true}));
  // `open` is gone: nobody reads it but the version that is no longer served.
  const DefinitionFile without =
      Edited(BarsFile(), "  - {name: open, type: float64, unit: USD, rollup: first}\n", "");
  ASSERT_OK(Import({without}));
  const auto refused = editor_.Promote(project_, "price/opening", 1, {}, {});
  EXPECT_THAT(refused, testing::StatusIs(absl::StatusCode::kInvalidArgument, "EXPRESSION_INVALID"));
  EXPECT_THAT(refused, testing::ViolatesField("metric.expression"));
  EXPECT_EQ(Metric("price/opening").version, 2);
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
