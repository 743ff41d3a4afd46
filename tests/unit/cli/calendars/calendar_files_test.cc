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

const std::string kOutside =
    ": points outside stay as they are, and trend and backfill refuse their dates until it knows "
    "them again\n";

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
    AddDates(*stale, "2024-01-24", "2024-01-25");
  }
  static void AddDates(reg::StaleResults& stale, const std::string& start, const std::string& end) {
    auto* dates = stale.add_dates();
    dates->set_start_date(start);
    dates->set_end_date(end);
  }
  // What the registry says of XNYS.
  void Stored(const std::string& first, const std::string& last) {
    auto& calendar = services_.datasets.calendars.emplace_back();
    calendar.set_name("XNYS");
    calendar.set_first_date(first);
    calendar.set_last_date(last);
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
  Stored("2012-01-01", "2024-01-20");
  const std::string note = "note: calendar XNYS knows 2012-01-01 to 2024-01-20" + kOutside;
  EXPECT_EQ(Run({"calendars", "import", pack_.path("calendars")}).err, note);
  // Of others some are.
  AddStale(changed, "windows/sma");
  changed.mutable_stale(1)->mutable_dates(0)->set_start_date("2024-01-18");
  EXPECT_EQ(Run({"calendars", "import", pack_.path("calendars")}).err,
            "calendar XNYS makes stored points stale:\n"
            "  windows/sma version 1: at most 2 series, 2 points, 2024-01-18 to 2024-01-20\n" +
                note + "metricctl backfill --stale windows/sma computes them again\n");
}

TEST_F(CalendarFiles, ResultsAreCutAtBothEndsOfWhatTheCalendarKnows) {
  reg::ImportOutcome& changed = Changed("calendar", "XNYS");
  AddStale(changed, "windows/bars");
  AddDates(*changed.mutable_stale(0), "2024-01-26", "2024-02-01");
  AddDates(*changed.mutable_stale(0), "2024-02-06", "2024-02-08");
  AddStale(changed, "windows/all");
  changed.mutable_stale(1)->clear_dates();
  AddStale(changed, "windows/inside");
  changed.mutable_stale(2)->clear_dates();
  AddDates(*changed.mutable_stale(2), "2024-01-30", "2024-02-08");
  Stored("2024-01-30", "2024-02-07");
  EXPECT_THAT(Run({"calendars", "import", pack_.path("calendars")}).err,
              HasSubstr("  windows/bars version 1: at most 2 series, 2 points, 2024-01-30 to "
                        "2024-01-31, 2024-02-06 to 2024-02-07\n"
                        "  windows/all version 1: 2 series, 2 points\n"
                        "  windows/inside version 1: 2 series, 2 points, 2024-01-30 to "
                        "2024-02-07\n"));
}

TEST_F(CalendarFiles, BucketsThatTheCalendarKnowsInPartAreNotComputedAgain) {
  Stored("2024-01-15", "2025-03-10");
  const struct {
    reg::Grain grain;
    const char *start, *end;
    std::string dates;  // "" if nothing is left
  } cases[] = {
      {reg::GRAIN_DAY, "2024-01-01", "2024-02-01", "2024-01-15 to 2024-01-31"},
      {reg::GRAIN_WEEK, "2024-01-08", "2024-01-29", "2024-01-15 to 2024-01-28"},
      {reg::GRAIN_WEEK, "2024-01-07", "2024-01-28", "2024-01-21 to 2024-01-27"},  // from Sunday
      {reg::GRAIN_WEEK, "2025-02-24", "2025-03-17", "2025-02-24 to 2025-03-09"},
      {reg::GRAIN_WEEK, "2025-03-10", "2025-03-17", ""},
      {reg::GRAIN_MONTH, "2024-01-01", "2025-04-01", "2024-02-01 to 2025-02-28"},
      {reg::GRAIN_MONTH, "2025-03-01", "2025-04-01", ""},
      {reg::GRAIN_QUARTER, "2024-01-01", "2025-04-01", "2024-04-01 to 2024-12-31"},
      {reg::GRAIN_YEAR, "2024-01-01", "2026-01-01", ""}};
  reg::ImportOutcome& changed = Changed("calendar", "XNYS");
  for (const auto& param : cases) {
    changed.clear_stale();
    AddStale(changed, "windows/sma");
    changed.mutable_stale(0)->clear_dates();
    changed.mutable_stale(0)->set_grain(param.grain);
    AddDates(*changed.mutable_stale(0), param.start, param.end);
    const std::string said = Run({"calendars", "import", pack_.path("calendars")}).err;
    SCOPED_TRACE(param.start + std::string(" ") + reg::Grain_Name(param.grain));
    EXPECT_THAT(said, HasSubstr("note: calendar XNYS knows 2024-01-15 to 2025-03-10"));
    if (param.dates.empty()) {
      EXPECT_THAT(said, Not(HasSubstr("stale")));
    } else {
      EXPECT_THAT(said, HasSubstr("points, " + param.dates + "\n"));
    }
  }
}

