// Which definition files are accepted, and where and why the others are refused.

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/calendar/calendar.h"
#include "common/status/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "registry_service/catalog/validation/definition_check.h"
#include "registry_service/catalog/yaml/definition_files.h"
#include "tests/testing/matchers.h"

namespace metricstore::registry {
namespace {

using ::testing::HasSubstr;

// What is stored before each case: one calendar, one dataset over it, one without time.
constexpr char kGround[] = R"(
- kind: calendar
  name: XNYS
  description: New York.
  time_zone: America/New_York
  first_date: 2020-01-01
  last_date: 2024-12-31
  open_days: [mon, tue, wed, thu, fri]
  sessions: [{name: rth, open: "09:30", close: "16:00"}]
- kind: dataset
  name: fact_bars
  description: Minute bars.
  grain: [symbol, ts]
  time_column: ts
  entity_column: symbol
  calendar: XNYS
  timeframe: 1m
  columns:
    - {name: symbol, type: text}
    - {name: ts, type: timestamp}
    - {name: open, type: float64}
    - {name: close, type: float64}
    - {name: volume, type: float64}
- kind: dataset
  name: metadata_symbols
  description: Symbols.
  grain: [symbol]
  columns: [{name: symbol, type: text}]
)";

StoredDefinitions Ground() {
  Faults faults;
  const std::vector<DefinitionFile> files = {{"ground.yaml", kGround}};
  Definitions definitions = ReadDefinitions(files, faults);
  CheckDefinitions(definitions, {}, faults);
  EXPECT_OK(faults.ToStatus());
  StoredDefinitions stored;
  for (const auto& located : definitions.calendars) {
    stored.calendars[located.definition.name] = {*calendar::Calendar::Create(located.definition, 1),
                                                 absl::UnixEpoch()};
  }
  for (const auto& located : definitions.datasets) {
    stored.datasets[located.definition.name] = located.definition;
  }
  return stored;
}

// OK, or the refusal of the files as an import would report it.
absl::Status Check(const std::vector<DefinitionFile>& files, Definitions* definitions = nullptr) {
  Faults faults;
  Definitions read = ReadDefinitions(files, faults);
  CheckDefinitions(read, Ground(), faults);
  if (definitions != nullptr) *definitions = read;
  return faults.ToStatus();
}

struct Case {
  const char* name;
  std::string yaml;
  std::string reason;  // "" if the file is accepted
  int line = 0;
  std::string text = "";  // part of the first fault
};

// A metric that is accepted, with `change` instead of one of its lines or behind them.
std::string Metric(const std::string& key = "", const std::string& value = "") {
  std::vector<std::pair<std::string, std::string>> lines = {
      {"name", "opening"},          {"description", "Opening price."},
      {"type", "derived"},          {"grain", "day"},
      {"table", "fact_bars"},       {"window", "rth"},
      {"expression", "first(open)"}};
  bool replaced = key.empty();
  for (auto& [name, text] : lines) {
    if (name != key) continue;
    text = value;
    replaced = true;
  }
  if (!replaced) lines.emplace_back(key, value);
  std::string yaml;
  for (const auto& [name, text] : lines) {
    if (text != "-") absl::StrAppend(&yaml, name, ": ", text, "\n");
  }
  return yaml;
}

// A dataset that is accepted, on these lines (1 to 8), with one line replaced.
std::string DatasetWith(int line, const std::string& replacement) {
  std::vector<std::string> lines = {"kind: dataset",
                                    "name: fact_ticks",
                                    "description: Ticks.",
                                    "grain: [symbol, ts]",
                                    "time_column: ts",
                                    "entity_column: symbol",
                                    "calendar: XNYS",
                                    "columns: [{name: symbol, type: text}, {name: ts, type: "
                                    "timestamp}, {name: price, type: float64, nullable: true}]"};
  if (line > 0) lines[line - 1] = replacement;
  std::string yaml;
  for (const std::string& text : lines) absl::StrAppend(&yaml, text, "\n");
  return yaml;
}

// A calendar that is accepted, with one line (1 to 9) replaced.
std::string CalendarWith(int line, const std::string& replacement) {
  std::vector<std::string> lines = {"kind: calendar",
                                    "name: CME",
                                    "description: Chicago.",
                                    "time_zone: America/Chicago",
                                    "first_date: 2020-01-01",
                                    "last_date: 2024-12-31",
                                    "open_days: [mon, tue, wed, thu, fri]",
                                    "sessions: [{name: globex, open: 17:00-1d, close: '16:00'}]",
                                    "holidays: [{name: X, on: {month: 12, day: 25}}]"};
  if (line > 0) lines[line - 1] = replacement;
  std::string yaml;
  for (const std::string& text : lines) absl::StrAppend(&yaml, text, "\n");
  return yaml;
}

class DefinitionTable : public ::testing::TestWithParam<Case> {};

TEST_P(DefinitionTable, IsAcceptedOrRefusedWithReasonAndPlace) {
  const Case& param = GetParam();
  const absl::Status status = Check({{"metrics/intraday/file.yaml", param.yaml}});
  if (param.reason.empty()) {
    EXPECT_OK(status);
    return;
  }
  EXPECT_THAT(status, testing::StatusIs(absl::StatusCode::kInvalidArgument, param.reason));
  EXPECT_THAT(status,
              testing::ViolatesField(absl::StrCat("metrics/intraday/file.yaml:", param.line)));
  EXPECT_THAT(std::string(status.message()), HasSubstr(param.text));
}

std::string CaseName(const ::testing::TestParamInfo<Case>& info) { return info.param.name; }

INSTANTIATE_TEST_SUITE_P(
    Yaml, DefinitionTable,
    ::testing::Values(
        Case{"Plain", Metric(), ""},
        Case{"Crlf",
             "name: a\r\ndescription: d\r\ntype: sum\r\n"
             "grain: day\r\ntable: fact_bars\r\n"
             "expression: sum(volume)\r\n",
             ""},
        Case{"Bom", absl::StrCat("\xEF\xBB\xBF", Metric()), ""},
        Case{"EmptyFile", "", "YAML_INVALID", 1, "defines nothing"},
        Case{"OnlyComment", "# nothing\n", "YAML_INVALID", 1, "defines nothing"},
        Case{"EmptyList", "[]", "YAML_INVALID", 1, "defines nothing"},
        Case{"PlainText", "hello", "YAML_INVALID", 1, "plain text"},
        Case{"Syntax", "name: a\ntype: [sum\ngrain: day\n", "YAML_INVALID", 3, "column"},
        Case{"TabIndent", "name: a\nwindow:\n\tfirst: 30m\n", "YAML_INVALID", 3, "column"},
        Case{"InvalidUtf8", "name: a\nnotes: \xff\xfe\n", "YAML_INVALID", 2, "UTF-8"},
        Case{"NulCharacter", Metric("notes", "\"a\\0b\""), "YAML_INVALID", 8, "NUL"},
        Case{"KeyTwice", absl::StrCat(Metric(), "type: sum\n"), "YAML_INVALID", 8,
             "\"type\" is given twice"},
        Case{"Alias", absl::StrCat(Metric("notes", "&n text"), "owner: *n\n"), "YAML_INVALID", 9,
             "aliases"},
        Case{"Tag", Metric("notes", "!!binary aGk="), "YAML_INVALID", 8, "tags"},
        Case{"TwoDocuments", absl::StrCat(Metric(), "---\nname: b\n"), "YAML_INVALID", 9,
             "second document"},
        Case{"TooDeep", absl::StrCat("name: ", std::string(40, '['), std::string(40, ']')),
             "YAML_INVALID", 1, "nested deeper"},
        Case{"ListOfText", "- hello\n", "DEFINITION_INVALID", 1, "mapping"}),
    CaseName);

INSTANTIATE_TEST_SUITE_P(
    Metrics, DefinitionTable,
    ::testing::Values(
        Case{"UnknownKey", Metric("windw", "rth"), "KEY_UNKNOWN", 8, "did you mean \"window\"?"},
        Case{"UnknownKind", Metric("kind", "datset"), "DEFINITION_INVALID", 8,
             "did you mean \"dataset\"?"},
        Case{"NoExpression", Metric("expression", "-"), "DEFINITION_INVALID", 1,
             "expression is required"},
        Case{"NoDataset", Metric("table", "-"), "DEFINITION_INVALID", 1, "table is required"},
        Case{"NoDescription", Metric("description", "''"), "DEFINITION_INVALID", 2,
             "description is required"},
        Case{"BadName", Metric("name", "Opening-Price"), "DEFINITION_INVALID", 1, "[a-z0-9]"},
        Case{"BadCategory", Metric("category", "9am"), "DEFINITION_INVALID", 8, "[a-z]"},
        Case{"BadType", Metric("type", "derved"), "DEFINITION_INVALID", 3,
             "did you mean \"derived\"?"},
        Case{"BadGrain", Metric("grain", "minute"), "DEFINITION_INVALID", 4, "hour, day, week"},
        Case{"BothTableAndDataset", Metric("dataset", "fact_bars"), "DEFINITION_INVALID", 5,
             "give one"},
        Case{"DatasetKey", absl::StrCat(Metric("table", "-"), "dataset: fact_bars\n"), ""},
        Case{"UnknownDataset", Metric("table", "fact_bar"), "DEFINITION_INVALID", 5,
             "did you mean \"fact_bars\"?"},
        Case{"DatasetWithoutTime",
             "name: a\ndescription: d\ntype: count\ngrain: day\ntable: metadata_symbols\n"
             "expression: count(symbol)\n",
             "DEFINITION_INVALID", 5, "no time column"},
        Case{"UnknownColumn", Metric("expression", "first(opn)"), "EXPRESSION_INVALID", 7, "open"},
        Case{"UnknownFunction", Metric("expression", "frist(open)"), "EXPRESSION_INVALID", 7,
             "first"},
        Case{"FunctionLikeNoOther", Metric("expression", "xirr_quarterly(open)"),
             "EXPRESSION_INVALID", 7, "packs/README.md"},
        Case{"RowValue", Metric("expression", "open"), "EXPRESSION_INVALID", 7},
        Case{"SubSelect", Metric("expression", "(select 1)"), "EXPRESSION_INVALID", 7},
        Case{"Filter", Metric("filters", "[volume > 0, close >= open]"), ""},
        Case{"BadFilter", Metric("filters", "\n  - volume > 0\n  - voluem > 1"),
             "EXPRESSION_INVALID", 10, "volume"},
        Case{"FilterText", Metric("filters", "volume > 0"), "DEFINITION_INVALID", 8, "list"},
        Case{"WindowFirst", Metric("window", "first_30m"), ""},
        Case{"WindowMapping", Metric("window", "{last: 1h, session: rth}"), ""},
        Case{"WindowRange", Metric("window", "{from: '10:00', to: '11:30', session: rth}"), ""},
        Case{"WindowUnknownSession", Metric("window", "rht"), "DEFINITION_INVALID", 6,
             "did you mean \"rth\"?"},
        Case{"WindowReversed", Metric("window", "{from: '12:00', to: '11:30'}"),
             "DEFINITION_INVALID", 6},
        Case{"WindowBadTime", Metric("window", "{from: '25:00', to: '26:00'}"),
             "DEFINITION_INVALID", 6, "window.from"},
        Case{"WindowTwoForms", Metric("window", "{first: 30m, last: 30m}"), "DEFINITION_INVALID", 6,
             "one of"},
        Case{"WindowUnknownKey", Metric("window", "{first: 30m, sesion: rth}"), "KEY_UNKNOWN", 6,
             "window.sesion"},
        Case{"WindowRolling", Metric("window", "{rolling: 20 sessions}"), "NOT_SUPPORTED", 6,
             "window.rolling"},
        Case{"SameTimeframe", Metric("timeframe", "60s"), ""},
        Case{"OtherTimeframe", Metric("timeframe", "5m"), "NOT_SUPPORTED", 8, "timeframe"},
        Case{"SameTimeColumn", Metric("time_column", "ts"), ""},
        Case{"OtherTimeColumn", Metric("time_column", "open"), "DEFINITION_INVALID", 8,
             "time_column"},
        Case{"Tables", Metric("tables", "[fact_bars]"), ""},
        Case{"OtherTables", Metric("tables", "[fact_bars, fact_x]"), "DEFINITION_INVALID", 8},
        Case{"Sql", Metric("sql", "SELECT 1"), "NOT_SUPPORTED", 8, "sql"},
        Case{"SqlBy", Metric("sql_by_plan", "SELECT 1"), "NOT_SUPPORTED", 8, "sql_by_plan"},
        Case{"SqlType", Metric("type", "sql"), "NOT_SUPPORTED", 3, "type"},
        Case{"Counter", Metric("type", "counter"), "NOT_SUPPORTED", 3, "counter"},
        Case{"Dimensions", Metric("dimensions", "[symbol]"), "NOT_SUPPORTED", 8, "dimensions"},
        Case{"DependsOn", Metric("depends_on", "[a/b]"), "NOT_SUPPORTED", 8, "depends_on"},
        Case{"Rollup", Metric("rollup", "sum"), ""},
        Case{"BadRollup", Metric("rollup", "median"), "DEFINITION_INVALID", 8, "rollup"},
        Case{"LongText", Metric("notes", std::string(17'000, 'x')), "DEFINITION_INVALID", 8,
             "longer"}),
    CaseName);

// A metric of that type and expression.
std::string Typed(const std::string& type, const std::string& expression) {
  return absl::StrCat("name: a\ndescription: d\ntype: ", type,
                      "\ngrain: day\ntable: fact_bars\nexpression: ", expression, "\n");
}

INSTANTIATE_TEST_SUITE_P(
    Types, DefinitionTable,
    ::testing::Values(
        Case{"Sum", Typed("sum", "((sum(volume)))"), ""},
        Case{"SumFiltered", Typed("sum", "sum(volume) FILTER (WHERE close > 1)"), ""},
        Case{"Count", Typed("count", "count(close)"), ""},
        Case{"CountRows", Typed("count", "count(*)"), ""},
        Case{"CountRowsFiltered", Typed("count", "count(*) FILTER (WHERE close > 1)"), ""},
        Case{"Avg", Typed("avg", "AVG(close)"), ""}, Case{"Min", Typed("min", "min(close)"), ""},
        Case{"Max", Typed("max", "max(close)"), ""},
        Case{"Ratio", Typed("ratio", "(sum(close * volume) / sum(volume))"), ""},
        Case{"RatioCoalesce", Typed("ratio", "coalesce(sum(open) / sum(volume), 0)"), ""},
        Case{"RatioNullif", Typed("ratio", "nullif(coalesce(sum(open) / sum(volume), 0), 1)"), ""},
        Case{"DerivedSum", Typed("derived", "sum(volume)"), ""},
        Case{"SumOfMax", Typed("sum", "max(close)"), "DEFINITION_INVALID", 3,
             "type max fits, and derived fits any expression"},
        Case{"SumInside", Typed("sum", "sum(volume) + 1"), "DEFINITION_INVALID", 3,
             "derived fits any expression"},
        Case{"CountOfRatio", Typed("count", "count(close) / count(*)"), "DEFINITION_INVALID", 3,
             "type ratio fits"},
        Case{"AvgByHand", Typed("avg", "sum(close) / count(close)"), "DEFINITION_INVALID", 3,
             "outermost call is avg"},
        Case{"MinFirst", Typed("min", "first(close)"), "DEFINITION_INVALID", 3, "derived"},
        Case{"MaxNegated", Typed("max", "-max(close)"), "DEFINITION_INVALID", 3, "derived"},
        Case{"RatioWithoutDivision", Typed("ratio", "sum(close)"), "DEFINITION_INVALID", 3,
             "type sum fits"},
        Case{"RatioDivisionInside", Typed("ratio", "sum(close / volume)"), "DEFINITION_INVALID", 3,
             "division"},
        Case{"RatioSecondArgument", Typed("ratio", "coalesce(sum(open), sum(open) / 2)"),
             "DEFINITION_INVALID", 3, "division"}),
    CaseName);

INSTANTIATE_TEST_SUITE_P(
    Datasets, DefinitionTable,
    ::testing::Values(
        Case{"Plain", DatasetWith(0, ""), ""},
        Case{"NoPrefix", DatasetWith(2, "name: ticks"), "DEFINITION_INVALID", 2, "fact_"},
        Case{"UpperCase", DatasetWith(2, "name: fact_Ticks"), "DEFINITION_INVALID", 2},
        Case{"LongName", DatasetWith(2, "name: fact_" + std::string(51, 'a')), "DEFINITION_INVALID",
             2},
        Case{"PartitionName", DatasetWith(2, "name: fact_ticks_p2024_01"), "DEFINITION_INVALID", 2,
             "partition"},
        Case{"WrongLayer", DatasetWith(3, "description: Ticks.\nlayer: event"),
             "DEFINITION_INVALID", 4, "layer"},
        Case{"NoGrain", DatasetWith(4, ""), "DEFINITION_INVALID", 1, "grain is required"},
        Case{"GrainUnknownColumn", DatasetWith(4, "grain: [symbl, ts]"), "DEFINITION_INVALID", 4,
             "did you mean \"symbol\"?"},
        Case{"GrainNullable", DatasetWith(4, "grain: [symbol, ts, price]"), "DEFINITION_INVALID", 4,
             "nullable"},
        Case{"GrainWithoutTime", DatasetWith(4, "grain: [symbol]"), "DEFINITION_INVALID", 4,
             "time column"},
        Case{"TimeNotTimestamp", DatasetWith(5, "time_column: symbol"), "DEFINITION_INVALID", 5,
             "timestamp"},
        Case{"EntityNotText", DatasetWith(6, "entity_column: price"), "DEFINITION_INVALID", 6,
             "text"},
        Case{"NoCalendar", DatasetWith(7, ""), "DEFINITION_INVALID", 1, "calendar is required"},
        Case{"UnknownCalendar", DatasetWith(7, "calendar: XNYZ"), "DEFINITION_INVALID", 7,
             "did you mean \"XNYS\"?"},
        Case{"ColumnTwice",
             DatasetWith(8,
                         "columns: [{name: symbol, type: text}, {name: ts, type: timestamp}, "
                         "{name: ts, type: text}]"),
             "DEFINITION_INVALID", 8, "twice"},
        Case{"ReservedColumn",
             DatasetWith(8,
                         "columns: [{name: symbol, type: text}, {name: ts, type: timestamp}, "
                         "{name: project_id, type: text}]"),
             "DEFINITION_INVALID", 8, "reserved"},
        Case{"ColumnType",
             DatasetWith(8, "columns: [{name: symbol, type: text},\n  {name: ts, type: timestmp}]"),
             "DEFINITION_INVALID", 9, "did you mean \"timestamp\"?"},
        Case{"ColumnKey",
             DatasetWith(8,
                         "columns: [{name: symbol, type: text},\n  {name: ts, type: timestamp, "
                         "nulable: true}]"),
             "KEY_UNKNOWN", 9, "columns[1].nulable"},
        Case{"RollupOfText",
             DatasetWith(8,
                         "columns: [{name: symbol, type: text, rollup: sum}, "
                         "{name: ts, type: timestamp}]"),
             "DEFINITION_INVALID", 8, "added up"},
        Case{"PartitioningWithoutTime",
             "kind: dataset\nname: metadata_x\ndescription: d\ngrain: [a]\npartitioning: month\n"
             "columns: [{name: a, type: text}]\n",
             "DEFINITION_INVALID", 5, "time column"}),
    CaseName);

INSTANTIATE_TEST_SUITE_P(
    Calendars, DefinitionTable,
    ::testing::Values(
        Case{"Plain", CalendarWith(0, ""), ""},
        Case{"Name", CalendarWith(2, "name: 'C M E'"), "DEFINITION_INVALID", 2, "letters"},
        Case{"Zone", CalendarWith(4, "time_zone: America/Chicgo"), "DEFINITION_INVALID", 4},
        Case{"NoFirstDate", CalendarWith(5, ""), "DEFINITION_INVALID", 1, "first_date is required"},
        Case{"BadDate", CalendarWith(6, "last_date: 2024-02-30"), "DEFINITION_INVALID", 6,
             "last_date"},
        Case{"DatesReversed", CalendarWith(6, "last_date: 2019-12-31"), "DEFINITION_INVALID", 6},
        Case{"BadDay", CalendarWith(7, "open_days: [mon, tus]"), "DEFINITION_INVALID", 7, "tue"},
        Case{"DayTwice", CalendarWith(7, "open_days: [mon, mon]"), "DEFINITION_INVALID", 7,
             "twice"},
        Case{"BadTime", CalendarWith(8, "sessions: [{name: rth, open: '9:30', close: '16:00'}]"),
             "DEFINITION_INVALID", 8, "18:00-1d"},
        Case{"SessionReversed",
             CalendarWith(8, "sessions:\n  - {name: rth, open: '16:00', close: '09:30'}"),
             "DEFINITION_INVALID", 9},
        Case{"RuleTwoForms",
             CalendarWith(9, "holidays: [{name: X, on: {date: 2020-01-01, easter: -2}}]"),
             "DEFINITION_INVALID", 9, "one of"},
        Case{"RuleHalf", CalendarWith(9, "holidays: [{name: X, on: {month: 12}}]"),
             "DEFINITION_INVALID", 9, "one of"},
        Case{"RuleKey", CalendarWith(9, "holidays: [{name: X, on: {month: 1, day: 1, yr: 3}}]"),
             "KEY_UNKNOWN", 9, "holidays[0].on.yr"},
        Case{"NoRule", CalendarWith(9, "holidays: [{name: X}]"), "DEFINITION_INVALID", 9,
             "holidays[0].on is required"}),
    CaseName);

TEST(Definitions, AllFaultsOfAllFilesAreReportedInOrder) {
  const absl::Status status = Check({{"b/two.yaml", Metric("expression", "first(opn)")},
                                     {"a/one.yaml", Metric("windw", "rth")},
                                     {"c/three.yaml", "name: [\n"}});
  EXPECT_THAT(status, testing::StatusIs(absl::StatusCode::kInvalidArgument, "KEY_UNKNOWN"));
  EXPECT_THAT(status, testing::HasMetadata("path", "a/one.yaml"));
  EXPECT_THAT(status, testing::HasMetadata("suggestion", "window"));
  const auto details = status::DetailsOf(status);
  ASSERT_TRUE(details.has_value());
  ASSERT_EQ(details->violations.size(), 3u);
  EXPECT_EQ(details->violations[0].field, "a/one.yaml:8");
  EXPECT_EQ(details->violations[1].field, "b/two.yaml:7");
  EXPECT_THAT(details->violations[2].field, ::testing::StartsWith("c/three.yaml:"));
}

// The places of all faults, in order.
std::vector<std::string> Places(const absl::Status& status) {
  std::vector<std::string> places;
  const auto details = status::DetailsOf(status);
  if (!details.has_value()) return places;
  for (const auto& violation : details->violations) places.push_back(violation.field);
  return places;
}

TEST(Definitions, FaultsOfOneMetricDoNotHideEachOther) {
  const absl::Status status = Check({{"m.yaml", R"(name: Opening-Price
description: ''
type: sum
grain: dya
table: fact_bars
window: rht
expression: first(opn)
filters: [volume > 0, voluem > 1, '']
rollup: median
windw: rth
)"}});
  // 1: no category and a bad name; 8: the empty filter and the misspelt one.
  EXPECT_THAT(Places(status), ::testing::ElementsAre("m.yaml:1", "m.yaml:1", "m.yaml:2", "m.yaml:3",
                                                     "m.yaml:4", "m.yaml:6", "m.yaml:7", "m.yaml:8",
                                                     "m.yaml:8", "m.yaml:9", "m.yaml:10"));
}

TEST(Definitions, AMetricWithoutANameIsCheckedAllTheSame) {
  EXPECT_THAT(Places(Check({{"m/a.yaml", Metric("name", "''")},
                            {"m/b.yaml", absl::StrCat("description: d\ntype: derived\ngrain: day\n"
                                                      "table: fact_bar\nexpression: first(open\n"
                                                      "filters: [volume >]\n")},
                            {"m/c.yaml", Metric("table", "fact_brs")}})),
              ::testing::ElementsAre("m/a.yaml:1", "m/b.yaml:1", "m/b.yaml:4", "m/b.yaml:5",
                                     "m/b.yaml:6", "m/c.yaml:5"));
}

TEST(Definitions, AMetricWithoutADatasetHasItsExpressionParsed) {
  EXPECT_THAT(Places(Check({{"m/a.yaml", absl::StrCat("name: a\ndescription: d\ntype: sum\n"
                                                      "grain: day\nexpression: sum(open\n")},
                            {"m/b.yaml", absl::StrCat("name: b\ndescription: d\ntype: sum\n"
                                                      "grain: day\nexpression: max(open)\n")}})),
              ::testing::ElementsAre("m/a.yaml:1", "m/a.yaml:5", "m/b.yaml:1", "m/b.yaml:3"));
}

TEST(Definitions, FaultsOfOneDatasetDoNotHideEachOtherOrThoseOfItsMetrics) {
  const std::string dataset = R"(kind: dataset
name: ticks
grain: [symbl, ts]
time_column: ts
entity_column: price
calendar: XNYZ
timeframe: soon
columns:
  - {name: symbol, type: text, rollup: sum}
  - {name: ts, type: timestamp}
  - {name: price, type: float64}
)";
  EXPECT_THAT(Places(Check({{"d.yaml", dataset}})),
              ::testing::ElementsAre("d.yaml:1", "d.yaml:2", "d.yaml:3", "d.yaml:5", "d.yaml:6",
                                     "d.yaml:7", "d.yaml:9"));
  EXPECT_THAT(Places(Check(
                  {{"d.yaml", DatasetWith(3, "description: ''")},
                   {"m/a.yaml", absl::StrCat(Metric("table", "fact_ticks"), "filters: [a > 1]")}})),
              ::testing::ElementsAre("d.yaml:3", "m/a.yaml:7", "m/a.yaml:8"));
}

TEST(Definitions, WhatFollowsFromAFaultIsNotReportedAsWell) {
  EXPECT_THAT(Places(Check({{"d.yaml", DatasetWith(5, "time_colum: ts\ntimeframe: 1m")}})),
              ::testing::ElementsAre("d.yaml:5"));
  EXPECT_THAT(Places(Check({{"d.yaml", DatasetWith(8,
                                                   "columns: [{name: symbol, type: text}, hello,\n"
                                                   "  {name: ts, type: timestmp},\n"
                                                   "  {name: day, type: text, rollup: sum}]")}})),
              ::testing::ElementsAre("d.yaml:8", "d.yaml:9", "d.yaml:10"));
  EXPECT_THAT(Places(Check({{"c.yaml", CalendarWith(5, "first_date: 2020-02-30")}})),
              ::testing::ElementsAre("c.yaml:5"));
  EXPECT_THAT(
      Places(Check(
          {{"c.yaml", CalendarWith(8, "sessions: [{name: rth, open: '9:30', close: '00:00'}]")}})),
      ::testing::ElementsAre("c.yaml:8"));
}

TEST(Definitions, FaultsOfOneCalendarDoNotHideEachOtherOrThoseOfWhatReadsIt) {
  const std::string calendar = R"(kind: calendar
name: 'C M E'
time_zone: America/Chicgo
first_date: 2020-01-01
last_date: 2019-12-31
open_days: [mon, tus]
sessions: [{name: rth, open: '16:00', close: '09:30'}]
holidays: [{name: X, on: {month: 12}}]
)";
  EXPECT_THAT(Places(Check({{"c.yaml", calendar}})),
              ::testing::ElementsAre("c.yaml:1", "c.yaml:2", "c.yaml:3", "c.yaml:5", "c.yaml:6",
                                     "c.yaml:7", "c.yaml:8"));
  EXPECT_THAT(Places(Check({{"c.yaml", CalendarWith(3, "description: ''")},
                            {"d.yaml", DatasetWith(7, "calendar: CME")},
                            {"m/a.yaml", Metric("table", "fact_ticks")}})),
              ::testing::ElementsAre("c.yaml:3", "m/a.yaml:6", "m/a.yaml:7"));
  // The zone is of no concern to a metric's columns.
  EXPECT_THAT(Places(Check({{"c.yaml", CalendarWith(4, "time_zone: America/Chicgo")},
                            {"d.yaml", DatasetWith(7, "calendar: CME")},
                            {"m/a.yaml", Metric("table", "fact_ticks")}})),
              ::testing::ElementsAre("c.yaml:4", "m/a.yaml:7"));
}

TEST(Definitions, ASecondDefinitionOfTheSameNameIsCheckedToo) {
  EXPECT_THAT(Places(Check({{"x/one.yaml", Metric("category", "us")},
                            {"y/two.yaml",
                             absl::StrCat(Metric("expression", "first(opn)"), "category: us\n")}})),
              ::testing::ElementsAre("y/two.yaml:1", "y/two.yaml:7"));
}

TEST(Definitions, MessagesQuoteTheBeginningOfLongTexts) {
  const std::string text(5'000, 'x');
  for (const std::string& yaml :
       {Metric("name", text), Metric("category", text), Metric("type", text), Metric("table", text),
        Metric("window", text), Metric("timeframe", text), Metric(text, "1"),
        DatasetWith(2, absl::StrCat("name: ", text)),
        DatasetWith(2, absl::StrCat("name: fact_", text)),
        DatasetWith(4, absl::StrCat("grain: [symbol, ts, ", text, "]")),
        DatasetWith(7, absl::StrCat("calendar: ", text)),
        CalendarWith(2, absl::StrCat("name: ", text)),
        CalendarWith(5, absl::StrCat("first_date: ", text)),
        CalendarWith(8, absl::StrCat("sessions: [{name: rth, open: ", text, ", close: 1:0}]"))}) {
    const absl::Status status = Check({{"m/file.yaml", yaml}});
    EXPECT_THAT(std::string(status.message()), ::testing::SizeIs(::testing::Lt(350)))
        << status.message();
    EXPECT_THAT(std::string(status.message()), ::testing::Not(HasSubstr(std::string(81, 'x'))));
  }
}

TEST(Definitions, ASecondDefinitionOfTheSameNameNamesTheFirst) {
  const absl::Status status =
      Check({{"x/one.yaml", Metric("category", "us")}, {"y/two.yaml", Metric("category", "us")}});
  EXPECT_THAT(status,
              testing::StatusIs(absl::StatusCode::kInvalidArgument, "DEFINITION_DUPLICATE"));
  EXPECT_THAT(status, testing::ViolatesField("y/two.yaml:1"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("x/one.yaml:1"));
}

TEST(Definitions, TheSameNameInTwoFoldersIsTwoMetrics) {
  Definitions definitions;
  EXPECT_OK(Check({{"m/us/one.yaml", Metric()}, {"m/eu/one.yaml", Metric()}}, &definitions));
  ASSERT_EQ(definitions.metrics.size(), 2u);
  EXPECT_EQ(definitions.metrics[0].definition.id(), "eu/opening");
  EXPECT_EQ(definitions.metrics[1].definition.id(), "us/opening");
}

TEST(Definitions, AMetricInNoFolderNeedsACategory) {
  EXPECT_THAT(Check({{"one.yaml", Metric()}}),
              testing::StatusIs(absl::StatusCode::kInvalidArgument, "DEFINITION_INVALID"));
  EXPECT_OK(Check({{"one.yaml", Metric("category", "us")}}));
}

TEST(Definitions, WhatANeighbourWithFaultsDefinesIsNotReportedAsMissing) {
  const std::string broken = DatasetWith(8, "columns: [{name: symbol, type: txt}]");
  const absl::Status status =
      Check({{"d/ticks.yaml", broken}, {"m/us/last.yaml", Metric("table", "fact_ticks")}});
  const auto details = status::DetailsOf(status);
  ASSERT_TRUE(details.has_value());
  for (const auto& violation : details->violations) {
    EXPECT_EQ(violation.field.substr(0, 2), "d/") << violation.description;
  }
}

TEST(Definitions, BindingFillsInWhatFollowsFromTheDataset) {
  Definitions definitions;
  ASSERT_OK(Check({{"us/one.yaml", absl::StrCat(Metric("expression", "last(close) - first(open)"),
                                                "filters: [volume > 0]\ntime_column: ts\n")}},
                  &definitions));
  const MetricDefinition& metric = definitions.metrics.front().definition;
  EXPECT_EQ(metric.columns, (std::vector<std::string>{"close", "open", "volume"}));
  EXPECT_EQ(metric.tables, std::vector<std::string>{"fact_bars"});
  EXPECT_EQ(metric.time_column, "");
  EXPECT_EQ(metric.display_name, "Opening");
}

TEST(Definitions, ADatasetMayNotPullColumnsFromUnderStoredMetrics) {
  StoredDefinitions stored = Ground();
  Faults faults;
  std::vector<DefinitionFile> files = {{"us/one.yaml", Metric()}};
  Definitions definitions = ReadDefinitions(files, faults);
  CheckDefinitions(definitions, stored, faults);
  stored.metrics["us/opening"] = {definitions.metrics.front().definition, 1, 1};
  files = {{"d/bars.yaml",
            "kind: dataset\nname: fact_bars\ndescription: d\ngrain: [ts]\ntime_column: ts\n"
            "calendar: XNYS\ncolumns: [{name: ts, type: timestamp}]\n"}};
  definitions = ReadDefinitions(files, faults);
  CheckDefinitions(definitions, stored, faults);
  const absl::Status status = faults.ToStatus();
  EXPECT_THAT(status, testing::StatusIs(absl::StatusCode::kInvalidArgument, "DEFINITION_INVALID"));
  EXPECT_THAT(status, testing::ViolatesField("d/bars.yaml:2"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("us/opening"));
}

}  // namespace
}  // namespace metricstore::registry
