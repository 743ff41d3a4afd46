// ListSessions and ResolveWindow over gRPC, in process: instants, pages and error reasons.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/time/iso8601.h"
#include "gmock/gmock.h"
#include "tests/integration/catalog/handlers_fixture.h"

namespace metricstore::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Stub = v1::DatasetService::Stub;

std::string Text(const google::protobuf::Timestamp& time) {
  EXPECT_EQ(time.nanos(), 0);
  return FormatInstant(absl::FromUnixSeconds(time.seconds()));
}

class CalendarCallsTest : public HandlersTest {
 protected:
  void SetUp() override {
    HandlersTest::SetUp();
    ASSERT_OK(Import({Edited(CalendarFile(), R"({name: rth, open: "09:30", close: "16:00"})",
                             R"({name: rth, open: "09:30", close: "16:00", )"
                             R"(breaks: [{start: "12:00", end: "13:00"}]})")}));
  }

  static void SetDates(const std::string& from, const std::string& to,
                       common::v1::DateInterval* dates) {
    dates->set_start_date(from);
    dates->set_end_date(to);
  }

  static v1::ListSessionsRequest SessionsRequest(const std::string& from, const std::string& to) {
    v1::ListSessionsRequest request;
    request.set_calendar("XNYS");
    SetDates(from, to, request.mutable_dates());
    return request;
  }

  static v1::ResolveWindowRequest WindowRequest(const std::string& window, const std::string& from,
                                                const std::string& to) {
    v1::ResolveWindowRequest request;
    request.set_calendar("XNYS");
    if (!window.empty()) request.set_window_text(window);
    SetDates(from, to, request.mutable_dates());
    return request;
  }

  absl::StatusOr<v1::ListSessionsResponse> Ask(const v1::ListSessionsRequest& request) {
    return Call<v1::ListSessionsResponse>(*datasets_stub_, &Stub::ListSessions, request);
  }
  absl::StatusOr<v1::ResolveWindowResponse> Ask(const v1::ResolveWindowRequest& request) {
    return Call<v1::ResolveWindowResponse>(*datasets_stub_, &Stub::ResolveWindow, request);
  }

  std::vector<std::string> Pieces(const v1::ResolveWindowRequest& request) {
    const auto response = Ask(request);
    EXPECT_OK(response);
    std::vector<std::string> lines;
    if (!response.ok()) return lines;
    for (const v1::WindowPiece& piece : response->pieces()) {
      lines.push_back(absl::StrCat(piece.trade_date(), " ", Text(piece.bucket_start_time()), " ",
                                   Text(piece.start_time()), " ", Text(piece.end_time())));
    }
    return lines;
  }
};

TEST_F(CalendarCallsTest, ListsSessionsWithTheirBreaks) {
  const auto response = Ask(SessionsRequest("2024-03-08", "2024-03-12"));
  ASSERT_OK(response);
  EXPECT_EQ(response->calendar_version(), 1);
  EXPECT_EQ(response->next_page_token(), "");
  ASSERT_EQ(response->sessions_size(), 2);
  // The clock is set forward on the Sunday between.
  EXPECT_EQ(response->sessions(0).trade_date(), "2024-03-08");
  EXPECT_EQ(Text(response->sessions(0).open_time()), "2024-03-08T14:30:00Z");
  EXPECT_EQ(response->sessions(1).trade_date(), "2024-03-11");
  EXPECT_EQ(response->sessions(1).session(), "rth");
  EXPECT_EQ(Text(response->sessions(1).open_time()), "2024-03-11T13:30:00Z");
  EXPECT_EQ(Text(response->sessions(1).close_time()), "2024-03-11T20:00:00Z");
  ASSERT_EQ(response->sessions(1).breaks_size(), 1);
  EXPECT_EQ(Text(response->sessions(1).breaks(0).start_time()), "2024-03-11T16:00:00Z");
  EXPECT_EQ(Text(response->sessions(1).breaks(0).end_time()), "2024-03-11T17:00:00Z");
  EXPECT_EQ(response->sessions(1).notes_size(), 0);
}