TEST_F(CalendarFiles, PlansAndDryRunsLeaveOutWhatTheCalendarWouldNotKnow) {
  reg::ImportOutcome& changed = Changed("calendar", "XNYS");
  AddStale(changed, "windows/bars");
  Stored("2012-01-01", "2027-12-31");
  auto* change = catalog_.plan_response.add_changes();
  *change->add_changes() = Change("last_date", "2027-12-31", "2024-01-20");
  *change->mutable_outcome() = changed;
  // The plan tells of them too, without dates.
  auto* planned = catalog_.plan_response.add_stale();
  *planned = changed.stale(0);
  planned->clear_dates();
  const std::string note = "note: calendar XNYS would know 2012-01-01 to 2024-01-20" + kOutside;
  EXPECT_THAT(
      Run({"plan", pack_.path("calendars")}).out,
      AllOf(HasSubstr("+ 2024-01-20\n" + note + "0 created"), Not(HasSubstr("stored results"))));
  EXPECT_EQ(Run({"import", pack_.path("calendars"), "--dry-run"}).err, note);

  AddStale(changed, "windows/sma");
  changed.mutable_stale(1)->mutable_dates(0)->set_start_date("2024-01-18");
  *change->mutable_outcome() = changed;
  const std::string listed =
      "  windows/sma version 1: at most 2 series, 2 points, 2024-01-18 to 2024-01-20\n" + note;
  EXPECT_THAT(Run({"plan", pack_.path("calendars")}).out,
              HasSubstr("stored results that would be outdated:\n" + listed +
                        "to compute them anew reads at most 0 rows and writes at most 0 points\n"
                        "after the import: metricctl backfill --stale windows/sma\n"));
  EXPECT_EQ(Run({"import", pack_.path("calendars"), "--dry-run"}).err,
            "calendar XNYS would make stored points stale:\n" + listed);
}

TEST_F(CalendarFiles, APlanDoesNotOfferToComputeWhatTheImportDoesNotMark) {
  AddStale(Changed("calendar", "XNYS"), "windows/bars");
  Stored("2012-01-01", "2027-12-31");
  auto* change = catalog_.plan_response.add_changes();
  *change->add_changes() = Change("last_date", "2027-12-31", "2024-01-20");
  *change->mutable_outcome() = catalog_.import_response.outcomes(0);
  // Of a metric that comes to mean something else.
  auto* planned = catalog_.plan_response.add_stale();
  planned->set_metric("windows/new");
  planned->set_version(1);
  EXPECT_THAT(Run({"plan", pack_.path("calendars")}).out,
              AllOf(HasSubstr("windows/new version 1: 0 series, 0 points\n"),
                    Not(HasSubstr("windows/bars")), Not(HasSubstr("backfill --stale"))));
}

TEST_F(CalendarFiles, PlansAndDryRunsTellBothEndsOfWhatTheCalendarWouldKnow) {
  reg::ImportOutcome& changed = Changed("calendar", "XNYS");
  AddStale(changed, "windows/bars");
  Stored("2012-01-01", "2027-12-31");
  auto* change = catalog_.plan_response.add_changes();
  *change->mutable_outcome() = changed;
  EXPECT_EQ(NotesOfPlan(), "");
  EXPECT_EQ(NotesOfDryRun(), "");
  // Of one end, of the other and of both.
  *change->add_changes() = Change("last_date", "2027-12-31", "2024-01-20");
  const std::string last = "note: calendar XNYS would know 2012-01-01 to 2024-01-20" + kOutside;
  EXPECT_EQ(NotesOfPlan(), last);
  EXPECT_EQ(NotesOfDryRun(), last);
  *change->mutable_changes(0) = Change("first_date", "2012-01-01", "2024-02-01");
  const std::string first = "note: calendar XNYS would know 2024-02-01 to 2027-12-31" + kOutside;
  EXPECT_EQ(NotesOfPlan(), first);
  EXPECT_EQ(NotesOfDryRun(), first);
  *change->add_changes() = Change("last_date", "2027-12-31", "2025-12-31");
  const std::string both = "note: calendar XNYS would know 2024-02-01 to 2025-12-31" + kOutside;
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
