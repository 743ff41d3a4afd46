#include "cli/evaluation/evaluation_commands.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "common/columns/proto_conversion.h"
#include "common/rpc/status_conversion.h"
#include "common/status/error.h"
#include "tests/unit/cli/catalog_fixture.h"
#include "tests/unit/cli/folder.h"

namespace metricstore::cli {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

namespace com = compute::v1;

constexpr int64_t kMonday = 1709528400;  // 2024-03-04T05:00:00Z

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

class EvaluationCommands : public CatalogFixture {
 protected:
  Outcome Run(std::vector<std::string> args) {
    args.insert(args.end(), {"--compute", services_.endpoint()});
    return CatalogFixture::Run(std::move(args));
  }
  Outcome Evaluate(std::vector<std::string> args) {
    args.insert(args.begin(), "evaluate");
    args.insert(args.end(), {"--from", "2024-03-04", "--to", "2024-03-05"});
    return Run(std::move(args));
  }
  Outcome Explain(std::vector<std::string> args) {
    args.insert(args.begin(), "explain");
    args.insert(args.end(), {"--date", "2024-03-04"});
    return Run(std::move(args));
  }
  void Answer(const com::EvaluatedSeries& series, int64_t rows) {
    auto& message = compute_.evaluate_messages.emplace_back();
    *message.add_series() = series;
    message.set_rows_read(rows);
  }
  void Refuse(absl::StatusCode code, const std::string& reason, const std::string& message) {
    compute_.status = rpc::ToGrpc(status::ErrorBuilder(code, reason, message).Build());
  }
  // What the registry says of a file's metrics.
  reg::DefinitionReport& AddReport(const std::string& name) {
    auto* report = catalog_.validate_response.add_reports();
    report->set_kind("metric");
    report->set_name("price/" + name);
    *report->mutable_definition() = MetricOf("price", name);
    report->mutable_definition()->set_version(0);
    return *report;
  }
  void AddReport(const std::string& name, const std::map<std::string, int>& lines) {
    reg::DefinitionReport& report = AddReport(name);
    report.set_path("price/a.yaml");
    report.mutable_field_lines()->insert(lines.begin(), lines.end());
  }

