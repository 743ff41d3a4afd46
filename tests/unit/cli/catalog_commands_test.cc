#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/definition_files.h"
#include "cli/output/error_printer.h"
#include "tests/unit/cli/harness.h"

namespace metricstore::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

// A pack on disk that is removed with the test.
class PackFolder {
 public:
  PackFolder() : root_(fs::path(::testing::TempDir()) / "cli_pack") {
    fs::remove_all(root_);
    fs::create_directories(root_);
  }
  ~PackFolder() { fs::remove_all(root_); }
  void Write(const std::string& path, const std::string& content) {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << content;
  }
  std::string path(const std::string& relative = "") const {
    return relative.empty() ? root_.string() : (root_ / relative).string();
  }

 private:
  fs::path root_;
};

std::vector<std::string> PathsOf(const std::string& path) {
  const auto files = ReadDefinitionFiles(path);
  EXPECT_TRUE(files.ok()) << files.status();
  std::vector<std::string> paths;
  if (files.ok()) {
    for (const auto& file : *files) paths.push_back(file.path());
  }
  return paths;
}

TEST(ReadDefinitionFiles, FindsYamlBelowTheFolderInOrder) {
  PackFolder pack;
  pack.Write("metrics/intraday/b.yaml", "b");
  pack.Write("metrics/intraday/a.yml", "a");
  pack.Write("calendars/x.yaml", "x");
  pack.Write("README.md", "no");
  pack.Write(".git/config.yaml", "no");
  pack.Write("top.yaml", "t");
  const std::vector<std::string> expected = {"calendars/x.yaml", "metrics/intraday/a.yml",
                                             "metrics/intraday/b.yaml", "cli_pack/top.yaml"};
  EXPECT_EQ(PathsOf(pack.path()), expected);
  EXPECT_EQ(PathsOf(pack.path() + "/"), expected);
}

TEST(ReadDefinitionFiles, FileKeepsTheFolderThatNamesItsCategory) {
  PackFolder pack;
  pack.Write("metrics/intraday/a.yaml", "a");
  EXPECT_THAT(PathsOf(pack.path("metrics/intraday/a.yaml")), ElementsAre("intraday/a.yaml"));
  EXPECT_THAT(PathsOf(pack.path("metrics/intraday")), ElementsAre("intraday/a.yaml"));
}

TEST(ReadDefinitionFiles, NothingToImportIsAnError) {
  PackFolder pack;
  pack.Write("README.md", "no");
  EXPECT_THAT(std::string(ReadDefinitionFiles(pack.path()).status().message()),
              HasSubstr("no *.yaml"));
  EXPECT_EQ(ReadDefinitionFiles(pack.path("nowhere")).status().code(), absl::StatusCode::kNotFound);
}

TEST(ReadDefinitionFiles, MoreThanOneImportCarriesIsAnError) {
  PackFolder pack;
  pack.Write("a.yaml", std::string(3 << 20, 'x'));
  pack.Write("b.yaml", std::string(2 << 20, 'x'));
  EXPECT_THAT(std::string(ReadDefinitionFiles(pack.path()).status().message()), HasSubstr("4 MiB"));
}

class CatalogCommands : public ::testing::Test {
 protected:
  Outcome Run(std::vector<std::string> args) {
    args.insert(args.end(), {"--registry", services_.endpoint()});
    return Harness().Run(args);
  }

  FakeServices services_;
};

TEST_F(CatalogCommands, ImportSendsTheFilesAndListsTheOutcomes) {
  PackFolder pack;
  pack.Write("metrics/intraday/a.yaml", "name: a\n");
  const auto add = [&](const char* kind, const char* name, auto action, int version) {
    auto* outcome = services_.catalog.import_response.add_outcomes();
    outcome->set_kind(kind);
    outcome->set_name(name);
    outcome->set_action(action);
    outcome->set_version(version);
    outcome->set_path("metrics/intraday/a.yaml");
  };
  add("dataset", "fact_bars", reg::ImportOutcome::ACTION_UNCHANGED, 0);
  add("metric", "intraday/a", reg::ImportOutcome::ACTION_CREATED, 1);
  add("metric", "intraday/b", reg::ImportOutcome::ACTION_CHANGED, 2);
  const Outcome outcome = Run({"import", pack.path()});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("intraday/a  created          1"),
                                 HasSubstr("1 created, 1 changed, 1 unchanged\n")));
  EXPECT_THAT(outcome.err,
              AllOf(HasSubstr("no points until a backfill computes them: intraday/b version 2\n"),
                    Not(HasSubstr("intraday/a"))));
  ASSERT_EQ(services_.catalog.imports.size(), 1u);
  EXPECT_FALSE(services_.catalog.imports[0].validate_only());
  EXPECT_EQ(services_.catalog.imports[0].files(0).path(), "metrics/intraday/a.yaml");
  EXPECT_EQ(services_.catalog.imports[0].files(0).content(), "name: a\n");

  const Outcome csv = Run({"import", pack.path(), "--dry-run", "-o", "csv"});
  EXPECT_TRUE(services_.catalog.imports[1].validate_only());
  EXPECT_THAT(csv.out, Not(HasSubstr("1 created")));
  EXPECT_THAT(csv.err, AllOf(HasSubstr("dry run: nothing stored"), Not(HasSubstr("no points"))));
}

