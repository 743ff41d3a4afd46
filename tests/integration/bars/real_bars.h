// Vendors' bars and what metrics give over them: files beside the source tree, the packs' calendars
// and the engine itself.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/calendar/buckets.h"
#include "common/calendar/calendar.h"
#include "common/time/grain.h"
#include "gtest/gtest.h"

namespace metricstore::compute {

// A line of a file, with its columns by their lower-case names.
using Line = std::map<std::string, std::string>;

struct Bar {
  std::string symbol;
  std::string label;  // the time as the file has it
  absl::Time start;
  double open = 0;
  double high = 0;
  double low = 0;
  double close = 0;
  double volume = 0;
};

// How a file says when a bar starts.
struct Stamps {
  std::string column;
  std::string zone = "UTC";
  absl::Duration shift;  // from the stamp to the bar's start
};

// A metric without its words.
struct BarMetric {
  std::string expression;
  std::string window = "full_day";
  Grain grain = Grain::kDay;
  std::optional<absl::Duration> timeframe;
  calendar::BarAlignment alignment = calendar::BarAlignment::kClock;
};

// Values by the first date of their buckets.
using DatedValues = std::map<absl::CivilDay, double>;

class RealBarsTest : public ::testing::Test {
 protected:
  // Skips where there are no files.
  void SetUp() override;

  // A file of the data folder: "bars/aapl_1d_ref.csv".
  static std::vector<Line> ReadLines(const std::string& file);
  // Its bars, of one symbol if one is given, in order of time.
  static std::vector<Bar> ReadBars(const std::string& file, const Stamps& stamps,
                                   const std::string& symbol = "");

  static std::shared_ptr<const calendar::Calendar> CalendarNamed(const std::string& name);
  // What the engine gives for one symbol's bars: the points that have a value.
  static DatedValues Evaluate(const BarMetric& metric, const calendar::Calendar& calendar,
                              const std::vector<Bar>& bars);
};

// Of a date as it starts a text: "2024-01-15 10:00".
absl::CivilDay DateOf(const std::string& text);

}  // namespace metricstore::compute
