// How a call of Evaluate is refused: which field of which metric is wrong, and where in its
// expression.

#include <string>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "gmock/gmock.h"
#include "tests/unit/compute/evaluate_call_fixture.h"

namespace metricstore::compute {
namespace {

namespace pb = ::metricstore::registry::v1;

using ::metricstore::testing::HasMetadata;
using ::metricstore::testing::IsOk;
using ::metricstore::testing::StatusIs;
using ::metricstore::testing::ViolatesField;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

TEST_F(EvaluateTest, ErrorsOfDefinitionsNameTheirFields) {
  Add(BarsMetric("a/stored", "sum(volume)"));
  Name("a/stored");
  pb::Metric* const metric = Define("given", "sum(clse)");
  absl::Status refused = Run();
  EXPECT_THAT(refused, StatusIs(kInvalid, "EXPRESSION_INVALID"));
  EXPECT_THAT(refused, ViolatesField("metrics[1].definition.expression"));
  EXPECT_THAT(refused, HasMetadata("position", "5"));
  EXPECT_THAT(refused, HasMetadata("suggestion", "close"));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("metrics[1].definition.expression: "));
  metric->set_expression("sum(close)");
  metric->add_filters("close > 0");
  metric->add_filters("close +");
  EXPECT_THAT(Run(), ViolatesField("metrics[1].definition.filters[1]"));
  metric->clear_filters();
  metric->set_grain(static_cast<pb::Grain>(77));
  EXPECT_THAT(Run(), ViolatesField("metrics[1].definition.grain"));
  metric->set_grain(pb::GRAIN_DAY);
  metric->set_rollup("mode");
  request_.set_grain(pb::GRAIN_MONTH);
  EXPECT_THAT(Run(), ViolatesField("metrics[1].definition.rollup"));
  EXPECT_THAT(Run(), StatusIs(kInvalid, "DEFINITION_INVALID"));
  metric->clear_rollup();
  metric->clear_category();
  EXPECT_THAT(Run(), ViolatesField("metrics[1].definition.category"));
  metric->set_category("Not A Name");
  EXPECT_THAT(Run(), ViolatesField("metrics[1].definition.name"));
  metric->set_category("a");
  metric->clear_dataset();
  EXPECT_THAT(Run(), ViolatesField("metrics[1].definition.dataset"));
  EXPECT_THAT(Run(), StatusIs(kInvalid, "FIELD_REQUIRED"));
  EXPECT_THAT(std::string(Run().message()),
              HasSubstr("metrics[1].definition.dataset: dataset is required"));
  metric->set_expression("sum(close) + metric('a/stored')");
  EXPECT_THAT(Run(), StatusIs(kInvalid, "FIELD_REQUIRED")) << "it reads rows too";
  metric->set_expression("count(*) + metric('a/stored')");
  EXPECT_THAT(Run(), StatusIs(kInvalid, "FIELD_REQUIRED")) << "no column, but rows";
  metric->set_expression("sum(close) +");
  EXPECT_THAT(Run(), StatusIs(kInvalid, "EXPRESSION_INVALID")) << "whatever the dataset";
  EXPECT_THAT(Run(), ViolatesField("metrics[1].definition.expression"));
  metric->set_expression("sum(close)");
  metric->set_dataset("fact_nothing");
  EXPECT_THAT(Run(), StatusIs(absl::StatusCode::kNotFound, "DATASET_NOT_FOUND"));
  EXPECT_THAT(Run(), ViolatesField("metrics[1].definition.dataset"));
  metric->set_dataset("fact_bars");
  metric->add_dimensions("venue");
  EXPECT_THAT(Run(), StatusIs(kInvalid, "NOT_SUPPORTED"));
  EXPECT_THAT(Run(), ViolatesField("metrics[1].definition.dimensions"));
  EXPECT_THAT(std::string(Run().message()),
              HasSubstr("has dimensions, which this release does not compute"));
}

TEST_F(EvaluateTest, ErrorsOfStoredMetricsNameThem) {
  Name("a/nowhere");
  EXPECT_THAT(Run(), StatusIs(absl::StatusCode::kNotFound, "METRIC_NOT_FOUND"));
  request_.clear_metrics();
  Add(BarsMetric("a/broken", "sum(clse)"));
  Name("a/broken");
  const absl::Status refused = Run();
  EXPECT_THAT(refused, StatusIs(kInvalid, "EXPRESSION_INVALID"));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("metrics[0]: metric a/broken version 1"));
}

TEST_F(EvaluateTest, AChainThatIsTooDeepIsToldOfTheMetricThatWasAskedFor) {
  Add(BarsMetric("a/m0", "sum(volume)"));
  for (int i = 1; i < 40; ++i) {
    Add(Derived(absl::StrCat("a/m", i), absl::StrCat("metric('a/m", i - 1, "') + 1")));
  }
  Name("a/m31");
  EXPECT_THAT(Run(), IsOk());
  Name("a/m39");
  const absl::Status refused = Run();
  EXPECT_THAT(refused, StatusIs(kInvalid, "NOT_SUPPORTED"));
  EXPECT_EQ(std::string(refused.message()),
            "metrics[1]: metric a/m39 version 1: metrics are read through one another over more "
            "than 32 levels");
  request_.mutable_metrics()->DeleteSubrange(0, 1);
  EXPECT_THAT(std::string(Run().message()), HasSubstr("metric a/m39 version 1"));
}

