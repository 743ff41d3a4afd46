#include "cli/output/error_printer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "common/status/error.h"

namespace metricstore::cli {
namespace {

using ::testing::HasSubstr;

std::string PrintedError(const absl::Status& status) {
  std::ostringstream err;
  PrintError(status, err);
  return err.str();
}

TEST(PrintError, ShowsReasonViolationsAndSuggestion) {
  const absl::Status status = status::ErrorBuilder(absl::StatusCode::kNotFound, "METRIC_NOT_FOUND",
                                                   "no metric \"rth_opne\"")
                                  .Metadata("suggestion", "intraday/rth_open")
                                  .Field("metric", "does not exist")
                                  .Build();
  EXPECT_EQ(PrintedError(status),
            "error: no metric \"rth_opne\"\n"
            "  reason: METRIC_NOT_FOUND\n"
            "  metric: does not exist\n"
            "  hint: did you mean \"intraday/rth_open\"?\n");
  EXPECT_EQ(ExitCodeOf(status), kExitFailure);
}

TEST(PrintError, HintsAddUp) {
  const absl::Status status = WithHint(WithHint(Failure("broken"), "mend it"), "throw it away");
  EXPECT_EQ(PrintedError(status), "error: broken\n  hint: mend it\n  hint: throw it away\n");
}

TEST(ExitCodeOf, TellsUsageFromFailure) {
  EXPECT_EQ(ExitCodeOf(absl::OkStatus()), 0);
  EXPECT_EQ(ExitCodeOf(WithHint(UsageError("bad"), "good")), 2);
  EXPECT_EQ(ExitCodeOf(absl::InvalidArgumentError("bad")), 1);
}

TEST(PrintError, OneFaultIsSaidOnce) {
  const std::string fault = "there is no dataset \"fact_bar\"; did you mean \"fact_bars\"?";
  const absl::Status status =
      status::ErrorBuilder(absl::StatusCode::kInvalidArgument, "DEFINITION_INVALID",
                           "metrics/a.yaml:7: " + fault)
          .Metadata("suggestion", "fact_bars")
          .Field("metrics/a.yaml:7", fault)
          .Build();
  EXPECT_EQ(PrintedError(status),
            "error: metrics/a.yaml:7: " + fault + "\n  reason: DEFINITION_INVALID\n");
}

TEST(PrintError, SeveralFaultsAreListedWithoutTheFirstInTheHeadline) {
  const absl::Status status =
      status::ErrorBuilder(absl::StatusCode::kInvalidArgument, "KEY_UNKNOWN",
                           "2 faults; the first: a.yaml:7: unknown key")
          .Field("a.yaml:7", "unknown key")
          .Field("b.yaml:1", "no name")
          .Build();
  EXPECT_EQ(PrintedError(status),
            "error: 2 faults\n"
            "  reason: KEY_UNKNOWN\n"
            "  a.yaml:7: unknown key\n"
            "  b.yaml:1: no name\n");
}

TEST(PrintError, HintsDoNotRepeatWhatTheMessageLists) {
  const auto error = [](const char* reason, const char* message, const char* key,
                        const char* value) {
    return status::ErrorBuilder(absl::StatusCode::kFailedPrecondition, reason, message)
        .Metadata(key, value)
        .Build();
  };
  EXPECT_THAT(
      PrintedError(error("METRIC_AMBIGUOUS", "several: a/x, b/x", "candidates", "a/x, b/x")),
      HasSubstr("hint: give the id, category/name\n"));
  EXPECT_THAT(PrintedError(error("METRIC_HAS_DEPENDENTS", "is read by a/y", "dependents", "a/y")),
              HasSubstr("hint: change or delete its readers first\n"));
  EXPECT_THAT(PrintedError(error("METRIC_HAS_DEPENDENTS", "is read", "dependents", "a/y")),
              HasSubstr("readers first: a/y\n"));
  EXPECT_THAT(PrintedError(error("METRIC_DELETED", "was deleted", "metric", "a/x")),
              HasSubstr("hint: metricctl metrics undelete a/x brings it back\n"));
}

TEST(PrintError, FailedTestsSayHowTheyAreLeftOut) {
  EXPECT_THAT(PrintedError(status::ErrorBuilder(absl::StatusCode::kInvalidArgument, "TEST_FAILED",
                                                "test \"adds up\": 3, expected 4")
                               .Build()),
              HasSubstr("--no-tests"));
}

}  // namespace
}  // namespace metricstore::cli
