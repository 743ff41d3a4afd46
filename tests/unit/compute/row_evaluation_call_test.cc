#include "compute_service/api/row_evaluation_call.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/columns/proto_conversion.h"
#include "compute_service/conversion/definition_conversion.h"
#include "tests/testing/matchers.h"
#include "tests/unit/compute/shard_fixture.h"

namespace metricstore::compute {
namespace {

namespace pb = ::metricstore::registry::v1;

using ::metricstore::testing::HasMetadata;
using ::metricstore::testing::IsOk;
using ::metricstore::testing::StatusIs;
using ::metricstore::testing::ViolatesField;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

pb::Dataset BarsMessage() {
  pb::Dataset proto;
  const Dataset bars = Bars();
  proto.set_name(bars.name);
  proto.set_time_column(bars.time_column);
  proto.set_entity_column(bars.entity_column);
  proto.set_calendar("24_7");
  for (const expression::SchemaColumn& column : bars.schema) {
    pb::DatasetColumn* added = proto.add_columns();
    added->set_name(column.name);
    added->set_type(static_cast<common::v1::ColumnType>(column.type));
    added->set_nullable(column.nullable);
  }
  return proto;
}

pb::Calendar AlwaysOpenMessage() {
  pb::Calendar proto;
  proto.set_name("24_7");
  proto.set_version(3);
  proto.set_description("Always open.");
  proto.set_time_zone("UTC");
  for (int day = 1; day <= 7; ++day) proto.add_open_days(pb::Weekday(day));
  pb::Session* session = proto.add_sessions();
  session->set_name("all");
  session->mutable_open()->set_second_of_day(0);
  session->mutable_close()->set_second_of_day(86400);
  proto.set_first_date("2020-01-01");
  proto.set_last_date("2030-12-31");
  return proto;
}

class EvaluateRowsTest : public ::testing::Test {
 protected:
  EvaluateRowsTest() {
    *request_.add_datasets() = BarsMessage();
    *request_.add_calendars() = AlwaysOpenMessage();
  }

  // Adds an evaluation of a daily metric over two rows of A, of which the last is on a second day.
  v1::RowEvaluation* Add(const std::string& expression) {
    v1::RowEvaluation* evaluation = request_.add_evaluations();
    pb::Metric* metric = evaluation->mutable_metric();
    metric->set_id("a/metric");
    metric->set_type(pb::METRIC_TYPE_DERIVED);
    metric->set_dataset("fact_bars");
    metric->set_grain(pb::GRAIN_DAY);
    metric->set_expression(expression);
    columns::ToProto(
        BarsBatch({{"A", Utc(2024, 3, 4, 10), 1, 10}, {"A", Utc(2024, 3, 5, 11), 4, 0}}),
        evaluation->mutable_rows());
    return evaluation;
  }

  absl::Status Evaluate(const CallBounds& bounds = {}) {
    response_.Clear();
    return EvaluateRows(request_, bounds, &response_);
  }

  // The reason in the result of the only evaluation.
  std::string Reason() {
    EXPECT_THAT(Evaluate(), IsOk());
    EXPECT_THAT(response_.results(), SizeIs(1));
    if (response_.results().empty()) return "no result";
    EXPECT_THAT(response_.results(0).points(), IsEmpty());
    EXPECT_EQ(response_.results(0).error().empty(), response_.results(0).error_reason().empty());
    return response_.results(0).error_reason();
  }

