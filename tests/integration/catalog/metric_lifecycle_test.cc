// Metrics that are deleted, brought back and promoted: only onto ground that is there, and never
// from under those who read them.

#include <optional>
#include <string>

#include "gmock/gmock.h"
#include "tests/integration/catalog/metric_editor_fixture.h"

namespace metricstore::registry {
namespace {

using ::testing::HasSubstr;

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

}  // namespace
}  // namespace metricstore::registry
