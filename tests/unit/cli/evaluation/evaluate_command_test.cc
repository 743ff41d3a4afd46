// What `evaluate` asks for and shows: metrics of the store and of files, as tables and for
// programs.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/evaluation/evaluation_commands.h"
#include "tests/unit/cli/evaluation/evaluation_fixture.h"

namespace metricstore::cli {
namespace {

namespace com = compute::v1;

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

com::EvaluatedSeries Series(const std::string& metric, const std::string& entity,
                            std::vector<double> values) {
  com::EvaluatedSeries series;
  series.set_metric(metric);
  series.set_version(1);
  series.set_grain(reg::GRAIN_DAY);
  series.set_entity(entity);
  for (size_t i = 0; i < values.size(); ++i) {
    series.mutable_points()->add_bucket_start_times()->set_seconds(kMonday +
                                                                   static_cast<int64_t>(i) * 86400);
    series.mutable_points()->add_values(values[i]);
  }
  return series;
}

TEST_F(EvaluationCommands, StoredMetricsAreEvaluatedAsAsked) {
  Answer(Series("price/high", "SPY", {1.5, 2}), 10);
  Answer(Series("price/low", "SPY", {7}), 20);
  const Outcome outcome = Evaluate({"high", "price/low@3", "--entity", "SPY", "--entity", "BAC",
                                    "--grain", "week", "--project", "p", "-o", "csv"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.out,
            "metric,version,entity,dimensions,grain,bucket_start,value\n"
            "price/high,1,SPY,{},day,2024-03-04T05:00:00Z,1.5\n"
            "price/high,1,SPY,{},day,2024-03-05T05:00:00Z,2\n"
            "price/low,1,SPY,{},day,2024-03-04T05:00:00Z,7\n");
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("note: no points for entity \"BAC\"\n"),
                                 HasSubstr("3 points of 20 rows; nothing stored\n")));
  ASSERT_EQ(compute_.evaluations.size(), 1u);
  const auto& request = compute_.evaluations[0];
  EXPECT_EQ(request.project(), "p");
  EXPECT_EQ(request.metrics(0).name(), "high");
  EXPECT_EQ(request.metrics(1).name(), "price/low");
  EXPECT_EQ(request.metrics(1).version(), 3);
  EXPECT_THAT(request.entities(), ElementsAre("SPY", "BAC"));
  EXPECT_EQ(request.dates().end_date(), "2024-03-06");
  EXPECT_EQ(request.grain(), reg::GRAIN_WEEK);
}

TEST_F(EvaluationCommands, TablesAreOneForEachMetricWithDatesAndUnits) {
  catalog_.metrics = {MetricOf("price", "high")};
  services_.datasets.datasets = {BarDataset()};
  reg::Calendar calendar;
  calendar.set_name("XNYS");
  calendar.set_time_zone("America/New_York");
  services_.datasets.calendars = {calendar};
  Answer(Series("price/high", "SPY", {1.5}), 10);
  Answer(Series("price/low", "SPY", {7}), 10);
  Answer(Series("price/high", "BAC", {3}), 20);
  EXPECT_EQ(Evaluate({"high", "low"}).out,
            "price/high  version 1, day, USD\n"
            "ENTITY  BUCKET_START  VALUE\n"
            "SPY     2024-03-04      1.5\n"
            "BAC     2024-03-04        3\n"
            "\n"
            "price/low  version 1, day\n"
            "ENTITY  BUCKET_START          VALUE\n"
            "SPY     2024-03-04T05:00:00Z      7\n");
}

TEST_F(EvaluationCommands, FilesAreReadByTheRegistryAndSentAlong) {
  folder_.Write("price/a.yaml", "name: x");
  AddReport("x");
  AddReport("y");
  auto* calendar = catalog_.validate_response.add_reports();
  calendar->set_kind("calendar");
  auto series = Series("price/x", "SPY", {0});
  series.set_version(0);
  series.mutable_points()->add_texts("up");
  Answer(series, 10);
  const Outcome outcome = Evaluate({folder_.path("price/a.yaml"), "high", "-o", "json"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  const auto json = nlohmann::json::parse(outcome.out);
  EXPECT_EQ(json[0]["value"], "up");
  EXPECT_EQ(json[0]["version"], 0);
  ASSERT_EQ(catalog_.validations.size(), 1u);
  EXPECT_TRUE(catalog_.validations[0].with_definitions());
  EXPECT_TRUE(catalog_.validations[0].skip_tests());
  EXPECT_EQ(catalog_.validations[0].files(0).path(), "price/a.yaml");
  const auto& metrics = compute_.evaluations[0].metrics();
  ASSERT_EQ(metrics.size(), 3);
  EXPECT_EQ(metrics[0].name(), "high");
  EXPECT_EQ(metrics[1].definition().id(), "price/x");
  EXPECT_EQ(metrics[2].definition().id(), "price/y");
  EXPECT_THAT(Evaluate({folder_.path()}).out, HasSubstr("price/x  not stored, day, USD\n"));
}

TEST_F(EvaluationCommands, FilesWithoutMetricsAndOldRegistriesAreToldApart) {
  folder_.Write("price/a.yaml", "name: x");
  EXPECT_THAT(Evaluate({folder_.path("price/a.yaml")}).err, HasSubstr("there is no metric in "));
  AddReport("x");
  catalog_.validate_response.mutable_reports(0)->clear_definition();
  EXPECT_THAT(Evaluate({folder_.path("price/a.yaml")}).err,
              HasSubstr("the registry does not send definitions of files back"));
}

TEST_F(EvaluationCommands, AStreamThatBreaksIsAnError) {
  Answer(Series("price/high", "SPY", {1.5}), 10);
  compute_.status = grpc::Status(grpc::StatusCode::UNAVAILABLE, "Socket closed");
  const Outcome outcome = Evaluate({"high", "-o", "csv"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err,
              AllOf(HasSubstr("error: compute at "), Not(HasSubstr("nothing stored"))));
}

TEST_F(EvaluationCommands, WhyThereIsNoValueIsSaidAndVectorsAreArrays) {
  folder_.Write("price/a.yaml", "name: x");
  AddReport("x");
  catalog_.validate_response.mutable_reports(0)->mutable_definition()->set_expression(
      "histogram(close, 0, 10, 2)");
  auto series = Series("price/x", "SPY", {0, 0});
  series.set_version(0);
  series.mutable_points()->add_texts("[7,33]");
  series.mutable_points()->add_texts("");
  series.mutable_points()->add_statuses(reg::POINT_STATUS_OK);
  series.mutable_points()->add_statuses(reg::POINT_STATUS_NOT_FINITE);
  Answer(series, 10);
  const std::string path = folder_.path("price/a.yaml");
  const auto json = nlohmann::json::parse(Evaluate({path, "-o", "json"}).out);
  EXPECT_EQ(json[0]["value"], nlohmann::json::parse("[7,33]"));
  EXPECT_EQ(json[1]["status"], "not_finite");
  EXPECT_THAT(Evaluate({path}).out, AllOf(HasSubstr(" [7,33]\n"), HasSubstr(" not finite\n")));
  EXPECT_THAT(Evaluate({path, "-o", "csv"}).err, HasSubstr("note: 1 point is not finite"));
  // Of another version of a stored metric, that version's expression counts.
  compute_.evaluate_messages.clear();
  series.set_version(3);
  Answer(series, 10);
  catalog_.metrics = {MetricOf("price", "x")};
  catalog_.metrics[0].set_expression("array_agg(close)");
  EXPECT_TRUE(nlohmann::json::parse(Evaluate({"x@3", "-o", "json"}).out)[0]["value"].is_array());
}

TEST_F(EvaluationCommands, NoPointsAreSaidPlainly) {
  EXPECT_THAT(Evaluate({"high"}).err, HasSubstr("note: no points"));
  EXPECT_EQ(Evaluate({"high", "-o", "json"}).out, "[]\n");
  EXPECT_THAT(Evaluate({"high", "-o", "csv"}).out, HasSubstr("metric,version,entity"));
}

}  // namespace
}  // namespace metricstore::cli
