// Which metrics and versions a job computes.

#include "gmock/gmock.h"
#include "tests/integration/data/backfill_fixture.h"

namespace metricstore::registry {
namespace {

using ::metricstore::testing::HasMetadata;
using ::metricstore::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// A second version of last_close that waits, and a metric that is not computed.
constexpr char kNewerAndSplit[] =
    "- {name: last_close, category: prices, description: Last price., type: derived, unit: USD, "
    "grain: day, table: fact_bars, expression: last(close) + 0}\n"
    "- {name: split, category: prices, description: By note., type: sum, grain: day, "
    "table: fact_bars, expression: sum(volume), dimensions: [note]}\n";

class BackfillMetricsTest : public BackfillStoreTest {};

TEST_F(BackfillMetricsTest, ComputesTheActiveVersionUnlessTheNewestIsAskedFor) {
  ASSERT_OK(Import(kNewerAndSplit));
  BackfillRequest request{.metrics = {"last_close"}, .dates = kJanuary, .request_id = "a"};
  const auto active = Create(request);
  ASSERT_OK(active);
  EXPECT_THAT(active->backfill.spec.metrics,
              ElementsAre(MetricAtGrain{"prices/last_close", 1, Grain::kDay}));
  request.latest_versions = true;
  EXPECT_THAT(Create(request), StatusIs(absl::StatusCode::kAlreadyExists, "REQUEST_ID_REUSED"));
  request.request_id = "b";
  const auto newest = Create(request);
  ASSERT_OK(newest);
  EXPECT_FALSE(newest->existing);
  EXPECT_THAT(newest->backfill.spec.metrics,
              ElementsAre(MetricAtGrain{"prices/last_close", 2, Grain::kDay}));
  // Where the newest version is the active one, both say the same.
  const auto same =
      Create({.metrics = {"hourly_volume"}, .dates = kJanuary, .latest_versions = true});
  ASSERT_OK(same);
  const auto joined = CreateBackfill({"hourly_volume"}, kJanuary);
  ASSERT_OK(joined);
  EXPECT_EQ(joined->backfill.id, same->backfill.id);
}

TEST_F(BackfillMetricsTest, WhatPatternsMatchAndIsNotComputedIsLeftOutAndNamed) {
  ASSERT_OK(Import(kNewerAndSplit));
  const BackfillRequest request{
      .metrics = {"prices/*"}, .dates = kJanuary, .request_id = "nightly"};
  const auto skipped = ElementsAre(SkippedMetric{"prices/split", "has dimensions"});
  BackfillRequest validated = request;
  validated.request_id.clear();
  validated.validate_only = true;
  EXPECT_THAT(Create(validated)->skipped, skipped);
  const auto created = Create(request);
  ASSERT_OK(created);
  EXPECT_EQ(created->backfill.spec.metrics.size(), 4u);
  EXPECT_THAT(created->skipped, skipped);
  const auto again = CreateBackfill({"prices/*"}, kJanuary);
  ASSERT_OK(again);
  EXPECT_TRUE(again->existing);
  EXPECT_THAT(again->skipped, skipped);
  // The same job, asked for without the metric that is left out.
  const auto without = CreateBackfill({"prices/?????y*", "prices/*_*"}, kJanuary);
  ASSERT_OK(without);
  EXPECT_EQ(without->backfill.id, created->backfill.id);
  EXPECT_THAT(without->skipped, IsEmpty());
  // The answer of that time stands.
  Execute("UPDATE metric_definitions SET deleted_at = now() WHERE name = 'split'");
  const auto repeated = Create(request);
  ASSERT_OK(repeated);
  EXPECT_EQ(repeated->backfill.id, created->backfill.id);
  EXPECT_THAT(repeated->skipped, skipped);
}

TEST_F(BackfillMetricsTest, WhatIsNotComputedIsRefusedByName) {
  ASSERT_OK(Import(kNewerAndSplit));
  const auto refused = CreateBackfill({"prices/split"}, kJanuary);
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument, "NOT_SUPPORTED"));
  EXPECT_THAT(refused, HasMetadata("metric", "prices/split"));
  EXPECT_THAT(refused, HasMetadata("reason", "has dimensions"));
  EXPECT_THAT(CreateBackfill({"prices/s*"}, kJanuary),
              StatusIs(absl::StatusCode::kInvalidArgument, "NOT_SUPPORTED"));
  EXPECT_EQ(Number("SELECT count(*) FROM backfills"), 0);
}

TEST_F(BackfillMetricsTest, DeletedMetricsAreNotMatched) {
  Execute("UPDATE metric_definitions SET deleted_at = now() WHERE name = 'last_close'");
  EXPECT_THAT(CreateBackfill({"prices/last_close"}, kJanuary),
              StatusIs(absl::StatusCode::kNotFound, "METRIC_NOT_FOUND"));
  const auto created = CreateBackfill({"prices/*"}, kJanuary);
  ASSERT_OK(created);
  EXPECT_EQ(created->backfill.spec.metrics.size(), 3u);
}

}  // namespace
}  // namespace metricstore::registry
