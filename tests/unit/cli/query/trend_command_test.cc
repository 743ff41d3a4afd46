#include "cli/query/trend_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/query/point_value.h"
#include "common/expression/catalog/function_catalog.h"
#include "tests/unit/cli/harness.h"

namespace metricstore::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

reg::QueryTrendResponse Page(const std::string& entity, std::vector<int64_t> starts,
                             std::vector<double> values) {
  reg::QueryTrendResponse page;
  page.set_metric("intraday/rth_close");
  page.set_version(1);
  page.set_grain(reg::GRAIN_DAY);
  page.set_unit("USD");
  auto* series = page.add_series();
  series->set_entity(entity);
  for (const int64_t start : starts) series->add_bucket_start_times()->set_seconds(start);
  for (const double value : values) series->add_values(value);
  return page;
}

class TrendCommand : public ::testing::Test {
 protected:
  Outcome Run(const std::vector<std::string>& more = {}) {
    std::vector<std::string> args = {"trend", "rth_close",  "--from",     "2013-10-07",
                                     "--to",  "2013-10-08", "--registry", services_.endpoint()};
    args.insert(args.end(), more.begin(), more.end());
    return Harness().Run(args);
  }

  // The metric's dataset is on one calendar, whose session opens on the date or the evening before.
  void AddCalendar(const std::string& zone, int day_offset) {
    auto& metric = services_.catalog.metrics.emplace_back();
    metric.set_id("intraday/rth_close");
    metric.set_dataset("fact_bars");
    services_.datasets.datasets = {BarDataset()};
    reg::Calendar calendar;
    calendar.set_name("XNYS");
    calendar.set_time_zone(zone);
    calendar.add_sessions()->mutable_open()->set_day_offset(day_offset);
    services_.datasets.calendars = {calendar};
  }

  FakeServices services_;
};

constexpr int64_t kMonday = 1381118400;  // 2013-10-07T04:00:00Z

