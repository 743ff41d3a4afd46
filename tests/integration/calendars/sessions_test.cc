// The pack's calendars have exactly the sessions that took place, and those that are announced.
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
std::map<CivilDay, Row> ReadReference(const std::filesystem::path& path, const std::string& name) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  const std::vector<std::string> header = absl::StrSplit(line, ',');
  std::map<CivilDay, Row> rows;
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

// Every date of the reference's years has the session from `open` to `close`, or none.
void ExpectSessions(const Calendar& calendar, const std::string& session,
                    const std::map<CivilDay, Row>& reference, const std::string& open,
                    const std::string& close) {
  ASSERT_GT(reference.size(), 3000u);
  for (CivilDay date(2012, 1, 1); date < CivilDay(2024, 1, 1); ++date) {
    const auto found = calendar.SessionOn(date, session);
    const auto expected = reference.find(date);
    ASSERT_EQ(found.has_value(), expected != reference.end()) << date;
    if (!found.has_value()) continue;
    EXPECT_EQ(found->start, ReadUtc(expected->second.at(open))) << date;
    EXPECT_EQ(found->end, ReadUtc(expected->second.at(close))) << date;
  }
}

class ReferenceSessions : public ::testing::Test {
 protected:
  void Expect(const std::string& calendar_name, const std::string& session, const std::string& file,
              const std::string& reference_name, const std::string& open,
              const std::string& close) {
    const std::filesystem::path path = ReferencePath(file);
    if (!std::filesystem::exists(path)) GTEST_SKIP() << "no reference data: " << path;
    const auto calendar = MarketCalendar(calendar_name);
    ASSERT_OK(calendar);
    ExpectSessions(**calendar, session, ReadReference(path, reference_name), open, close);
  }
};

constexpr char kExchanges[] = "sessions_xnys_cmes_xlon_247_2012_2023.csv";
constexpr char kExtendedHours[] = "sessions_globex_equity_nyse_2012_2023.csv";

TEST_F(ReferenceSessions, RegularSessionsOfNewYorkAreAllThereAndNoMore) {
  Expect("XNYS", "rth", kExchanges, "XNYS", "open_utc", "close_utc");
}

TEST_F(ReferenceSessions, PreMarketOfNewYorkToo) {
  Expect("XNYS", "pre", kExtendedHours, "NYSE", "pre_utc", "open_utc");
}

TEST_F(ReferenceSessions, EveryUtcDayIsASession) {
  Expect("24_7", "all", kExchanges, "24/7", "open_utc", "close_utc");
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
  const auto calendar = MarketCalendar("XNYS");
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
        EXPECT_TRUE((*calendar)->HolidayOn(date).has_value()) << date;
      } else if (rth->end - rth->start < absl::Minutes(390)) {
        early.push_back(text);
        EXPECT_EQ(rth->end - rth->start, absl::Minutes(210)) << date;
      }
    }
    EXPECT_EQ(closed, year.closed) << year.year;
    EXPECT_EQ(early, year.early) << year.year;
  }
}

TEST(AnnouncedSessions, NewYearsDayOnASaturdayIsNotMadeUpFor) {
  const auto calendar = MarketCalendar("XNYS");
  ASSERT_OK(calendar);
  // 2022-01-01 and 2028-01-01 are Saturdays.
  EXPECT_TRUE((*calendar)->SessionOn(CivilDay(2021, 12, 31), "rth").has_value());
  EXPECT_TRUE((*calendar)->SessionOn(CivilDay(2027, 12, 31), "rth").has_value());
}

TEST(AnnouncedSessions, NewYorkOpensBeforeTheBellEveryDay) {
  const auto calendar = MarketCalendar("XNYS");
  ASSERT_OK(calendar);
  std::vector<std::string> names;
  // An early close.
  for (const auto& session : (*calendar)->SessionsOn(CivilDay(2024, 11, 29))) {
    names.emplace_back(session.name);
  }
  EXPECT_THAT(names, ElementsAre("pre", "rth"));
}

}  // namespace
}  // namespace metricstore::registry
