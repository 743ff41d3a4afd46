// What exported files look like, and that they read back to the same definitions.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/registry/definition_reading.h"

namespace metricstore::registry {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(ExportMetric, WritesKeysInOrderAndLeavesDefaultsOut) {
  const std::string yaml = R"(name: 30m_open_change_us
category: intraday
description: Change over the first 30 minutes.
type: derived
unit: USD
grain: day
table: fact_bars
expression: last(close) - first(open)
sql: |
  SELECT last(close) - first(open)
    FROM fact_bars
   WHERE volume > 0
sql_by_plan: SELECT 1
sql_by_region: SELECT 2
dimensions: [symbol]
filters: [volume > 0, close >= open]
window: first_30m
rollup: last
synonyms: [opening move, "on", "2024-03-04"]
notes: "Careful: early closes"
owner: markets
source: The desk's handbook
tags: [us, open]
tests:
  - name: two bars
    rows:
      - {close: 101.5, halted: false, open: -100, symbol: A, ts: 2024-03-04T14:30:00Z}
      - {note: "1_000", symbol: "on", ts: 2024-03-04}
    expect:
      - {bucket: 2024-03-04, entity: A, value: 1.5}
      - {bucket: 2024-03-05, entity: A, value: ~}
    tolerance: 0.01
)";
  const Definitions definitions = ReadFile({"x/a.yaml", yaml});
  ASSERT_EQ(definitions.metrics.size(), 1u);
  const DefinitionFile file = ExportMetric(definitions.metrics[0].definition);
  EXPECT_EQ(file.path, "metrics/intraday/30m_open_change_us.yaml");
  EXPECT_EQ(file.content, yaml);
}

TEST(ExportMetric, WritesADisplayNameOnlyWhereItIsNotTheDerivedOne) {
  MetricDefinition metric;
  metric.name = "daily_range";
  metric.category = "us";
  metric.display_name = "Daily range";
  EXPECT_THAT(ExportMetric(metric).content, Not(HasSubstr("display_name")));
  metric.display_name = "Daily Range";
  EXPECT_THAT(ExportMetric(metric).content, HasSubstr("display_name: Daily Range\n"));
}

TEST(ExportMetric, WritesEveryFormOfWindow) {
  const auto written = [](const std::string& window) {
    const Definitions definitions =
        ReadFile({"us/a.yaml",
                  "name: a\ndescription: d\ntype: sum\ngrain: day\ntable: fact_bars\n"
                  "expression: sum(a)\nwindow: " +
                      window + "\n"});
    const MetricDefinition& metric = definitions.metrics.at(0).definition;
    ExpectRoundTrip(metric);
    const std::string content = ExportMetric(metric).content;
    const size_t start = content.find("window: ");
    return start == std::string::npos
               ? std::string()
               : content.substr(start + 8, content.find('\n', start) - start - 8);
  };
  EXPECT_EQ(written("full_day"), "");
  EXPECT_EQ(written("{session: globex}"), "globex");
  EXPECT_EQ(written("first_90m"), "first_1h30m");
  EXPECT_EQ(written("{last: 1h}"), "last_1h");
  EXPECT_EQ(written("{first: 30m, session: globex}"), "first_30m of globex");
  EXPECT_EQ(written("{last: 45s, session: pre}"), "last_45s of pre");
  EXPECT_EQ(written("{from: '10:00', to: '11:30:15', session: rth}"), "10:00-11:30:15 of rth");
  EXPECT_EQ(written("{from: '00:00', to: '24:00'}"), "\"00:00-24:00\"");
  EXPECT_EQ(written("{from: '22:00', to: '02:00'}"), "\"22:00-02:00\"");
  EXPECT_EQ(written("{rolling: 20 sessions}"), "rolling_20_sessions");
  EXPECT_EQ(written("{rolling: 1 session, session: rth}"), "rolling_1_sessions of rth");
  EXPECT_EQ(written("{rolling: 30 days}"), "rolling_30d");
  EXPECT_EQ(written("{first: 30m, rolling: 24h, session: globex}"),
            "rolling_24h of first_30m of globex");
  EXPECT_EQ(written("{to_date: quarter, from: '09:00', to: '10:00'}"),
            "quarter_to_date of 09:00-10:00");
  EXPECT_EQ(written("{previous: 1}"), "previous");
  EXPECT_EQ(written("{previous: 3, session: rth}"), "previous_3 of rth");
}

