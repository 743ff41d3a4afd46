#include "common/rpc/status_conversion.h"
#include "common/status/error.h"
#include "tests/unit/cli/catalog_fixture.h"
#include "tests/unit/cli/folder.h"

namespace metricstore::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class ImportCommand : public CatalogFixture {
 protected:
  ImportCommand() { pack_.Write("metrics/intraday/a.yaml", "name: a\n"); }

  void Add(const char* kind, const char* name, reg::ImportOutcome::Action action, int version,
           int active) {
    auto* outcome = catalog_.import_response.add_outcomes();
    outcome->set_kind(kind);
    outcome->set_name(name);
    outcome->set_action(action);
    outcome->set_version(version);
    outcome->set_active_version(active);
    outcome->set_path("metrics/intraday/a.yaml");
  }

  TestFolder pack_;
};

TEST_F(ImportCommand, SendsTheFilesAndListsTheOutcomes) {
  Add("dataset", "fact_bars", reg::ImportOutcome::ACTION_UNCHANGED, 0, 0);
  Add("metric", "intraday/a", reg::ImportOutcome::ACTION_CREATED, 1, 1);
  Add("metric", "intraday/b", reg::ImportOutcome::ACTION_CHANGED, 2, 1);
  Add("metric", "intraday/c", reg::ImportOutcome::ACTION_RESTORED, 1, 1);
  catalog_.import_response.mutable_outcomes(1)->set_tests_run(3);
  const Outcome outcome = Run({"import", pack_.path()});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("intraday/a  created          1"),
                                 HasSubstr("1 created, 1 changed, 1 restored, 1 unchanged; "
                                           "3 metric tests passed\n")));
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("v2 waits: metricctl metrics promote intraday/b\n"),
                                 HasSubstr("backfill --latest"), Not(HasSubstr("intraday/a")),
                                 Not(HasSubstr("intraday/c"))));
  ASSERT_EQ(catalog_.imports.size(), 1u);
  const auto& request = catalog_.imports[0];
  EXPECT_FALSE(request.validate_only() || request.promote() || request.skip_tests());
  EXPECT_EQ(request.files(0).path(), "metrics/intraday/a.yaml");
  EXPECT_EQ(request.files(0).content(), "name: a\n");
}

TEST_F(ImportCommand, DryRunForProgramsKeepsStdoutForData) {
  Add("metric", "intraday/b", reg::ImportOutcome::ACTION_CHANGED, 2, 1);
  const Outcome csv = Run({"import", pack_.path(), "--dry-run", "-o", "csv"});
  EXPECT_TRUE(catalog_.imports[0].validate_only());
  EXPECT_EQ(csv.out,
            "kind,name,action,version,path,active_version\n"
            "metric,intraday/b,changed,2," +
                pack_.path("metrics/intraday/a.yaml") + ",1\n");
  EXPECT_THAT(csv.err, AllOf(HasSubstr("dry run: nothing stored"), Not(HasSubstr("waits"))));
}

TEST_F(ImportCommand, PromotesAtOnceWithoutTestsWhenAskedTo) {
  Add("metric", "intraday/b", reg::ImportOutcome::ACTION_CHANGED, 2, 2);
  const Outcome outcome =
      Run({"import", pack_.path(), "--promote", "--no-tests", "--request-id", "nightly"});
  const auto& request = catalog_.imports[0];
  EXPECT_TRUE(request.promote());
  EXPECT_TRUE(request.skip_tests());
  EXPECT_EQ(request.request_id(), "nightly");
  EXPECT_THAT(outcome.err,
              AllOf(HasSubstr("metricctl freshness --stale"), Not(HasSubstr("waits"))));
}

TEST_F(ImportCommand, UnchangedMetricsMentionTheVersionThatWaits) {
  Add("metric", "intraday/a", reg::ImportOutcome::ACTION_UNCHANGED, 3, 2);
  Add("metric", "intraday/b", reg::ImportOutcome::ACTION_UNCHANGED, 1, 1);
  Add("calendar", "XNYS", reg::ImportOutcome::ACTION_UNCHANGED, 4, 0);
  EXPECT_EQ(Run({"import", pack_.path()}).err,
            "v3 waits: metricctl metrics promote intraday/a\n"
            "metricctl backfill --latest computes them first\n");
}

TEST_F(ImportCommand, ErrorsNameFilesAsTheyWereGiven) {
  catalog_.write_status =
      rpc::ToGrpc(status::ErrorBuilder(absl::StatusCode::kInvalidArgument, "KEY_UNKNOWN",
                                       "metrics/intraday/a.yaml:1: unknown key")
                      .Field("metrics/intraday/a.yaml:1", "unknown key")
                      .Build());
  EXPECT_EQ(Run({"import", pack_.path()}).err, "error: " + pack_.path("metrics/intraday/a.yaml") +
                                                   ":1: unknown key\n  reason: KEY_UNKNOWN\n");
}

TEST_F(ImportCommand, MetricsThatSayTheSameAreOneWarning) {
  const auto doubt = [&](const std::string& name, const std::string& other) {
    auto* report = catalog_.import_response.add_warnings();
    report->set_name(name);
    auto* finding = report->add_findings();
    finding->set_reason("NEAR_DUPLICATE");
    finding->set_suggestion(other);
    finding->set_message("says the same as " + other);
  };
  doubt("a/x", "a/y");
  doubt("a/y", "a/x");
  doubt("a/z", "a/x");
  doubt("b/x", "b/y");
  EXPECT_EQ(Run({"import", pack_.path()}).err,
            "warning: a/x says the same as a/y, a/z: keep one of them, with the other names as "
            "synonyms\n"
            "warning: b/x says the same as b/y: keep one of them, with the other names as "
            "synonyms\n");
}

TEST_F(ImportCommand, WarningsTakeALineEachUpToTwenty) {
  for (int i = 0; i < 23; ++i) {
    auto* report = catalog_.import_response.add_warnings();
    report->set_path("metrics/a.yaml");
    auto* finding = report->add_findings();
    finding->set_severity(reg::Finding::SEVERITY_WARNING);
    finding->set_reason("UNIT_DOUBTFUL");
    finding->set_field("unit");
    finding->set_line(7 + i);
    finding->set_message("sum of a column in USD");
    finding->set_suggestion("USD");
  }
  const Outcome outcome = Run({"import", pack_.path()});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.err,
              AllOf(HasSubstr("warning: metrics/a.yaml:7 unit: sum of a column in USD "
                              "(UNIT_DOUBTFUL), did you mean \"USD\"?\n"),
                    HasSubstr("metrics/a.yaml:26 "), Not(HasSubstr("metrics/a.yaml:27 ")),
                    HasSubstr("and 3 more warnings; metricctl validate")));
}

TEST_F(ImportCommand, BusyLineIsShownOnATerminalOnly) {
  EXPECT_THAT(Run({"import", pack_.path()}).err, Not(HasSubstr("importing")));
  harness_.ShowProgress();
  EXPECT_THAT(Run({"import", pack_.path()}).err, HasSubstr("importing 1 file...\r"));
}

}  // namespace
}  // namespace metricstore::cli
