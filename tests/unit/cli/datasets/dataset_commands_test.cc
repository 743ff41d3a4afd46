#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/output/error_printer.h"
#include "tests/unit/cli/harness.h"

namespace metricstore::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class CatalogCommands : public ::testing::Test {
 protected:
  Outcome Run(std::vector<std::string> args) {
    args.insert(args.end(), {"--registry", services_.endpoint()});
    return Harness().Run(args);
  }

  FakeServices services_;
};

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
