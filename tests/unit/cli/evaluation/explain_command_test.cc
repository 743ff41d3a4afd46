// How `explain` tells where a value comes from, or why there is none, to people and to programs.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "cli/evaluation/evaluation_commands.h"
#include "common/columns/proto_conversion.h"
#include "common/rpc/status_conversion.h"
#include "common/status/error.h"
#include "tests/unit/cli/evaluation/evaluation_fixture.h"

namespace metricstore::cli {
namespace {

namespace com = compute::v1;

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

com::ExplainMetricResponse Explanation() {
  com::ExplainMetricResponse answer;
  *answer.mutable_definition() = MetricOf("price", "range");
  answer.mutable_definition()->add_filters("volume > 0");
  answer.set_version(2);
  answer.set_canonical_expression("max(high) - min(low)");
  answer.set_executor(com::EXECUTOR_VECTOR);
  answer.set_executor_reason("every function has a kernel");
  answer.set_calendar("XNYS");
  answer.set_calendar_version(4);
  answer.set_time_zone("America/New_York");
  answer.set_grain(reg::GRAIN_DAY);
  answer.mutable_bucket_dates()->set_start_date("2024-03-04");
  answer.mutable_bucket_dates()->set_end_date("2024-03-05");
  auto* slice = answer.add_slices();
  slice->mutable_start_time()->set_seconds(1709562600);
  slice->mutable_end_time()->set_seconds(1709586000);
  answer.set_slice_count(1);
  answer.add_columns("high");
  answer.add_columns("low");
  answer.set_row_count(390);
  answer.set_counted_row_count(388);
  auto* part = answer.add_parts();
  part->set_expression("max(high)");
  part->mutable_point()->set_value(12.5);
  part = answer.add_parts();
  part->set_expression("metric('price/low', offset => '1 day')");
  part->set_version(3);
  part->mutable_bucket_start_time()->set_seconds(kMonday - 86400);
  answer.mutable_point()->set_value(2.25);
  answer.add_plan("read high, low");
  answer.add_plan("take the difference");
  columns::ColumnBatch rows;
  rows.rows = 2;
  rows.columns.resize(2);
  rows.columns[0].name = "high";
  rows.columns[0].float64 = {1.5, 0};
  rows.columns[0].validity.SetNull(1, 2);
  rows.columns[1].name = "venue";
  rows.columns[1].type = columns::ColumnType::kText;
  rows.columns[1].codes = {0, 0};
  rows.columns[1].dictionary = {"N"};
  columns::ToProto(rows, answer.mutable_rows());
  return answer;
}

TEST_F(EvaluationCommands, ExplainsAValueToPeople) {
  compute_.explain_response = Explanation();
  const Outcome outcome = Explain({"range@2", "--entity", "SPY", "--rows", "2", "--grain", "day"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.out,
            "value        2.25 USD\n"
            "metric       price/range\n"
            "entity       SPY\n"
            "bucket       day 2024-03-04\n"
            "definition   version 2\n"
            "expression   max(high) - min(low)\n"
            "filters      volume > 0\n"
            "table        fact_bars\n"
            "window       full_day\n"
            "calendar     XNYS version 4, America/New_York\n"
            "columns      high, low\n"
            "rows         390 in the window, 388 counted\n"
            "computed by  vector: every function has a kernel\n"
            "\n"
            "what the window shows: 1 piece\n"
            "START_UTC             END_UTC               START_LOCAL               END_LOCAL\n"
            "2024-03-04T14:30:00Z  2024-03-04T21:00:00Z  Mon 2024-03-04 09:30 EST  Mon 2024-03-04 "
            "16:00 EST\n"
            "\n"
            "what it was made of\n"
            "PART                                    VERSION  BUCKET                VALUE\n"
            "max(high)                                                              12.5\n"
            "metric('price/low', offset => '1 day')  3        2024-03-03T05:00:00Z  no point\n"
            "\n"
            "how it is computed\n"
            "  1. read high, low\n"
            "  2. take the difference\n"
            "\n"
            "rows of the window: the first and the last of 390 rows\n"
            "HIGH  VENUE\n"
            " 1.5  N\n"
            "NULL  N\n");
  ASSERT_EQ(compute_.explanations.size(), 1u);
  const auto& request = compute_.explanations[0];
  EXPECT_EQ(request.metric().name(), "range");
  EXPECT_EQ(request.metric().version(), 2);
  EXPECT_EQ(request.entity(), "SPY");
  EXPECT_EQ(request.date(), "2024-03-04");
  EXPECT_EQ(request.row_limit(), 2);
  EXPECT_EQ(request.grain(), reg::GRAIN_DAY);
}

TEST_F(EvaluationCommands, AMetricOverMetricsIsExplainedWithoutWhatHasNoEffect) {
  compute_.explain_response = Explanation();
  auto& definition = *compute_.explain_response.mutable_definition();
  definition.clear_dataset();
  EXPECT_THAT(
      Explain({"range"}).out,
      AllOf(Not(HasSubstr("\nwindow ")), Not(HasSubstr("\nfilters ")), HasSubstr("\ncalendar ")));
}

TEST_F(EvaluationCommands, WhatIsNotComputedIsExplainedByItsDefinition) {
  compute_.explain_response.set_executor(com::EXECUTOR_SQL);
  compute_.explain_response.set_executor_reason("it is a SELECT");
  compute_.explain_response.add_plan("not run by this release");
  *compute_.explain_response.mutable_definition() = MetricOf("price", "range");
  compute_.explain_response.mutable_definition()->set_sql("SELECT 1");
  compute_.explain_response.set_version(1);
  EXPECT_EQ(Explain({"range"}).out,
            "value       none: this release does not compute the metric\n"
            "metric      price/range\n"
            "definition  version 1\n"
            "sql         SELECT 1\n"
            "executor    sql: it is a SELECT\n"
            "\n"
            "how it is computed\n"
            "  1. not run by this release\n");
}

TEST_F(EvaluationCommands, ExplainsAValueToPrograms) {
  compute_.explain_response = Explanation();
  const auto json = nlohmann::json::parse(Explain({"range", "-o", "json"}).out);
  EXPECT_EQ(json["executor"], "vector");
  EXPECT_EQ(json["rows"][0]["high"], 1.5);
  EXPECT_TRUE(json["rows"][1]["high"].is_null());
  EXPECT_EQ(json["rows"][1]["venue"], "N");
  EXPECT_EQ(json["definition"]["table"], "fact_bars");
  EXPECT_EQ(json["point"]["value"], 2.25);
  EXPECT_FALSE(json["point"].contains("status"));
  EXPECT_EQ(json["parts"][0]["point"]["value"], 12.5);
  EXPECT_FALSE(json["parts"][1].contains("point"));
  EXPECT_EQ(Explain({"range", "-o", "csv"}).exit_code, 2);
}

TEST_F(EvaluationCommands, ProgramsGetEveryKindOfValue) {
  compute_.explain_response = Explanation();
  auto& point = *compute_.explain_response.mutable_point();
  const auto explained = [this] {
    return nlohmann::json::parse(Explain({"range", "-o", "json"}).out)["point"];
  };
  point.set_value(0);
  EXPECT_EQ(explained()["value"], 0);
  point.set_text("up");
  EXPECT_EQ(explained()["value"], "up");
  EXPECT_FALSE(explained().contains("text"));
  point.set_text("[1,\"a\"]");
  EXPECT_EQ(explained()["value"], "[1,\"a\"]");
  compute_.explain_response.set_canonical_expression("array_agg(side)");
  EXPECT_EQ(explained()["value"], nlohmann::json::parse("[1,\"a\"]"));
  point.set_value(9007199254740992.0);
  point.set_text("9007199254740993");
  EXPECT_EQ(explained()["value"], 9007199254740993);
  point.clear_text();
  point.clear_value();
  point.set_status(reg::POINT_STATUS_NOT_FINITE);
  EXPECT_TRUE(explained()["value"].is_null());
  EXPECT_EQ(explained()["status"], "not_finite");
  point.set_status(reg::POINT_STATUS_NULL);
  EXPECT_EQ(explained()["status"], "null");
}

TEST_F(EvaluationCommands, ExplainsWhyThereIsNoPoint) {
  compute_.explain_response = Explanation();
  compute_.explain_response.clear_point();
  EXPECT_THAT(Explain({"range"}).out, HasSubstr("no row of the window passed the filters"));
  compute_.explain_response.set_row_count(0);
  EXPECT_THAT(Explain({"range"}).out, HasSubstr("no row is stored in the window"));
  compute_.explain_response.set_slice_count(0);
  EXPECT_THAT(Explain({"range"}).out, HasSubstr("the window shows nothing of the bucket"));
}

TEST_F(EvaluationCommands, AMetricOfOthersAloneHasNoRowsOfItsOwn) {
  compute_.explain_response = Explanation();
  compute_.explain_response.mutable_definition()->clear_dataset();
  EXPECT_THAT(Explain({"range"}).out, Not(HasSubstr("in the window")));
  compute_.explain_response.clear_point();
  EXPECT_THAT(Explain({"range"}).out,
              HasSubstr("no point: none of the metrics that it reads has one"));
}

TEST_F(EvaluationCommands, OfAFileWithSeveralMetricsOneIsExplained) {
  folder_.Write("price/a.yaml", "name: x");
  const std::string path = folder_.path("price/a.yaml");
  AddReport("x");
  AddReport("y");
  compute_.explain_response = Explanation();
  const Outcome several = Explain({path});
  EXPECT_EQ(several.exit_code, 2);
  EXPECT_THAT(several.err, AllOf(HasSubstr("defines 2 metrics"),
                                 HasSubstr("--metric names one of price/x, price/y")));
  EXPECT_EQ(Explain({path, "--metric", "y"}).exit_code, 0);
  EXPECT_EQ(compute_.explanations.at(0).metric().definition().id(), "price/y");
  EXPECT_THAT(Explain({path, "--metric", "z"}).err, HasSubstr("does not define \"z\""));
}

TEST_F(EvaluationCommands, WhatTheExplainedMetricReadsOfItsFileIsSentAlong) {
  folder_.Write("price/a.yaml", "name: x");
  const std::string path = folder_.path("price/a.yaml");
  int line = 0;
  for (const char* name : {"a", "base", "dep", "low"}) AddReport(name, {{"expression", ++line}});
  auto& reports = *catalog_.validate_response.mutable_reports();
  reports[1].mutable_definition()->set_expression("metric('price/low') + 1");
  reports[2].mutable_definition()->set_expression("metric('price/base', '1 day') * 2");
  compute_.explain_response = Explanation();
  EXPECT_EQ(Explain({path, "--metric", "dep"}).exit_code, 0);
  const auto& request = compute_.explanations.at(0);
  EXPECT_EQ(request.metric().definition().id(), "price/dep");
  ASSERT_EQ(request.definitions_size(), 2) << "not the one that nobody reads";
  EXPECT_EQ(request.definitions(0).id(), "price/base");
  EXPECT_EQ(request.definitions(1).id(), "price/low");
  compute_.status =
      rpc::ToGrpc(status::ErrorBuilder(absl::StatusCode::kInvalidArgument, "EXPRESSION_INVALID",
                                       "definitions[1].expression: unknown column")
                      .Build());
  EXPECT_THAT(Explain({path, "--metric", "dep"}).err,
              HasSubstr("error: " + path + ":4: expression: unknown column\n"));
}

TEST_F(EvaluationCommands, HoursAreInstants) {
  compute_.explain_response = Explanation();
  EXPECT_EQ(Explain({"range", "--hour", "2024-03-04T15:00:00Z"}).exit_code, 0);
  EXPECT_EQ(compute_.explanations.at(0).hour().seconds(), 1709564400);
  EXPECT_THAT(Explain({"range", "--hour", "15:00"}).err,
              HasSubstr("--hour \"15:00\" is not an instant such as"));
}

}  // namespace
}  // namespace metricstore::cli
