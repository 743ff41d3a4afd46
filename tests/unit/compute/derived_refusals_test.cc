// Metrics that may not read what they name: circles, long chains, datasets that do not line up,
// values that are no numbers.

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "gmock/gmock.h"
#include "tests/unit/compute/derived_shard_fixture.h"

namespace metricstore::compute {
namespace {

using ::metricstore::testing::HasMetadata;
using ::metricstore::testing::IsOk;
using ::metricstore::testing::StatusIs;
using ::metricstore::testing::ViolatesField;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

TEST_F(DerivedShardTest, TheHomeIsTheDatasetOfTheFirstMetricRead) {
  Add(BarsMetric("z/x", "sum(close)"));
  Add(OfOther(BarsMetric("b/y", "sum(volume)")));
  Add(Derived("c/of_x", "metric('z/x') + metric('b/y')"));
  AddRow("fact_bars", "A", Utc(2024, 3, 4, 10), 6);
  EXPECT_THAT(Results({Derived("a/first", "metric('c/of_x') + metric('b/y')")},
                      absl::CivilDay(2024, 3, 4), absl::CivilDay(2024, 3, 5)),
              IsOk());
  const absl::Status other = Refusal(Derived("a/other_first", "metric('b/y') + metric('c/of_x')"));
  EXPECT_THAT(other, StatusIs(kInvalid, "FIELD_INVALID"));
  EXPECT_THAT(std::string(other.message()), HasSubstr("a/other_first"));
}

TEST_F(DerivedShardTest, DatasetsThatCannotBeLinedUpAreRefused) {
  Add(BarsMetric("a/x", "sum(close)"));
  Add(OfOther(BarsMetric("b/y", "sum(volume)")));
  const MetricDefinition metric = Derived("a/both", "metric('a/x') + metric('b/y')");
  Dataset dataset = *registry_.datasets["fact_other"];
  dataset.calendar = "XNYS";
  registry_.datasets["fact_other"] = std::make_shared<const Dataset>(dataset);
  absl::Status refused = Refusal(metric);
  EXPECT_THAT(refused, StatusIs(kInvalid, "NOT_SUPPORTED"));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("calendar XNYS"));
  dataset.calendar = "24_7";
  dataset.entity_column.clear();
  registry_.datasets["fact_other"] = std::make_shared<const Dataset>(dataset);
  refused = Refusal(metric);
  EXPECT_THAT(refused, StatusIs(kInvalid, "NOT_SUPPORTED"));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("entities"));
}

TEST_F(DerivedShardTest, ACircleIsRefusedWithItsPath) {
  Add(Derived("a/y", "metric('a/z') + 1"));
  Add(Derived("a/z", "metric('a/x') + 1"));
  const absl::Status refused = Refusal(Derived("a/x", "metric('a/y') + 1"));
  EXPECT_THAT(refused, StatusIs(kInvalid, "DEPENDENCY_CYCLE"));
  EXPECT_THAT(refused, HasMetadata("cycle", "a/x -> a/y -> a/z -> a/x"));
  EXPECT_THAT(refused, HasMetadata("position", "8"));
  EXPECT_THAT(refused, ViolatesField("expression"));
}

TEST_F(DerivedShardTest, ChainsAreBounded) {
  Add(BarsMetric("a/m1", "sum(close)"));
  const auto link = [](int n) {
    return Derived(absl::StrCat("a/m", n), absl::StrCat("metric('a/m", n - 1, "') + 1"));
  };
  for (int n = 2; n <= 40; ++n) Add(link(n));
  AddRow("fact_bars", "A", Utc(2024, 3, 4, 10), 1);
  EXPECT_THAT(
      Compute({link(32)}, absl::CivilDay(2024, 3, 4), absl::CivilDay(2024, 3, 5)).at(0).values,
      ElementsAre(32));
  EXPECT_THAT(Refusal(link(33)), StatusIs(kInvalid, "NOT_SUPPORTED"));
  EXPECT_THAT(Refusal(link(40)), StatusIs(kInvalid, "NOT_SUPPORTED"));
}

TEST_F(DerivedShardTest, AMetricThatIsNotThereIsSaidByItsReader) {
  const absl::Status refused = Refusal(Derived("a/x", "1 + metric('a/nowhere')"));
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kNotFound, "METRIC_NOT_FOUND"));
  EXPECT_THAT(refused, HasMetadata("metric", "a/nowhere"));
  EXPECT_THAT(refused, HasMetadata("position", "12"));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("metric a/x version 1: position 12: "));
}

TEST_F(DerivedShardTest, WholeSelectsAreRefused) {
  MetricDefinition metric = BarsMetric("a/sql", "");
  EXPECT_THAT(Refusal(metric), StatusIs(kInvalid, "NOT_SUPPORTED"));
  EXPECT_THAT(Refusal(metric), HasMetadata("field", "sql")) << "it has no expression";
  Add(metric);
  EXPECT_THAT(Refusal(Derived("a/reader", "metric('a/sql') + 1")),
              StatusIs(kInvalid, "NOT_SUPPORTED"));
}

TEST_F(DerivedShardTest, TextsVectorsAndConditionsAreNotRead) {
  Add(BarsMetric("a/text", "last(venue)"));
  Add(BarsMetric("a/condition", "sum(close) > 1"));
  Add(BarsMetric("a/vector", "array_agg(close)"));
  for (const char* id : {"a/text", "a/condition", "a/vector"}) {
    EXPECT_THAT(Refusal(Derived("a/reader", absl::StrCat("metric('", id, "') + 1"))),
                StatusIs(kInvalid, "NOT_SUPPORTED"))
        << id;
  }
}

TEST_F(DerivedShardTest, WeeksOfADerivedMetricAreNotFolded) {
  Add(BarsMetric("a/x", "sum(close)"));
  MetricDefinition metric = Derived("a/weekly", "metric('a/x') * 1", Grain::kWeek);
  metric.rollup = "last";
  EXPECT_THAT(Results({metric}, absl::CivilDay(2024, 3, 1), absl::CivilDay(2024, 4, 1), {"A"},
                      Grain::kMonth),
              StatusIs(kInvalid, "NOT_SUPPORTED"));
}

}  // namespace
}  // namespace metricstore::compute
