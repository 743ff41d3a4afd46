// The packs' calendars on dates that people remember, as a table that they can read.
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "tests/integration/calendars/market_pack.h"
#include "tests/testing/matchers.h"

namespace metricstore::registry {
namespace {

using calendar::Calendar;

// One line of the table.
struct Case {
  std::string calendar;
  absl::CivilDay date;
  std::string session;
  std::vector<TimeRange> pieces;  // none: closed
};

absl::Time Instant(const std::string& text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime("%Y-%m-%dT%H:%MZ", text, &time, &error)) << text << ": " << error;
  return time;
}

std::vector<TimeRange> ReadPieces(const std::vector<std::string>& words) {
  if (words.size() == 4 && words[3] == "closed") return {};
  if (words.size() == 5) return {{Instant(words[3]), Instant(words[4])}};
  EXPECT_EQ(words.size(), 7u) << absl::StrCat("unreadable case of ", words[0], " ", words[1]);
  if (words.size() != 7) return {};
  return {{Instant(words[3]), Instant(words[5])}, {Instant(words[6]), Instant(words[4])}};
}

std::vector<Case> ReadCases(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::vector<Case> cases;
  for (std::string line; std::getline(file, line);) {
    const std::string text = line.substr(0, line.find('#'));
    const std::vector<std::string> words = absl::StrSplit(text, ' ', absl::SkipEmpty());
    if (words.empty()) continue;
    EXPECT_GE(words.size(), 4u) << line;
    if (words.size() < 4) continue;
    Case found{words[0], {}, words[2], ReadPieces(words)};
    EXPECT_TRUE(absl::ParseCivilTime(words[1], &found.date)) << line;
    cases.push_back(std::move(found));
  }
  return cases;
}

TEST(RemarkableDays, HaveTheSessionsThatTookPlaceOrAreAnnounced) {
  const auto cases = ReadCases(SourceFolder() / "tests/integration/calendars/remarkable_days.txt");
  EXPECT_GT(cases.size(), 100u);
  std::map<std::string, std::shared_ptr<const Calendar>> calendars;
  for (const Case& expected : cases) {
    auto& calendar = calendars[expected.calendar];
    if (calendar == nullptr) {
      auto read = PackCalendar(expected.calendar);
      ASSERT_OK(read) << expected.calendar;
      calendar = *std::move(read);
    }
    ASSERT_TRUE(calendar->HasSession(expected.session)) << expected.session;
    const auto session = calendar->SessionOn(expected.date, expected.session);
    EXPECT_EQ(session.has_value() ? session->pieces : std::vector<TimeRange>(), expected.pieces)
        << expected.calendar << " " << expected.date << " " << expected.session;
  }
  EXPECT_EQ(calendars.size(), 10u);
}

}  // namespace
}  // namespace metricstore::registry