TEST_F(CalendarCallsTest, ResolvesWindowsToInstants) {
  EXPECT_THAT(
      Pieces(WindowRequest("last_4h", "2024-03-08", "2024-03-12")),
      ElementsAre("2024-03-08 2024-03-08T05:00:00Z 2024-03-08T18:00:00Z 2024-03-08T21:00:00Z",
                  "2024-03-11 2024-03-11T04:00:00Z 2024-03-11T17:00:00Z 2024-03-11T20:00:00Z"));
  v1::ResolveWindowRequest request = WindowRequest("", "2024-03-08", "2024-03-12");
  request.mutable_window()->set_kind(v1::Window::KIND_SESSION);
  request.mutable_window()->set_session("rth");
  request.mutable_window()->set_previous(1);
  request.set_grain(v1::GRAIN_WEEK);
  // Both weeks of these dates, each with what the one before shows.
  const auto response = Ask(request);
  ASSERT_OK(response);
  EXPECT_EQ(response->window_text(), "previous of rth");
  EXPECT_EQ(response->time_zone(), "America/New_York");
  EXPECT_EQ(response->calendar_version(), 1);
  ASSERT_EQ(response->pieces_size(), 20);
  EXPECT_EQ(response->pieces(0).trade_date(), "2024-03-04");
  EXPECT_EQ(Text(response->pieces(0).start_time()), "2024-02-26T14:30:00Z");
  EXPECT_EQ(response->pieces(19).trade_date(), "2024-03-11");
  EXPECT_EQ(Text(response->pieces(19).bucket_start_time()), "2024-03-11T04:00:00Z");
  EXPECT_EQ(Text(response->pieces(19).end_time()), "2024-03-08T21:00:00Z");
}

TEST_F(CalendarCallsTest, WithoutAWindowAndGrainWholeDaysAreMeant) {
  EXPECT_THAT(
      Pieces(WindowRequest("", "2024-03-10", "2024-03-11")),
      ElementsAre("2024-03-10 2024-03-10T05:00:00Z 2024-03-10T05:00:00Z 2024-03-11T04:00:00Z"));
}

TEST_F(CalendarCallsTest, PagesAreBoundToTheirRequestAndVersion) {
  v1::ListSessionsRequest sessions = SessionsRequest("2024-03-04", "2024-03-09");
  v1::ResolveWindowRequest window = WindowRequest("rth", "2024-03-04", "2024-03-09");
  sessions.set_page_size(2);
  window.set_page_size(4);  // of two dates
  std::vector<std::string> dates;
  std::vector<std::string> piece_dates;
  for (int page = 0; page < 3; ++page) {
    const auto listed = Ask(sessions);
    const auto resolved = Ask(window);
    ASSERT_OK(listed);
    ASSERT_OK(resolved);
    for (const auto& session : listed->sessions()) dates.push_back(session.trade_date());
    for (const auto& piece : resolved->pieces()) piece_dates.push_back(piece.trade_date());
    EXPECT_EQ(resolved->calendar_version(), 1);
    EXPECT_EQ(listed->calendar_version(), 1);
    EXPECT_EQ(listed->next_page_token().empty(), page == 2);
    EXPECT_EQ(resolved->next_page_token().empty(), page == 2);
    sessions.set_page_token(listed->next_page_token());
    window.set_page_token(resolved->next_page_token());
    // A new version does not change the pages that are under way.
    if (page == 0) {
      ASSERT_OK(Import({CalendarFile()}));
    }
  }
  EXPECT_THAT(dates,
              ElementsAre("2024-03-04", "2024-03-05", "2024-03-06", "2024-03-07", "2024-03-08"));
  ASSERT_EQ(piece_dates.size(), 10u);
  for (size_t i = 0; i < piece_dates.size(); ++i) EXPECT_EQ(piece_dates[i], dates[i / 2]);
  EXPECT_EQ(Ask(sessions)->calendar_version(), 2);

  v1::ListSessionsRequest other = SessionsRequest("2024-03-04", "2024-03-09");
  other.set_page_size(2);
  const std::string token = Ask(other)->next_page_token();
  other.set_page_size(5);
  other.set_page_token(token);
  EXPECT_OK(Ask(other)) << "the size of a page may change";
  other.set_session("rth");
  EXPECT_THAT(Ask(other),
              testing::StatusIs(absl::StatusCode::kInvalidArgument, "PAGE_TOKEN_INVALID"));
  window.set_page_token(token);
  EXPECT_THAT(Ask(window),
              testing::StatusIs(absl::StatusCode::kInvalidArgument, "PAGE_TOKEN_INVALID"));
}

