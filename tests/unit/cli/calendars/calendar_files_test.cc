#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "tests/unit/cli/catalog_fixture.h"
#include "tests/unit/cli/folder.h"

namespace metricstore::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class CalendarFiles : public CatalogFixture {
 protected:
  CalendarFiles() {
    pack_.Write("calendars/XNYS.yaml", "kind: calendar\n");
    pack_.Write("metrics/a.yaml", "name: a\n");
  }

  void Report(const std::string& kind, const std::string& name, const std::string& path) {
    auto* report = catalog_.validate_response.add_reports();
    report->set_kind(kind);
    report->set_name(name);
    report->set_path(path);
  }
  reg::ImportOutcome& Changed(const std::string& kind, const std::string& name) {
    auto* outcome = catalog_.import_response.add_outcomes();
    outcome->set_kind(kind);
    outcome->set_name(name);
    outcome->set_action(reg::ImportOutcome::ACTION_CHANGED);
    outcome->set_version(2);
    return *outcome;
  }
  static void AddStale(reg::ImportOutcome& outcome, const std::string& metric) {
    auto* stale = outcome.add_stale();
    stale->set_metric(metric);
    stale->set_version(1);
    stale->set_series(2);
    stale->set_points(2);
    auto* dates = stale->add_dates();
    dates->set_start_date("2024-01-24");
    dates->set_end_date("2024-01-25");
  }

  static std::string NotesIn(const std::string& text) {
    std::string notes;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with("note: ")) notes += line + '\n';
    }
    return notes;
  }
  std::string NotesOfPlan() { return NotesIn(Run({"plan", pack_.path("calendars")}).out); }
  std::string NotesOfDryRun() {
    return NotesIn(Run({"import", pack_.path("calendars"), "--dry-run"}).err);
  }

  TestFolder pack_{"cli_calendars"};
};

TEST_F(CalendarFiles, ImportTakesSeveralPaths) {
  pack_.Write("more/XLON.yaml", "kind: calendar\n");
  Report("calendar", "XNYS", "calendars/XNYS.yaml");
  Changed("calendar", "XNYS");
  const Outcome outcome = Run({"calendars", "import", pack_.path("calendars"),
                               pack_.path("more/XLON.yaml"), "--dry-run", "--request-id", "r"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  ASSERT_EQ(catalog_.imports.size(), 1u);
  EXPECT_EQ(catalog_.imports[0].files(0).path(), "calendars/XNYS.yaml");
  EXPECT_EQ(catalog_.imports[0].files(1).path(), "more/XLON.yaml");
  EXPECT_TRUE(catalog_.imports[0].validate_only());
  EXPECT_EQ(catalog_.imports[0].request_id(), "r");
}

TEST_F(CalendarFiles, FilesWithAnythingElseAreRefusedByName) {
  Report("calendar", "XNYS", "calendars/XNYS.yaml");
  Report("metric", "metrics/a", "metrics/a.yaml");
  for (const char* command : {"import", "validate"}) {
    const Outcome refused = Run({"calendars", command, pack_.path()});
    EXPECT_EQ(refused.exit_code, kExitFailure) << command;
    EXPECT_EQ(refused.out, "");
    EXPECT_THAT(refused.err,
                AllOf(HasSubstr(pack_.path("metrics/a.yaml") + " defines metric \"metrics/a\""),
                      Not(HasSubstr("XNYS"))));
  }
  EXPECT_TRUE(catalog_.imports.empty());
}

TEST_F(CalendarFiles, BrokenFilesAreTheImportsAffair) {
  Report("", "", "calendars/XNYS.yaml");
  EXPECT_EQ(Run({"calendars", "import", pack_.path("calendars")}).exit_code, 0);
  EXPECT_EQ(catalog_.imports.size(), 1u);
}

TEST_F(CalendarFiles, ValidateShowsVerdicts) {
  Report("calendar", "XNYS", "calendars/XNYS.yaml");
  const Outcome outcome = Run({"calendars", "validate", pack_.path("calendars")});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out,
              HasSubstr("OK       calendar  XNYS  " + pack_.path("calendars/XNYS.yaml")));
  EXPECT_EQ(Run({"calendars", "validate"}).exit_code, kExitUsage);
}

TEST_F(CalendarFiles, AChangedCalendarTellsWhatIsStaleAndHowItIsMended) {
  reg::ImportOutcome& changed = Changed("calendar", "XNYS");
  AddStale(changed, "windows/bars");
  AddStale(changed, "windows/sma");
  const Outcome outcome = Run({"calendars", "import", pack_.path("calendars")});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.err,
            "calendar XNYS makes stored points stale:\n"
            "  windows/bars version 1: 2 series, 2 points, 2024-01-24\n"
            "  windows/sma version 1: 2 series, 2 points, 2024-01-24\n"
            "metricctl backfill --stale windows/bars windows/sma computes them again\n");
  const Outcome dry = Run({"import", pack_.path("calendars"), "--dry-run"});
  EXPECT_THAT(dry.err, AllOf(HasSubstr("would make stored points stale"),
                             Not(HasSubstr("backfill --stale"))));
  const auto json =
      nlohmann::json::parse(Run({"import", pack_.path("calendars"), "-o", "json"}).out);
  EXPECT_EQ(json[0]["action"], "changed");
  EXPECT_EQ(json[0]["stale"][0]["points"], 2);
  EXPECT_EQ(json[0]["stale"][1]["dates"][0]["end_date"], "2024-01-25");
}

