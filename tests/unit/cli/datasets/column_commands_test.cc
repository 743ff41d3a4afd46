#include <nlohmann/json.hpp>

#include "tests/unit/cli/catalog_fixture.h"

namespace metricstore::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class ColumnCommands : public CatalogFixture {
 protected:
  ColumnCommands() {
    auto& columns = services_.datasets.columns;
    for (const char* name : {"ts", "close"}) {
      auto& column = columns.emplace_back();
      column.set_table("fact_bars");
      column.set_column(name);
      column.set_basetype(common::v1::COLUMN_TYPE_FLOAT64);
      column.set_source("definition");
    }
    columns[1].set_description("Last trade.");
    columns[1].set_confidence(0.9);
  }
};

TEST_F(ColumnCommands, ListAndGetShowWhatIsKnown) {
  EXPECT_EQ(Run({"columns", "list", "fact_bars", "-o", "csv"}).out,
            "table,column,type,unit,confidence,source,updated,description\n"
            "fact_bars,ts,float64,,,definition,,\n"
            "fact_bars,close,float64,,0.9,definition,,Last trade.\n");
  EXPECT_TRUE(
      nlohmann::json::parse(Run({"columns", "list", "-o", "json"}).out)[0]["confidence"].is_null());
  EXPECT_THAT(Run({"columns", "get", "fact_bars.close"}).out,
              AllOf(HasSubstr("description  Last trade.\n"), HasSubstr("confidence   0.9\n")));
  const Outcome unknown = Run({"columns", "get", "fact_bars.clos"});
  EXPECT_EQ(unknown.exit_code, kExitFailure);
  EXPECT_THAT(unknown.err, HasSubstr("COLUMN_NOT_FOUND"));
}

TEST_F(ColumnCommands, SetSaysWhoSaysSoAndHowSure) {
  const Outcome set = Run({"columns", "set", "fact_bars.close", "--description", "Close.",
                           "--confidence", "0.75", "--source", "manual"});
  EXPECT_EQ(set.exit_code, 0) << set.err;
  EXPECT_THAT(set.out, HasSubstr("description  Close.\n"));
  const auto& first = services_.datasets.column_updates[0];
  EXPECT_EQ(first.column().table(), "fact_bars");
  EXPECT_EQ(first.column().column(), "close");
  EXPECT_EQ(first.column().confidence(), 0.75);
  EXPECT_EQ(first.column().source(), "manual");
  EXPECT_EQ(Run({"columns", "set", "fact_bars.close", "--description", "C", "--dry-run"}).err,
            "dry run: nothing stored\n");
  const auto& second = services_.datasets.column_updates[1];
  EXPECT_FALSE(second.column().has_confidence());
  EXPECT_EQ(second.column().source(), "metricctl");
  EXPECT_TRUE(second.validate_only());
}

TEST_F(ColumnCommands, AnEmptyDescriptionClearsIt) {
  const Outcome set = Run({"columns", "set", "fact_bars.close", "--description", ""});
  EXPECT_EQ(set.exit_code, 0) << set.err;
  const auto& request = services_.datasets.column_updates[0];
  EXPECT_EQ(request.column().description(), "");
  EXPECT_THAT(request.update_mask().paths(),
              ::testing::ElementsAre("description", "confidence", "source"));
  services_.datasets.columns[1].clear_description();
  services_.datasets.datasets = {BarDataset()};
  services_.datasets.datasets[0].mutable_columns(5)->set_description("Of the definition.");
  EXPECT_THAT(Run({"datasets", "show", "fact_bars", "-o", "csv"}).out,
              ::testing::Not(HasSubstr("Of the definition.")));
}

TEST_F(ColumnCommands, WrongNamesAndConfidencesAreUsageErrors) {
  for (const char* name : {"close", ".close", "fact_bars."}) {
    EXPECT_EQ(Run({"columns", "get", name}).exit_code, kExitUsage) << name;
  }
  for (const char* confidence : {"1.5", "-0.1", "nan", "high", "0.5x"}) {
    const Outcome outcome = Run(
        {"columns", "set", "a.b", "--description", "d", std::string("--confidence=") + confidence});
    EXPECT_EQ(outcome.exit_code, kExitUsage) << confidence;
  }
  EXPECT_TRUE(services_.datasets.column_updates.empty());
}

TEST_F(ColumnCommands, PushSaysHowMuchWasWritten) {
  EXPECT_EQ(Run({"columns", "push", "fact_bars"}).out, "3 column comments written in 1 table\n");
  EXPECT_EQ(services_.datasets.pushes[0].table(), "fact_bars");
}

TEST_F(ColumnCommands, DatasetShowsNotesOfItsColumns) {
  services_.datasets.datasets = {BarDataset()};
  EXPECT_THAT(Run({"datasets", "show", "fact_bars", "-o", "csv"}).out,
              AllOf(HasSubstr("rollup,description,confidence,source\n"),
                    HasSubstr("close,float64,no,,,Last trade.,0.9,definition\n")));
}

}  // namespace
}  // namespace metricstore::cli
