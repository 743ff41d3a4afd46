#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/matchers.h"
#include "tests/unit/common_calendar/case_file.h"

namespace metricstore::calendar {
namespace {

using ::testing::ElementsAreArray;

std::vector<std::string> CaseFiles() {
  std::vector<std::string> names;
  const char* root = std::getenv("METRICSTORE_SOURCE_DIR");
  const std::filesystem::path folder =
      std::filesystem::path(root == nullptr ? "." : root) / "tests/unit/common_calendar/cases";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".txt") names.push_back(entry.path().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

TEST(CalendarCases, EveryTableHolds) {
  int tables = 0;
  for (const std::string& path : CaseFiles()) {
    const auto cases = ReadCases(path);
    ASSERT_OK(cases);
    for (const Case& one : *cases) {
      SCOPED_TRACE(path + ":" + std::to_string(one.line));
      EXPECT_EQ(WindowText(one.window), one.window_text);
      EXPECT_OK(CheckWindow(one.window, *one.calendar));
      const auto buckets = ResolveBuckets(*one.calendar, one.window, one.grain, one.dates);
      ASSERT_OK(buckets);
      EXPECT_THAT(BucketTable(*buckets), ElementsAreArray(one.table));
      ++tables;
    }
  }
  EXPECT_GE(tables, 50) << "case files are missing; is METRICSTORE_SOURCE_DIR set?";
}

}  // namespace
}  // namespace metricstore::calendar
