#include "cli/definitions/definition_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/cli/folder.h"

namespace metricstore::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> PathsOf(const std::string& path) {
  const auto input = ReadDefinitionFiles({path});
  EXPECT_TRUE(input.ok()) << input.status();
  std::vector<std::string> paths;
  if (input.ok()) {
    for (const auto& file : input->files) paths.push_back(file.path());
  }
  return paths;
}

TEST(ReadDefinitionFiles, FindsYamlBelowTheFolderInOrder) {
  TestFolder pack;
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
  TestFolder pack;
  pack.Write("metrics/intraday/a.yaml", "a");
  EXPECT_THAT(PathsOf(pack.path("metrics/intraday/a.yaml")), ElementsAre("intraday/a.yaml"));
  EXPECT_THAT(PathsOf(pack.path("metrics/intraday")), ElementsAre("intraday/a.yaml"));
}

TEST(ReadDefinitionFiles, SeveralPathsAreOneImportWithEachFileOnceAndApart) {
  TestFolder pack;
  pack.Write("one/calendars/X.yaml", "1");
  pack.Write("two/calendars/X.yaml", "2");
  const auto input =
      ReadDefinitionFiles({pack.path("one"), pack.path("two"), pack.path("one/calendars/X.yaml")});
  ASSERT_TRUE(input.ok()) << input.status();
  ASSERT_EQ(input->files.size(), 2u);
  EXPECT_EQ(input->files[0].path(), "calendars/X.yaml");
  EXPECT_EQ(input->files[1].path(), "2/calendars/X.yaml");
  EXPECT_EQ(input->paths.Of("calendars/X.yaml"), pack.path("one/calendars/X.yaml"));
  EXPECT_EQ(input->paths.Of("2/calendars/X.yaml"), pack.path("two/calendars/X.yaml"));
}

TEST(ReadDefinitionFiles, PathsStayAsTheyWereGiven) {
  TestFolder pack;
  pack.Write("metrics/a.yaml", "a");
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(pack.path());
  const auto here = ReadDefinitionFiles({"."});
  const auto file = ReadDefinitionFiles({"metrics/../metrics/a.yaml"});
  std::filesystem::current_path(before);
  ASSERT_TRUE(here.ok() && file.ok());
  EXPECT_EQ(here->paths.Of("metrics/a.yaml"), "metrics/a.yaml");
  EXPECT_EQ(file->paths.Of("metrics/a.yaml"), "metrics/a.yaml");
}

TEST(ReadDefinitionFiles, NothingToImportIsAnError) {
  TestFolder pack;
  pack.Write("README.md", "no");
  EXPECT_THAT(std::string(ReadDefinitionFiles({pack.path()}).status().message()),
              HasSubstr("no *.yaml"));
  EXPECT_EQ(ReadDefinitionFiles({pack.path("nowhere")}).status().code(),
            absl::StatusCode::kNotFound);
}

TEST(ReadDefinitionFiles, MoreThanOneImportCarriesIsAnError) {
  TestFolder pack;
  pack.Write("a.yaml", std::string(3 << 20, 'x'));
  pack.Write("b.yaml", std::string(2 << 20, 'x'));
  EXPECT_THAT(std::string(ReadDefinitionFiles({pack.path()}).status().message()),
              HasSubstr("4 MiB"));
}

}  // namespace
}  // namespace metricstore::cli
