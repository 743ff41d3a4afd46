#include "tests/unit/cli/catalog_fixture.h"

namespace metricstore::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class MetricSuggestions : public CatalogFixture {
 protected:
  MetricSuggestions() {
    catalog_.metrics = {MetricOf("price", "range"), MetricOf("revenue", "total_revenue"),
                        MetricOf("price", "gone")};
    catalog_.metrics[1].add_synonyms("sales");
    catalog_.metrics[2].mutable_delete_time()->set_seconds(1'700'000'000);
  }
};

TEST_F(MetricSuggestions, UnknownCategoriesAreNamedWithTheNearest) {
  const Outcome near = Run({"metrics", "list", "--category", "pricee"});
  EXPECT_EQ(near.exit_code, 0);
  EXPECT_EQ(near.out, "0 metrics in 0 categories\n");
  EXPECT_EQ(near.err, "note: there is no category \"pricee\"; did you mean \"price\"?\n");
  const Outcome far = Run({"metrics", "list", "--category", "zz", "-o", "json"});
  EXPECT_EQ(far.out, "[]\n");
  EXPECT_THAT(far.err, HasSubstr("there is no category \"zz\"; there are price, revenue\n"));
  EXPECT_EQ(Run({"metrics", "list", "--category", "price"}).err, "");
}

TEST_F(MetricSuggestions, SearchesThatFindNothingNameTheNearest) {
  const Outcome near = Run({"metrics", "list", "--search", "Revnue growth"});
  EXPECT_THAT(near.out, HasSubstr("0 of 0 hits\n"));
  EXPECT_EQ(
      near.err,
      "note: nothing has all words of \"Revnue growth\"; nearest are revenue/total_revenue\n");
  EXPECT_THAT(Run({"metrics", "list", "--search", "salse"}).err,
              HasSubstr("revenue/total_revenue\n"));
  EXPECT_THAT(Run({"metrics", "list", "--search", "xyzzyxyzzy", "-o", "csv"}).err,
              HasSubstr("metricctl metrics list shows what there is"));
}

TEST_F(MetricSuggestions, DeletedMetricsAreSaidToBeDeleted) {
  const std::vector<std::vector<std::string>> commands = {
      {"metrics", "show", "gone"},
      {"metrics", "update", "gone", "--unit", "EUR"},
      {"metrics", "delete", "gone", "--yes"},
      {"metrics", "promote", "gone"}};
  for (const auto& command : commands) {
    const Outcome outcome = Run(command);
    EXPECT_EQ(outcome.exit_code, kExitFailure) << command[1];
    EXPECT_EQ(outcome.err,
              "error: \"gone\" was deleted: price/gone\n"
              "  hint: metricctl metrics undelete price/gone brings it back\n");
  }
  const Outcome unknown = Run({"metrics", "show", "nothing"});
  EXPECT_THAT(unknown.err, AllOf(HasSubstr("METRIC_NOT_FOUND"), Not(HasSubstr("deleted"))));
}

TEST_F(MetricSuggestions, EditsWarnOfWhatIsDoubtful) {
  *catalog_.update_response.mutable_metric() = MetricOf("price", "range");
  *catalog_.update_response.add_changes() = Change("unit", "USD", "EUR");
  auto& file = catalog_.export_files.emplace_back();
  file.set_path("metrics/price/range.yaml");
  file.set_content("name: range\n");
  auto* report = catalog_.validate_response.add_reports();
  report->set_kind("metric");
  report->set_name("price/range");
  report->set_path("metrics/price/range.yaml");
  for (const char* reason : {"UNIT_DOUBTFUL", "NOT_COMPUTED"}) {
    auto* finding = report->add_findings();
    finding->set_severity(reg::Finding::SEVERITY_WARNING);
    finding->set_reason(reason);
    finding->set_field("unit");
    finding->set_line(3);
    finding->set_message("is odd");
  }
  const std::string warning = "warning: price/range unit: is odd (UNIT_DOUBTFUL)\n";
  const std::string uncomputed = "warning: price/range unit: is odd (NOT_COMPUTED)\n";
  EXPECT_EQ(Run({"metrics", "update", "range", "--unit", "EUR"}).err, warning + uncomputed);
  catalog_.update_response.mutable_metric()->set_not_computed("it is odd");
  EXPECT_THAT(Run({"metrics", "update", "range", "--unit", "EUR"}).err,
              AllOf(HasSubstr("it is odd\n" + warning), Not(HasSubstr(uncomputed))))
      << "it is said once";
  catalog_.update_response.mutable_metric()->clear_not_computed();
  EXPECT_EQ(catalog_.exports[0].filter(), "id = \"price/range\"");
  EXPECT_TRUE(catalog_.exports[0].metrics_only());
  EXPECT_TRUE(catalog_.validations[0].skip_tests());
  EXPECT_EQ(catalog_.validations[0].files_size(), 1);
  EXPECT_THAT(Run({"metrics", "create", "price/new", "--type", "sum", "--grain", "day",
                   "--description", "d", "--expression", "sum(x)"})
                  .err,
              HasSubstr(warning));
  EXPECT_EQ(Run({"metrics", "update", "range", "--unit", "EUR", "--dry-run"}).err, "");
}

TEST_F(MetricSuggestions, AFailedTestSaysHowTheUpdateGoesWithout) {
  catalog_.write_status = grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "x");
  EXPECT_EQ(Run({"metrics", "update", "range", "--unit", "EUR", "--skip-tests"}).exit_code,
            kExitFailure);
  EXPECT_TRUE(catalog_.updates.back().skip_tests());
}

}  // namespace
}  // namespace metricstore::cli