TEST(ExportMetric, WritesFromWhereBarsAreCountedUnlessByTheClock) {
  MetricDefinition metric;
  metric.name = "a";
  metric.category = "us";
  metric.description = "d";
  metric.expression = "sum(a)";
  metric.display_name = "A";
  metric.timeframe = absl::Minutes(15);
  EXPECT_THAT(ExportMetric(metric).content, HasSubstr("timeframe: 15m\n"));
  EXPECT_THAT(ExportMetric(metric).content, Not(HasSubstr("timeframe_alignment")));
  ExpectRoundTrip(metric);
  metric.timeframe_alignment = calendar::BarAlignment::kSession;
  EXPECT_THAT(ExportMetric(metric).content,
              HasSubstr("timeframe: 15m\ntimeframe_alignment: session\n"));
  ExpectRoundTrip(metric);
}

TEST(ExportMetric, WritesNumbersOfTestsInTheShortestForm) {
  for (const auto& [value, text] : std::vector<std::pair<double, std::string>>{
           {30, "30"},
           {0.1, "0.1"},
           {-2.5, "-2.5"},
           {1e22, "1e+22"},
           {1.0 / 3, "0.3333333333333333"},
           {5e-324, "5e-324"},
           {1.7976931348623157e308, "1.7976931348623157e+308"},
           {-0.0, "-0"}}) {
    MetricDefinition metric;
    metric.name = "a";
    metric.category = "us";
    metric.description = "d";
    metric.expression = "sum(a)";
    metric.display_name = "A";
    metric.tests = {{"t", {}, {{"2024-03-04", "", value}}, 0}};
    EXPECT_THAT(ExportMetric(metric).content, HasSubstr("value: " + text + "}"));
    ExpectRoundTrip(metric);
  }
}

TEST(ExportMetric, QuotesNamesOfColumnsThatOtherReadersTakeForTruthValues) {
  MetricDefinition metric;
  metric.name = "a";
  metric.category = "us";
  metric.description = "d";
  metric.expression = "sum(a)";
  metric.display_name = "A";
  metric.tests = {{"t", {{{"on", "1"}, {"a", "yes"}}}, {}, 0}};
  EXPECT_THAT(ExportMetric(metric).content, HasSubstr("{a: \"yes\", \"on\": 1}"));
  ExpectRoundTrip(metric);
}

TEST(ExportDataset, WritesOneColumnALine) {
  const std::string yaml = R"(kind: dataset
name: fact_ticks
description: |
  Ticks as the exchange printed them.

  Late prints are kept.
grain: [symbol, ts]
time_column: ts
entity_column: symbol
calendar: "24_7"
timeframe: 1h30m
retention: 730d
partitioning: year
columns:
  - {name: symbol, type: text, description: "Exchange symbol, as printed."}
  - {name: ts, type: timestamp}
  - {name: price, type: float64, nullable: true, unit: USD, rollup: last}
  - name: venue
    type: text
    description: Where the trade took place, by the code that the consolidated tape prints, which is not that of the exchange.
)";
  const Definitions definitions = ReadFile({"a.yaml", yaml});
  ASSERT_EQ(definitions.datasets.size(), 1u);
  const DefinitionFile file = ExportDataset(definitions.datasets[0].definition);
  EXPECT_EQ(file.path, "datasets/fact_ticks.yaml");
  EXPECT_EQ(file.content, yaml);
}

