// Which metrics a backfill leaves out, and which it refuses.
#include "registry_service/backfills/metric_choice.h"

#include "gmock/gmock.h"
#include "tests/testing/matchers.h"
#include "tests/unit/registry_view/entry_builder.h"

namespace metricstore::registry {
namespace {

using ::metricstore::testing::HasMetadata;
using ::metricstore::testing::IsOk;
using ::metricstore::testing::IsOkAndHolds;
using ::metricstore::testing::StatusIs;
using ::metricstore::testing::ViolatesField;
using ::testing::ElementsAre;

MetricDefinition Split(const std::string& id) {
  MetricDefinition metric = MetricOf(id);
  metric.dimensions = {"plan"};
  return metric;
}

TEST(ChooseMetrics, PatternsLeaveOutWhatIsNotComputed) {
  const auto choice =
      ChooseMetrics({MetricOf("a/plain"), Split("a/split")}, {"a/*"}, WhyNotComputed);
  ASSERT_OK(choice);
  ASSERT_EQ(choice->computed.size(), 1u);
  EXPECT_EQ(choice->computed[0].id(), "a/plain");
  EXPECT_THAT(choice->skipped, ElementsAre(SkippedMetric{"a/split", "has dimensions"}));
}

TEST(ChooseMetrics, AMetricNamedByItselfIsRefused) {
  for (const char* name : {"a/split", "split"}) {
    const auto choice =
        ChooseMetrics({MetricOf("a/plain"), Split("a/split")}, {"a/*", name}, WhyNotComputed);
    EXPECT_THAT(choice, StatusIs(absl::StatusCode::kInvalidArgument, "NOT_SUPPORTED"));
    EXPECT_THAT(choice, HasMetadata("metric", "a/split"));
    EXPECT_THAT(choice, HasMetadata("reason", "has dimensions"));
    EXPECT_THAT(choice, ViolatesField("metrics"));
  }
}

TEST(ChooseMetrics, SomethingMustBeLeft) {
  const auto choice = ChooseMetrics({Split("a/one"), Split("a/two")}, {"a/*"}, WhyNotComputed);
  EXPECT_THAT(choice, StatusIs(absl::StatusCode::kInvalidArgument, "NOT_SUPPORTED"));
  EXPECT_THAT(choice, HasMetadata("metric", "a/one"));
}

TEST(SkippedMetrics, SurviveStoring) {
  const std::vector<SkippedMetric> skipped = {{"a/x", "type \"counter\""}, {"a/y", ""}};
  EXPECT_THAT(ParseSkipped(SkippedToJson(skipped)), IsOkAndHolds(skipped));
  EXPECT_THAT(ParseSkipped("[]"), IsOkAndHolds(std::vector<SkippedMetric>{}));
  EXPECT_THAT(ParseSkipped("[{}]"), StatusIs(absl::StatusCode::kInternal, "INTERNAL"));
}

}  // namespace
}  // namespace metricstore::registry
