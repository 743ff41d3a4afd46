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
  EXPECT_EQ(nlohmann::json::parse(json.out)["layer"], "fact");
}

TEST_F(CatalogCommands, UnknownDatasetIsSuggested) {
  services_.datasets.datasets = {BarDataset()};
  const Outcome outcome = Run({"datasets", "show", "fact_bar"});
  EXPECT_EQ(outcome.exit_code, kExitFailure);
  EXPECT_EQ(outcome.out, "");
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("reason: DATASET_NOT_FOUND"),
                                 HasSubstr("did you mean \"fact_bars\"?")));
}

}  // namespace
}  // namespace metricstore::cli
