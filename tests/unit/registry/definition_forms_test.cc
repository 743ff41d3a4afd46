// Canonical JSON of calendars, raw tables, partitions and small forms of text, without a database.

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "registry_service/calendars/calendar_json.h"
#include "registry_service/catalog/definition/metric_glob.h"
#include "registry_service/catalog/yaml/clock_text.h"
#include "registry_service/catalog/yaml/definition_files.h"
#include "registry_service/datasets/partitions.h"
#include "registry_service/datasets/raw_table.h"
#include "tests/testing/matchers.h"

namespace metricstore::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

Definitions Read(const std::string& yaml) {
  Faults faults;
  const std::vector<DefinitionFile> files = {{"us/file.yaml", yaml}};
  Definitions definitions = ReadDefinitions(files, faults);
  EXPECT_OK(faults.ToStatus());
  return definitions;
}

Dataset Bars() {
  return Read(R"(
kind: dataset
name: fact_bars
description: Bars.
grain: [ts, symbol]
time_column: ts
entity_column: symbol
calendar: XNYS
timeframe: 1m
columns:
  - {name: symbol, type: text}
  - {name: ts, type: timestamp}
  - {name: close, type: float64, nullable: true, unit: USD, rollup: last}
  - {name: halted, type: bool}
  - {name: trades, type: int64}
  - {name: day, type: date}
)")
      .datasets.front()
      .definition;
}

TEST(RawTable, DdlHasProjectFirstAndKeyByEntityThenTime) {
  const auto sql = CreateTableSql(Bars());
  ASSERT_THAT(sql, SizeIs(1));
  EXPECT_EQ(sql[0],
            "CREATE TABLE \"public\".\"fact_bars\" (project_id integer NOT NULL, "
            "\"symbol\" text COLLATE \"C\" NOT NULL, \"ts\" timestamp with time zone NOT NULL, "
            "\"close\" double precision, \"halted\" boolean NOT NULL, \"trades\" bigint NOT NULL, "
            "\"day\" date NOT NULL, PRIMARY KEY (project_id, \"symbol\", \"ts\")) "
            "PARTITION BY RANGE (\"ts\")");
}

TEST(RawTable, AnEntityOutsideTheGrainGetsAnIndex) {
  Dataset dataset = Bars();
  dataset.grain = {"trades", "ts"};
  EXPECT_THAT(KeyColumns(dataset), ElementsAre("ts", "trades"));
  const auto sql = CreateTableSql(dataset);
  ASSERT_THAT(sql, SizeIs(2));
  EXPECT_EQ(sql[1], "CREATE INDEX ON \"public\".\"fact_bars\" (project_id, \"symbol\", \"ts\")");
}

TEST(PartitionsOf, AreUtcMonthsOrYearsEachOnce) {
  Dataset dataset = Bars();
  const auto micros = [](int year, int month, int day, int hour) {
    return ToMicros(absl::FromCivil(absl::CivilHour(year, month, day, hour), absl::UTCTimeZone()));
  };
  const std::vector<int64_t> times = {micros(2024, 2, 1, 0), micros(2024, 1, 31, 23),
                                      micros(2024, 2, 29, 12), micros(1969, 12, 31, 23)};
  auto partitions = PartitionsOf(dataset, times);
  ASSERT_OK(partitions);
  ASSERT_THAT(*partitions, SizeIs(3));
  EXPECT_EQ((*partitions)[0].name, "fact_bars_p1969_12");
  EXPECT_EQ((*partitions)[1].name, "fact_bars_p2024_01");
  EXPECT_EQ((*partitions)[2].name, "fact_bars_p2024_02");
  EXPECT_EQ((*partitions)[2].to, absl::CivilDay(2024, 3, 1));
  dataset.partitioning = Partitioning::kYear;
  partitions = PartitionsOf(dataset, times);
  ASSERT_OK(partitions);
  ASSERT_THAT(*partitions, SizeIs(2));
  EXPECT_EQ((*partitions)[1].name, "fact_bars_p2024");
  dataset.partitioning = Partitioning::kNone;
  EXPECT_THAT(PartitionsOf(dataset, times), testing::IsOkAndHolds(SizeIs(0)));
}

