#include <nlohmann/json.hpp>

#include "tests/unit/cli/catalog_fixture.h"

namespace metricstore::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr int64_t kMondayOpen = 1710163800;  // 2024-03-11T13:30:00Z, the first day of summer time
constexpr int64_t kHour = 3600;

void AddPiece(reg::ResolveWindowResponse& page, const std::string& date, int64_t start,
              int64_t end) {
  auto* piece = page.add_pieces();
  piece->set_trade_date(date);
  piece->mutable_bucket_start_time()->set_seconds(start - 9 * kHour - kHour / 2);
  piece->mutable_start_time()->set_seconds(start);
  piece->mutable_end_time()->set_seconds(end);
}

reg::Calendar Exchange() {
  reg::Calendar calendar;
  calendar.set_name("XHKG");
  calendar.set_version(3);
  calendar.set_description("Hong Kong.");
  calendar.set_time_zone("Asia/Hong_Kong");
  calendar.set_first_date("2012-01-01");
  calendar.set_last_date("2027-12-31");
  for (const auto day : {reg::WEEKDAY_MONDAY, reg::WEEKDAY_TUESDAY, reg::WEEKDAY_WEDNESDAY}) {
    calendar.add_open_days(day);
  }
  const auto set = [](reg::LocalTime* time, int hour, int day_offset) {
    time->set_second_of_day(hour * 3600);
    time->set_day_offset(day_offset);
  };
  for (const char* first_date : {"", "2020-01-01"}) {
    auto* session = calendar.add_sessions();
    session->set_name("rth");
    set(session->mutable_open(), 9, 0);
    set(session->mutable_close(), 16, 0);
    session->set_first_date(first_date);
    set(session->add_breaks()->mutable_start(), 12, 0);
    set(session->mutable_breaks(0)->mutable_end(), 13, 0);
  }
  calendar.mutable_sessions(0)->set_last_date("2019-12-31");
  auto* night = calendar.add_sessions();
  night->set_name("night");
  set(night->mutable_open(), 18, -1);
  set(night->mutable_close(), 2, 0);
  night->add_days(reg::WEEKDAY_TUESDAY);
  auto* holiday = calendar.add_holidays();
  holiday->set_name("Thanksgiving Day");
  holiday->mutable_on()->mutable_nth_weekday()->set_month(11);
  holiday->mutable_on()->mutable_nth_weekday()->set_weekday(reg::WEEKDAY_THURSDAY);
  holiday->mutable_on()->mutable_nth_weekday()->set_n(4);
  holiday->mutable_on()->set_offset_days(1);
  auto* moon = calendar.add_holidays();
  moon->set_name("Lunar New Year");
  for (const char* date : {"2012-01-23", "2013-02-11", "2014-01-31", "2015-02-19"}) {
    moon->mutable_on()->mutable_dates()->add_dates(date);
  }
  moon->add_sessions("night");
  auto* eve = calendar.add_special_hours();
  eve->set_name("Christmas Eve");
  eve->mutable_on()->mutable_month_day()->set_month(12);
  eve->mutable_on()->mutable_month_day()->set_day(24);
  eve->mutable_on()->set_observance(reg::OBSERVANCE_WEEKEND_TO_FRIDAY);
  eve->mutable_on()->set_first_year(2015);
  set(eve->mutable_early_close(), 12, 0);
  auto* saturday = calendar.add_special_sessions();
  saturday->set_name("Work-day Saturday");
  saturday->mutable_on()->set_date("2024-02-03");
  saturday->set_session("rth");
  set(saturday->mutable_open(), 10, 0);
  set(saturday->mutable_close(), 12, 0);
  return calendar;
}

class CalendarCommands : public CatalogFixture {
 protected:
  CalendarCommands() { services_.datasets.calendars = {Exchange()}; }

  static std::vector<std::string> Resolve(const std::vector<std::string>& more) {
    std::vector<std::string> args = {"calendars", "resolve",    "--calendar", "XNYS",
                                     "--from",    "2024-03-08", "--to",       "2024-03-11"};
    args.insert(args.end(), more.begin(), more.end());
    return args;
  }

  // Two pages; the first has a bucket with a break.
  void FillWindows() {
    auto& windows = services_.datasets.windows;
    windows.resize(2);
    for (auto& page : windows) {
      page.set_time_zone("America/New_York");
      page.set_window_text("first_30m");
      page.set_calendar_version(4);
    }
    const int64_t friday = kMondayOpen - 3 * 24 * kHour + kHour;
    AddPiece(windows[0], "2024-03-08", friday, friday + 600);
    AddPiece(windows[0], "2024-03-08", friday + 900, friday + 1800);
    windows[0].mutable_pieces(1)->mutable_bucket_start_time()->set_seconds(
        windows[0].pieces(0).bucket_start_time().seconds());
    AddPiece(windows[1], "2024-03-11", kMondayOpen, kMondayOpen + 1800);
  }
};

