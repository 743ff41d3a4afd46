#include "compute_service/api/explain_call.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/columns/proto_conversion.h"
#include "compute_service/conversion/definition_conversion.h"
#include "compute_service/evaluation/shown_rows.h"
#include "tests/testing/matchers.h"
#include "tests/unit/compute/derived_fixture.h"

namespace metricstore::compute {
namespace {

namespace pb = ::metricstore::registry::v1;

using ::metricstore::testing::HasMetadata;
using ::metricstore::testing::IsOk;
using ::metricstore::testing::StatusIs;
using ::metricstore::testing::ViolatesField;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

class ExplainMetricTest : public ::testing::Test, protected DerivedFixture {
 protected:
  ExplainMetricTest() : DerivedFixture(NewYork()) {
    request_.set_entity("A");
    request_.set_date("2024-03-04");
    // The session is 14:30 to 21:00 UTC.
    AddRow("fact_bars", "A", Utc(2024, 3, 4, 14, 29), 100, 100);
    AddRow("fact_bars", "A", Utc(2024, 3, 4, 14, 30), 2, 10);
    AddRow("fact_bars", "A", Utc(2024, 3, 4, 15, 30), 4, 0);
    AddRow("fact_bars", "A", Utc(2024, 3, 4, 16, 30), 6, 30);
    AddRow("fact_bars", "A", Utc(2024, 3, 5, 15, 30), 8, 40);
  }

  // A stored metric of rth.
  pb::Metric Store(const std::string& name, const std::string& expression, int version = 1) {
    pb::Metric metric;
    metric.set_id("a/" + name);
    metric.set_category("a");
    metric.set_name(name);
    metric.set_version(version);
    metric.set_type(pb::METRIC_TYPE_DERIVED);
    metric.set_dataset("fact_bars");
    metric.set_grain(pb::GRAIN_DAY);
    metric.set_expression(expression);
    metric.mutable_window()->set_kind(pb::Window::KIND_SESSION);
    metric.mutable_window()->set_session("rth");
    return Store(metric);
  }
  pb::Metric Store(const pb::Metric& metric) {
    registry_.messages[metric.id()] = std::make_shared<const pb::Metric>(metric);
    const auto definition = ToMetricDefinition(metric);
    EXPECT_THAT(definition, IsOk());
    Add(*definition);
    return metric;
  }

  absl::Status Run(const CallBounds& bounds = {}) {
    response_.Clear();
    return ExplainMetric(registry_, request_, bounds, &response_);
  }
  const v1::ExplainMetricResponse& Explain(const std::string& name) {
    request_.mutable_metric()->set_name(name);
    EXPECT_THAT(Run(), IsOk());
    return response_;
  }

