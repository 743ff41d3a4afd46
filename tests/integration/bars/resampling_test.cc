// Coarser bars: weeks and months of vendors, quarter hours out of minutes.
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "gmock/gmock.h"
#include "tests/integration/bars/real_bars.h"

namespace metricstore::compute {
namespace {

using absl::CivilDay;

class Resampling : public RealBarsTest {};

void ExpectClose(const DatedValues& found, const DatedValues& expected, const std::string& what) {
  EXPECT_EQ(found.size(), expected.size()) << what;
  for (const auto& [date, value] : expected) {
    const auto point = found.find(date);
    ASSERT_NE(point, found.end()) << what << " " << date;
    EXPECT_NEAR(point->second, value, 1e-9) << what << " " << date;
  }
}

const std::map<std::string, double Bar::*>& Prices() {
  static const auto& prices =
      *new std::map<std::string, double Bar::*>{{"first(open)", &Bar::open},
                                                {"max(high)", &Bar::high},
                                                {"min(low)", &Bar::low},
                                                {"last(close)", &Bar::close}};
  return prices;
}

TEST_F(Resampling, DaysMakeTheVendorsWeeksAndMonths) {
  const auto calendar = CalendarNamed("24_7");
  const auto days = ReadBars("bars/2006-day-001.csv", {.column = "date"});
  const auto weeks = ReadBars("bars/2006-week-001.csv", {.column = "date"});
  const auto months = ReadBars("bars/2006-month-001.csv", {.column = "date"});
  ASSERT_EQ(weeks.size(), 52u);
  ASSERT_EQ(months.size(), 12u);
  for (const auto& [expression, price] : Prices()) {
    // The vendor labels weeks and months by their last trading day.
    DatedValues weekly;
    for (const Bar& week : weeks) {
      weekly[absl::PrevWeekday(DateOf(week.label), absl::Weekday::monday)] = week.*price;
    }
    DatedValues monthly;
    for (const Bar& month : months)
      monthly[CivilDay(absl::CivilMonth(DateOf(month.label)))] = month.*price;
    ExpectClose(Evaluate({.expression = expression, .grain = Grain::kWeek}, *calendar, days),
                weekly, absl::StrCat("week ", expression));
    ExpectClose(Evaluate({.expression = expression, .grain = Grain::kMonth}, *calendar, days),
                monthly, absl::StrCat("month ", expression));
  }
}

// ---- quarter hours of four days, by windows and by resampling -------------------------------

const Stamps kMinutes{.column = "date", .zone = "America/New_York"};
const Stamps kQuarters{.column = "ts_ny_local", .zone = "America/New_York"};

std::string ClockOf(const Bar& bar) { return bar.label.substr(11, 5); }

TEST_F(Resampling, WindowsOfAQuarterHourAreTheExpectedBars) {
  const auto calendar = CalendarNamed("XNYS");
  const auto minutes = ReadBars("indicators/intraday.csv", kMinutes);
  const auto quarters = ReadBars("indicators/expected_intraday_15m.csv", kQuarters);
  ASSERT_EQ(quarters.size(), 108u);
  std::map<std::string, std::vector<Bar>> by_clock;
  for (const Bar& bar : quarters) by_clock[ClockOf(bar)].push_back(bar);
  for (const auto& [clock, bars] : by_clock) {
    const int hour = (clock[0] - '0') * 10 + clock[1] - '0';
    const int end = hour * 60 + (clock[3] - '0') * 10 + clock[4] - '0' + 15;
    const std::string window = absl::StrFormat("%s-%02d:%02d", clock, end / 60, end % 60);
    for (const auto& [expression, price] : Prices()) {
      DatedValues expected;
      for (const Bar& bar : bars) expected[DateOf(bar.label)] = bar.*price;
      ExpectClose(Evaluate({expression, window}, *calendar, minutes), expected,
                  absl::StrCat(window, " ", expression));
    }
    DatedValues volumes;
    for (const Bar& bar : bars) volumes[DateOf(bar.label)] = bar.volume;
    ExpectClose(Evaluate({"sum(volume)", window}, *calendar, minutes), volumes, window);
  }
}

// What the expected bars before 16:00, which is outside of the session, give for each date.
template <typename Fold>
DatedValues FoldQuarters(const std::vector<Bar>& quarters, Fold fold) {
  std::map<CivilDay, std::vector<Bar>> by_date;
  for (const Bar& bar : quarters) {
    if (ClockOf(bar) < "16:00") by_date[DateOf(bar.label)].push_back(bar);
  }
  DatedValues values;
  for (const auto& [date, bars] : by_date) values[date] = fold(bars);
  return values;
}

TEST_F(Resampling, ATimeframeOfAQuarterHourGivesTheExpectedBarsToTheExpression) {
  const auto calendar = CalendarNamed("XNYS");
  const auto minutes = ReadBars("indicators/intraday.csv", kMinutes);
  const auto quarters = ReadBars("indicators/expected_intraday_15m.csv", kQuarters);
  const auto evaluate = [&](const std::string& expression) {
    return Evaluate({.expression = expression, .window = "rth", .timeframe = absl::Minutes(15)},
                    *calendar, minutes);
  };
  ExpectClose(evaluate("count(*)"),
              FoldQuarters(quarters, [](const auto& bars) { return bars.size(); }), "count");
  ExpectClose(evaluate("avg(close)"),
              FoldQuarters(quarters,
                           [](const auto& bars) {
                             double sum = 0;
                             for (const Bar& bar : bars) sum += bar.close;
                             return sum / bars.size();
                           }),
              "mean close");
  ExpectClose(evaluate("max(high - low)"),
              FoldQuarters(quarters,
                           [](const auto& bars) {
                             double widest = 0;
                             for (const Bar& bar : bars) {
                               widest = std::max(widest, bar.high - bar.low);
                             }
                             return widest;
                           }),
              "widest bar");
  ExpectClose(evaluate("max(volume)"),
              FoldQuarters(quarters,
                           [](const auto& bars) {
                             double most = 0;
                             for (const Bar& bar : bars) most = std::max(most, bar.volume);
                             return most;
                           }),
              "largest volume");
  ExpectClose(evaluate("sum(abs(delta(close)))"),
              FoldQuarters(quarters,
                           [](const auto& bars) {
                             double path = 0;
                             for (size_t i = 1; i < bars.size(); ++i) {
                               path += std::abs(bars[i].close - bars[i - 1].close);
                             }
                             return path;
                           }),
              "path");
}

TEST_F(Resampling, HoursFromTheOpenAreNotThoseOfTheClock) {
  const auto calendar = CalendarNamed("XNYS");
  const auto minutes = ReadBars("indicators/intraday.csv", kMinutes);
  BarMetric metric{.expression = "count(*)", .window = "rth", .timeframe = absl::Hours(1)};
  // 09:30, 10:00, ..., 15:00 by the clock; 09:30, 10:30, ..., 15:30 from the open.
  for (const auto& [date, count] : Evaluate(metric, *calendar, minutes))
    EXPECT_EQ(count, 7) << date;
  metric.expression = "first(volume)";
  const DatedValues by_clock = Evaluate(metric, *calendar, minutes);
  metric.alignment = calendar::BarAlignment::kSession;
  const DatedValues from_open = Evaluate(metric, *calendar, minutes);
  EXPECT_EQ(by_clock, Evaluate({"sum(volume)", "first_30m"}, *calendar, minutes));
  EXPECT_EQ(from_open, Evaluate({"sum(volume)", "first_1h"}, *calendar, minutes));
  metric.expression = "last(volume)";
  EXPECT_EQ(Evaluate(metric, *calendar, minutes),
            Evaluate({"sum(volume)", "last_30m"}, *calendar, minutes));
}

}  // namespace
}  // namespace metricstore::compute