  FakeCompute& compute_ = services_.compute;
  TestFolder folder_{"cli_evaluation"};
};

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

TEST_F(EvaluationCommands, FilesWithErrorsAreNotEvaluated) {
  folder_.Write("price/a.yaml", "name: x");
  AddReport("x");
  auto* report = catalog_.validate_response.add_reports();
  report->set_kind("metric");
  report->set_path("price/a.yaml");
  for (const char* message : {"expression: column \"hgh\" is not known", "unit: is odd"}) {
    auto* finding = report->add_findings();
    finding->set_severity(reg::Finding::SEVERITY_ERROR);
    finding->set_field("expression");
    finding->set_line(7);
    finding->set_message(message);
  }
  const std::string path = folder_.path("price/a.yaml");
  const Outcome outcome = Evaluate({path});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_EQ(outcome.err, "error: " + path + ":7: expression: column \"hgh\" is not known\n" +
                             "  hint: 2 errors in all; metricctl validate " + path +
                             " lists them\n");
  EXPECT_TRUE(compute_.evaluations.empty());
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

TEST_F(EvaluationCommands, ErrorsNameTheMetricsInsteadOfTheirPlaces) {
  folder_.Write("price/a.yaml", "name: x");
  AddReport("x", {{"name", 1}});
  compute_.status =
      rpc::ToGrpc(status::ErrorBuilder(absl::StatusCode::kInvalidArgument, "EXPRESSION_INVALID",
                                       "metrics[1].definition.expression: unknown column")
                      .Field("metrics[1].definition.expression", "unknown column")
                      .Build());
  const std::string path = folder_.path("price/a.yaml");
  EXPECT_THAT(Evaluate({"high", path}).err,
              HasSubstr("error: " + path + ":1: price/x.expression: unknown column\n"));
  Refuse(absl::StatusCode::kInvalidArgument, "EXPRESSION_INVALID",
         "metric.definition.expression: unknown column");
  EXPECT_THAT(Explain({path}).err,
              HasSubstr("error: " + path + ":1: price/x.expression: unknown column\n"));
}

TEST_F(EvaluationCommands, ErrorsNameTheLineOfTheMetric) {
  folder_.Write("price/a.yaml", "several");
  AddReport("x", {{"name", 2}});
  AddReport("y", {{"name", 5}, {"grain", 4}});
  const std::string path = folder_.path("price/a.yaml");
  Refuse(absl::StatusCode::kInvalidArgument, "DEPENDENCY_CYCLE",
         "metrics[1].definition.expression: a circle");
  EXPECT_THAT(Evaluate({path}).err,
              HasSubstr("error: " + path + ":5: price/y.expression: a circle"));
  Refuse(absl::StatusCode::kInvalidArgument, "FIELD_INVALID", "dates: too many");
  EXPECT_THAT(Evaluate({path}).err, HasSubstr("error: dates: too many")) << "of no metric";
}

TEST_F(EvaluationCommands, ErrorsNameTheLineOfTheFieldAsTheRegistryDoes) {
  folder_.Write("price/a.yaml", "several");
  AddReport("x", {{"name", 2},
                  {"expression", 3},
                  {"filters", 4},
                  {"filters[0]", 5},
                  {"filters[1]", 7},
                  {"window", 8},
                  {"window.session", 9}});
  const std::string path = folder_.path("price/a.yaml");
  const auto told = [&](const std::string& message) {
    Refuse(absl::StatusCode::kInvalidArgument, "NOT_SUPPORTED", message);
    return Evaluate({path}).err;
  };
  const auto at = [&](const std::string& rest) {
    return HasSubstr("error: " + path + rest + "\n");
  };
  EXPECT_THAT(told("metrics[0].definition.expression: position 8: beside metrics[0]: no"),
              at(":3: expression: position 8: beside price/x: no"));
  EXPECT_THAT(told("metrics[0].definition.filters[1]: no"), at(":7: filters[1]: no"));
  EXPECT_THAT(told("metrics[0].definition.window.session: no"), at(":9: window.session: no"));
  EXPECT_THAT(told("metrics[0].definition.window.length: no"), at(":8: window.length: no"))
      << "the nearest part around it";
  EXPECT_THAT(told("metrics[0].definition.grain: no"), at(":2: price/x.grain: no"))
      << "the file does not say it";
  EXPECT_THAT(told("it reads metrics[0].definition.expression: no"),
              at(":2: it reads price/x.expression: no"));
  Refuse(absl::StatusCode::kInvalidArgument, "NOT_SUPPORTED",
         "metric.definition.expression: position 3: no");
  EXPECT_THAT(Explain({path}).err, at(":3: expression: position 3: no"));
}

TEST_F(EvaluationCommands, ErrorsNameTheFileAloneWhereTheRegistryReportsNoLines) {
  folder_.Write("price/a.yaml", "name: x");
  AddReport("x", {});
  const std::string path = folder_.path("price/a.yaml");
  Refuse(absl::StatusCode::kInvalidArgument, "NOT_SUPPORTED",
         "metrics[0].definition.expression: no");
  EXPECT_THAT(Evaluate({path}).err, HasSubstr("error: " + path + ": price/x.expression: no\n"));
}

TEST_F(EvaluationCommands, ADatasetOfTheSameFilesIsToBeImportedFirst) {
  const std::string path = folder_.path("price/a.yaml");
  folder_.Write("price/a.yaml", "name: x\ntable: fact_neu\n");
  folder_.Write("price/fact_neu.yaml", "name: fact_neu\n");
  AddReport("x", {{"name", 1}, {"dataset", 2}});
  auto* dataset = catalog_.validate_response.add_reports();
  dataset->set_kind("dataset");
  dataset->set_name("fact_neu");
  dataset->set_path("price/fact_neu.yaml");
  const auto refuse = [this](const std::string& name) {
    compute_.status =
        rpc::ToGrpc(status::ErrorBuilder(absl::StatusCode::kNotFound, "DATASET_NOT_FOUND",
                                         "metrics[0].definition.dataset: no dataset is named it")
                        .Metadata("dataset", name)
                        .Build());
  };
  refuse("fact_neu");
  const std::string err = Evaluate({path, folder_.path("price/fact_neu.yaml")}).err;
  EXPECT_THAT(err, HasSubstr("error: " + path + ":2: dataset: no dataset is named it\n"));
  EXPECT_THAT(err, HasSubstr("hint: " + folder_.path("price/fact_neu.yaml") +
                             " defines it: import it first, rows are read from what is stored\n"));
  refuse("fact_other");
  EXPECT_THAT(Evaluate({path, folder_.path("price/fact_neu.yaml")}).err,
              Not(HasSubstr("import it first")));
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