TEST(ExportDataset, LeavesTheLayerAndPartitioningOfTheNameAndTimeOut) {
  Dataset dataset;
  dataset.name = "metadata_symbols";
  dataset.layer = DatasetLayer::kMetadata;
  dataset.description = "Symbols.";
  dataset.columns = {{"symbol", columns::ColumnType::kText, false, "", ColumnRollup::kNone, ""}};
  dataset.grain = {"symbol"};
  EXPECT_EQ(ExportDataset(dataset).content,
            "kind: dataset\nname: metadata_symbols\ndescription: Symbols.\ngrain: [symbol]\n"
            "columns:\n  - {name: symbol, type: text}\n");
  ExpectRoundTrip(dataset);
}

TEST(ExportCalendar, WritesEveryFormOfRule) {
  const std::string yaml = R"(kind: calendar
name: CME
description: Chicago.
time_zone: America/Chicago
first_date: 2012-01-01
last_date: 2027-12-31
open_days: [mon, tue, wed, thu, fri]
sessions:
  - {name: globex, open: "17:00-1d", close: "16:00:30"}
  - {name: late, open: "16:30", close: "00:15+1d"}
  - {name: whole, open: "00:00", close: "24:00"}
holidays:
  - {name: A, on: {month: 12, day: 25, observed: nearest_weekday, first_year: 2013}}
  - {name: B, on: {month: 1, weekday: mon, n: 3, last_year: 2020}}
  - {name: C, on: {easter: -2}}
  - {name: D, on: {date: 2012-10-29}}
  - {name: E, on: {month: 1, day: 1, observed: sunday_to_monday, offset_days: -1, first_year: 2012}}
  - name: A day of mourning whose name alone fills most of the line
    on: {month: 11, weekday: sun, n: -1, offset_days: 7, first_year: 2012, last_year: 2020, only_on: [mon, tue]}
special_hours:
  - {name: F, on: {month: 11, weekday: thu, n: -1, offset_days: 1}, early_close: "13:00"}
  - name: G
    on: {month: 12, day: 24, only_on: [mon, tue]}
    early_close: "12:00"
    late_open: "18:30-1d"
    sessions: [globex, late]
)";
  const Definitions definitions = ReadFile({"a.yaml", yaml});
  ASSERT_EQ(definitions.calendars.size(), 1u);
  const DefinitionFile file = ExportCalendar(definitions.calendars[0].definition);
  EXPECT_EQ(file.path, "calendars/CME.yaml");
  EXPECT_EQ(file.content, yaml);
}

TEST(ExportCalendar, WritesWhatChangesAndWhatIsSpecial) {
  const std::string yaml = R"(kind: calendar
name: XHKG
description: Hong Kong.
time_zone: Asia/Hong_Kong
first_date: 2012-01-01
last_date: 2027-12-31
week_start: sun
open_days: [mon, tue, wed, thu, fri]
sessions:
  - name: rth
    open: "09:30"
    close: "16:00"
    breaks:
      - {start: "12:00", end: "13:30"}
      - {start: "14:00", end: "14:00:30"}
    last_date: 2012-03-04
  - {name: rth, open: "09:30", close: "16:00", breaks: [{start: "12:00", end: "13:00"}], first_date: 2012-03-05}
  - {name: evening, open: "18:00", close: "20:00", days: [thu, fri]}
holidays:
  - {name: Boxing Day, on: {month: 12, day: 26, observed: weekend_to_monday}, sessions: [evening]}
  - {name: New Year, on: {month: 1, day: 1, observed: weekend_to_friday}}
  - {name: Typhoons, on: {dates: [2024-09-06, 2024-11-14]}}
  - name: Lunar New Year
    on: {dates: [2012-01-23, 2012-01-24, 2012-01-25,
      2013-02-11, 2013-02-12,
      2014-01-31, 2014-02-03]}
special_sessions:
  - {name: Test, on: {date: 2024-06-01}, session: rth, open: "10:00", close: "11:00"}
  - name: Two halves
    on: {date: 2024-06-08}
    session: evening
    open: "10:00"
    close: "12:00"
    breaks:
      - {start: "11:00", end: "11:15"}
)";
  const Definitions definitions = ReadFile({"a.yaml", yaml});
  ASSERT_EQ(definitions.calendars.size(), 1u);
  const calendar::CalendarSpec& spec = definitions.calendars[0].definition;
  EXPECT_EQ(spec.week_start, absl::Weekday::sunday);
  ASSERT_EQ(spec.sessions.size(), 3u);
  EXPECT_EQ(spec.sessions[0].breaks.size(), 2u);
  EXPECT_EQ(spec.sessions[1].first_date, absl::CivilDay(2012, 3, 5));
  EXPECT_EQ(spec.holidays[0].sessions, std::vector<std::string>{"evening"});
  EXPECT_EQ(ExportCalendar(spec).content, yaml);
  ExpectRoundTrip(spec);
}