TEST_F(TrendCommand, CsvHasTheAgreedColumnsOverAllPages) {
  services_.query.pages = {Page("SPY", {kMonday, kMonday + 86400}, {167.43, 0}),
                           Page("BAC,A", {kMonday}, {1e6})};
  services_.query.pages[0].mutable_series(0)->add_statuses(reg::POINT_STATUS_OK);
  services_.query.pages[0].mutable_series(0)->add_statuses(reg::POINT_STATUS_NULL);
  auto* dimensions = services_.query.pages[1].mutable_series(0)->mutable_dimensions();
  (*dimensions->mutable_fields())["b"].set_string_value("x");
  (*dimensions->mutable_fields())["a"].set_number_value(1.5);
  const Outcome outcome = Run({"-o", "csv"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.out,
            "metric,version,entity,dimensions,grain,bucket_start,value\n"
            "intraday/rth_close,1,SPY,{},day,2013-10-07T04:00:00Z,167.43\n"
            "intraday/rth_close,1,SPY,{},day,2013-10-08T04:00:00Z,\n"
            "intraday/rth_close,1,\"BAC,A\",\"{\"\"a\"\":1.5,\"\"b\"\":\"\"x\"\"}\",day,"
            "2013-10-07T04:00:00Z,1000000\n");
  EXPECT_EQ(outcome.err, "");
}

TEST_F(TrendCommand, SendsDatesHalfOpenAndEveryEntity) {
  services_.query.pages = {Page("SPY", {kMonday}, {1})};
  const Outcome outcome =
      Run({"--entity", "SPY", "--entity", "BAC", "--grain", "hour", "--project", "p"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  ASSERT_EQ(services_.query.requests.size(), 1u);
  const auto& request = services_.query.requests[0];
  EXPECT_EQ(request.metric(), "rth_close");
  EXPECT_EQ(request.project(), "p");
  EXPECT_EQ(request.dates().start_date(), "2013-10-07");
  EXPECT_EQ(request.dates().end_date(), "2013-10-09");
  EXPECT_EQ(request.grain(), reg::GRAIN_HOUR);
  EXPECT_THAT(request.entities(), ElementsAre("SPY", "BAC"));
}

TEST_F(TrendCommand, TableShowsWhatDiffers) {
  services_.query.pages = {Page("SPY", {kMonday, kMonday + 86400}, {167.43, 9})};
  EXPECT_EQ(Run().out,
            "intraday/rth_close  version 1, day, USD\n"
            "ENTITY  BUCKET_START           VALUE\n"
            "SPY     2013-10-07T04:00:00Z  167.43\n"
            "SPY     2013-10-08T04:00:00Z       9\n")
      << "instants, where nobody knows the calendar";
}

TEST_F(TrendCommand, TableShowsDatesOfTheCalendarForDaysAndInstantsForHours) {
  AddCalendar("America/New_York", 0);
  services_.query.pages = {Page("SPY", {kMonday, kMonday + 86400}, {167.43, 9})};
  EXPECT_EQ(Run().out,
            "intraday/rth_close  version 1, day, USD\n"
            "ENTITY  BUCKET_START   VALUE\n"
            "SPY     2013-10-07    167.43\n"
            "SPY     2013-10-08         9\n");
  services_.query.pages[0].set_grain(reg::GRAIN_HOUR);
  EXPECT_THAT(Run().out, HasSubstr("SPY     2013-10-07T04:00:00Z"));
}

TEST_F(TrendCommand, DatesAreThoseOfTheZoneAndOfOvernightSessions) {
  // Midnight in Tokyo is on the day before in UTC.
  AddCalendar("Asia/Tokyo", 0);
  services_.query.pages = {Page("SPY", {1381071600}, {1})};  // 2013-10-06T15:00:00Z
  EXPECT_THAT(Run().out, HasSubstr("SPY     2013-10-07"));
  // Monday's globex opens on Sunday at 17:00 in Chicago.
  AddCalendar("America/Chicago", -1);
  services_.query.pages = {Page("SPY", {1381096800}, {1})};  // 2013-10-06T22:00:00Z
  EXPECT_THAT(Run().out, HasSubstr("SPY     2013-10-07"));
}

TEST_F(TrendCommand, EntityWithoutSeriesIsNamed) {
  services_.query.pages = {Page("SPY", {kMonday}, {1})};
  const Outcome outcome = Run({"-o", "csv", "--entity", "SPY", "--entity", "SPX"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.err, "note: no stored points for entity \"SPX\"\n");
  services_.query.pages[0].clear_series();
  EXPECT_THAT(Run({"--entity", "SPX"}).err,
              ::testing::AllOf(HasSubstr("no stored points for entity \"SPX\"\n"),
                               HasSubstr("metricctl backfill")));
}

TEST_F(TrendCommand, JsonIsAnArrayOfPoints) {
  services_.query.pages = {Page("SPY", {kMonday, kMonday + 86400}, {0.1, 0})};
  services_.query.pages[0].mutable_series(0)->add_statuses(reg::POINT_STATUS_OK);
  services_.query.pages[0].mutable_series(0)->add_statuses(reg::POINT_STATUS_NOT_FINITE);
  const auto json = nlohmann::json::parse(Run({"-o", "json"}).out);
  ASSERT_EQ(json.size(), 2u);
  EXPECT_EQ(json[0]["value"], 0.1);
  EXPECT_EQ(json[0]["version"], 1);
  EXPECT_EQ(json[0]["dimensions"], nlohmann::json::object());
  EXPECT_FALSE(json[0].contains("status"));
  EXPECT_TRUE(json[1]["value"].is_null());
  EXPECT_EQ(json[1]["status"], "not_finite");
}

TEST_F(TrendCommand, WhyThereIsNoValueIsSaid) {
  services_.query.pages = {Page(
      "SPY", {kMonday, kMonday + 86400, kMonday + 2 * 86400, kMonday + 3 * 86400}, {1.5, 0, 0, 0})};
  auto& series = *services_.query.pages[0].mutable_series(0);
  for (const auto status : {reg::POINT_STATUS_OK, reg::POINT_STATUS_NULL,
                            reg::POINT_STATUS_NOT_FINITE, reg::POINT_STATUS_TOO_LARGE}) {
    series.add_statuses(status);
  }
  const Outcome table = Run();
  EXPECT_EQ(table.out,
            "intraday/rth_close  version 1, day, USD\n"
            "ENTITY  BUCKET_START               VALUE\n"
            "SPY     2013-10-07T04:00:00Z         1.5\n"
            "SPY     2013-10-08T04:00:00Z        NULL\n"
            "SPY     2013-10-09T04:00:00Z  not finite\n"
            "SPY     2013-10-10T04:00:00Z   too large\n");
  EXPECT_EQ(table.err, "");
  const auto json = nlohmann::json::parse(Run({"-o", "json"}).out);
  EXPECT_EQ(json[1]["status"], "null");
  EXPECT_EQ(json[2]["status"], "not_finite");
  EXPECT_EQ(json[3]["status"], "too_large");
  // The columns of CSV are agreed: there it is a note.
  const Outcome csv = Run({"-o", "csv"});
  EXPECT_THAT(csv.out, HasSubstr("2013-10-09T04:00:00Z,\n"));
  EXPECT_EQ(csv.err,
            "note: 1 point is not finite, 1 point is too large: empty values beside those that are "
            "NULL; -o json says which\n");
}

TEST_F(TrendCommand, VectorsAreArraysForPrograms) {
  services_.query.pages = {Page("SPY", {kMonday, kMonday + 86400}, {0, 0})};
  auto& series = *services_.query.pages[0].mutable_series(0);
  for (const char* text : {"[7,33.5]", "[]"}) series.add_texts(text);
  EXPECT_EQ(nlohmann::json::parse(Run({"-o", "json"}).out)[0]["value"], "[7,33.5]")
      << "nobody knows the metric";
  auto& metric = services_.catalog.metrics.emplace_back();
  metric.set_id("intraday/rth_close");
  metric.set_expression("string_agg(side, ',')");
  EXPECT_EQ(nlohmann::json::parse(Run({"-o", "json"}).out)[0]["value"], "[7,33.5]")
      << "texts may look like vectors";
  services_.catalog.metrics[0].set_expression("( TOP_K(close, 2))");
  const auto json = nlohmann::json::parse(Run({"-o", "json"}).out);
  EXPECT_EQ(json[0]["value"], nlohmann::json::parse("[7,33.5]"));
  EXPECT_EQ(json[1]["value"], nlohmann::json::array());
  EXPECT_THAT(Run({"-o", "csv"}).out, HasSubstr("2013-10-07T04:00:00Z,\"[7,33.5]\"\n"));
}

// The client has the names by heart, and no grammar of expressions.
TEST(GivesVectorsTest, FunctionsAreThoseOfTheCatalogue) {
  using expression::ResultType;
  for (const expression::FunctionSpec& spec : expression::Functions()) {
    const bool is_vector =
        spec.result == ResultType::kVectorOfFirst || spec.result == ResultType::kVectorOfInt64;
    EXPECT_EQ(GivesVectors(std::string(spec.name) + "(x)"), is_vector) << spec.name;
  }
  EXPECT_TRUE(GivesVectors("\n ((array_agg (x) FILTER (WHERE c)))"));
  EXPECT_FALSE(GivesVectors("top_keys(x)"));
  EXPECT_FALSE(GivesVectors(""));
}

TEST_F(TrendCommand, TextsAreShownInEveryFormat) {
  services_.query.pages = {Page("SPY", {kMonday, kMonday + 86400, kMonday + 2 * 86400}, {0, 0, 0})};
  auto& series = *services_.query.pages[0].mutable_series(0);
  for (const char* text : {"up, then down", "", ""}) series.add_texts(text);
  series.add_statuses(reg::POINT_STATUS_OK);
  series.add_statuses(reg::POINT_STATUS_OK);
  series.add_statuses(reg::POINT_STATUS_TOO_LARGE);
  EXPECT_EQ(Run().out,
            "intraday/rth_close  version 1, day, USD\n"
            "ENTITY  BUCKET_START          VALUE\n"
            "SPY     2013-10-07T04:00:00Z  up, then down\n"
            "SPY     2013-10-08T04:00:00Z\n"
            "SPY     2013-10-09T04:00:00Z  too large\n");
  EXPECT_THAT(Run({"-o", "csv"}).out, HasSubstr("2013-10-07T04:00:00Z,\"up, then down\"\n"));
  const auto json = nlohmann::json::parse(Run({"-o", "json"}).out);
  ASSERT_EQ(json.size(), 3u);
  EXPECT_EQ(json[0]["value"], "up, then down");
  EXPECT_EQ(json[1]["value"], "");
  EXPECT_TRUE(json[2]["value"].is_null());
  EXPECT_EQ(json[2]["status"], "too_large");
}

TEST_F(TrendCommand, IntegersThatNoDoubleHoldsKeepTheirDigits) {
  services_.query.pages = {Page("SPY", {kMonday, kMonday + 86400}, {9007199254740992.0, 0})};
  auto& series = *services_.query.pages[0].mutable_series(0);
  for (const char* text : {"9007199254740993", ""}) series.add_texts(text);
  EXPECT_THAT(Run().out, ::testing::AllOf(HasSubstr("  9007199254740993\n"),
                                          HasSubstr("                 0\n")));
  const auto json = nlohmann::json::parse(Run({"-o", "json"}).out);
  EXPECT_EQ(json[0]["value"], 9007199254740993);
  EXPECT_EQ(json[1]["value"], 0);
}

TEST_F(TrendCommand, NoPointsGiveTheHeaderAndANote) {
  services_.query.pages = {Page("SPY", {}, {})};
  const Outcome csv = Run({"-o", "csv", "--entity", "SPY"});
  EXPECT_EQ(csv.exit_code, 0);
  EXPECT_EQ(csv.out, "metric,version,entity,dimensions,grain,bucket_start,value\n");
  EXPECT_THAT(csv.err, HasSubstr("metricctl backfill --metrics rth_close --entity SPY"));
  EXPECT_EQ(Run({"-o", "json"}).out, "[]\n");
}

TEST_F(TrendCommand, TheNoteNamesTheGrainThatWasAskedFor) {
  services_.query.pages = {Page("SPY", {}, {})};
  EXPECT_THAT(Run({"--entity", "SPY", "--grain", "hour"}).err,
              HasSubstr("--entity SPY --grain hour --from"));
}

TEST_F(TrendCommand, UnknownMetricFails) {
  const Outcome outcome = Run({"-o", "csv"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_EQ(outcome.out, "");
  EXPECT_THAT(outcome.err, HasSubstr("did you mean \"intraday/rth_close\"?"));
}

}  // namespace
}  // namespace metricstore::cli