TEST_F(CalendarFiles, ResultsAtSeveralGrainsSayWhichIsWhich) {
  reg::ImportOutcome& changed = Changed("calendar", "XNYS");
  AddStale(changed, "windows/bars");
  AddStale(changed, "windows/sma");
  AddStale(changed, "windows/sma");
  changed.mutable_stale(1)->set_grain(reg::GRAIN_DAY);
  changed.mutable_stale(2)->set_grain(reg::GRAIN_WEEK);
  const Outcome outcome = Run({"calendars", "import", pack_.path("calendars")});
  EXPECT_EQ(outcome.err,
            "calendar XNYS makes stored points stale:\n"
            "  windows/bars version 1: 2 series, 2 points, 2024-01-24\n"
            "  windows/sma version 1 by day: 2 series, 2 points, 2024-01-24\n"
            "  windows/sma version 1 by week: 2 series, 2 points, 2024-01-24\n"
            "metricctl backfill --stale windows/bars windows/sma computes them again\n");
  auto* change = catalog_.plan_response.add_changes();
  *change->mutable_outcome() = changed;
  const Outcome plan = Run({"plan", pack_.path("calendars")});
  EXPECT_THAT(plan.out, AllOf(HasSubstr("windows/sma version 1 by day: "),
                              HasSubstr("windows/sma version 1 by week: ")));
}

TEST_F(CalendarFiles, PointsThatTheCalendarKnowsNoMoreAreNotPromisedToBeComputed) {
  reg::ImportOutcome& changed = Changed("calendar", "XNYS");
  AddStale(changed, "windows/bars");
  auto& calendar = services_.datasets.calendars.emplace_back();
  calendar.set_name("XNYS");
  calendar.set_first_date("2012-01-01");
  calendar.set_last_date("2024-01-20");
  const std::string note =
      "note: calendar XNYS knows 2012-01-01 to 2024-01-20: points outside stay as they are, and "
      "trend and backfill refuse their dates until it knows them again\n";
  EXPECT_EQ(Run({"calendars", "import", pack_.path("calendars")}).err,
            "calendar XNYS makes stored points stale:\n"
            "  windows/bars version 1: 2 series, 2 points, 2024-01-24\n" +
                note);
  // The others are.
  AddStale(changed, "windows/sma");
  changed.mutable_stale(1)->mutable_dates(0)->set_start_date("2024-01-18");
  EXPECT_THAT(Run({"calendars", "import", pack_.path("calendars")}).err,
              HasSubstr(note + "metricctl backfill --stale windows/bars windows/sma computes"));
}

