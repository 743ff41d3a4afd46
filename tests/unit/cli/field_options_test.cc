#include "cli/field_options.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cli/output/error_printer.h"
#include "common/status/error.h"

namespace metricstore::cli {
namespace {

// A program whose subcommand `resolve` was chosen.
class FieldOptions : public ::testing::Test {
 protected:
  FieldOptions() {
    app_.add_option("--project", text_);
    CLI::App* resolve = app_.add_subcommand("resolve");
    for (const char* option :
         {"--calendar", "--window", "--from", "--to", "--entity", "--page-limit", "--unit"}) {
      resolve->add_option(option, text_);
    }
    app_.parse(std::vector<std::string>{"resolve"});
  }

  std::string FieldOf(const std::string& field) {
    const auto named = WithOptionNames(app_, status::FieldInvalid(field, "x", "is wrong"));
    return status::DetailsOf(named)->violations.at(0).field;
  }

  std::string text_;
  CLI::App app_;
};

TEST_F(FieldOptions, AreNamedWhereTheCommandHasThem) {
  EXPECT_EQ(FieldOf("window_text"), "--window");
  EXPECT_EQ(FieldOf("window.session"), "--window");
  EXPECT_EQ(FieldOf("calendar"), "--calendar");
  EXPECT_EQ(FieldOf("dates.start_date"), "--from");
  EXPECT_EQ(FieldOf("dates.end_date"), "--to");
  EXPECT_EQ(FieldOf("dates"), "--from and --to");
  EXPECT_EQ(FieldOf("entities[3]"), "--entity");
  EXPECT_EQ(FieldOf("page_limit"), "--page-limit");
  EXPECT_EQ(FieldOf("metric.unit"), "--unit");
  EXPECT_EQ(FieldOf("project"), "--project") << "options of the program count too";
}

TEST_F(FieldOptions, OthersStayAsTheyAre) {
  EXPECT_EQ(FieldOf("page_size"), "page_size");
  EXPECT_EQ(FieldOf("metrics/a.yaml:7"), "metrics/a.yaml:7");
  EXPECT_EQ(FieldOf("grain"), "grain");
  const absl::Status plain = Failure("window_text: is wrong");
  EXPECT_EQ(WithOptionNames(app_, plain), plain);
}

TEST_F(FieldOptions, MessagesNameThemToo) {
  const absl::Status required = WithOptionNames(app_, status::FieldRequired("window_text"));
  EXPECT_EQ(std::string(required.message()), "--window is required");
  EXPECT_EQ(status::ReasonOf(required), "FIELD_REQUIRED");
  EXPECT_EQ(status::DetailsOf(required)->metadata.at("field"), "window_text");
  const absl::Status two =
      status::ErrorBuilder(absl::StatusCode::kInvalidArgument, "DEFINITION_INVALID",
                           "2 faults; the first: metric.unit: is odd")
          .Field("metric.unit", "is odd")
          .Field("metric.grain", "is odd")
          .Build();
  EXPECT_EQ(std::string(WithOptionNames(app_, WithHint(two, "try")).message()),
            "2 faults; the first: --unit: is odd");
  EXPECT_EQ(HintOf(WithOptionNames(app_, WithHint(two, "try"))), "try");
}

}  // namespace
}  // namespace metricstore::cli