  v1::ExplainMetricRequest request_;
  v1::ExplainMetricResponse response_;
};

TEST_F(ExplainMetricTest, SaysWhatAValueIsMadeOf) {
  pb::Metric metric = Store("vwap", "sum(close * volume)/sum(volume)", 3);
  metric.add_filters("volume > 0");
  Store(metric);
  request_.set_row_limit(2);
  const v1::ExplainMetricResponse& explained = Explain("vwap");
  EXPECT_EQ(explained.definition().id(), "a/vwap");
  EXPECT_EQ(explained.version(), 3);
  EXPECT_EQ(explained.canonical_expression(), "(sum((close * volume)) / sum(volume))");
  EXPECT_EQ(explained.executor(), v1::EXECUTOR_VECTOR);
  EXPECT_THAT(explained.executor_reason(), HasSubstr("vector"));
  EXPECT_EQ(explained.calendar(), "XNYS");
  EXPECT_EQ(explained.calendar_version(), 1);
  EXPECT_EQ(explained.time_zone(), "America/New_York");
  EXPECT_EQ(explained.grain(), pb::GRAIN_DAY);
  EXPECT_EQ(explained.bucket_dates().start_date(), "2024-03-04");
  EXPECT_EQ(explained.bucket_dates().end_date(), "2024-03-05");
  ASSERT_THAT(explained.slices(), SizeIs(1));
  EXPECT_EQ(explained.slice_count(), 1);
  EXPECT_EQ(explained.slices(0).start_time().seconds(),
            absl::ToUnixSeconds(Utc(2024, 3, 4, 14, 30)));
  EXPECT_THAT(explained.columns(), ElementsAre("close", "volume"));
  EXPECT_EQ(explained.row_count(), 3);
  EXPECT_EQ(explained.counted_row_count(), 2);
  const auto rows = columns::FromProto(explained.rows());
  ASSERT_THAT(rows, IsOk());
  EXPECT_THAT(rows->Find("close")->float64, ElementsAre(2, 6)) << "the first and the last";
  ASSERT_THAT(explained.parts(), SizeIs(2));
  EXPECT_EQ(explained.parts(0).expression(), "sum((close * volume))");
  EXPECT_EQ(explained.parts(0).version(), 0);
  EXPECT_EQ(explained.parts(0).point().value(), 200);
  EXPECT_EQ(explained.parts(1).point().value(), 40);
  EXPECT_EQ(explained.point().value(), 5);
  EXPECT_EQ(explained.point().entity(), "A");
  EXPECT_EQ(explained.point().bucket_start_time().seconds(),
            absl::ToUnixSeconds(Utc(2024, 3, 4, 5)));
  EXPECT_THAT(
      explained.plan(),
      ElementsAre("read 3 rows of fact_bars: close, volume", "window rth shows 3 rows in 1 slice",
                  "2 of them pass volume > 0", "sum((close * volume)): 200", "sum(volume): 40",
                  "(sum((close * volume)) / sum(volume)): 5"));
}

TEST_F(ExplainMetricTest, ReadsOtherMetricsAtTheirBuckets) {
  Store("base", "last(close)", 2);
  pb::Metric change;
  change.set_id("a/change");
  change.set_grain(pb::GRAIN_DAY);
  change.set_expression("metric('a/base') - metric('a/base', '1 day')");
  Store(change);
  request_.set_date("2024-03-05");
  const v1::ExplainMetricResponse& explained = Explain("a/change");
  EXPECT_EQ(explained.point().value(), 2);
  ASSERT_THAT(explained.parts(), SizeIs(2));
  EXPECT_EQ(explained.parts(0).expression(), "metric('a/base')");
  EXPECT_EQ(explained.parts(0).version(), 2);
  EXPECT_EQ(explained.parts(0).point().value(), 8);
  EXPECT_EQ(explained.parts(1).bucket_start_time().seconds(),
            absl::ToUnixSeconds(Utc(2024, 3, 4, 5)));
  EXPECT_EQ(explained.parts(1).point().value(), 6);
  EXPECT_EQ(explained.row_count(), 0) << "it has no rows of its own";
  EXPECT_THAT(explained.plan(), Contains("read 4 rows of fact_bars: close"));
  EXPECT_THAT(explained.plan(), Contains("metric('a/base') version 2 in the bucket from "
                                         "2024-03-05T05:00:00Z: 8"));
}

TEST_F(ExplainMetricTest, APlainAggregateIsOneStep) {
  Store("total", "sum(close)");
  EXPECT_THAT(Explain("total").plan(),
              ElementsAre("read 3 rows of fact_bars: close", "window rth shows 3 rows in 1 slice",
                          "sum(close): 12"));
  EXPECT_THAT(response_.parts(), SizeIs(1));
}

TEST_F(ExplainMetricTest, APartThatIsUsedTwiceIsShownOnce) {
  Store("share", "sum(close) / (sum(close) + count(*))");
  const v1::ExplainMetricResponse& explained = Explain("share");
  ASSERT_THAT(explained.parts(), SizeIs(2));
  EXPECT_THAT(explained.plan(), Contains("sum(close): 12 (computed once, used 2 times)"));
}

TEST_F(ExplainMetricTest, OfBarsItIsSaidHowManyTheRowsBecame) {
  pb::Metric metric = Store("bars", "sum(close)");
  metric.mutable_timeframe()->set_seconds(2 * 3600);
  metric.add_filters("volume > 0");
  Store(metric);
  EXPECT_THAT(Explain("bars").plan(),
              Contains("these become 2 bars of 2h, each column by its rollup"));
  EXPECT_EQ(response_.point().value(), 8);
  metric.set_filters(0, "volume > 1000");
  Store(metric);
  EXPECT_THAT(Explain("bars").plan(),
              Contains("these become 0 bars of 2h, each column by its rollup"));
  metric.set_rollup("sum");
  Store(metric);
  request_.set_grain(pb::GRAIN_MONTH);
  EXPECT_THAT(Explain("bars").plan(),
              Contains("these become bars of 2h, each column by its rollup"));
}

TEST_F(ExplainMetricTest, AGivenDefinitionIsExplainedAsItIs) {
  pb::Metric* const given = request_.mutable_metric()->mutable_definition();
  *given = Store("base", "last(close)", 2);
  given->clear_id();
  given->set_expression("first(close)");
  EXPECT_THAT(Run(), IsOk());
  EXPECT_EQ(response_.version(), 0);
  EXPECT_EQ(response_.definition().expression(), "first(close)");
  EXPECT_EQ(response_.point().value(), 2);
}

TEST_F(ExplainMetricTest, DefinitionsThatComeAlongAreReadLikeThoseOfEvaluate) {
  Store("stored", "last(close)", 2);
  pb::Metric* const base = request_.add_definitions();
  *base = *registry_.messages.at("a/stored");
  base->clear_id();
  base->set_name("base");
  base->set_expression("sum(volume)");
  pb::Metric* const given = request_.mutable_metric()->mutable_definition();
  given->set_category("a");
  given->set_name("dep");
  given->set_type(pb::METRIC_TYPE_DERIVED);
  given->set_grain(pb::GRAIN_DAY);
  given->set_expression("metric('a/base') * 2 + metric('a/stored')");
  ASSERT_THAT(Run(), IsOk());
  EXPECT_EQ(response_.point().value(), 86);
  ASSERT_THAT(response_.parts(), SizeIs(2));
  EXPECT_EQ(response_.parts(0).expression(), "metric('a/base')");
  EXPECT_EQ(response_.parts(0).version(), 0);
  EXPECT_EQ(response_.parts(0).point().value(), 40);
  EXPECT_EQ(response_.parts(1).version(), 2);
  // They replace stored ones, also for a stored reader.
  pb::Metric reader;
  reader.set_id("a/reader");
  reader.set_grain(pb::GRAIN_DAY);
  reader.set_expression("metric('a/stored') * 10");
  Store(reader);
  base->set_name("stored");
  EXPECT_EQ(Explain("a/reader").point().value(), 400);
}

TEST_F(ExplainMetricTest, DefinitionsThatComeAlongAreBlamedInTheirPlaces) {
  pb::Metric* const given = request_.mutable_metric()->mutable_definition();
  *given = Store("dep", "last(close)");
  given->clear_id();
  given->set_expression("metric('a/base') * 2");
  *request_.add_definitions() = *registry_.messages.at("a/dep");
  request_.mutable_definitions(0)->set_name("unread");
  request_.mutable_definitions(0)->set_id("a/unread");
  request_.mutable_definitions(0)->set_expression("last(clse)");
  pb::Metric* const base = request_.add_definitions();
  *base = *registry_.messages.at("a/dep");
  base->clear_id();
  base->set_name("base");
  EXPECT_THAT(Run(), IsOk()) << "what nobody reads does not matter";
  base->set_expression("last(clse)");
  EXPECT_THAT(Run(), StatusIs(kInvalid, "EXPRESSION_INVALID"));
  EXPECT_THAT(Run(), ViolatesField("definitions[1].expression"));
  base->set_expression("2 * metric('a/dep')");
  EXPECT_THAT(Run(), StatusIs(kInvalid, "DEPENDENCY_CYCLE"));
  EXPECT_THAT(Run(), HasMetadata("position", "8")) << "where the circle starts";
  EXPECT_THAT(Run(), ViolatesField("metric.definition.expression"));
  base->set_expression("2 * metric('a/unred')");
  EXPECT_THAT(Run(), StatusIs(absl::StatusCode::kNotFound, "METRIC_NOT_FOUND"));
  EXPECT_THAT(Run(), HasMetadata("position", "12"));
  EXPECT_THAT(Run(), HasMetadata("suggestion", "a/unread")) << "it came along, read or not";
  EXPECT_THAT(Run(), ViolatesField("definitions[1].expression"));
  base->set_name("dep");
  EXPECT_THAT(Run(), ViolatesField("definitions[1]")) << "it is there twice";
  base->clear_name();
  EXPECT_THAT(Run(), ViolatesField("definitions[1].name"));
  base->set_name("base");
  for (int i = 0; i < 500; ++i) *request_.add_definitions() = *base;
  EXPECT_THAT(Run(), ViolatesField("definitions"));
}

TEST_F(ExplainMetricTest, OfHoursTheFirstWithAPointOrTheOneAskedFor) {
  pb::Metric hourly = Store("hourly", "sum(close)");
  hourly.set_grain(pb::GRAIN_HOUR);
  Store(hourly);
  EXPECT_EQ(Explain("hourly").point().value(), 2);
  EXPECT_THAT(response_.slices(), SizeIs(1));
  request_.mutable_hour()->set_seconds(absl::ToUnixSeconds(Utc(2024, 3, 4, 16)));
  EXPECT_EQ(Explain("hourly").point().value(), 6);
  EXPECT_EQ(response_.row_count(), 1);
  request_.mutable_hour()->set_seconds(absl::ToUnixSeconds(Utc(2024, 3, 4, 20)));
  EXPECT_FALSE(Explain("hourly").has_point()) << "no row in that hour";
  request_.mutable_hour()->set_seconds(absl::ToUnixSeconds(Utc(2024, 3, 4, 16, 30)));
  EXPECT_THAT(Run(), ViolatesField("hour"));
}

TEST_F(ExplainMetricTest, AFoldedValueSaysOfHowManyPoints) {
  pb::Metric metric = Store("last", "last(close)");
  metric.set_rollup("max");
  Store(metric);
  request_.set_grain(pb::GRAIN_MONTH);
  const v1::ExplainMetricResponse& explained = Explain("last");
  EXPECT_EQ(explained.point().value(), 8);
  EXPECT_EQ(explained.bucket_dates().end_date(), "2024-04-01");
  EXPECT_EQ(explained.slice_count(), 21) << "the sessions of March";
  EXPECT_EQ(explained.row_count(), 4);
  EXPECT_THAT(explained.plan(), Contains("max of 2 points at grain day, each of last(close): 8"));
}

TEST_F(ExplainMetricTest, ManySlicesAreCutInTheMiddle) {
  Store("last", "last(close)");
  request_.set_grain(pb::GRAIN_YEAR);
  const v1::ExplainMetricResponse& explained = Explain("last");
  EXPECT_EQ(explained.slice_count(), 262);
  ASSERT_THAT(explained.slices(), SizeIs(200));
  EXPECT_EQ(explained.slices(199).end_time().seconds(), absl::ToUnixSeconds(Utc(2024, 12, 31, 21)));
}

TEST_F(ExplainMetricTest, WhereNoRowPassesThereIsNoPoint) {
  pb::Metric metric = Store("none", "sum(close)");
  metric.add_filters("close > 1000");
  Store(metric);
  const v1::ExplainMetricResponse& explained = Explain("none");
  EXPECT_FALSE(explained.has_point());
  EXPECT_EQ(explained.row_count(), 3);
  EXPECT_EQ(explained.counted_row_count(), 0);
  EXPECT_FALSE(explained.parts(0).has_point());
  EXPECT_THAT(explained.plan(), Contains("sum(close): no point"));
}

TEST_F(ExplainMetricTest, AClosedDateShowsNothing) {
  Store("last", "last(close)");
  request_.set_date("2024-03-09");
  const v1::ExplainMetricResponse& explained = Explain("last");
  EXPECT_THAT(explained.slices(), IsEmpty());
  EXPECT_FALSE(explained.has_point());
}

TEST_F(ExplainMetricTest, OfAWholeSelectTheExecutorIsExplained) {
  pb::Metric metric;
  metric.set_id("a/sql");
  metric.set_type(pb::METRIC_TYPE_SQL);
  metric.set_grain(pb::GRAIN_DAY);
  metric.set_sql("SELECT 1");
  Store(metric);
  const v1::ExplainMetricResponse& explained = Explain("a/sql");
  EXPECT_EQ(explained.executor(), v1::EXECUTOR_SQL);
  EXPECT_THAT(explained.executor_reason(), HasSubstr("does not run it"));
  EXPECT_FALSE(explained.has_point());
}

TEST_F(ExplainMetricTest, ErrorsHaveTheirReasons) {
  Store("last", "last(close)");
  EXPECT_THAT(Run(), ViolatesField("metric"));
  request_.mutable_metric()->set_name("nothing");
  EXPECT_THAT(Run(), StatusIs(absl::StatusCode::kNotFound, "METRIC_NOT_FOUND"));
  request_.mutable_metric()->set_name("last");
  const v1::ExplainMetricRequest good = request_;
  request_.set_entity("Q");
  const absl::Status unknown = Run();
  EXPECT_THAT(unknown, StatusIs(absl::StatusCode::kNotFound, "ENTITY_NOT_FOUND"));
  EXPECT_THAT(unknown, HasMetadata("dataset", "fact_bars"));
  EXPECT_THAT(unknown, HasMetadata("entity", "Q"));
  request_.clear_entity();
  EXPECT_THAT(Run(), ViolatesField("entity"));
  request_ = good;
  request_.clear_date();
  EXPECT_THAT(Run(), ViolatesField("date"));
  request_.set_date("1999-01-01");
  EXPECT_THAT(Run(), StatusIs(kInvalid, "FIELD_INVALID")) << "the calendar does not know it";
  request_ = good;
  request_.set_row_limit(1001);
  EXPECT_THAT(Run(), ViolatesField("row_limit"));
  request_ = good;
  pb::Metric* const given = request_.mutable_metric()->mutable_definition();
  *given = *registry_.messages.at("a/last");
  given->set_expression("last(clse)");
  EXPECT_THAT(Run(), StatusIs(kInvalid, "EXPRESSION_INVALID"));
  EXPECT_THAT(Run(), ViolatesField("metric.definition.expression"));
}

TEST(SampleTest, StaysSmallWhereTextsAreLong) {
  columns::ColumnBatch rows{.rows = 100, .columns = {}};
  columns::Column& texts = rows.columns.emplace_back();
  texts.name = "note";
  texts.type = columns::ColumnType::kText;
  std::vector<size_t> indexes;
  for (uint32_t row = 0; row < 100; ++row) {
    texts.dictionary.push_back(std::string(100'000, 'x') + std::to_string(row));
    texts.codes.push_back(row);
    indexes.push_back(row);
  }
  const columns::ColumnBatch sample = Sample(rows, indexes, 1000);
  ASSERT_EQ(sample.rows, 6);
  EXPECT_TRUE(sample.columns[0].text(0).ends_with("x0"));
  EXPECT_TRUE(sample.columns[0].text(5).ends_with("x99"));
}

TEST_F(ExplainMetricTest, TheDeadlineIsHonoured) {
  Store("last", "last(close)");
  request_.mutable_metric()->set_name("last");
  CallBounds late;
  late.deadline = absl::UnixEpoch();
  EXPECT_THAT(Run(late), StatusIs(absl::StatusCode::kDeadlineExceeded));
}

}  // namespace
}  // namespace metricstore::compute