TEST_F(EvaluateTest, DefinitionsMayMakeACircle) {
  Add(Derived("a/y", "metric('a/x') + 1"));
  Define("x", "metric('a/y') + 1")->clear_dataset();
  const absl::Status refused = Run();
  EXPECT_THAT(refused, StatusIs(kInvalid, "DEPENDENCY_CYCLE"));
  EXPECT_THAT(refused, HasMetadata("cycle", "a/x -> a/y -> a/x"));
  EXPECT_THAT(refused, ViolatesField("metrics[0].definition.expression"));
}

TEST_F(EvaluateTest, OfTheReferenceInACircleThePositionIsSaid) {
  Add(Derived("a/y", "metric('a/x') + 1"));
  Define("w", "sum(close)");
  Define("x", "sum(close) + metric('a/w') * metric('a/y')");
  absl::Status refused = Run();
  EXPECT_THAT(refused, StatusIs(kInvalid, "DEPENDENCY_CYCLE"));
  EXPECT_THAT(refused, HasMetadata("position", "37"));
  EXPECT_THAT(refused, ViolatesField("metrics[1].definition.expression"));
  EXPECT_THAT(std::string(refused.message()),
              HasSubstr("metrics[1].definition.expression: position 37: metrics read each other in "
                        "a circle: a/x -> a/y -> a/x"));
  request_.mutable_metrics(1)->mutable_definition()->set_expression(
      "sum(close) + metric('a/x', offset => '1 day')");
  refused = Run();
  EXPECT_THAT(refused, HasMetadata("cycle", "a/x -> a/x")) << "an offset makes no difference";
  EXPECT_THAT(refused, HasMetadata("position", "21"));
}

TEST_F(EvaluateTest, OfAnOffsetShorterThanABucketThePositionIsSaid) {
  Add(BarsMetric("a/x", "sum(close)"));
  Define("y", "sum(close) - metric('a/x', offset => '1 hour')");
  const absl::Status refused = Run();
  EXPECT_THAT(refused, StatusIs(kInvalid, "NOT_SUPPORTED"));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("shorter than a day"));
  EXPECT_THAT(refused, HasMetadata("position", "38"));
}

TEST_F(EvaluateTest, OfAReferenceToNothingThePositionAndTheNearestIdAreSaid) {
  Define("opening", "first(close)");
  pb::Metric* const metric = Define("reader", "sum(close) + metric('a/openin')");
  absl::Status refused = Run();
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kNotFound, "METRIC_NOT_FOUND"));
  EXPECT_THAT(refused, HasMetadata("metric", "a/openin"));
  EXPECT_THAT(refused, HasMetadata("position", "21"));
  EXPECT_THAT(refused, HasMetadata("suggestion", "a/opening"));
  EXPECT_THAT(refused, ViolatesField("metrics[1].definition.expression"));
  EXPECT_THAT(std::string(refused.message()),
              HasSubstr("metrics[1].definition.expression: position 21: there is no metric "
                        "\"a/openin\"; did you mean \"a/opening\"?"));
  metric->set_expression("sum(close) + metric('a/raeder')");
  refused = Run();
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kNotFound, "METRIC_NOT_FOUND"));
  EXPECT_FALSE(status::DetailsOf(refused)->metadata.contains("suggestion"))
      << "the reader cannot be meant";
  // What the registry suggests is as good as what came along.
  registry_.suggestion = "a/radar";
  EXPECT_THAT(Run(), HasMetadata("suggestion", "a/radar"));
  registry_.suggestion = "a/reader";
  refused = Run();
  EXPECT_FALSE(status::DetailsOf(refused)->metadata.contains("suggestion"));
  EXPECT_THAT(std::string(refused.message()), Not(HasSubstr("did you mean")));
}

TEST_F(EvaluateTest, RequestsThatCannotBeUnderstoodAreRefused) {
  EXPECT_THAT(Run(), ViolatesField("metrics"));
  Define("x", "sum(close)");
  const v1::EvaluateRequest good = request_;
  request_.add_metrics();
  EXPECT_THAT(Run(), StatusIs(kInvalid, "FIELD_REQUIRED"));
  EXPECT_THAT(Run(), ViolatesField("metrics[1]"));
  *request_.mutable_metrics(1) = request_.metrics(0);
  EXPECT_THAT(Run(), ViolatesField("metrics[1].definition")) << "twice";
  request_ = good;
  request_.mutable_metrics(0)->set_version(2);
  EXPECT_THAT(Run(), ViolatesField("metrics[0].version"));
  request_ = good;
  request_.clear_dates();
  EXPECT_THAT(Run(), ViolatesField("dates"));
  request_ = good;
  request_.mutable_dates()->set_end_date("2024-03-04");
  EXPECT_THAT(Run(), StatusIs(kInvalid, "INTERVAL_REVERSED"));
  request_.mutable_dates()->set_end_date("2050-03-04");
  EXPECT_THAT(Run(), ViolatesField("dates"));
  request_.mutable_dates()->set_end_date("2035-03-04");
  EXPECT_THAT(Run(), StatusIs(kInvalid, "FIELD_INVALID")) << "the calendar ends before";
  request_ = good;
  request_.set_grain(static_cast<pb::Grain>(77));
  EXPECT_THAT(Run(), ViolatesField("grain"));
  request_ = good;
  for (int i = 0; i < 1001; ++i) request_.add_entities("A");
  EXPECT_THAT(Run(), ViolatesField("entities"));
  request_ = good;
  for (int i = 0; i < 500; ++i) *request_.add_metrics() = good.metrics(0);
  EXPECT_THAT(Run(), ViolatesField("metrics"));
}

}  // namespace
}  // namespace metricstore::compute