TEST(ExportCalendar, WritesOneDateTheSameWayHoweverItWasListed) {
  const auto holiday = [](const std::string& on) {
    return "kind: calendar\nname: A\ndescription: D.\ntime_zone: UTC\nfirst_date: 2020-01-01\n"
           "last_date: 2024-12-31\nopen_days: [mon]\n"
           "sessions:\n  - {name: rth, open: \"09:00\", close: \"17:00\"}\n"
           "holidays:\n  - {name: X, on: {" +
           on + "}}\n";
  };
  const auto written = [&](const std::string& on) {
    return ExportCalendar(ReadFile({"a.yaml", holiday(on)}).calendars.at(0).definition).content;
  };
  EXPECT_EQ(written("dates: [2024-03-04]"), holiday("date: 2024-03-04"));
  EXPECT_EQ(written("dates: [2024-03-05, 2024-03-04]"), holiday("dates: [2024-03-04, 2024-03-05]"));
}

TEST(ExportColumnNotes, WritesTheCommonSourceOnce) {
  const ColumnNotes common = {"fact_bars",
                              {{"a", "First.", 0.5, "profiler"}, {"b", "x: y", {}, "profiler"}}};
  EXPECT_EQ(ExportColumnNotes(common).content,
            "kind: columns\ntable: fact_bars\nsource: profiler\ncolumns:\n"
            "  - {name: a, description: First., confidence: 0.5}\n"
            "  - {name: b, description: \"x: y\"}\n");
  ExpectRoundTrip(common);
  const ColumnNotes mixed = {"fact_bars",
                             {{"a", "First.", {}, "import"}, {"b", "Last.", {}, "ann"}}};
  EXPECT_EQ(ExportColumnNotes(mixed).content,
            "kind: columns\ntable: fact_bars\ncolumns:\n"
            "  - {name: a, description: First.}\n"
            "  - {name: b, description: Last., source: ann}\n");
  ExpectRoundTrip(mixed);
}

TEST(Packs, ReadBackTheSame) {
  const char* const source_dir = std::getenv("METRICSTORE_SOURCE_DIR");
  ASSERT_NE(source_dir, nullptr) << "run by ctest, which says where the packs are";
  int definitions = 0;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(std::filesystem::path(source_dir) / "packs")) {
    if (entry.path().extension() != ".yaml") continue;
    SCOPED_TRACE(entry.path().string());
    std::ostringstream content;
    content << std::ifstream(entry.path()).rdbuf();
    const Definitions read = ReadFile({entry.path().string(), content.str()});
    const auto check = [&](const auto& list) {
      for (const auto& located : list) ExpectRoundTrip(located.definition);
      definitions += static_cast<int>(list.size());
    };
    check(read.calendars);
    check(read.datasets);
    check(read.columns);
    check(read.metrics);
  }
  EXPECT_GE(definitions, 20);
}

}  // namespace
}  // namespace metricstore::registry