TEST_F(CatalogCommands, ListsWalkThroughAllPages) {
  for (const char* name : {"fact_a", "fact_b", "fact_c"}) {
    services_.datasets.datasets.push_back(BarDataset());
    services_.datasets.datasets.back().set_name(name);
  }
  const Outcome outcome = Run({"datasets", "list", "-o", "json"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  const auto json = nlohmann::json::parse(outcome.out);
  ASSERT_EQ(json.size(), 3u);
  EXPECT_EQ(json[2]["name"], "fact_c");
  EXPECT_EQ(json[2]["rows"], 1234);
}

TEST_F(CatalogCommands, DatasetIsShownWithItsColumns) {
  services_.datasets.datasets = {BarDataset()};
  const Outcome table = Run({"datasets", "show", "fact_bars"});
  EXPECT_EQ(table.exit_code, 0) << table.err;
  EXPECT_THAT(table.out, AllOf(HasSubstr("timeframe      1m\n"), HasSubstr("COLUMN  TYPE"),
                               HasSubstr("ts      timestamp")));
  const Outcome json = Run({"datasets", "show", "fact_bars", "-o", "json"});
  EXPECT_EQ(nlohmann::json::parse(json.out)["time_column"], "ts");
}

TEST_F(CatalogCommands, UnknownDatasetIsSuggested) {
  services_.datasets.datasets = {BarDataset()};
  const Outcome outcome = Run({"datasets", "show", "fact_bar"});
  EXPECT_EQ(outcome.exit_code, kExitFailure);
  EXPECT_EQ(outcome.out, "");
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("reason: DATASET_NOT_FOUND"),
                                 HasSubstr("did you mean \"fact_bars\"?")));
}

TEST_F(CatalogCommands, MetricsShowTheirDefinition) {
  reg::Metric metric;
  metric.set_id("intraday/rth_open");
  metric.set_name("rth_open");
  metric.set_expression("first(open)");
  metric.set_grain(reg::GRAIN_DAY);
  metric.mutable_window()->set_kind(reg::Window::KIND_FIRST);
  metric.mutable_window()->mutable_length()->set_seconds(1800);
  metric.mutable_window()->set_session("rth");
  metric.set_version(2);
  services_.catalog.metrics = {metric};
  const Outcome list = Run({"metrics", "list", "-o", "csv"});
  EXPECT_EQ(list.out,
            "id,version,type,grain,dataset,window,unit,expression\n"
            "intraday/rth_open,2,unspecified,day,,first 30m of rth,,first(open)\n");
  const Outcome show = Run({"metrics", "show", "rth_open"});
  EXPECT_THAT(show.out, HasSubstr("expression      first(open)\n"));
  EXPECT_EQ(Run({"metrics", "show", "nothing"}).exit_code, kExitFailure);
}

TEST_F(CatalogCommands, CalendarShowsSessionsAndHolidays) {
  reg::Calendar calendar;
  calendar.set_name("XNYS");
  calendar.set_version(3);
  calendar.set_time_zone("America/New_York");
  calendar.add_open_days(reg::WEEKDAY_MONDAY);
  auto* session = calendar.add_sessions();
  session->set_name("globex");
  session->mutable_open()->set_second_of_day(18 * 3600);
  session->mutable_open()->set_day_offset(-1);
  session->mutable_close()->set_second_of_day(17 * 3600);
  auto* holiday = calendar.add_holidays();
  holiday->set_name("Thanksgiving Day");
  holiday->mutable_on()->mutable_nth_weekday()->set_month(11);
  holiday->mutable_on()->mutable_nth_weekday()->set_weekday(reg::WEEKDAY_THURSDAY);
  holiday->mutable_on()->mutable_nth_weekday()->set_n(4);
  services_.datasets.calendars = {calendar};
  const Outcome show = Run({"calendars", "show", "XNYS", "-o", "csv"});
  EXPECT_EQ(show.out,
            "kind,name,on,open,close\n"
            "session,globex,mon,18:00-1d,17:00\n"
            "holiday,Thanksgiving Day,4. thu of month 11,,\n");
  EXPECT_THAT(Run({"calendars", "list"}).out, HasSubstr("XNYS        3  America/New_York"));
}

}  // namespace
}  // namespace metricstore::cli