TEST_F(CalendarCallsTest, PagesOfLongWindowsFitIntoAReply) {
  v1::ResolveWindowRequest request =
      WindowRequest("rolling_1000_sessions of rth", "2024-10-01", "2024-12-01");
  request.set_page_size(20'000);
  int64_t pieces = 0;
  int pages = 0;
  do {
    const auto page = Ask(request);
    ASSERT_OK(page);
    EXPECT_LT(page->ByteSizeLong(), size_t{4} << 20);
    pieces += page->pieces_size();
    ++pages;
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  // 44 weekdays, ten to a page.
  EXPECT_EQ(pieces, 44 * 2'000);
  EXPECT_EQ(pages, 5);
}

// What both methods refuse alike.
TEST_F(CalendarCallsTest, SayWhatIsWrongWithARequest) {
  const auto check = [this](const auto& good) {
    auto request = good;
    request.clear_calendar();
    EXPECT_THAT(Ask(request),
                testing::StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_REQUIRED"));
    request = good;
    request.set_calendar("XNYT");
    EXPECT_THAT(Ask(request), testing::StatusIs(absl::StatusCode::kNotFound, "CALENDAR_NOT_FOUND"));
    EXPECT_THAT(Ask(request), testing::HasMetadata("suggestion", "XNYS"));
    request.set_calendar(std::string(64, 'X'));
    EXPECT_THAT(Ask(request), testing::ViolatesField("calendar"));
    request = good;
    request.set_calendar_version(7);
    EXPECT_THAT(Ask(request), testing::StatusIs(absl::StatusCode::kNotFound, "CALENDAR_NOT_FOUND"));
    request.set_calendar_version(-1);
    EXPECT_THAT(Ask(request), testing::ViolatesField("calendar_version"));
    request = good;
    request.set_project("nobody");
    EXPECT_THAT(Ask(request), testing::StatusIs(absl::StatusCode::kNotFound, "PROJECT_NOT_FOUND"));
    request = good;
    request.clear_dates();
    EXPECT_THAT(Ask(request),
                testing::StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_REQUIRED"));
    SetDates("2024-03-05", "2024-03-05", request.mutable_dates());
    EXPECT_THAT(Ask(request),
                testing::StatusIs(absl::StatusCode::kInvalidArgument, "INTERVAL_REVERSED"));
    SetDates("2024-03-05", "2025-01-02", request.mutable_dates());
    EXPECT_THAT(Ask(request), testing::ViolatesField("dates"));
    EXPECT_THAT(std::string(Ask(request).status().message()),
                HasSubstr("knows 2020-01-01 to 2024-12-31"));
    request = good;
    request.set_page_size(20'001);
    EXPECT_THAT(Ask(request), testing::ViolatesField("page_size"));
    request.set_page_size(-1);
    EXPECT_THAT(Ask(request), testing::ViolatesField("page_size"));
    request = good;
    request.set_page_token("rubbish");
    EXPECT_THAT(Ask(request),
                testing::StatusIs(absl::StatusCode::kInvalidArgument, "PAGE_TOKEN_INVALID"));
  };
  check(SessionsRequest("2024-03-04", "2024-03-09"));
  check(WindowRequest("rth", "2024-03-04", "2024-03-09"));
}

TEST_F(CalendarCallsTest, SayWhatIsWrongWithASessionOrWindow) {
  v1::ListSessionsRequest sessions = SessionsRequest("2024-03-04", "2024-03-09");
  sessions.set_session("rht");
  EXPECT_THAT(Ask(sessions),
              testing::StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
  EXPECT_THAT(Ask(sessions), testing::HasMetadata("suggestion", "rth"));
  sessions.set_session(std::string(1'000, 'a'));
  EXPECT_THAT(Ask(sessions), testing::ViolatesField("session"));

  const auto refusal = [this](const std::string& window) {
    return Ask(WindowRequest(window, "2024-03-04", "2024-03-09")).status();
  };
  EXPECT_THAT(refusal("first 30m"),
              testing::StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
  EXPECT_THAT(std::string(refusal("first 30m").message()), HasSubstr("did you mean \"first_30m\""));
  EXPECT_THAT(refusal("rht"),
              testing::StatusIs(absl::StatusCode::kInvalidArgument, "DEFINITION_INVALID"));
  EXPECT_THAT(refusal("rht"), testing::ViolatesField("window.session"));
  EXPECT_THAT(refusal(std::string(100'000, 'a')), testing::ViolatesField("window_text"));
  EXPECT_LT(refusal(std::string(100'000, 'a')).message().size(), 300u);

  v1::ResolveWindowRequest window = WindowRequest("", "2024-03-04", "2024-03-09");
  window.set_grain(static_cast<v1::Grain>(99));
  EXPECT_THAT(Ask(window), testing::ViolatesField("grain"));
  window.clear_grain();
  window.mutable_window()->set_kind(static_cast<v1::Window::Kind>(99));
  EXPECT_THAT(Ask(window), testing::ViolatesField("window.kind"));
  window.mutable_window()->set_kind(v1::Window::KIND_FULL_DAY);
  window.mutable_window()->mutable_rolling()->set_count(3);
  EXPECT_THAT(Ask(window), testing::ViolatesField("window.rolling.unit"));
  window.mutable_window()->mutable_rolling()->set_unit(v1::Window::ROLLING_UNIT_DAYS);
  EXPECT_OK(Ask(window));
  window.mutable_window()->mutable_rolling()->set_count(0);
  EXPECT_THAT(Ask(window), testing::ViolatesField("window.rolling.count"));
  window.mutable_window()->set_to_date(static_cast<v1::Grain>(99));
  EXPECT_THAT(Ask(window), testing::ViolatesField("window.to_date"));
  window.mutable_window()->set_previous(0);
  EXPECT_THAT(Ask(window), testing::ViolatesField("window.previous"));
}

TEST_F(CalendarCallsTest, MetricsKeepReachAndAlignmentThroughMessages) {
  ASSERT_OK(Import({BarsFile()}));
  v1::Metric metric = OpeningMetric();
  metric.set_expression("sum(volume)");
  metric.clear_filters();
  metric.mutable_window()->mutable_rolling()->set_count(20);
  metric.mutable_window()->mutable_rolling()->set_unit(v1::Window::ROLLING_UNIT_SESSIONS);
  metric.mutable_timeframe()->set_seconds(900);
  metric.set_timeframe_alignment(v1::BAR_ALIGNMENT_SESSION);
  v1::CreateMetricRequest request;
  *request.mutable_metric() = metric;
  ASSERT_OK(Catalog(&v1::CatalogService::Stub::CreateMetric, request));
  const auto got = GetMetric("opening");
  ASSERT_OK(got);
  EXPECT_EQ(got->metric().window().rolling().count(), 20);
  EXPECT_EQ(got->metric().window().rolling().unit(), v1::Window::ROLLING_UNIT_SESSIONS);
  EXPECT_EQ(got->metric().timeframe().seconds(), 900);
  EXPECT_EQ(got->metric().timeframe_alignment(), v1::BAR_ALIGNMENT_SESSION);
  metric.set_timeframe_alignment(static_cast<v1::BarAlignment>(9));
  *request.mutable_metric() = metric;
  EXPECT_THAT(Catalog(&v1::CatalogService::Stub::CreateMetric, request),
              testing::ViolatesField("metric.timeframe_alignment"));
}

TEST_F(CalendarCallsTest, CalendarsAreServedWithAllTheirParts) {
  DefinitionFile file = Edited(CalendarFile(), "holidays:", R"(week_start: sun
special_sessions:
  - {name: Test, on: {dates: [2024-06-01, 2024-06-08]}, session: rth, open: "10:00", close: "11:00"}
holidays:
  - {name: Half, on: {month: 5, day: 1, observed: weekend_to_friday}, sessions: [rth]})");
  file = Edited(file, R"({name: rth, open: "09:30", close: "16:00"})",
                R"({name: rth, open: "09:30", close: "16:00", last_date: 2022-01-31}
  - {name: rth, open: "09:30", close: "16:30", breaks: [{start: "12:00", end: "13:00"}], days: [mon, tue], first_date: 2022-02-01})");
  ASSERT_OK(Import({file}));
  v1::GetCalendarRequest request;
  request.set_name("XNYS");
  const auto response = Call<v1::GetCalendarResponse>(*datasets_stub_, &Stub::GetCalendar, request);
  ASSERT_OK(response);
  const v1::Calendar& calendar = response->calendar();
  EXPECT_EQ(calendar.version(), 2);
  EXPECT_EQ(calendar.week_start(), v1::WEEKDAY_SUNDAY);
  ASSERT_EQ(calendar.sessions_size(), 2);
  EXPECT_EQ(calendar.sessions(0).last_date(), "2022-01-31");
  EXPECT_EQ(calendar.sessions(1).first_date(), "2022-02-01");
  EXPECT_EQ(calendar.sessions(1).breaks(0).end().second_of_day(), 46'800);
  EXPECT_THAT(calendar.sessions(1).days(), ElementsAre(v1::WEEKDAY_MONDAY, v1::WEEKDAY_TUESDAY));
  EXPECT_EQ(calendar.holidays(0).on().observance(), v1::OBSERVANCE_WEEKEND_TO_FRIDAY);
  EXPECT_THAT(calendar.holidays(0).sessions(), ElementsAre("rth"));
  ASSERT_EQ(calendar.special_sessions_size(), 1);
  EXPECT_THAT(calendar.special_sessions(0).on().dates().dates(),
              ElementsAre("2024-06-01", "2024-06-08"));
  EXPECT_EQ(calendar.special_sessions(0).session(), "rth");
  EXPECT_EQ(calendar.special_sessions(0).open().second_of_day(), 36'000);
}

}  // namespace
}  // namespace metricstore::registry