TEST_F(CalendarFiles, PlansAndDryRunsTellBothEndsOfWhatTheCalendarWouldKnow) {
  reg::ImportOutcome& changed = Changed("calendar", "XNYS");
  AddStale(changed, "windows/bars");
  auto& stored = services_.datasets.calendars.emplace_back();
  stored.set_name("XNYS");
  stored.set_first_date("2012-01-01");
  stored.set_last_date("2027-12-31");
  auto* change = catalog_.plan_response.add_changes();
  *change->mutable_outcome() = changed;
  EXPECT_EQ(NotesOfPlan(), "");
  EXPECT_EQ(NotesOfDryRun(), "");
  const std::string outside =
      ": points outside stay as they are, and trend and backfill refuse their dates until it knows "
      "them again\n";
  // Of one end, of the other and of both.
  *change->add_changes() = Change("last_date", "2027-12-31", "2024-01-20");
  const std::string last = "note: calendar XNYS would know 2012-01-01 to 2024-01-20" + outside;
  EXPECT_EQ(NotesOfPlan(), last);
  EXPECT_EQ(NotesOfDryRun(), last);
  *change->mutable_changes(0) = Change("first_date", "2012-01-01", "2024-02-01");
  const std::string first = "note: calendar XNYS would know 2024-02-01 to 2027-12-31" + outside;
  EXPECT_EQ(NotesOfPlan(), first);
  EXPECT_EQ(NotesOfDryRun(), first);
  *change->add_changes() = Change("last_date", "2027-12-31", "2025-12-31");
  const std::string both = "note: calendar XNYS would know 2024-02-01 to 2025-12-31" + outside;
  EXPECT_EQ(NotesOfPlan(), both);
  EXPECT_EQ(NotesOfDryRun(), both);
  // Points at the very end are inside.
  *change->mutable_changes(0) = Change("first_date", "2012-01-01", "2024-01-24");
  EXPECT_EQ(NotesOfPlan(), "");
  EXPECT_EQ(NotesOfDryRun(), "");
}

TEST_F(CalendarFiles, ManyStaleMetricsAreCounted) {
  reg::ImportOutcome& changed = Changed("calendar", "XNYS");
  for (int i = 0; i < 23; ++i) AddStale(changed, "m/" + std::to_string(i));
  const Outcome outcome = Run({"calendars", "import", pack_.path("calendars")});
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("and of 3 more metrics\n"), Not(HasSubstr("m/20 ")),
                                 HasSubstr("metricctl backfill --stale computes")));
}

TEST_F(CalendarFiles, PlanTellsTheSame) {
  auto* change = catalog_.plan_response.add_changes();
  change->mutable_outcome()->set_kind("calendar");
  change->mutable_outcome()->set_name("XNYS");
  change->mutable_outcome()->set_action(reg::ImportOutcome::ACTION_CHANGED);
  AddStale(*change->mutable_outcome(), "windows/bars");
  const Outcome outcome = Run({"plan", pack_.path("calendars"), "--promote"});
  EXPECT_THAT(outcome.out,
              AllOf(HasSubstr("  windows/bars version 1: 2 series, 2 points, 2024-01-24\n"),
                    HasSubstr("after the import: metricctl backfill --stale windows/bars\n")));
  EXPECT_TRUE(catalog_.plans[0].promote());
}

TEST_F(CalendarFiles, ExportWritesCalendarsAlone) {
  for (const char* path :
       {"calendars/XLON.yaml", "calendars/XNYS.yaml", "datasets/fact_bars.yaml"}) {
    auto& file = catalog_.export_files.emplace_back();
    file.set_path(path);
    file.set_content("kind: calendar\n");
  }
  const Outcome all = Run({"calendars", "export", "--dir", pack_.path("all")});
  EXPECT_EQ(all.exit_code, 0) << all.err;
  EXPECT_TRUE(pack_.Has("all/calendars/XLON.yaml"));
  EXPECT_TRUE(pack_.Has("all/calendars/XNYS.yaml"));
  EXPECT_FALSE(pack_.Has("all/datasets"));
  EXPECT_EQ(Run({"calendars", "export", "XNYS", "--dir", pack_.path("one")}).exit_code, 0);
  EXPECT_TRUE(pack_.Has("one/calendars/XNYS.yaml"));
  EXPECT_FALSE(pack_.Has("one/calendars/XLON.yaml"));
  const Outcome unknown = Run({"calendars", "export", "XNYX", "--dir", pack_.path("none")});
  EXPECT_EQ(unknown.exit_code, kExitFailure);
  EXPECT_THAT(unknown.err, AllOf(HasSubstr("\"XNYX\""), HasSubstr("did you mean XNYS?")));
  EXPECT_FALSE(pack_.Has("none"));
}

}  // namespace
}  // namespace metricstore::cli