TEST_F(CalendarCommands, ResolvePrintsARowForEachPieceOfEachPage) {
  FillWindows();
  const Outcome csv = Run(Resolve({"--window", "first_30m", "--version", "4", "-o", "csv"}));
  EXPECT_EQ(csv.exit_code, 0) << csv.err;
  EXPECT_EQ(csv.out,
            "trade_date,start_utc,end_utc\n"
            "2024-03-08,2024-03-08T14:30:00Z,2024-03-08T14:40:00Z\n"
            "2024-03-08,2024-03-08T14:45:00Z,2024-03-08T15:00:00Z\n"
            "2024-03-11,2024-03-11T13:30:00Z,2024-03-11T14:00:00Z\n");
  EXPECT_EQ(csv.err, "3 pieces in 2 buckets\n");
  ASSERT_EQ(services_.datasets.resolves.size(), 2u);
  const auto& request = services_.datasets.resolves[0];
  EXPECT_EQ(request.calendar(), "XNYS");
  EXPECT_EQ(request.calendar_version(), 4);
  EXPECT_EQ(request.window_text(), "first_30m");
  EXPECT_EQ(request.grain(), reg::GRAIN_DAY);
  EXPECT_EQ(request.dates().start_date(), "2024-03-08");
  EXPECT_EQ(request.dates().end_date(), "2024-03-12");
}

TEST_F(CalendarCommands, ResolveShowsPeopleLocalTimesAndTheZone) {
  FillWindows();
  const Outcome table = Run(Resolve({"--grain", "week"}));
  EXPECT_EQ(table.exit_code, 0) << table.err;
  EXPECT_THAT(table.out,
              AllOf(StartsWith("first_30m, calendar version 4, America/New_York\n"),
                    HasSubstr("2024-03-08  2024-03-08T14:30:00Z  2024-03-08T14:40:00Z  "
                              "Fri 2024-03-08 09:30 EST  Fri 2024-03-08 09:40 EST\n"),
                    HasSubstr("Mon 2024-03-11 09:30 EDT"), HasSubstr("3 pieces in 2 buckets\n")));
  EXPECT_EQ(services_.datasets.resolves[0].grain(), reg::GRAIN_WEEK);
  EXPECT_EQ(services_.datasets.resolves[0].window_text(), "full_day");
  const auto json = nlohmann::json::parse(Run(Resolve({"-o", "json"})).out);
  ASSERT_EQ(json.size(), 3u);
  EXPECT_EQ(json[2]["start_utc"], "2024-03-11T13:30:00Z");
  EXPECT_EQ(json[2]["bucket_start_utc"], "2024-03-11T04:00:00Z");
}

TEST_F(CalendarCommands, AWindowThatShowsNothingIsAnEmptyAnswer) {
  services_.datasets.windows.resize(1);
  const Outcome csv = Run(Resolve({"-o", "csv"}));
  EXPECT_EQ(csv.exit_code, 0);
  EXPECT_EQ(csv.out, "trade_date,start_utc,end_utc\n");
  EXPECT_EQ(Run(Resolve({"-o", "json"})).out, "[]\n");
}

TEST_F(CalendarCommands, RefusalsPrintNothingElse) {
  const Outcome unknown = Run(Resolve({"-o", "csv"}));
  EXPECT_EQ(unknown.exit_code, kExitFailure);
  EXPECT_EQ(unknown.out, "");
  EXPECT_THAT(unknown.err, AllOf(HasSubstr("CALENDAR_NOT_FOUND"), HasSubstr("\"XNYS\"?")));
  const Outcome reversed = Run(
      {"calendars", "resolve", "--calendar", "XNYS", "--from", "2024-02-01", "--to", "2024-01-01"});
  EXPECT_EQ(reversed.exit_code, kExitUsage);
  EXPECT_THAT(reversed.err, AllOf(HasSubstr("--from"), HasSubstr("--to")));
  EXPECT_EQ(Run(Resolve({"--grain", "minute"})).exit_code, kExitUsage);
}

TEST_F(CalendarCommands, SessionsHaveTheirInstantsBreaksAndNotes) {
  auto& sessions = services_.datasets.sessions;
  sessions.resize(2);
  for (auto& page : sessions) {
    auto* session = page.add_sessions();
    session->set_trade_date("2024-05-06");
    session->set_session("rth");
    session->mutable_open_time()->set_seconds(kMondayOpen);
    session->mutable_close_time()->set_seconds(kMondayOpen + 6 * kHour);
  }
  auto* odd = sessions[1].mutable_sessions(0);
  odd->set_trade_date("2024-05-07");
  odd->add_breaks()->mutable_start_time()->set_seconds(kMondayOpen + kHour);
  odd->mutable_breaks(0)->mutable_end_time()->set_seconds(kMondayOpen + 2 * kHour);
  odd->add_notes("Typhoon");
  odd->add_notes("Half day");
  const std::vector<std::string> args = {"calendars", "sessions",   "--calendar", "XHKG",
                                         "--from",    "2024-05-06", "--to",       "2024-05-07",
                                         "--session", "rth"};
  const auto with = [&](const std::string& format) {
    std::vector<std::string> all = args;
    all.insert(all.end(), {"-o", format});
    return Run(all);
  };
  EXPECT_EQ(with("csv").out,
            "trade_date,session,open_utc,close_utc,breaks,notes\n"
            "2024-05-06,rth,2024-03-11T13:30:00Z,2024-03-11T19:30:00Z,,\n"
            "2024-05-07,rth,2024-03-11T13:30:00Z,2024-03-11T19:30:00Z,"
            "2024-03-11T14:30:00Z/2024-03-11T15:30:00Z,Typhoon; Half day\n");
  const auto json = nlohmann::json::parse(with("json").out);
  EXPECT_EQ(json[0]["breaks"].size(), 0u);
  EXPECT_EQ(json[1]["breaks"][0]["start_utc"], "2024-03-11T14:30:00Z");
  EXPECT_EQ(json[1]["notes"][1], "Half day");
  EXPECT_THAT(Run(args).out, HasSubstr("2 sessions\n"));
  const auto& request = services_.datasets.session_requests[0];
  EXPECT_EQ(request.session(), "rth");
  EXPECT_EQ(request.dates().end_date(), "2024-05-08");
}

