#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "common/status/macros.h"
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

absl::StatusOr<std::vector<Bucket>> Answer(const Case& one) {
  const Calendar& calendar = *one.calendar;
  ASSIGN_OR_RETURN(const WindowBuckets found,
                   ResolveBuckets(calendar, one.window, one.grain, one.dates));
  if (!one.timeframe) return found.ToBuckets();
  std::vector<Bucket> bars;
  for (const Bucket& bucket : found.ToBuckets()) {
    const auto more =
        CutIntoBars(calendar, one.window, *one.timeframe, one.alignment, bucket.slices);
    bars.insert(bars.end(), more.begin(), more.end());
  }
  return bars;
}

TEST(CalendarCases, EveryTableHolds) {
  int tables = 0;
  for (const std::string& path : CaseFiles()) {
    const auto cases = ReadCases(path);
    ASSERT_OK(cases);
    for (const Case& one : *cases) {
      SCOPED_TRACE(path + ":" + std::to_string(one.line));
      EXPECT_EQ(WindowText(one.window), one.window_text);
      EXPECT_OK(CheckWindow(one.window, *one.calendar, one.grain));
      const auto buckets = Answer(one);
      ASSERT_OK(buckets);
      EXPECT_THAT(BucketTable(*buckets), ElementsAreArray(one.table));
      ++tables;
    }
  }
  EXPECT_GE(tables, 50) << "case files are missing; is METRICSTORE_SOURCE_DIR set?";
}

}  // namespace
}  // namespace metricstore::calendar
