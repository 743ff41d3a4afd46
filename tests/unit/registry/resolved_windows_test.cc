// Pages of windows and sessions: they give the whole, once, whatever their size.

#include "registry_service/calendars/resolved_windows.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "registry_service/calendars/listed_sessions.h"
#include "tests/testing/matchers.h"

namespace metricstore::registry {
namespace {

using absl::CivilDay;
using calendar::Calendar;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Hong Kong's lunch break, New York's clock changes, an evening session on Thursdays.
std::shared_ptr<const Calendar> Lunch() {
  using calendar::DateRule;
  calendar::CalendarSpec spec;
  spec.name = "LUNCH";
  spec.time_zone = "America/New_York";
  spec.open_days = {absl::Weekday::monday, absl::Weekday::tuesday, absl::Weekday::wednesday,
                    absl::Weekday::thursday, absl::Weekday::friday};
  spec.sessions = {{"rth", {34'200, 0}, {57'600, 0}, {{{43'200, 0}, {46'800, 0}}}},
                   {"evening", {64'800, 0}, {72'000, 0}, {}, {absl::Weekday::thursday}}};
  spec.holidays = {{"Christmas", {.rule = DateRule::MonthDay{12, 25}}}};
  spec.special_hours = {{.name = "Eve",
                         .on = {.rule = DateRule::MonthDay{12, 24}},
                         .early_close = calendar::LocalTime{39'600, 0}}};
  spec.first_date = CivilDay(2020, 1, 1);
  spec.last_date = CivilDay(2024, 12, 31);
  auto calendar = Calendar::Create(spec, 3);
  EXPECT_OK(calendar);
  return *calendar;
}

calendar::Window Parsed(const std::string& text) { return *calendar::ParseWindow(text); }

// Every bucket that pages of that size give, and how many pages there were.
std::vector<calendar::Bucket> AllPages(const Calendar& calendar, const std::string& window,
                                       Grain grain, const DateRange& dates, size_t max_pieces,
                                       int* pages = nullptr) {
  std::vector<calendar::Bucket> all;
  std::optional<BucketPosition> from;
  do {
    const auto page = ResolveWindowPage(calendar, Parsed(window), grain, dates, from, max_pieces);
    EXPECT_OK(page);
    if (!page.ok() || page->buckets.empty()) break;
    size_t pieces = 0;
    for (const ResolvedBucket& resolved : page->buckets) {
      EXPECT_EQ(resolved.first_date, calendar.DateAt(resolved.bucket.start));
      pieces += resolved.bucket.slices.size();
      all.push_back(resolved.bucket);
    }
    EXPECT_TRUE(pieces <= max_pieces || page->buckets.size() == 1);
    from = page->next;
    if (pages != nullptr) ++*pages;
  } while (from.has_value());
  return all;
}

TEST(ResolveWindowPage, PagesOfAnySizeGiveTheWhole) {
  const auto calendar = Lunch();
  const DateRange dates{CivilDay(2021, 3, 3), CivilDay(2021, 8, 9)};
  for (const char* window : {"full_day", "rth", "evening", "first_3h", "10:00-13:30 of rth",
                             "rolling_20_sessions of rth", "rolling_24h", "month_to_date of rth",
                             "previous of evening", "22:00-02:00"}) {
    for (const Grain grain : {Grain::kHour, Grain::kDay, Grain::kWeek, Grain::kMonth}) {
      if (!calendar::CheckWindow(Parsed(window), *calendar, grain).ok()) continue;
      SCOPED_TRACE(absl::StrCat(window, " by ", std::string(GrainName(grain))));
      const auto whole = calendar::ResolveBuckets(*calendar, Parsed(window), grain,
                                                  calendar::AlignToGrain(*calendar, grain, dates));
      ASSERT_OK(whole);
      for (const size_t size : {1, 7, 1'000, 1'000'000}) {
        if (size == 1 && grain == Grain::kHour) continue;  // thousands of pages
        EXPECT_EQ(AllPages(*calendar, window, grain, dates, size), whole->ToBuckets());
      }
    }
  }
}

TEST(ResolveWindowPage, AHalfFullPageEndsWhereTheDatesDo) {
  const auto calendar = Lunch();
  const auto page =
      ResolveWindowPage(*calendar, Parsed("rth"), Grain::kDay,
                        {CivilDay(2024, 12, 23), CivilDay(2024, 12, 31)}, std::nullopt, 1'000);
  ASSERT_OK(page);
  EXPECT_EQ(page->next, std::nullopt);
  std::vector<std::string> rows;
  for (const ResolvedBucket& resolved : page->buckets) {
    for (const TimeRange& slice : resolved.bucket.slices) {
      rows.push_back(absl::StrCat(FormatDate(resolved.first_date), " ", FormatInstant(slice.start),
                                  " ", FormatInstant(slice.end)));
    }
  }
  EXPECT_THAT(rows, ElementsAre("2024-12-23 2024-12-23T14:30:00Z 2024-12-23T17:00:00Z",
                                "2024-12-23 2024-12-23T18:00:00Z 2024-12-23T21:00:00Z",
                                "2024-12-24 2024-12-24T14:30:00Z 2024-12-24T16:00:00Z",
                                "2024-12-26 2024-12-26T14:30:00Z 2024-12-26T17:00:00Z",
                                "2024-12-26 2024-12-26T18:00:00Z 2024-12-26T21:00:00Z",
                                "2024-12-27 2024-12-27T14:30:00Z 2024-12-27T17:00:00Z",
                                "2024-12-27 2024-12-27T18:00:00Z 2024-12-27T21:00:00Z",
                                "2024-12-30 2024-12-30T14:30:00Z 2024-12-30T17:00:00Z",
                                "2024-12-30 2024-12-30T18:00:00Z 2024-12-30T21:00:00Z"));
}

TEST(ResolveWindowPage, AnEmptyWindowIsAnEmptyLastPage) {
  const auto page = ResolveWindowPage(*Lunch(), Parsed("rth"), Grain::kDay,
                                      {CivilDay(2024, 3, 9), CivilDay(2024, 3, 11)}, {}, 10);
  ASSERT_OK(page);
  EXPECT_TRUE(page->buckets.empty());
  EXPECT_EQ(page->next, std::nullopt);
}

absl::Status Refusal(const std::string& window, Grain grain, DateRange dates,
                     std::optional<BucketPosition> from = std::nullopt) {
  return ResolveWindowPage(*Lunch(), Parsed(window), grain, dates, from, 10).status();
}

TEST(ResolveWindowPage, SaysWhichDatesTheCalendarKnows) {
  const absl::Status before =
      Refusal("rth", Grain::kDay, {CivilDay(2019, 12, 31), CivilDay(2020, 2, 1)});
  EXPECT_THAT(before, testing::StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
  EXPECT_THAT(before, testing::ViolatesField("dates"));
  EXPECT_THAT(std::string(before.message()), HasSubstr("knows 2020-01-01 to 2024-12-31"));
  EXPECT_OK(Refusal("rth", Grain::kDay, {CivilDay(2024, 12, 31), CivilDay(2025, 1, 1)}));
  // 2020-01-01 is a Wednesday.
  const absl::Status week =
      Refusal("rth", Grain::kWeek, {CivilDay(2020, 1, 2), CivilDay(2020, 1, 3)});
  EXPECT_THAT(week, testing::ViolatesField("dates"));
  EXPECT_THAT(std::string(week.message()), HasSubstr("from 2019-12-30 to 2020-01-05"));
}

TEST(ResolveWindowPage, RefusesWindowsWithoutSense) {
  const DateRange week{CivilDay(2024, 3, 4), CivilDay(2024, 3, 11)};
  EXPECT_THAT(Refusal("rht", Grain::kDay, week),
              testing::StatusIs(absl::StatusCode::kInvalidArgument, "DEFINITION_INVALID"));
  EXPECT_THAT(Refusal("week_to_date", Grain::kMonth, week),
              testing::ViolatesField("window.to_date"));
}

TEST(ResolveWindowPage, RefusesPositionsThatNoPageGave) {
  const DateRange weeks{CivilDay(2024, 3, 4), CivilDay(2024, 3, 18)};
  for (const CivilDay date : {CivilDay(2024, 3, 3), CivilDay(2024, 3, 5), CivilDay(2024, 3, 18)}) {
    EXPECT_THAT(Refusal("rth", Grain::kWeek, weeks, BucketPosition{date, absl::UnixEpoch()}),
                testing::StatusIs(absl::StatusCode::kInvalidArgument, "PAGE_TOKEN_INVALID"));
  }
}

// 5,000 sessions of a calendar with 20 breaks a day.
TEST(ResolveWindowPage, RefusesBucketsThatFitIntoNoReply) {
  calendar::CalendarSpec spec = Lunch()->spec();
  spec.first_date = CivilDay(2000, 1, 1);
  spec.sessions = {{"rth", {0, 0}, {86'400, 0}}};
  for (int i = 1; i <= 20; ++i) {
    spec.sessions[0].breaks.push_back({{i * 3'600, 0}, {i * 3'600 + 60, 0}});
  }
  const auto calendar = Calendar::Create(spec, 1);
  ASSERT_OK(calendar);
  const auto page =
      ResolveWindowPage(**calendar, Parsed("rolling_5000_sessions of rth"), Grain::kDay,
                        {CivilDay(2024, 3, 4), CivilDay(2024, 3, 5)}, std::nullopt, 10);
  EXPECT_THAT(page, testing::StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
  EXPECT_THAT(page, testing::ViolatesField("window"));
  EXPECT_THAT(std::string(page.status().message()), HasSubstr(" pieces, and at most 60000 fit"));
}

std::vector<std::string> Lines(const SessionPage& page) {
  std::vector<std::string> lines;
  for (const SessionOnDate& on : page.sessions) {
    std::string line = absl::StrCat(FormatDate(on.position.date), " ", std::string(on.session.name),
                                    " ", FormatInstant(on.session.range.start), " ",
                                    FormatInstant(on.session.range.end));
    for (const TimeRange& pause : on.breaks) {
      absl::StrAppend(&line, " break ", FormatInstant(pause.start), " ", FormatInstant(pause.end));
    }
    for (const std::string_view note : on.notes) absl::StrAppend(&line, " ", std::string(note));
    lines.push_back(line);
  }
  return lines;
}

TEST(ListSessions, TellsOpensClosesBreaksAndWhatIsNotOrdinary) {
  const auto calendar = Lunch();
  const auto page = ListSessions(*calendar, {CivilDay(2024, 12, 24), CivilDay(2024, 12, 28)}, "",
                                 std::nullopt, 100);
  ASSERT_OK(page);
  EXPECT_THAT(Lines(*page),
              ElementsAre("2024-12-24 rth 2024-12-24T14:30:00Z 2024-12-24T16:00:00Z Eve",
                          "2024-12-26 rth 2024-12-26T14:30:00Z 2024-12-26T21:00:00Z break "
                          "2024-12-26T17:00:00Z 2024-12-26T18:00:00Z",
                          "2024-12-26 evening 2024-12-26T23:00:00Z 2024-12-27T01:00:00Z",
                          "2024-12-27 rth 2024-12-27T14:30:00Z 2024-12-27T21:00:00Z break "
                          "2024-12-27T17:00:00Z 2024-12-27T18:00:00Z"));
  EXPECT_EQ(page->next, std::nullopt);
}

TEST(ListSessions, PagesOfAnySizeGiveTheWhole) {
  const auto calendar = Lunch();
  const DateRange dates{CivilDay(2024, 2, 1), CivilDay(2024, 4, 1)};
  for (const char* name : {"", "evening"}) {
    const auto whole = ListSessions(*calendar, dates, name, std::nullopt, 10'000);
    ASSERT_OK(whole);
    ASSERT_GT(whole->sessions.size(), 8u);
    for (const size_t limit : {size_t{1}, size_t{3}, whole->sessions.size()}) {
      std::vector<std::string> lines;
      std::optional<SessionPosition> from;
      do {
        const auto page = ListSessions(*calendar, dates, name, from, limit);
        ASSERT_OK(page);
        ASSERT_FALSE(page->sessions.empty()) << "a page that was promised";
        ASSERT_LE(page->sessions.size(), limit);
        for (std::string& line : Lines(*page)) lines.push_back(std::move(line));
        from = page->next;
      } while (from.has_value());
      EXPECT_EQ(lines, Lines(*whole));
    }
  }
}

TEST(ListSessions, RefusesUnknownDatesAndNames) {
  const auto calendar = Lunch();
  const auto refusal = [&](DateRange dates, std::string_view name,
                           std::optional<SessionPosition> from = std::nullopt) {
    return ListSessions(*calendar, dates, name, from, 10).status();
  };
  const DateRange week{CivilDay(2024, 3, 4), CivilDay(2024, 3, 11)};
  EXPECT_THAT(refusal({CivilDay(2024, 12, 31), CivilDay(2025, 1, 2)}, ""),
              testing::ViolatesField("dates"));
  EXPECT_THAT(refusal(week, "evning"),
              testing::StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
  EXPECT_THAT(refusal(week, "evning"), testing::HasMetadata("suggestion", "evening"));
  EXPECT_THAT(refusal(week, "", SessionPosition{CivilDay(2024, 3, 11)}),
              testing::StatusIs(absl::StatusCode::kInvalidArgument, "PAGE_TOKEN_INVALID"));
}

}  // namespace
}  // namespace metricstore::registry
