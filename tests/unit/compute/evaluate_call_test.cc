#include "compute_service/api/evaluate_call.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "tests/testing/matchers.h"
#include "tests/unit/compute/collecting_writer.h"
#include "tests/unit/compute/derived_fixture.h"

namespace metricstore::compute {
namespace {

namespace pb = ::metricstore::registry::v1;

using ::metricstore::testing::HasMetadata;
using ::metricstore::testing::IsOk;
using ::metricstore::testing::StatusIs;
using ::metricstore::testing::ViolatesField;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

class EvaluateTest : public ::testing::Test, protected DerivedFixture {
 protected:
  EvaluateTest() {
    request_.mutable_dates()->set_start_date("2024-03-04");
    request_.mutable_dates()->set_end_date("2024-03-06");
    AddRow("fact_bars", "A", Utc(2024, 3, 4, 10), 1, 10);
    AddRow("fact_bars", "A", Utc(2024, 3, 5, 10), 3, 20);
    AddRow("fact_bars", "B", Utc(2024, 3, 5, 11), 5, 30);
  }

  v1::EvaluatedMetric* Name(const std::string& name) {
    v1::EvaluatedMetric* const metric = request_.add_metrics();
    metric->set_name(name);
    return metric;
  }

  pb::Metric* Define(const std::string& name, const std::string& expression) {
    pb::Metric* const metric = request_.add_metrics()->mutable_definition();
    metric->set_category("a");
    metric->set_name(name);
    metric->set_type(pb::METRIC_TYPE_DERIVED);
    metric->set_dataset("fact_bars");
    metric->set_grain(pb::GRAIN_DAY);
    metric->set_expression(expression);
    return metric;
  }

  absl::Status Run(const CallBounds& bounds = {}) {
    writer_.messages.clear();
    return Evaluate(registry_, request_, bounds, writer_);
  }

  // All series, however they were cut into messages.
  std::vector<v1::EvaluatedSeries> Series() {
    EXPECT_THAT(Run(), IsOk());
    std::vector<v1::EvaluatedSeries> series;
    for (const v1::EvaluateResponse& message : writer_.messages) {
      series.insert(series.end(), message.series().begin(), message.series().end());
    }
    return series;
  }