TEST_F(CalendarCommands, ListNamesEachSessionOnce) {
  const Outcome list = Run({"calendars", "list", "-o", "csv"});
  EXPECT_EQ(list.out,
            "name,version,time_zone,sessions,first_date,last_date,description\n"
            "XHKG,3,Asia/Hong_Kong,rth night,2012-01-01,2027-12-31,Hong Kong.\n");
}

TEST_F(CalendarCommands, ShowReadsLikeATimetable) {
  const Outcome show = Run({"calendars", "show", "XHKG"});
  EXPECT_EQ(show.exit_code, 0) << show.err;
  EXPECT_EQ(
      show.out,
      "name         XHKG\n"
      "version      3\n"
      "description  Hong Kong.\n"
      "time zone    Asia/Hong_Kong\n"
      "dates        2012-01-01 to 2027-12-31\n"
      "open days    mon-wed\n"
      "weeks from   monday\n"
      "\n"
      "SESSION  OPEN      CLOSE  BREAKS       DAYS     IN_EFFECT\n"
      "rth      09:00     16:00  12:00-13:00  mon-wed  to 2019-12-31\n"
      "rth      09:00     16:00  12:00-13:00  mon-wed  from 2020-01-01\n"
      "night    18:00-1d  02:00               tue\n"
      "\n"
      "HOLIDAY           ON                                       SESSIONS\n"
      "Thanksgiving Day  1 day after fourth Thursday of November  all\n"
      "Lunar New Year    4 dates, 2012-01-23 to 2015-02-19        night\n"
      "\n"
      "SPECIAL_HOURS  ON                                             OPENS  CLOSES  SESSIONS\n"
      "Christmas Eve  24 December, a weekend's on Friday, from 2015         12:00   all\n"
      "\n"
      "SPECIAL_SESSION    ON          SESSION  OPEN   CLOSE  BREAKS\n"
      "Work-day Saturday  2024-02-03  rth      10:00  12:00\n");
  EXPECT_THAT(
      Run({"calendars", "show", "XHKG", "-o", "csv"}).out,
      AllOf(HasSubstr("session,rth,mon-wed,09:00,16:00,12:00-13:00,,,2019-12-31\n"),
            HasSubstr("\"2012-01-23, 2013-02-11, 2014-01-31, 2015-02-19\""),
            HasSubstr("special_session,Work-day Saturday,2024-02-03,10:00,12:00,,rth,,\n")));
  const auto json = nlohmann::json::parse(Run({"calendars", "show", "XHKG", "-o", "json"}).out);
  EXPECT_EQ(json["sessions"][2]["open"]["day_offset"], -1);
  EXPECT_EQ(json["open_days"][0], "monday");
}

TEST_F(CalendarCommands, ShowPrintsTheYamlOfTheNewestVersion) {
  for (const char* path : {"calendars/XHKG.yaml", "calendars/XNYS.yaml", "datasets/XHKG.yaml"}) {
    auto& file = catalog_.export_files.emplace_back();
    file.set_path(path);
    file.set_content(std::string("# ") + path + "\n");
  }
  EXPECT_EQ(Run({"calendars", "show", "XHKG", "-o", "yaml"}).out, "# calendars/XHKG.yaml\n");
  EXPECT_EQ(Run({"calendars", "show", "XHKG", "--version", "3", "-o", "yaml"}).exit_code, 0);
  const Outcome old = Run({"calendars", "show", "XHKG", "--version", "2", "-o", "yaml"});
  EXPECT_EQ(old.exit_code, kExitUsage);
  EXPECT_THAT(old.err, HasSubstr("the newest version, which is 3, not version 2"));
  const Outcome other = Run({"calendars", "list", "-o", "yaml"});
  EXPECT_EQ(other.exit_code, kExitUsage);
  EXPECT_THAT(other.err, Not(HasSubstr("json, yaml")));
}

}  // namespace
}  // namespace metricstore::cli