  v1::EvaluateRowsRequest request_;
  v1::EvaluateRowsResponse response_;
};

TEST_F(EvaluateRowsTest, GivesThePointsOfEachEvaluation) {
  Add("last(close)");
  Add("sum(close) / sum(volume)");
  ASSERT_THAT(Evaluate(), IsOk());
  ASSERT_THAT(response_.results(), SizeIs(2));
  const v1::RowEvaluationResult& first = response_.results(0);
  EXPECT_EQ(first.error_reason(), "");
  ASSERT_THAT(first.points(), SizeIs(2));
  EXPECT_EQ(first.points(1).entity(), "A");
  EXPECT_EQ(first.points(1).bucket_start_time().seconds(), absl::ToUnixSeconds(Utc(2024, 3, 5)));
  EXPECT_EQ(first.points(1).value(), 4);
  EXPECT_EQ(first.points(1).status(), pb::POINT_STATUS_OK);
  const v1::RowEvaluationResult& second = response_.results(1);
  ASSERT_THAT(second.points(), SizeIs(2));
  EXPECT_EQ(second.points(0).value(), 0.1);
  EXPECT_EQ(second.points(1).status(), pb::POINT_STATUS_NULL);
}

TEST_F(EvaluateRowsTest, ReadsReachTimeframeAndRollupsOutOfMessages) {
  pb::Window* window = Add("sum(close)")->mutable_metric()->mutable_window();
  window->mutable_rolling()->set_count(2);
  window->mutable_rolling()->set_unit(pb::Window::ROLLING_UNIT_DAYS);
  Add("sum(close)")->mutable_metric()->mutable_timeframe()->set_seconds(3600);
  ASSERT_THAT(Evaluate(), IsOk());
  ASSERT_THAT(response_.results(), SizeIs(2));
  ASSERT_THAT(response_.results(0).points(), SizeIs(2)) << "of the days of rows, and no later ones";
  EXPECT_EQ(response_.results(0).points(0).value(), 1);
  EXPECT_EQ(response_.results(0).points(1).value(), 5);
  EXPECT_EQ(response_.results(1).error_reason(), "DEFINITION_INVALID") << "close has no rollup";
  request_.mutable_datasets(0)->mutable_columns(2)->set_rollup(pb::COLUMN_ROLLUP_LAST);
  ASSERT_THAT(Evaluate(), IsOk());
  ASSERT_THAT(response_.results(1).points(), SizeIs(2));
  EXPECT_EQ(response_.results(1).points(1).value(), 4);
}

TEST_F(EvaluateRowsTest, CumulativeMetricsAreTheRunningTotalsOfTheirWindows) {
  for (const bool rolling : {false, true}) {
    pb::Metric* metric = Add("sum(close)")->mutable_metric();
    metric->set_type(pb::METRIC_TYPE_CUMULATIVE);
    pb::Window* window = metric->mutable_window();
    if (rolling) {
      window->mutable_rolling()->set_count(30);
      window->mutable_rolling()->set_unit(pb::Window::ROLLING_UNIT_DAYS);
    } else {
      window->set_to_date(pb::GRAIN_YEAR);
    }
  }
  ASSERT_THAT(Evaluate(), IsOk());
  ASSERT_THAT(response_.results(), SizeIs(2));
  for (const v1::RowEvaluationResult& result : response_.results()) {
    EXPECT_EQ(result.error(), "");
    ASSERT_THAT(result.points(), SizeIs(2));
    EXPECT_EQ(result.points(0).value(), 1);
    EXPECT_EQ(result.points(1).value(), 5);
  }
}

TEST_F(EvaluateRowsTest, OneThatCannotBeEvaluatedDoesNotStopTheOthers) {
  Add("last(clse)");
  Add("last(close)");
  ASSERT_THAT(Evaluate(), IsOk());
  ASSERT_THAT(response_.results(), SizeIs(2));
  EXPECT_EQ(response_.results(0).error_reason(), "EXPRESSION_INVALID");
  EXPECT_THAT(response_.results(0).error(), HasSubstr("clse"));
  EXPECT_THAT(response_.results(1).points(), SizeIs(2));
}

TEST_F(EvaluateRowsTest, SaysWhatThisReleaseDoesNotCompute) {
  pb::Metric* metric = Add("last(close)")->mutable_metric();
  metric->add_dimensions("venue");
  EXPECT_EQ(Reason(), "NOT_SUPPORTED");
  metric->clear_dimensions();
  metric->set_type(pb::METRIC_TYPE_COUNTER);
  EXPECT_EQ(Reason(), "NOT_SUPPORTED");
  metric->set_type(pb::METRIC_TYPE_CUMULATIVE);
  EXPECT_EQ(Reason(), "NOT_SUPPORTED") << "its window does not run on";
  metric->mutable_window()->set_previous(1);
  EXPECT_EQ(Reason(), "NOT_SUPPORTED");
  metric->clear_window();
  metric->set_type(pb::METRIC_TYPE_SQL);
  metric->clear_expression();
  metric->set_sql("SELECT 1");
  EXPECT_EQ(Reason(), "NOT_SUPPORTED");
  metric->set_type(pb::METRIC_TYPE_DERIVED);
  metric->set_expression("metric('a/b') * 2");
  EXPECT_EQ(Reason(), "NOT_SUPPORTED");
  EXPECT_THAT(response_.results(0).error(), HasSubstr("position 8: reads metric a/b"));
  metric->clear_dataset();
  EXPECT_EQ(Reason(), "NOT_SUPPORTED");
}

TEST_F(EvaluateRowsTest, DefinitionsThatMakeNoSenseAreSaid) {
  pb::Metric* metric = Add("last(close)")->mutable_metric();
  metric->mutable_window()->set_kind(pb::Window::KIND_SESSION);
  metric->mutable_window()->set_session("globex");
  EXPECT_EQ(Reason(), "DEFINITION_INVALID");
  metric->clear_window();
  metric->set_grain(static_cast<pb::Grain>(77));
  EXPECT_EQ(Reason(), "DEFINITION_INVALID");
  metric->set_grain(pb::GRAIN_DAY);
  request_.mutable_datasets(0)->clear_time_column();
  request_.mutable_datasets(0)->clear_calendar();
  EXPECT_EQ(Reason(), "DEFINITION_INVALID");
}

TEST_F(EvaluateRowsTest, MalformedRowsAreSaid) {
  Add("last(close)")->mutable_rows()->mutable_columns(2)->mutable_values()->pop_back();
  EXPECT_EQ(Reason(), "BATCH_INVALID");
}

TEST_F(EvaluateRowsTest, RefusesARequestThatCannotBeUnderstood) {
  EXPECT_THAT(Evaluate(), StatusIs(kInvalid, "FIELD_REQUIRED"));
  v1::RowEvaluation* evaluation = Add("last(close)");
  const v1::EvaluateRowsRequest good = request_;

  evaluation->clear_rows();
  EXPECT_THAT(Evaluate(), ViolatesField("evaluations[0].rows"));
  evaluation->clear_metric();
  EXPECT_THAT(Evaluate(), ViolatesField("evaluations[0].metric"));

  request_ = good;
  *request_.add_datasets() = BarsMessage();
  EXPECT_THAT(Evaluate(), ViolatesField("datasets[1].name"));
  request_ = good;
  *request_.add_calendars() = AlwaysOpenMessage();
  EXPECT_THAT(Evaluate(), ViolatesField("calendars[1].name"));
  request_ = good;
  request_.mutable_calendars(0)->set_time_zone("Mars/Olympus");
  EXPECT_THAT(Evaluate(), StatusIs(kInvalid, "FIELD_INVALID"));
  request_ = good;
  request_.clear_calendars();
  EXPECT_THAT(Evaluate(), ViolatesField("datasets[0].calendar"));
  request_ = good;
  request_.mutable_evaluations(0)->mutable_metric()->set_dataset("fact_orders");
  EXPECT_THAT(Evaluate(), ViolatesField("evaluations[0].metric.dataset"));
  EXPECT_THAT(Evaluate(), StatusIs(kInvalid, "FIELD_INVALID"));

  request_ = good;
  for (int i = 0; i < 1000; ++i) *request_.add_evaluations() = good.evaluations(0);
  EXPECT_THAT(Evaluate(), ViolatesField("evaluations"));
  request_.mutable_evaluations()->RemoveLast();
  EXPECT_THAT(Evaluate(), IsOk());
  EXPECT_THAT(response_.results(), SizeIs(1000));
}

TEST_F(EvaluateRowsTest, RefusesRequestsAndAnswersThatAreTooLarge) {
  Add("last(close)")->mutable_metric()->set_notes(std::string(5 << 20, 'x'));
  EXPECT_THAT(Evaluate(), StatusIs(absl::StatusCode::kResourceExhausted, "TOO_LARGE"));

  request_.clear_evaluations();
  v1::RowEvaluation* evaluation = Add("count(*)");
  evaluation->mutable_metric()->set_grain(pb::GRAIN_HOUR);
  std::vector<Bar> bars;
  for (int hour = 0; hour < 40'000; ++hour) {
    bars.push_back({std::string(200, 'A'), Utc(2024, 3, 4) + absl::Hours(hour), 1, 1});
  }
  columns::ToProto(BarsBatch(bars), evaluation->mutable_rows());
  const absl::Status status = Evaluate();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kResourceExhausted, "TOO_LARGE"));
  EXPECT_THAT(status, HasMetadata("limit_bytes", "4194304"));
}

TEST_F(EvaluateRowsTest, HonoursTheDeadline) {
  Add("last(clse)");  // never comes to the engine
  CallBounds late;
  late.deadline = absl::UnixEpoch();
  EXPECT_THAT(Evaluate(late), StatusIs(absl::StatusCode::kDeadlineExceeded));
}

}  // namespace
}  // namespace metricstore::compute