  v1::EvaluateRequest request_;
  CollectingWriter<v1::EvaluateResponse> writer_;
};

TEST_F(EvaluateTest, StreamsThePointsOfStoredAndGivenMetrics) {
  MetricDefinition stored = BarsMetric("a/stored", "sum(volume)");
  stored.ref.version = 3;
  Add(stored);
  Name("a/stored");
  Define("given", "last(close) * 2");
  const auto series = Series();
  ASSERT_THAT(series, SizeIs(4)) << "metric by metric within an entity";
  EXPECT_EQ(series[0].metric_index(), 0);
  EXPECT_EQ(series[0].metric(), "a/stored");
  EXPECT_EQ(series[0].version(), 3);
  EXPECT_EQ(series[0].grain(), pb::GRAIN_DAY);
  EXPECT_EQ(series[0].entity(), "A");
  EXPECT_THAT(series[0].points().values(), ElementsAre(10, 20));
  EXPECT_EQ(series[0].points().bucket_start_times(0).seconds(),
            absl::ToUnixSeconds(Utc(2024, 3, 4)));
  EXPECT_THAT(series[0].points().statuses(), IsEmpty()) << "all are OK";
  EXPECT_EQ(series[1].metric_index(), 1);
  EXPECT_EQ(series[1].metric(), "a/given");
  EXPECT_EQ(series[1].version(), 0);
  EXPECT_THAT(series[1].points().values(), ElementsAre(2, 6));
  EXPECT_EQ(series[2].entity(), "B");
  EXPECT_EQ(writer_.messages.back().rows_read(), 3);
  EXPECT_THAT(registry_.windows(), SizeIs(1)) << "one pass over one snapshot";
  EXPECT_THAT(registry_.windows()[0].entities, IsEmpty());
  EXPECT_THAT(registry_.committed(), IsEmpty());
}

TEST_F(EvaluateTest, BareNamesAndEntitiesAndGrainsAreTaken) {
  Add(BarsMetric("a/stored", "sum(volume)"));
  Name("stored");
  request_.add_entities("A");
  request_.set_grain(pb::GRAIN_MONTH);
  const auto series = Series();
  ASSERT_THAT(series, SizeIs(1)) << "points of the buckets that the dates touch";
  EXPECT_EQ(series[0].grain(), pb::GRAIN_MONTH);
  EXPECT_THAT(series[0].points().values(), ElementsAre(30));
  EXPECT_EQ(registry_.windows().at(0).interval, (TimeRange{Utc(2024, 3, 1), Utc(2024, 4, 1)}));
}

TEST_F(EvaluateTest, AGivenDefinitionReplacesTheStoredOneForItsReaders) {
  Add(BarsMetric("a/base", "sum(volume)"));
  Add(Derived("a/reader", "metric('a/base') * 2"));
  Name("a/reader");
  EXPECT_THAT(Series().at(0).points().values(), ElementsAre(20, 40));
  Define("base", "sum(close)");
  const auto series = Series();
  EXPECT_THAT(series.at(0).points().values(), ElementsAre(2, 6));
  EXPECT_THAT(series.at(1).points().values(), ElementsAre(1, 3));
}

TEST_F(EvaluateTest, AGivenDefinitionMayReadStoredMetricsAlone) {
  Add(BarsMetric("a/base", "sum(volume)"));
  Define("reader", "metric('a/base') - metric('a/base', '1 day')")->clear_dataset();
  const auto series = Series();
  EXPECT_THAT(series.at(0).points().values(), ElementsAre(0, 10));
  EXPECT_THAT(series.at(0).points().statuses(),
              ElementsAre(pb::POINT_STATUS_NULL, pb::POINT_STATUS_OK));
}

TEST_F(EvaluateTest, MetricsOfSeveralDatasetsComeDatasetByDataset) {
  AddRow("fact_other", "B", Utc(2024, 3, 4, 10), 1, 7);
  Add(BarsMetric("a/x", "sum(close)"));
  Add(OfOther(BarsMetric("a/y", "sum(volume)")));
  Name("a/x");
  Name("a/y");
  const auto series = Series();
  ASSERT_THAT(series, SizeIs(3));
  EXPECT_EQ(series[2].metric_index(), 1);
  EXPECT_THAT(series[2].points().values(), ElementsAre(7));
  EXPECT_EQ(writer_.messages.back().rows_read(), 4);
}

TEST_F(EvaluateTest, AnEntityWithoutOwnRowsIsShownInItsPlace) {
  AddRow("fact_other", "AA", Utc(2024, 3, 4, 10), 1, 7);
  AddRow("fact_other", "Z", Utc(2024, 3, 4, 10), 1, 8);
  Add(BarsMetric("a/x", "sum(close)"));
  Add(OfOther(BarsMetric("a/y", "sum(volume)")));
  Define("both", "coalesce(metric('a/x'), 0) + coalesce(metric('a/y'), 0)")->clear_dataset();
  std::vector<std::string> entities;
  for (const auto& series : Series()) entities.push_back(series.entity());
  EXPECT_THAT(entities, ElementsAre("A", "AA", "B", "Z"));
}

TEST_F(EvaluateTest, AnEntityThatNoDatasetKnowsIsAnError) {
  AddRow("fact_other", "OLD", Utc(2019, 3, 4, 10), 1);
  Add(BarsMetric("a/x", "sum(close)"));
  Add(OfOther(BarsMetric("a/y", "sum(volume)")));
  Name("a/x");
  request_.add_entities("A");
  request_.add_entities("acme");
  const absl::Status unknown = Run();
  EXPECT_THAT(unknown, StatusIs(absl::StatusCode::kNotFound, "ENTITY_NOT_FOUND"));
  EXPECT_THAT(unknown, HasMetadata("dataset", "fact_bars"));
  EXPECT_THAT(unknown, HasMetadata("entity", "acme"));
  EXPECT_EQ(std::string(unknown.message()), "no rows of entity \"acme\" are stored in fact_bars");
  EXPECT_THAT(writer_.messages, IsEmpty());
  *request_.mutable_entities(1) = "OLD";
  EXPECT_THAT(Run(), HasMetadata("entity", "OLD"));
  Name("a/y");
  EXPECT_THAT(Run(), IsOk()) << "its rows are of other dates, and of one dataset only";
  *request_.mutable_entities(0) = "acme";
  const absl::Status of_both = Run();
  EXPECT_THAT(of_both, HasMetadata("entity", "acme"));
  EXPECT_EQ(std::string(of_both.message()),
            "no rows of entity \"acme\" are stored in fact_bars or fact_other");
}

TEST_F(EvaluateTest, EntitiesOfMetricsThatAreOnlyReadAreKnown) {
  AddRow("fact_other", "OLD", Utc(2019, 3, 4, 10), 1);
  Add(BarsMetric("a/x", "sum(close)"));
  Add(OfOther(BarsMetric("a/y", "sum(volume)")));
  Define("both", "coalesce(metric('a/x'), 0) + coalesce(metric('a/y'), 0)")->clear_dataset();
  request_.add_entities("OLD");
  EXPECT_THAT(Run(), IsOk());
}

TEST_F(EvaluateTest, OfDatasetsWithoutEntitiesNamesDoNotMatter) {
  Dataset dataset = *registry_.datasets.at("fact_bars");
  dataset.entity_column.clear();
  registry_.datasets["fact_bars"] = std::make_shared<const Dataset>(dataset);
  Define("x", "sum(close)");
  request_.add_entities("acme");
  EXPECT_THAT(Run(), IsOk());
}

TEST_F(EvaluateTest, ARegistryThatFailsWhileAnEntityIsLookedUpIsNotMistakenForATypo) {
  Define("x", "sum(close)");
  request_.add_entities("acme");
  registry_.stream = [this](const WindowRequest&, const WindowSink&, const CallBounds&) {
    if (registry_.windows().size() < 2) return absl::OkStatus();
    return status::ErrorBuilder(absl::StatusCode::kAborted, "STREAM_STALLED", "stalled").Build();
  };
  EXPECT_THAT(Run(), StatusIs(absl::StatusCode::kAborted, "STREAM_STALLED"));
}

TEST_F(EvaluateTest, WithoutPointsOneMessageSaysHowManyRowsWereRead) {
  Define("never", "sum(close)")->add_filters("close > 100");
  EXPECT_THAT(Run(), IsOk());
  ASSERT_THAT(writer_.messages, SizeIs(1));
  EXPECT_THAT(writer_.messages[0].series(), IsEmpty());
  EXPECT_EQ(writer_.messages[0].rows_read(), 3);
}

TEST_F(EvaluateTest, TextsAndStatusesComeAlong) {
  Define("text", "CASE WHEN sum(close) > 2 THEN 'high' END");
  request_.add_entities("A");
  const auto series = Series();
  ASSERT_THAT(series, SizeIs(1));
  EXPECT_THAT(series[0].points().texts(), ElementsAre("", "high"));
  EXPECT_THAT(series[0].points().statuses(),
              ElementsAre(pb::POINT_STATUS_NULL, pb::POINT_STATUS_OK));
}

TEST_F(EvaluateTest, LongSeriesAreCutIntoMessagesOfAMegabyteAtMost) {
  for (int hour = 0; hour < 60'000; ++hour) {
    AddRow("fact_other", "A", Utc(2020, 1, 1) + absl::Hours(hour), hour);
  }
  pb::Metric* const metric = Define("hours", "sum(close)");
  metric->set_dataset("fact_other");
  metric->set_grain(pb::GRAIN_HOUR);
  request_.mutable_dates()->set_start_date("2020-01-01");
  request_.mutable_dates()->set_end_date("2026-11-06");
  const auto series = Series();
  EXPECT_GT(writer_.messages.size(), 2);
  double next = 0;
  for (const auto& message : writer_.messages) EXPECT_LE(message.ByteSizeLong(), 1u << 20);
  for (const auto& piece : series) {
    for (const double value : piece.points().values()) EXPECT_EQ(value, next++);
  }
  EXPECT_EQ(next, 60'000);
}

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

TEST_F(EvaluateTest, ACancelledCallStops) {
  Define("x", "sum(close)");
  CallBounds bounds;
  writer_.after_write = [&](const v1::EvaluateResponse&) { return bounds.Check(); };
  registry_.stream = [&](const WindowRequest&, const WindowSink& sink, const CallBounds& inner) {
    bounds.cancel.Cancel();
    EXPECT_THAT(inner.Check(), StatusIs(absl::StatusCode::kCancelled)) << "it is passed on";
    return sink(BarsBatch({{"A", Utc(2024, 3, 4, 10), 1, 1}}));
  };
  EXPECT_THAT(Run(bounds), StatusIs(absl::StatusCode::kCancelled, "CANCELLED"));
}

TEST_F(EvaluateTest, TheDeadlineIsHonoured) {
  Define("x", "sum(close)");
  CallBounds late;
  late.deadline = absl::UnixEpoch();
  EXPECT_THAT(Run(late), StatusIs(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED"));
}

TEST_F(EvaluateTest, AReaderThatIsGoneEndsTheEvaluation) {
  Define("x", "sum(close)");
  writer_.after_write = [](const v1::EvaluateResponse&) {
    return status::ErrorBuilder(absl::StatusCode::kAborted, "STREAM_STALLED", "stalled").Build();
  };
  EXPECT_THAT(Run(), StatusIs(absl::StatusCode::kAborted, "STREAM_STALLED"));
}

}  // namespace
}  // namespace metricstore::compute
