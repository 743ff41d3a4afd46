// Runs the plain-text cases of SELECTs; cases/README.md describes their form.

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/expression/select_statement.h"
#include "common/status/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/common_expression/select_tables.h"

namespace metricstore::expression {
namespace {

using ::testing::ElementsAreArray;

struct SelectCase {
  std::string place;  // file and line
  std::string sql;
  std::vector<std::string> table;
};

std::vector<SelectCase> ReadCases() {
  const char* const root = std::getenv("METRICSTORE_SOURCE_DIR");
  const std::filesystem::path folder =
      std::filesystem::path(root == nullptr ? "." : root) / "tests/unit/common_expression/cases";
  std::vector<SelectCase> cases;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".txt") continue;
    std::ifstream file(entry.path());
    std::string line;
    for (int number = 1; std::getline(file, line); ++number) {
      if (line.empty() || line[0] == '#') continue;
      if (line[0] != ' ') {
        cases.push_back({absl::StrCat(entry.path().filename().string(), ":", number), line, {}});
      } else if (!cases.empty()) {
        cases.back().table.push_back(line.substr(2));
      }
    }
  }
  return cases;
}

std::string Line(const std::string& key, const std::string& value) {
  return value.empty() ? key : absl::StrCat(key, " ", value);
}

std::vector<std::string> TableOfError(const absl::Status& status) {
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status::ReasonOf(status), "SQL_INVALID");
  const auto details = status::DetailsOf(status);
  if (!details.has_value()) return {"no details"};
  const std::string position = details->metadata.at("position");
  const auto suggestion = details->metadata.find("suggestion");
  std::string message(status.message());
  message = message.substr(absl::StrCat("position ", position, ": ").size());
  if (suggestion == details->metadata.end()) return {Line("refused " + position, message)};
  message = message.substr(0, message.rfind("; did you mean"));
  return {Line("refused " + position, message), Line("suggests", suggestion->second)};
}

std::vector<std::string> TableOf(const std::string& sql, const SelectStatement& select) {
  const auto qualify = [](std::string* out, const std::pair<std::string, std::string>& column) {
    absl::StrAppend(out, column.first, ".", column.second);
  };
  std::vector<std::string> table = {Line("tables", absl::StrJoin(select.tables, " ")),
                                    Line("columns", absl::StrJoin(select.columns, " ", qualify)),
                                    Line("outputs", absl::StrJoin(select.outputs, " | "))};
  if (select.canonical_text != sql) table.push_back(Line("canonical", select.canonical_text));
  return table;
}

TEST(SelectCases, EveryTableHolds) {
  const std::vector<SelectCase> cases = ReadCases();
  EXPECT_GE(cases.size(), 460u) << "case files are missing; is METRICSTORE_SOURCE_DIR set?";
  for (const SelectCase& each : cases) {
    SCOPED_TRACE(each.place + ": " + each.sql);
    const auto select = ParseSelect(each.sql, TestTables());
    EXPECT_THAT(select.ok() ? TableOf(each.sql, *select) : TableOfError(select.status()),
                ElementsAreArray(each.table));
  }
}

TEST(SelectCases, CanonicalTextsMeanTheSameAndStay) {
  for (const SelectCase& each : ReadCases()) {
    const auto select = ParseSelect(each.sql, TestTables());
    if (!select.ok()) continue;
    SCOPED_TRACE(each.place + ": " + select->canonical_text);
    const auto again = ParseSelect(select->canonical_text, TestTables());
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_EQ(again->canonical_text, select->canonical_text);
    EXPECT_EQ(again->tables, select->tables);
    EXPECT_EQ(again->columns, select->columns);
    EXPECT_EQ(again->outputs, select->outputs);
  }
}

}  // namespace
}  // namespace metricstore::expression
