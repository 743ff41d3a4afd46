// Rolling and running windows over real quotes, against published values of the same indicators.
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/integration/bars/real_bars.h"

namespace metricstore::compute {
namespace {

using absl::CivilDay;

class Indicators : public RealBarsTest {
 protected:
  // Two years of daily quotes, each at the open of its session.
  static std::vector<Bar> Quotes() {
    return ReadBars("indicators/default.csv",
                    {.column = "date", .zone = "America/New_York", .shift = absl::Minutes(570)});
  }

  static DatedValues Published(const std::string& indicator, const std::string& field) {
    DatedValues values;
    for (const Line& line : ReadLines("indicators/skender_expected_sma_stdev_vwap_tr_roc.csv")) {
      if (line.at("indicator") != indicator || line.at("field") != field) continue;
      values[DateOf(line.at("date"))] = std::stod(line.at("expected"));
    }
    return values;
  }

  // Where the published series has a value, ours has the same.
  static void ExpectPublished(const BarMetric& metric, const std::string& indicator,
                              const std::string& field, size_t count) {
    const auto calendar = CalendarNamed("XNYS");
    const DatedValues found = Evaluate(metric, *calendar, Quotes());
    const DatedValues published = Published(indicator, field);
    ASSERT_EQ(published.size(), count);
    for (const auto& [date, value] : published) {
      const auto point = found.find(date);
      ASSERT_NE(point, found.end()) << indicator << " " << date;
      EXPECT_NEAR(point->second, value, 1e-9) << indicator << " " << date;
    }
  }
};

TEST_F(Indicators, QuotesAreThoseOfTheExchangesTradingDays) {
  const auto calendar = CalendarNamed("XNYS");
  const auto quotes = Quotes();
  ASSERT_EQ(quotes.size(), 502u);
  const DatedValues counts = Evaluate({"count(*)", "rth"}, *calendar, quotes);
  EXPECT_EQ(counts.size(), 502u);
  for (CivilDay date(2017, 1, 1); date < CivilDay(2019, 1, 1); ++date) {
    EXPECT_EQ(counts.contains(date), calendar->SessionOn(date, "rth").has_value()) << date;
  }
}

TEST_F(Indicators, SimpleMovingAverageOfTwentySessions) {
  ExpectPublished({"avg(close)", "rolling_20_sessions of rth"}, "sma", "sma", 483);
}

TEST_F(Indicators, ARollingWindowStartsWithTheRowsThereAre) {
  const auto calendar = CalendarNamed("XNYS");
  const auto quotes = Quotes();
  const DatedValues counts =
      Evaluate({"count(*)", "rolling_20_sessions of rth"}, *calendar, quotes);
  for (size_t i = 0; i < quotes.size(); ++i) {
    EXPECT_EQ(counts.at(DateOf(quotes[i].label)), std::min<size_t>(i + 1, 20)) << quotes[i].label;
  }
}

TEST_F(Indicators, StandardDeviationOfThePopulation) {
  const std::string window = "rolling_14_sessions of rth";
  ExpectPublished({"stddev_pop(close)", window}, "stdev", "stdDev", 489);
  ExpectPublished({"avg(close)", window}, "stdev", "mean", 489);
  ExpectPublished({"(last(close) - avg(close)) / stddev_pop(close)", window}, "stdev", "zScore",
                  489);
}

TEST_F(Indicators, RateOfChangeOfFourteenSessions) {
  // From the close of 14 sessions before, which is the first of 15.
  const std::string window = "rolling_15_sessions of rth";
  ExpectPublished({"(last(close) / first(close) - 1) * 100", window}, "roc", "roc", 488);
  ExpectPublished({"last(close) - first(close)", window}, "roc", "momentum", 488);
}

TEST_F(Indicators, TrueRangeReachesBackToTheCloseBefore) {
  ExpectPublished({"greatest(last(high) - last(low), abs(last(high) - first(close)), "
                   "abs(last(low) - first(close)))",
                   "rolling_2_sessions of rth"},
                  "tr", "tr", 501);
}

constexpr char kVwap[] = "sum((high + low + close) / 3 * volume) / sum(volume)";

TEST_F(Indicators, VolumeWeightedPriceFromTheFirstQuote) {
  ExpectPublished({kVwap, "rolling_5000_sessions of rth"}, "vwap", "vwap", 502);
}

TEST_F(Indicators, VolumeWeightedPriceFromTheOpenMinuteByMinute) {
  const auto calendar = CalendarNamed("XNYS");
  const auto minutes =
      ReadBars("indicators/intraday.csv", {.column = "date", .zone = "America/New_York"});
  const auto expected = ReadLines("indicators/expected_intraday_vwap_from_open.csv");
  ASSERT_EQ(expected.size(), 391u);
  // The last minute, 16:00, is not in the session.
  for (size_t minute = 0; minute < 390; ++minute) {
    const BarMetric metric{kVwap, absl::StrCat("first_", minute + 1, "m")};
    const DatedValues found = Evaluate(metric, *calendar, minutes);
    ASSERT_EQ(found.size(), 4u);
    EXPECT_NEAR(found.at(CivilDay(2020, 12, 15)), std::stod(expected[minute].at("vwap_hlc3")), 1e-9)
        << minute;
  }
  EXPECT_EQ(expected.back().at("ts_ny_local"), "2020-12-15 16:00:00");
}

TEST_F(Indicators, AMonthToDateEndsAsTheMonthDoes) {
  const auto calendar = CalendarNamed("XNYS");
  const auto quotes = Quotes();
  const DatedValues so_far = Evaluate({"sum(volume)", "month_to_date of rth"}, *calendar, quotes);
  const DatedValues months = Evaluate(
      {.expression = "sum(volume)", .window = "rth", .grain = Grain::kMonth}, *calendar, quotes);
  ASSERT_EQ(months.size(), 24u);
  std::map<CivilDay, double> last_of_month;
  for (const Bar& quote : quotes) {
    const CivilDay date = DateOf(quote.label);
    last_of_month[CivilDay(absl::CivilMonth(date))] = so_far.at(date);
  }
  EXPECT_EQ(last_of_month, months);
}

}  // namespace
}  // namespace metricstore::compute
