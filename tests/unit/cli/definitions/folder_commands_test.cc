#include "cli/definitions/definition_files.h"
#include "cli/definitions/folder_writer.h"
#include "tests/unit/cli/catalog_fixture.h"
#include "tests/unit/cli/folder.h"

namespace metricstore::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class FolderCommands : public CatalogFixture {
 protected:
  void AddFile(const std::string& path, const std::string& content) {
    auto& file = catalog_.export_files.emplace_back();
    file.set_path(path);
    file.set_content(content);
  }

  TestFolder folder_{"cli_export"};
};

TEST_F(FolderCommands, ExportWritesAllPagesBelowANewFolder) {
  AddFile("calendars/XNYS.yaml", "kind: calendar\n");
  AddFile("metrics/price/range.yaml", "name: range\n");
  const Outcome outcome = Run({"export", "--dir", folder_.path("new/catalogue"), "--filter",
                               "tags:\"core\"", "--metrics-only"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(folder_.Read("new/catalogue/calendars/XNYS.yaml"), "kind: calendar\n");
  EXPECT_EQ(folder_.Read("new/catalogue/metrics/price/range.yaml"), "name: range\n");
  EXPECT_THAT(outcome.out, HasSubstr("2 files written, 0 unchanged\n"));
  EXPECT_EQ(catalog_.exports[0].filter(), "tags:\"core\"");
  EXPECT_TRUE(catalog_.exports[0].metrics_only());
}

TEST_F(FolderCommands, ExportRefusesAFolderThatIsNotEmpty) {
  AddFile("metrics/price/range.yaml", "new\n");
  folder_.Write("metrics/price/range.yaml", "old\n");
  const Outcome refused = Run({"export", "--dir", folder_.path()});
  EXPECT_EQ(refused.exit_code, kExitFailure);
  EXPECT_THAT(refused.err, AllOf(HasSubstr("is not empty"), HasSubstr("--force")));
  EXPECT_EQ(folder_.Read("metrics/price/range.yaml"), "old\n");
  EXPECT_TRUE(catalog_.exports.empty());
}

TEST_F(FolderCommands, AFileIsNoFolder) {
  folder_.Write("taken.yaml", "x");
  for (const std::vector<std::string>& args :
       {std::vector<std::string>{"export", "--dir", folder_.path("taken.yaml")},
        {"export", "--force", "--dir", folder_.path("taken.yaml")},
        {"init", folder_.path("taken.yaml")}}) {
    const Outcome refused = Run(args);
    EXPECT_EQ(refused.exit_code, kExitFailure);
    EXPECT_THAT(refused.err, HasSubstr("taken.yaml is a file\n"));
  }
  EXPECT_EQ(folder_.Read("taken.yaml"), "x");
}

TEST_F(FolderCommands, ForcedExportOverwritesRemovesNothingAndNamesStrangers) {
  AddFile("metrics/price/range.yaml", "new\n");
  AddFile("metrics/price/same.yaml", "same\n");
  folder_.Write("metrics/price/range.yaml", "old\n");
  folder_.Write("metrics/price/same.yaml", "same\n");
  folder_.Write("metrics/price/gone.yaml", "gone\n");
  folder_.Write("README.md", "not a definition\n");
  const Outcome outcome = Run({"export", "--dir", folder_.path(), "--force", "-o", "csv"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.out,
            "path,outcome\n"
            "metrics/price/range.yaml,written\n"
            "metrics/price/same.yaml,unchanged\n");
  EXPECT_EQ(folder_.Read("metrics/price/range.yaml"), "new\n");
  EXPECT_EQ(folder_.Read("metrics/price/gone.yaml"), "gone\n");
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("metrics/price/gone.yaml is not part of this export"),
                                 Not(HasSubstr("README"))));
  for (const auto& entry : fs::recursive_directory_iterator(folder_.path())) {
    EXPECT_NE(entry.path().extension(), ".part") << entry.path();
  }
}

TEST_F(FolderCommands, PathsThatLeadOutOfTheFolderAreRefused) {
  const FolderWriter writer(folder_.path("inside"));
  for (const char* path : {"../x.yaml", "a/../../x.yaml", "/x.yaml", "", "a/", "./x.yaml"}) {
    EXPECT_EQ(writer.Write({path, "x"}).status().code(), absl::StatusCode::kFailedPrecondition)
        << path;
  }
  EXPECT_FALSE(folder_.Has("x.yaml"));
}

TEST_F(FolderCommands, AFileThatCannotBeWrittenKeepsItsContent) {
  folder_.Write("metrics/range.yaml/in_the_way", "x");
  const FolderWriter writer(folder_.path());
  EXPECT_FALSE(writer.Write({"metrics/range.yaml", "x"}).ok());
  EXPECT_TRUE(folder_.Has("metrics/range.yaml/in_the_way"));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_.path("metrics")), {}), 1);
}

TEST_F(FolderCommands, InitWritesAFolderThatCanBeImported) {
  const Outcome outcome = Harness().Run({"init", folder_.path("mine")});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("metricctl validate " + folder_.path("mine")));
  const auto input = ReadDefinitionFiles({folder_.path("mine")});
  ASSERT_TRUE(input.ok()) << input.status();
  std::vector<std::string> paths;
  for (const auto& file : input->files) paths.push_back(file.path());
  EXPECT_THAT(paths, ::testing::ElementsAre("calendars/24_7.yaml", "datasets/fact_orders.yaml",
                                            "metrics/sales/average_order_value.yaml",
                                            "metrics/sales/daily_revenue.yaml"));
  EXPECT_THAT(folder_.Read("mine/AGENTS.md"),
              AllOf(HasSubstr("metricctl metrics list --search"), HasSubstr("metricctl plan"),
                    HasSubstr("metricctl metrics lineage"), HasSubstr("Never")));
  EXPECT_TRUE(folder_.Has("mine/README.md"));
  EXPECT_TRUE(folder_.Has("mine/.gitignore"));
  EXPECT_THAT(folder_.Read("mine/metrics/sales/daily_revenue.yaml"), HasSubstr("tests:\n"));
}

TEST_F(FolderCommands, InitOverwritesNothing) {
  folder_.Write("AGENTS.md", "ours\n");
  const Outcome outcome = Harness().Run({"init", folder_.path()});
  EXPECT_EQ(outcome.exit_code, kExitFailure);
  EXPECT_THAT(outcome.err, HasSubstr("AGENTS.md already; nothing was written"));
  EXPECT_EQ(folder_.Read("AGENTS.md"), "ours\n");
  EXPECT_FALSE(folder_.Has("README.md"));
}

// What the starter folder and the help texts tell people to type must be commands that exist.
TEST_F(FolderCommands, StarterTextsNameRealCommands) {
  ASSERT_EQ(Harness().Run({"init", folder_.path()}).exit_code, 0);
  for (const char* file : {"README.md", "AGENTS.md"}) {
    const std::string text = folder_.Read(file);
    for (size_t at = text.find("metricctl "); at != std::string::npos;
         at = text.find("metricctl ", at + 1)) {
      std::istringstream words(text.substr(at + 10, 60));
      std::string command;
      words >> command;
      while (!command.empty() && (std::isalnum(command.back()) == 0)) command.pop_back();
      if (command.empty() || command.find('`') != std::string::npos || command == "is") continue;
      EXPECT_EQ(Harness().Run({command, "--help"}).exit_code, 0) << file << ": " << command;
    }
  }
}

}  // namespace
}  // namespace metricstore::cli
