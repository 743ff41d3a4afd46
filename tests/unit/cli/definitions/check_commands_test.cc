#include <nlohmann/json.hpp>

#include "tests/unit/cli/catalog_fixture.h"
#include "tests/unit/cli/folder.h"

namespace metricstore::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class CheckCommands : public CatalogFixture {
 protected:
  CheckCommands() { pack_.Write("metrics/intraday/a.yaml", "name: a\n"); }

  reg::DefinitionReport* AddReport(const std::string& name) {
    auto* report = catalog_.validate_response.add_reports();
    report->set_kind("metric");
    report->set_name(name);
    report->set_path("metrics/" + name + ".yaml");
    return report;
  }
  static void AddFinding(reg::DefinitionReport& report, reg::Finding::Severity severity) {
    auto* finding = report.add_findings();
    finding->set_severity(severity);
    finding->set_reason(severity == reg::Finding::SEVERITY_ERROR ? "KEY_UNKNOWN" : "NO_OWNER");
    finding->set_line(7);
    finding->set_message("is odd");
  }

  TestFolder pack_;
};

TEST_F(CheckCommands, ValidateListsVerdictsWithTheirFindings) {
  AddReport("a/good")->set_tests_passed(2);
  AddFinding(*AddReport("a/doubtful"), reg::Finding::SEVERITY_WARNING);
  AddFinding(*AddReport("a/wrong"), reg::Finding::SEVERITY_ERROR);
  catalog_.validate_response.set_warnings(1);
  catalog_.validate_response.set_errors(1);
  const Outcome outcome = Run({"validate", pack_.path(), "--no-tests"});
  EXPECT_EQ(outcome.exit_code, kExitFailure);
  EXPECT_EQ(outcome.out,
            "OK       metric  a/good      metrics/a/good.yaml      2 tests passed\n"
            "WARNING  metric  a/doubtful  metrics/a/doubtful.yaml\n"
            "  warning: metrics/a/doubtful.yaml:7: is odd (NO_OWNER)\n"
            "ERROR    metric  a/wrong     metrics/a/wrong.yaml\n"
            "  error: metrics/a/wrong.yaml:7: is odd (KEY_UNKNOWN)\n"
            "3 definitions: 1 OK, 1 with warnings, 1 with errors; 2 metric tests passed\n");
  EXPECT_TRUE(catalog_.validations[0].skip_tests());
  EXPECT_EQ(catalog_.validations[0].files_size(), 1);
  const Outcome csv = Run({"validate", pack_.path(), "-o", "csv"});
  EXPECT_EQ(csv.exit_code, kExitFailure);
  EXPECT_THAT(csv.out, AllOf(HasSubstr("OK,metric,a/good,metrics/a/good.yaml,,,,,\n"),
                             HasSubstr("ERROR,metric,a/wrong,metrics/a/wrong.yaml,7,,KEY_UNKNOWN,"
                                       "is odd,\n")));
  EXPECT_EQ(nlohmann::json::parse(Run({"validate", "-o", "json"}).out)["errors"], 1);
}

TEST_F(CheckCommands, WarningsFailOnlyWhenStrict) {
  AddFinding(*AddReport("a/doubtful"), reg::Finding::SEVERITY_WARNING);
  catalog_.validate_response.set_warnings(1);
  EXPECT_EQ(Run({"validate", pack_.path()}).exit_code, 0);
  EXPECT_EQ(Run({"validate", pack_.path(), "--strict"}).exit_code, kExitFailure);
}

TEST_F(CheckCommands, ValidateWithoutAPathChecksWhatIsStored) {
  auto* report = AddReport("a/stored");
  report->clear_path();
  AddFinding(*report, reg::Finding::SEVERITY_WARNING);
  report->mutable_findings(0)->set_line(0);
  const Outcome outcome = Run({"validate"});
  EXPECT_EQ(catalog_.validations[0].files_size(), 0);
  EXPECT_THAT(outcome.out, HasSubstr("warning: a/stored: is odd (NO_OWNER)\n"));
}

