// Which real bars the sessions of the packs' calendars show, and what metrics make of them.
#include <map>
#include <set>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "tests/integration/bars/real_bars.h"

namespace metricstore::compute {
namespace {

using absl::CivilDay;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Key;
using ::testing::Pair;

class SessionsOfBars : public RealBarsTest {
 protected:
  // What `count(*)` gives for each date.
  static DatedValues Counts(const std::string& window, const calendar::Calendar& calendar,
                            const std::vector<Bar>& bars) {
    return Evaluate({.expression = "count(*)", .window = window}, calendar, bars);
  }

  static double Total(const DatedValues& values) {
    double total = 0;
    for (const auto& [date, value] : values) total += value;
    return total;
  }
};

// ---- minutes of 04:00 to 20:00 in New York --------------------------------------------------

const Stamps kNewYorkMinutes{.column = "ts_ny_local", .zone = "America/New_York"};

// The volume of bars whose labels say from `from` to before `to`.
DatedValues VolumeByLabel(const std::vector<Bar>& bars, const std::string& from,
                          const std::string& to) {
  DatedValues volumes;
  for (const Bar& bar : bars) {
    const std::string clock = bar.label.substr(11, 5);
    if (clock >= from && clock < to) volumes[DateOf(bar.label)] += bar.volume;
  }
  return volumes;
}

TEST_F(SessionsOfBars, RegularOpenAndCloseAreTheVendorsDailyBars) {
  const auto calendar = CalendarNamed("XNYS");
  for (const std::string symbol : {"SPY", "BAC"}) {
    const auto bars = ReadBars("bars/lean_spy_bac_1m_2013_10.csv", kNewYorkMinutes, symbol);
    DatedValues opens;
    DatedValues closes;
    for (const Bar& day : ReadBars("bars/lean_spy_bac_1d_ref.csv", {.column = "session"}, symbol)) {
      opens[DateOf(day.label)] = day.open;
      closes[DateOf(day.label)] = day.close;
    }
    ASSERT_EQ(opens.size(), 6u);
    EXPECT_EQ(Evaluate({"first(open)", "rth"}, *calendar, bars), opens) << symbol;
    EXPECT_EQ(Evaluate({"last(close)", "rth"}, *calendar, bars), closes) << symbol;
    EXPECT_THAT(Counts("rth", *calendar, bars), Each(Pair(::testing::_, 390))) << symbol;
  }
}

TEST_F(SessionsOfBars, ExtendedHoursAreSplitAtTheBells) {
  const auto calendar = CalendarNamed("XNYS");
  for (const std::string symbol : {"SPY", "BAC"}) {
    const auto bars = ReadBars("bars/lean_spy_bac_1m_2013_10.csv", kNewYorkMinutes, symbol);
    const auto volume = [&](const std::string& window) {
      return Evaluate({"sum(volume)", window}, *calendar, bars);
    };
    EXPECT_EQ(volume("pre"), VolumeByLabel(bars, "04:00", "09:30")) << symbol;
    EXPECT_EQ(volume("rth"), VolumeByLabel(bars, "09:30", "16:00")) << symbol;
    EXPECT_EQ(volume("post"), VolumeByLabel(bars, "16:00", "20:00")) << symbol;
    EXPECT_EQ(volume("first_30m"), VolumeByLabel(bars, "09:30", "10:00")) << symbol;
    EXPECT_EQ(volume("last_1h"), VolumeByLabel(bars, "15:00", "16:00")) << symbol;
    EXPECT_EQ(volume("last_30m of pre"), VolumeByLabel(bars, "09:00", "09:30")) << symbol;
    // The sessions share out the day.
    EXPECT_EQ(Total(volume("pre")) + Total(volume("rth")) + Total(volume("post")),
              Total(volume("full_day")))
        << symbol;
  }
}

TEST_F(SessionsOfBars, PreviousSessionReachesOverTheWeekEnd) {
  const auto calendar = CalendarNamed("XNYS");
  const auto bars = ReadBars("bars/lean_spy_bac_1m_2013_10.csv", kNewYorkMinutes, "SPY");
  const DatedValues closes = Evaluate({"last(close)", "rth"}, *calendar, bars);
  DatedValues previous = Evaluate({"last(close)", "previous of rth"}, *calendar, bars);
  EXPECT_EQ(previous[CivilDay(2013, 10, 7)], closes.at(CivilDay(2013, 10, 4)));
  EXPECT_EQ(previous[CivilDay(2013, 10, 8)], closes.at(CivilDay(2013, 10, 7)));
  EXPECT_EQ(previous.count(CivilDay(2013, 10, 4)), 0u);
}

TEST_F(SessionsOfBars, AnAverageOfClosingPricesWeighsSessionsNotMinutes) {
  const auto calendar = CalendarNamed("XNYS");
  const auto bars = ReadBars("bars/lean_spy_bac_1m_2013_10.csv", kNewYorkMinutes, "SPY");
  const DatedValues closes = Evaluate({"last(close)", "rth"}, *calendar, bars);
  const DatedValues averages = Evaluate({.expression = "avg(close)",
                                         .window = "rolling_3_sessions of rth",
                                         .timeframe = absl::Hours(24)},
                                        *calendar, bars);
  EXPECT_EQ(averages.size(), 6u);
  const double sum = closes.at(CivilDay(2013, 10, 7)) + closes.at(CivilDay(2013, 10, 8)) +
                     closes.at(CivilDay(2013, 10, 9));
  EXPECT_NEAR(averages.at(CivilDay(2013, 10, 9)), sum / 3, 1e-9);
  EXPECT_EQ(averages.at(CivilDay(2013, 10, 4)), closes.at(CivilDay(2013, 10, 4)));
}

// ---- four years of quarter hours, with nine clock changes -----------------------------------

TEST_F(SessionsOfBars, BarsAtAndAfterTheCloseAreDropped) {
  const auto calendar = CalendarNamed("XNYS");
  const auto bars = ReadBars("bars/aapl_15m_utc_2017_2020.csv", {.column = "ts_utc"});
  ASSERT_EQ(bars.size(), 25607u);
  EXPECT_EQ(Total(Counts("full_day", *calendar, bars)), 25607);
  EXPECT_EQ(Total(Counts("rth", *calendar, bars)), 25519);
  EXPECT_EQ(Total(Counts("post", *calendar, bars)), 74 + 3);
  EXPECT_EQ(Total(Counts("pre", *calendar, bars)), 0);
  std::map<int, int> days_by_bars;
  for (const auto& [date, count] : Counts("rth", *calendar, bars)) {
    ++days_by_bars[static_cast<int>(count)];
  }
  // Ten early closes, one halt of the market and five days on which the vendor missed bars.
  EXPECT_THAT(days_by_bars, ElementsAre(Pair(14, 10), Pair(16, 1), Pair(21, 1), Pair(23, 1),
                                        Pair(24, 2), Pair(25, 1), Pair(26, 971)));
}

TEST_F(SessionsOfBars, TheFirstBarIsTheFirstOnBothSidesOfAClockChange) {
  const auto calendar = CalendarNamed("XNYS");
  const auto bars = ReadBars("bars/aapl_15m_utc_2017_2020.csv", {.column = "ts_utc"});
  DatedValues first;
  std::map<CivilDay, std::string> clocks;
  for (const Bar& bar : bars) {
    if (first.emplace(DateOf(bar.label), bar.open).second) {
      clocks[DateOf(bar.label)] = bar.label.substr(11, 5);
    }
  }
  int changes = 0;
  for (auto day = std::next(clocks.begin()); day != clocks.end(); ++day) {
    const std::set<std::string> both{day->second, std::prev(day)->second};
    changes += both == std::set<std::string>{"13:30", "14:30"} ? 1 : 0;
  }
  // The eighth, of March 2019, is hidden: the vendor missed the bars around the open.
  EXPECT_EQ(changes, 7);
  const DatedValues opens = Evaluate({"first(open)", "first_15m"}, *calendar, bars);
  EXPECT_GT(opens.size(), 980u);
  for (const auto& [date, open] : opens) EXPECT_EQ(open, first.at(date)) << date;
}

// ---- a month of currency futures, labelled by the end of the minute -------------------------

TEST_F(SessionsOfBars, OvernightMinutesBelongToTheirTradeDate) {
  const auto calendar = CalendarNamed("CME_GLOBEX_FX");
  const auto bars =
      ReadBars("bars/cme_6eh4_1m_2024_01.csv", {.column = "ts_utc", .shift = -absl::Minutes(1)});
  ASSERT_EQ(bars.size(), 29996u);
  // In winter Chicago is six hours behind: 17:00 there is 23:00 in UTC, so an hour's shift tells.
  DatedValues expected;
  for (const Bar& bar : bars) {
    ++expected[absl::ToCivilDay(bar.start + absl::Hours(1), absl::UTCTimeZone())];
  }
  const DatedValues counts = Counts("globex", *calendar, bars);
  EXPECT_EQ(counts, expected);
  EXPECT_EQ(Total(counts), 29996);
  EXPECT_EQ(counts.size(), 23u);
  // Martin Luther King Jr. Day is a full day for currencies.
  EXPECT_EQ(counts.at(CivilDay(2024, 1, 15)), 1262);
  const auto session = calendar->SessionOn(CivilDay(2024, 1, 15), "globex");
  ASSERT_TRUE(session.has_value());
  EXPECT_EQ(session->range.end - session->range.start, absl::Hours(23));
  for (const Bar& bar : bars) {
    EXPECT_EQ(calendar->TradeDateAt(bar.start),
              absl::ToCivilDay(bar.start + absl::Hours(1), absl::UTCTimeZone()))
        << bar.label;
  }
}

TEST_F(SessionsOfBars, TheDayBeforeAHolidayIsNotItsPart) {
  const auto calendar = CalendarNamed("CME_GLOBEX_FX");
  const auto bars =
      ReadBars("bars/cme_6eh4_1m_2024_01.csv", {.column = "ts_utc", .shift = -absl::Minutes(1)});
  DatedValues opens;
  for (const Bar& bar : bars) {
    opens.emplace(absl::ToCivilDay(bar.start + absl::Hours(1), absl::UTCTimeZone()), bar.open);
  }
  EXPECT_EQ(Evaluate({"first(open)", "globex"}, *calendar, bars), opens);
  EXPECT_EQ(Evaluate({"first(open)", "first_1h of globex"}, *calendar, bars), opens);
}

// ---- a summer of gold futures ----------------------------------------------------------------

TEST_F(SessionsOfBars, GoldTradesTwentyThreeHoursAndUntilNoonOnTheFourthOfJuly) {
  const auto calendar = CalendarNamed("CME_GLOBEX_METALS");
  const auto bars = ReadBars("bars/gc_futures_5m_utc_2025_06_08.csv", {.column = "ts_utc"});
  ASSERT_EQ(bars.size(), 13482u);
  const DatedValues counts = Counts("globex", *calendar, bars);
  EXPECT_EQ(counts.size(), 51u);
  for (const auto& [date, count] : counts) EXPECT_LE(count, 23 * 12) << date;
  // One bar of 2025-08-18 is stamped 16:00, in the pause.
  EXPECT_EQ(Total(counts), 13481);
  EXPECT_EQ(Total(Counts("full_day", *calendar, bars)), 13482);
  EXPECT_EQ(counts.at(CivilDay(2025, 7, 4)), 165);
  // Every bar of the holiday lies before its early close: the last starts five minutes before it.
  EXPECT_EQ(Evaluate({"count(*)", "last_5m of globex"}, *calendar, bars).at(CivilDay(2025, 7, 4)),
            1);
}

TEST_F(SessionsOfBars, BarsWithoutVolumeCountAsBars) {
  const auto calendar = CalendarNamed("CME_GLOBEX_METALS");
  const auto bars = ReadBars("bars/gc_futures_5m_utc_2025_06_08.csv", {.column = "ts_utc"});
  double idle = 0;
  for (const Bar& bar : bars) idle += bar.volume == 0 ? 1 : 0;
  EXPECT_EQ(Total(Evaluate({"count(*) FILTER (WHERE volume = 0)"}, *calendar, bars)), idle);
  EXPECT_EQ(idle, 73);
}

// ---- coins around the clock -------------------------------------------------------------------

TEST_F(SessionsOfBars, AVenueWithoutHoursHasDaysFromMidnight) {
  const auto calendar = CalendarNamed("24_7");
  const auto bars = ReadBars("bars/btcusd_1m_lean.csv", {.column = "ts_exchange_local"});
  ASSERT_EQ(bars.size(), 12423u);
  DatedValues opens;
  DatedValues closes;
  DatedValues counts;
  for (const Bar& bar : bars) {
    opens.emplace(DateOf(bar.label), bar.open);
    closes[DateOf(bar.label)] = bar.close;
    ++counts[DateOf(bar.label)];
  }
  for (const std::string window : {"full_day", "all", "rth"}) {
    EXPECT_EQ(Evaluate({"first(open)", window}, *calendar, bars), opens) << window;
    EXPECT_EQ(Evaluate({"last(close)", window}, *calendar, bars), closes) << window;
    EXPECT_EQ(Counts(window, *calendar, bars), counts) << window;
  }
}

}  // namespace
}  // namespace metricstore::compute
