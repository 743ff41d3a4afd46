// Errors of metrics that files define: of which file, line and field they are told.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/rpc/status_conversion.h"
#include "common/status/error.h"
#include "tests/unit/cli/evaluation/evaluation_fixture.h"

namespace metricstore::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

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

}  // namespace
}  // namespace metricstore::cli
