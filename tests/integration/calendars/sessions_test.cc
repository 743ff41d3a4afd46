// The packs' calendars have exactly the sessions that took place, and those that are announced.
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/calendars/market_pack.h"
#include "tests/testing/matchers.h"

namespace metricstore::registry {
namespace {

using absl::CivilDay;
using calendar::Calendar;
using ::testing::ElementsAre;

// A table of sessions by the names of its columns, one calendar's rows by their dates. Files of
// reference data lie outside the source tree and may be absent.
using Row = std::map<std::string, std::string>;
using Rows = std::map<CivilDay, Row>;

Rows ReadReference(const std::filesystem::path& path, const std::string& name) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  const std::vector<std::string> header = absl::StrSplit(line, ',');
  Rows rows;
  while (std::getline(file, line)) {
    const std::vector<std::string> cells = absl::StrSplit(line, ',');
    Row row;
    for (size_t i = 0; i < header.size(); ++i) row[header[i]] = cells.at(i);
    CivilDay date;
    EXPECT_TRUE(absl::ParseCivilTime(row["session"], &date)) << line;
    if (row["calendar"] == name) rows[date] = row;
  }
  return rows;
}

std::filesystem::path ReferencePath(const std::string& file) {
  return SourceFolder() / "../shared/data/calendars" / file;
}

absl::Time ReadUtc(const std::string& text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime("%Y-%m-%d %H:%M:%S", text, &time, &error)) << text << error;
  return time;
}

// What the reference says of one date, from the column `open` to the column `close`: nothing if
// they are equal, two pieces around a break.
std::vector<TimeRange> PiecesOf(const Row& row, const std::string& open, const std::string& close) {
  const TimeRange range{ReadUtc(row.at(open)), ReadUtc(row.at(close))};
  if (range.start == range.end) return {};
  if (row.at("break_start_utc").empty()) return {range};
  return {{range.start, ReadUtc(row.at("break_start_utc"))},
          {ReadUtc(row.at("break_end_utc")), range.end}};
}

std::vector<TimeRange> PiecesOn(const Calendar& calendar, CivilDay date, const std::string& name) {
  const auto session = calendar.SessionOn(date, name);
  return session.has_value() ? session->pieces : std::vector<TimeRange>();
}

class ReferenceSessions : public ::testing::Test {
 protected:
  // Every date of the reference's years has the session as it is there, or none.
  void Expect(const std::string& calendar_name, const std::string& session, const std::string& file,
              const std::string& reference_name, const std::string& open,
              const std::string& close) {
    const std::filesystem::path path = ReferencePath(file);
    if (!std::filesystem::exists(path)) GTEST_SKIP() << "no reference data: " << path;
    const auto calendar = PackCalendar(calendar_name);
    ASSERT_OK(calendar);
    const Rows reference = ReadReference(path, reference_name);
    ASSERT_GT(reference.size(), 3000u);
    for (CivilDay date(2012, 1, 1); date < CivilDay(2024, 1, 1); ++date) {
      const auto row = reference.find(date);
      EXPECT_EQ(PiecesOn(**calendar, date, session), row == reference.end()
                                                         ? std::vector<TimeRange>()
                                                         : PiecesOf(row->second, open, close))
          << date;
    }
  }
};

constexpr char kExchanges[] = "sessions_xnys_cmes_xlon_247_2012_2023.csv";
constexpr char kExtendedHours[] = "sessions_globex_equity_nyse_2012_2023.csv";

TEST_F(ReferenceSessions, RegularSessionsOfNewYorkAreAllThereAndNoMore) {
  Expect("XNYS", "rth", kExchanges, "XNYS", "open_utc", "close_utc");
}

TEST_F(ReferenceSessions, RegularSessionsOfNewYorkEqualTheOtherReferenceToo) {
  Expect("XNYS", "rth", kExtendedHours, "NYSE", "open_utc", "close_utc");
}

TEST_F(ReferenceSessions, PreMarketOfNewYorkToo) {
  Expect("XNYS", "pre", kExtendedHours, "NYSE", "pre_utc", "open_utc");
}

TEST_F(ReferenceSessions, LateSessionOfNewYorkToo) {
  Expect("XNYS", "post", kExtendedHours, "NYSE", "close_utc", "post_utc");
}

TEST_F(ReferenceSessions, LondonToo) {
  Expect("XLON", "rth", kExchanges, "XLON", "open_utc", "close_utc");
}

TEST_F(ReferenceSessions, GlobexEquityToo) {
  Expect("CME_GLOBEX_EQUITY", "globex", kExtendedHours, "CME Globex Equity", "open_utc",
         "close_utc");
}

TEST_F(ReferenceSessions, EveryUtcDayIsASession) {
  Expect("24_7", "all", kExchanges, "24/7", "open_utc", "close_utc");
  Expect("24_7", "rth", kExchanges, "24/7", "open_utc", "close_utc");
}

// The exchange's own list for the years after the reference data: "Holidays & Trading Hours" of
// nyse.com as published for 2024 to 2027, and the notice of December 30, 2024.
struct Year {
  int year;
  std::vector<std::string> closed;
  std::vector<std::string> early;
};