TEST(PartitionsOf, RefuseInstantsOutOfRangeAndTooManyPartitions) {
  const Dataset dataset = Bars();
  const std::vector<int64_t> far = {
      ToMicros(absl::FromCivil(absl::CivilDay(2201, 1, 1), absl::UTCTimeZone()))};
  EXPECT_THAT(PartitionsOf(dataset, far),
              testing::StatusIs(absl::StatusCode::kInvalidArgument, "BATCH_INVALID"));
  EXPECT_THAT(PartitionsOf(dataset, far), testing::HasMetadata("column", "ts"));
  std::vector<int64_t> months;
  for (absl::CivilMonth month(1950, 1); months.size() < kMaxPartitionsPerBatch; ++month) {
    months.push_back(ToMicros(absl::FromCivil(month, absl::UTCTimeZone())));
  }
  EXPECT_OK(PartitionsOf(dataset, months));
  months.push_back(ToMicros(absl::FromCivil(absl::CivilMonth(1940, 1), absl::UTCTimeZone())));
  EXPECT_THAT(PartitionsOf(dataset, months),
              testing::StatusIs(absl::StatusCode::kInvalidArgument, "BATCH_INVALID"));
}

TEST(CalendarJson, RoundTripsEveryForm) {
  const auto spec = Read(R"(
kind: calendar
name: CME
description: Chicago.
time_zone: America/Chicago
first_date: 2012-01-01
last_date: 2027-12-31
open_days: [fri, mon, tue, wed, thu]
sessions:
  - {name: globex, open: "17:00-1d", close: "16:00:30"}
holidays:
  - {name: A, on: {month: 12, day: 25, observed: nearest_weekday, first_year: 2013}}
  - {name: B, on: {month: 1, weekday: mon, n: 3, last_year: 2020}}
  - {name: C, on: {easter: -2}}
  - {name: D, on: {date: 2012-10-29}}
special_hours:
  - {name: E, on: {month: 11, weekday: thu, n: -1, offset_days: 1}, early_close: "13:00"}
  - {name: F, on: {month: 12, day: 24, only_on: [tue, mon]}, late_open: "18:30-1d", sessions: [globex]}
)")
                        .calendars.front()
                        .definition;
  EXPECT_EQ(spec.open_days.front(), absl::Weekday::monday);
  EXPECT_EQ(spec.sessions[0].open, (calendar::LocalTime{17 * 3600, -1}));
  EXPECT_EQ(spec.sessions[0].close, (calendar::LocalTime{16 * 3600 + 30, 0}));
  const std::string json = CalendarToJson(spec);
  EXPECT_THAT(json, HasSubstr("\"time_zone\":\"America/Chicago\""));
  const auto back = CalendarFromJson(json);
  ASSERT_OK(back);
  EXPECT_EQ(CalendarToJson(*back), json);
  EXPECT_EQ(back->special_hours[1].on.only_on.size(), 2u);
}

TEST(CalendarJson, AForeignTextIsAnInternalError) {
  EXPECT_THAT(CalendarFromJson("{}"), testing::StatusIs(absl::StatusCode::kInternal));
}

TEST(ParseLocalTime, TakesClockReadingsWithDays) {
  EXPECT_EQ(ParseLocalTime("09:30"), (calendar::LocalTime{34'200, 0}));
  EXPECT_EQ(ParseLocalTime("18:00-1d"), (calendar::LocalTime{64'800, -1}));
  EXPECT_EQ(ParseLocalTime("02:00+1d"), (calendar::LocalTime{7'200, 1}));
  EXPECT_EQ(ParseLocalTime("24:00"), (calendar::LocalTime{86'400, 0}));
  for (const char* text :
       {"", "9:30", "09:60", "24:01", "09:30:60", "09:30-2d", "09.30", "ab:cd", "-1d", "09:30 "}) {
    EXPECT_EQ(ParseLocalTime(text), std::nullopt) << text;
  }
}

TEST(MatchesGlob, KnowsStarsAndQuestionMarks) {
  EXPECT_TRUE(MatchesGlob("*", ""));
  EXPECT_TRUE(MatchesGlob("rth_*", "rth_open"));
  EXPECT_TRUE(MatchesGlob("*_us", "daily_range_us"));
  EXPECT_TRUE(MatchesGlob("intraday/*range*", "intraday/daily_range_us"));
  EXPECT_TRUE(MatchesGlob("a?c", "abc"));
  EXPECT_TRUE(MatchesGlob("*a*b*c", "xaybzbc"));
  EXPECT_FALSE(MatchesGlob("rth_*", "drth_open"));
  EXPECT_FALSE(MatchesGlob("a?c", "ac"));
  EXPECT_FALSE(MatchesGlob("abc", "abcd"));
  EXPECT_FALSE(MatchesGlob("*x", "xy"));
}

}  // namespace
}  // namespace metricstore::registry