TEST_F(CheckCommands, PlanTellsChangesAndWhatFollows) {
  auto& plan = catalog_.plan_response;
  const auto add = [&](const char* name, reg::ImportOutcome::Action action) {
    auto* change = plan.add_changes();
    change->mutable_outcome()->set_kind("metric");
    change->mutable_outcome()->set_name(name);
    change->mutable_outcome()->set_action(action);
    change->mutable_outcome()->set_version(3);
    return change;
  };
  add("a/new", reg::ImportOutcome::ACTION_CREATED);
  auto* changed = add("a/old", reg::ImportOutcome::ACTION_CHANGED);
  changed->set_makes_version(true);
  changed->set_breaking(true);
  *changed->add_changes() = Change("grain", "day", "hour");
  changed->mutable_changes(0)->set_breaking(true);
  changed->mutable_changes(0)->set_reason("buckets are other ones");
  changed->add_dependents("b/x");
  changed->add_dependents("b/y");
  add("a/back", reg::ImportOutcome::ACTION_RESTORED);
  add("a/same", reg::ImportOutcome::ACTION_UNCHANGED);
  auto* stale = plan.add_stale();
  stale->set_metric("a/old");
  stale->set_version(2);
  stale->set_series(12);
  stale->set_points(3000);
  stale->set_grain(reg::GRAIN_DAY);
  catalog_.metrics = {MetricOf("a", "old")};
  services_.datasets.datasets = {BarDataset()};
  services_.datasets.calendars.emplace_back().set_name("XNYS");
  services_.datasets.calendars[0].set_time_zone("America/New_York");
  stale->mutable_first_bucket_time()->set_seconds(1'700'000'000);
  stale->mutable_last_bucket_time()->set_seconds(1'700'086'400);
  plan.set_recompute_rows(1'234'567);
  plan.set_recompute_points(3000);
  auto* pair = plan.add_near_duplicates();
  pair->set_metric("a/new");
  pair->set_other("b/x");
  auto* doubts = plan.add_warnings();
  doubts->set_kind("metric");
  doubts->set_name("a/old");
  doubts->set_path("metrics/intraday/a.yaml");
  for (const char* reason : {"NOT_COMPUTED", "READERS_BROKEN", "NEAR_DUPLICATE"}) {
    AddFinding(*doubts, reg::Finding::SEVERITY_WARNING);
    doubts->mutable_findings()->rbegin()->set_reason(reason);
  }
  const Outcome outcome = Run({"plan", pack_.path()});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.out,
            "+ metric a/new\n"
            "~ metric a/old: makes version 3, BREAKING\n"
            "    grain  BREAKING: buckets are other ones\n"
            "      - day\n"
            "      + hour\n"
            "    affects 2 metrics: b/x, b/y\n"
            "    warning: " +
                pack_.path("metrics/intraday/a.yaml") +
                ":7: is odd (NOT_COMPUTED)\n"
                "^ metric a/back (was deleted)\n"
                "stored results that would be outdated:\n"
                "  a/old version 2: 12 series, 3,000 points, 2023-11-14 to 2023-11-15\n"
                "to compute them anew reads 1,234,567 rows and writes 3,000 points\n"
                "a/new says the same as b/x: keep one of them, with the other names as synonyms\n"
                "1 created, 1 changed, 1 restored, 1 unchanged (plan: nothing stored)\n");
  EXPECT_EQ(Run({"plan", pack_.path(), "--exit-code"}).exit_code, kExitFound);
  EXPECT_THAT(Run({"plan", pack_.path(), "-o", "csv"}).out,
              HasSubstr("metric,a/old,changed,3,yes,yes,grain!,b/x b/y,,,,"
                        "NOT_COMPUTED READERS_BROKEN NEAR_DUPLICATE\n"));
  EXPECT_TRUE(catalog_.imports.empty());
}

TEST_F(CheckCommands, SuggestionsAreNotRepeatedNorGuessedFromNearDuplicates) {
  auto* report = AddReport("a/x");
  const auto add = [&](const char* reason, const char* message, const char* suggestion) {
    AddFinding(*report, reg::Finding::SEVERITY_WARNING);
    auto* finding = report->mutable_findings(report->findings_size() - 1);
    finding->set_reason(reason);
    finding->set_message(message);
    finding->set_suggestion(suggestion);
  };
  add("KEY_UNKNOWN", "unknown; did you mean \"unit\"?", "unit");
  add("NEAR_DUPLICATE", "says the same as a/y", "a/y");
  add("UNIT_DOUBTFUL", "is doubtful", "USD");
  EXPECT_THAT(Run({"validate"}).out,
              AllOf(HasSubstr("unknown; did you mean \"unit\"? (KEY_UNKNOWN)\n"),
                    HasSubstr("says the same as a/y (NEAR_DUPLICATE)\n"),
                    HasSubstr("is doubtful (UNIT_DOUBTFUL), did you mean \"USD\"?\n")));
}

TEST_F(CheckCommands, PlanTellsWhatWaitsAndWhatReadersAreServed) {
  auto* change = catalog_.plan_response.add_changes();
  change->mutable_outcome()->set_kind("metric");
  change->mutable_outcome()->set_name("a/x");
  change->mutable_outcome()->set_action(reg::ImportOutcome::ACTION_CHANGED);
  change->mutable_outcome()->set_version(4);
  change->set_makes_version(true);
  change->set_breaking(true);
  *change->add_changes() = Change("expression", "sum(a)", "sum(b)");
  change->set_served_version(2);
  *change->add_served_changes() = Change("unit", "USD", "EUR");
  change->mutable_served_changes(0)->set_breaking(true);
  auto* same = catalog_.plan_response.add_changes();
  same->mutable_outcome()->set_kind("metric");
  same->mutable_outcome()->set_name("a/y");
  same->mutable_outcome()->set_action(reg::ImportOutcome::ACTION_UNCHANGED);
  same->mutable_outcome()->set_version(3);
  same->set_served_version(1);
  EXPECT_EQ(Run({"plan", pack_.path()}).out,
            "~ metric a/x: makes version 4, BREAKING\n"
            "    against version 3, which waits:\n"
            "      expression\n"
            "        - sum(a)\n"
            "        + sum(b)\n"
            "    against version 2, which readers are served:\n"
            "      unit  BREAKING\n"
            "        - USD\n"
            "        + EUR\n"
            "= metric a/y: unchanged; version 3 waits, readers are served version 1\n"
            "0 created, 1 changed, 1 unchanged (plan: nothing stored)\n");
}

TEST_F(CheckCommands, FieldsThatMessagesBeginWithAreNamedOnce) {
  auto* report = AddReport("a/x");
  report->clear_path();
  for (const char* message :
       {"time_zone: no such zone", "time_zone \"X\" is odd", "is odd", "time_zones differ"}) {
    AddFinding(*report, reg::Finding::SEVERITY_WARNING);
    auto* finding = report->mutable_findings(report->findings_size() - 1);
    finding->clear_line();
    finding->clear_reason();
    finding->set_field("time_zone");
    finding->set_message(message);
  }
  EXPECT_THAT(Run({"validate"}).out,
              AllOf(HasSubstr("warning: a/x: time_zone: no such zone\n"),
                    HasSubstr("warning: a/x: time_zone \"X\" is odd\n"),
                    HasSubstr("warning: a/x time_zone: is odd\n"),
                    HasSubstr("warning: a/x time_zone: time_zones differ\n")));
}

TEST_F(CheckCommands, PlanForProgramsHasNumbersAndItsSummaryOnStderr) {
  auto* change = catalog_.plan_response.add_changes();
  change->mutable_outcome()->set_action(reg::ImportOutcome::ACTION_CHANGED);
  change->mutable_outcome()->set_path("metrics/intraday/a.yaml");
  change->set_breaking(true);
  catalog_.plan_response.set_recompute_rows(5'000'000'000);
  const Outcome outcome = Run({"plan", pack_.path(), "-o", "json"});
  const auto json = nlohmann::json::parse(outcome.out);
  EXPECT_EQ(json["recompute_rows"], 5'000'000'000);
  EXPECT_EQ(json["changes"][0]["breaking"], true);
  EXPECT_EQ(json["changes"][0]["outcome"]["action"], "changed");
  EXPECT_EQ(json["changes"][0]["outcome"]["path"], pack_.path("metrics/intraday/a.yaml"));
  EXPECT_EQ(outcome.err, "0 created, 1 changed, 0 unchanged (plan: nothing stored)\n");
}

TEST_F(CheckCommands, PlanOfWhatIsStoredHasNothingToDo) {
  auto* change = catalog_.plan_response.add_changes();
  change->mutable_outcome()->set_action(reg::ImportOutcome::ACTION_UNCHANGED);
  const Outcome outcome = Run({"plan", pack_.path(), "--exit-code"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.out, "0 created, 0 changed, 1 unchanged (plan: nothing stored)\n");
}

}  // namespace
}  // namespace metricstore::cli