std::vector<Year> AnnouncedYears() {
  return {
      {2024,
       {"01-01", "01-15", "02-19", "03-29", "05-27", "06-19", "07-04", "09-02", "11-28", "12-25"},
       {"07-03", "11-29", "12-24"}},
      {2025,
       {"01-01", "01-09", "01-20", "02-17", "04-18", "05-26", "06-19", "07-04", "09-01", "11-27",
        "12-25"},
       {"07-03", "11-28", "12-24"}},
      {2026,
       {"01-01", "01-19", "02-16", "04-03", "05-25", "06-19", "07-03", "09-07", "11-26", "12-25"},
       {"11-27", "12-24"}},
      {2027,
       {"01-01", "01-18", "02-15", "03-26", "05-31", "06-18", "07-05", "09-06", "11-25", "12-24"},
       {"11-26"}},
  };
}

TEST(AnnouncedSessions, NewYorkClosesWhenTheExchangeSays) {
  const auto calendar = PackCalendar("XNYS");
  ASSERT_OK(calendar);
  for (const Year& year : AnnouncedYears()) {
    std::vector<std::string> closed;
    std::vector<std::string> early;
    for (CivilDay date(year.year, 1, 1); date.year() == year.year; ++date) {
      const absl::Weekday weekday = absl::GetWeekday(date);
      const auto rth = (*calendar)->SessionOn(date, "rth");
      if (weekday == absl::Weekday::saturday || weekday == absl::Weekday::sunday) {
        EXPECT_FALSE(rth.has_value()) << date;
        continue;
      }
      const std::string text = FormatDate(date).substr(5);
      if (!rth.has_value()) {
        closed.push_back(text);
        EXPECT_FALSE((*calendar)->NotesOn(date).empty()) << date;
        EXPECT_TRUE((*calendar)->SessionsOn(date).empty()) << date;
      } else if (rth->range.end - rth->range.start < absl::Minutes(390)) {
        early.push_back(text);
        EXPECT_EQ(rth->range.end - rth->range.start, absl::Minutes(210)) << date;
      }
    }
    EXPECT_EQ(closed, year.closed) << year.year;
    EXPECT_EQ(early, year.early) << year.year;
  }
}

TEST(AnnouncedSessions, NewYearsDayOnASaturdayIsNotMadeUpFor) {
  const auto calendar = PackCalendar("XNYS");
  ASSERT_OK(calendar);
  // 2022-01-01 and 2028-01-01 are Saturdays.
  EXPECT_TRUE((*calendar)->SessionOn(CivilDay(2021, 12, 31), "rth").has_value());
  EXPECT_TRUE((*calendar)->SessionOn(CivilDay(2027, 12, 31), "rth").has_value());
}

TEST(AnnouncedSessions, TheLateSessionStartsWhereTheRegularOneEnds) {
  const auto calendar = PackCalendar("XNYS");
  ASSERT_OK(calendar);
  for (CivilDay date(2024, 1, 1); date < CivilDay(2028, 1, 1); ++date) {
    const auto sessions = (*calendar)->SessionsOn(date);
    if (sessions.empty()) continue;
    ASSERT_EQ(sessions.size(), 3u) << date;
    EXPECT_EQ(sessions[0].range.end, sessions[1].range.start) << date;
    EXPECT_EQ(sessions[1].range.end, sessions[2].range.start) << date;
    EXPECT_EQ(sessions[2].range.end - sessions[2].range.start, absl::Hours(4)) << date;
  }
}

TEST(CashHours, OfEquityFuturesAreThoseOfTheStockExchange) {
  const auto futures = PackCalendar("CME_GLOBEX_EQUITY");
  const auto stocks = PackCalendar("XNYS");
  ASSERT_OK(futures);
  ASSERT_OK(stocks);
  for (CivilDay date(2012, 1, 1); date < CivilDay(2028, 1, 1); ++date) {
    EXPECT_EQ(PiecesOn(**futures, date, "rth"), PiecesOn(**stocks, date, "rth")) << date;
  }
}

// What moves a definition from one calendar to another.
TEST(PackCalendars, AllHaveARegularSession) {
  for (const std::string name :
       {"XNYS", "XLON", "XHKG", "XTKS", "CME_GLOBEX_EQUITY", "CME_GLOBEX_FX", "CME_GLOBEX_METALS",
        "FX_24_5", "24_7", "business_hours"}) {
    const auto calendar = PackCalendar(name);
    ASSERT_OK(calendar) << name;
    EXPECT_TRUE((*calendar)->HasSession("rth")) << name;
    EXPECT_TRUE((*calendar)->Knows(CivilDay(2012, 1, 1))) << name;
    EXPECT_TRUE((*calendar)->Knows(CivilDay(2027, 12, 31))) << name;
  }
}

TEST(PackCalendars, TradingDaysOfAYearAreAsManyAsTheExchangesCount) {
  const auto days = [](const std::string& name, int year) {
    const auto calendar = PackCalendar(name);
    EXPECT_OK(calendar);
    int count = 0;
    for (CivilDay date(year, 1, 1); date.year() == year; ++date) {
      count += (*calendar)->SessionsOn(date).empty() ? 0 : 1;
    }
    return count;
  };
  EXPECT_EQ(days("XNYS", 2024), 252);
  EXPECT_EQ(days("XNYS", 2025), 250);
  EXPECT_EQ(days("XTKS", 2024), 245);
  EXPECT_EQ(days("XLON", 2024), 254);
  EXPECT_EQ(days("FX_24_5", 2024), 260);
  EXPECT_EQ(days("24_7", 2024), 366);
}

}  // namespace
}  // namespace metricstore::registry
