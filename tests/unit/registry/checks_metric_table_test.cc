// Metrics with SELECTs, dimensions, references and tests: which are accepted, and where and why the
// others are refused.

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/testing/matchers.h"
#include "tests/unit/registry/definition_cases.h"

namespace metricstore::registry {
namespace {

using ::testing::ElementsAre;

class CheckedMetricTable : public ::testing::TestWithParam<Case> {};

TEST_P(CheckedMetricTable, IsAcceptedOrRefusedWithReasonAndPlace) { ExpectOutcome(GetParam()); }

// A metric of one SELECT.
std::string Select(const std::string& sql, const std::string& more = "") {
  return absl::StrCat("name: a\ndescription: d\ntype: sql\ngrain: day\nsql: ", sql, "\n", more);
}

std::string Variants(int count) {
  std::string lines;
  for (int i = 0; i < count; ++i) absl::StrAppend(&lines, "sql_by_v", i, ": SELECT 1\n");
  return lines;
}

INSTANTIATE_TEST_SUITE_P(
    Selects, CheckedMetricTable,
    ::testing::Values(
        Case{"Plain", Select("SELECT symbol, sum(volume) AS value FROM fact_bars GROUP BY 1"), ""},
        Case{"WithTable", Select("SELECT sum(volume) FROM fact_bars", "table: fact_bars\n"), ""},
        Case{"OverATableWithoutTime",
             Select("SELECT count(*) FROM metadata_symbols", "table: metadata_symbols\n"), ""},
        Case{"BesideAnExpression", Metric("sql", "SELECT max(open) AS value FROM fact_bars"), ""},
        Case{"Join",
             Select("SELECT count(*) FROM fact_bars b JOIN metadata_symbols s USING (symbol)"), ""},
        Case{"Variant",
             Metric("sql_by_symbol", "SELECT symbol, max(open) FROM fact_bars GROUP BY 1"), ""},
        Case{"BadVariant", Metric("sql_by_symbol", "SELECT max(opn) FROM fact_bars"), "SQL_INVALID",
             8, "open"},
        Case{"BadVariantName", Metric("sql_by_1st", "SELECT 1"), "DEFINITION_INVALID", 8,
             "behind sql_by_"},
        Case{"TooManyVariants", absl::StrCat(Metric(), Variants(33)), "DEFINITION_INVALID", 17,
             "at most 32"},
        Case{"TypeWithoutSelect",
             "name: a\ndescription: d\ntype: sql\ngrain: day\ntable: fact_bars\n"
             "expression: max(open)\n",
             "DEFINITION_INVALID", 1, "sql is required"},
        Case{"UnknownTable", Select("SELECT 1 FROM fact_bar"), "SQL_INVALID", 5, "fact_bars"},
        Case{"UnknownColumn", Select("SELECT b.opn FROM fact_bars b"), "SQL_INVALID", 5, "open"},
        Case{"Grammar", Select("SELEC 1"), "SQL_INVALID", 5},
        Case{"Delete", Select("DELETE FROM fact_bars"), "SQL_INVALID", 5},
        Case{"Two", Select("SELECT 1; SELECT 2"), "SQL_INVALID", 5},
        Case{"Clock", Select("SELECT now()"), "SQL_INVALID", 5},
        Case{"Tables",
             Select("SELECT count(*) FROM metadata_symbols, fact_bars",
                    "tables: [fact_bars, metadata_symbols]\n"),
             ""},
        Case{"OtherTables",
             Select("SELECT count(*) FROM metadata_symbols", "tables: [fact_bars]\n"),
             "DEFINITION_INVALID", 6, "metadata_symbols"}),
    CaseName);

INSTANTIATE_TEST_SUITE_P(
    Dimensions, CheckedMetricTable,
    ::testing::Values(
        Case{"Text", Metric("dimensions", "[symbol]"), ""},
        Case{"Unknown", Metric("dimensions", "[symbl]"), "DEFINITION_INVALID", 8,
             "did you mean \"symbol\"?"},
        Case{"TimeColumn", Metric("dimensions", "[ts]"), "DEFINITION_INVALID", 8, "time column"},
        Case{"Float", Metric("dimensions", "[volume]"), "DEFINITION_INVALID", 8, "float64"},
        Case{"Twice", Metric("dimensions", "[symbol, symbol]"), "DEFINITION_INVALID", 8, "twice"},
        Case{"TooMany", Metric("dimensions", "[a, b, c, d, e, f, g, h, i]"), "DEFINITION_INVALID",
             8, "at most 8"},
        Case{"WithoutTable", Select("SELECT 1", "dimensions: [symbol]\n"), "DEFINITION_INVALID", 6,
             "name the table"}),
    CaseName);

// A metric that reads others alone.
std::string Reading(const std::string& expression, const std::string& more = "") {
  return absl::StrCat("name: a\ndescription: d\ntype: derived\ngrain: day\nexpression: \"",
                      expression, "\"\n", more);
}

INSTANTIATE_TEST_SUITE_P(
    References, CheckedMetricTable,
    ::testing::Values(
        Case{"Unknown", Reading("metric('us/opening') * 2"), "METRIC_NOT_FOUND", 5,
             "expression: position 8: there is no metric \"us/opening\""},
        Case{"Itself", Reading("metric('intraday/a') * 2"), "DEPENDENCY_CYCLE", 5,
             "intraday/a -> intraday/a"},
        Case{"RowsWithoutTable", Reading("metric('intraday/a') * count(*)"), "DEFINITION_INVALID",
             1, "table is required"},
        Case{"AggregateOfAMetric", Reading("sum(metric('intraday/b'))"), "EXPRESSION_INVALID", 5,
             "position 1: sum reads rows, not metrics: metric('category/name') is one value of a "
             "bucket"},
        Case{"AggregateOfAMetricAmongOthers",
             Reading("metric('intraday/b') + abs(count(DISTINCT metric('intraday/b') + 1))"),
             "EXPRESSION_INVALID", 5, "position 28: count(DISTINCT) reads rows, not metrics"},
        Case{"FilterOfAMetric", Reading("max(1) FILTER (WHERE metric('intraday/b') > 1)"),
             "EXPRESSION_INVALID", 5, "max reads rows, not metrics"},
        Case{"NothingWithoutTable", Reading("1 + 1"), "DEFINITION_INVALID", 1, "table is required"},
        Case{"BadArgumentWithoutTable", Reading("1 + metric('intraday/b', off => '1 day')"),
             "EXPRESSION_INVALID", 5, "offset"},
        Case{"NoIdWithoutTable", Reading("metric(y)"), "EXPRESSION_INVALID", 5, "metric"},
        Case{"NoGrammarWithoutTable", Reading("sum(volume"), "EXPRESSION_INVALID", 5, "position"},
        Case{"TimeColumnWithoutTable", Reading("metric('intraday/a')", "time_column: ts\n"),
             "DEPENDENCY_CYCLE", 5},
        Case{"DependsOnNothing", Metric("depends_on", "[a/b]"), "DEFINITION_INVALID", 8,
             "depends_on"},
        Case{"DistinctWithoutTable", Reading("metric('intraday/a') * count(DISTINCT 1)"),
             "DEFINITION_INVALID", 1, "table is required"},
        Case{"CountOfDistinct",
             "name: a\ndescription: d\ntype: count\ngrain: day\ntable: fact_bars\n"
             "expression: count(DISTINCT close) FILTER (WHERE open > 1)\n",
             ""},
        Case{"SumOfDistinct",
             "name: a\ndescription: d\ntype: sum\ngrain: day\ntable: fact_bars\n"
             "expression: count(DISTINCT close)\n",
             "DEFINITION_INVALID", 3, "type count fits"},
        Case{"Counter", Metric("type", "counter"), ""}),
    CaseName);

// A metric with one test of one row and one point.
std::string Tested(const std::string& row, const std::string& point,
                   const std::string& grain = "day", const std::string& more = "") {
  return absl::StrCat("name: a\ndescription: d\ntype: max\ngrain: ", grain,
                      "\ntable: fact_bars\nexpression: max(open)\n", more,
                      "tests:\n  - name: one\n    rows:\n      - ", row, "\n    expect:\n      - ",
                      point, "\n");
}
constexpr char kRow[] = "{symbol: A, ts: 2024-03-04T15:00:00Z, open: 1}";
constexpr char kPoint[] = "{bucket: 2024-03-04, entity: A, value: 1}";

std::string PointAt(const std::string& bucket, const std::string& entity = "A") {
  return absl::StrCat("{bucket: ", bucket, ", entity: ", entity, ", value: 1}");
}

INSTANTIATE_TEST_SUITE_P(
    Tests, CheckedMetricTable,
    ::testing::Values(
        Case{"Plain", Tested(kRow, kPoint), ""},
        Case{"UnknownColumn", Tested("{symbol: A, ts: 2024-03-04T15:00:00Z, opn: 1}", kPoint),
             "DEFINITION_INVALID", 10, "did you mean \"open\"?"},
        Case{"WeekFromMonday", Tested(kRow, PointAt("2024-03-04"), "week"), ""},
        Case{"WeekFromTuesday", Tested(kRow, PointAt("2024-03-05"), "week"), "DEFINITION_INVALID",
             12, "Monday"},
        Case{"Month", Tested(kRow, PointAt("2024-03-04"), "month"), "DEFINITION_INVALID", 12,
             "first date of a month"},
        Case{"Quarter", Tested(kRow, PointAt("2024-03-01"), "quarter"), "DEFINITION_INVALID", 12,
             "first date of a quarter"},
        Case{"Year", Tested(kRow, PointAt("2024-03-01"), "year"), "DEFINITION_INVALID", 12,
             "first date of a year"},
        Case{"Hour", Tested(kRow, PointAt("2024-03-04T15:00:00Z"), "hour"), ""},
        Case{"HalfHour", Tested(kRow, PointAt("2024-03-04T15:30:00Z"), "hour"),
             "DEFINITION_INVALID", 12, "hour starts"},
        Case{"OutsideTheCalendar", Tested(kRow, PointAt("2019-12-31")), "DEFINITION_INVALID", 12,
             "date of the calendar"},
        Case{"NoEntity", Tested(kRow, "{bucket: 2024-03-04, value: 1}"), "DEFINITION_INVALID", 12,
             "needs an entity"},
        Case{"PointTwice",
             Tested(kRow,
                    absl::StrCat(PointAt("2024-03-04T15:00:00Z"), "\n      - ",
                                 PointAt("2024-03-04T10:00:00-05:00")),
                    "hour"),
             "DEFINITION_INVALID", 13, "a point before it"},
        Case{"WithoutRows",
             absl::StrCat(Metric("tests", "[{name: t, rows: [], expect: ["), kPoint, "]}]\n"),
             "DEFINITION_INVALID", 8, "no rows"},
        Case{"WithoutAnything", Metric("tests", "[{name: t, rows: [], expect: []}]"),
             "DEFINITION_INVALID", 8, "no rows"},
        Case{"WithoutPoints",
             Metric("tests", absl::StrCat("[{name: t, rows: [", kRow, "], expect: []}]")), ""},
        Case{"NotComputed", Tested(kRow, kPoint, "day", "dimensions: [symbol]\n"), "NOT_SUPPORTED",
             8, "has dimensions"}),
    CaseName);

TEST(CheckedMetrics, FaultsOfOneMetricDoNotHideEachOther) {
  EXPECT_THAT(Places(Check({{"m/a.yaml",
                             R"(name: a
description: d
type: max
grain: day
table: fact_bars
expression: max(opn)
sql: SELECT max(opn) FROM fact_bars
sql_by_symbol: SELECT max(open) FROM fact_brs
dimensions: [volume, symbl]
window: rht
)"}})),
              ElementsAre("m/a.yaml:6", "m/a.yaml:7", "m/a.yaml:8", "m/a.yaml:9", "m/a.yaml:9",
                          "m/a.yaml:10"));
}

TEST(CheckedMetrics, WhatFollowsFromAFaultIsNotToldAsWell) {
  // The table is missing: its columns, given tables and tests follow.
  EXPECT_THAT(Places(Check({{"m/a.yaml", absl::StrCat(Metric("table", "fact_bar"),
                                                      "dimensions: [symbol]\ntables: [fact_bar]\n"
                                                      "sql: SELECT open FROM fact_bars\n")}})),
              ElementsAre("m/a.yaml:5"));
  // The expression does not read: what it would read is not known.
  EXPECT_THAT(Places(Check({{"m/a.yaml", absl::StrCat(Metric("expression", "max(opn)"),
                                                      "depends_on: [a/b]\n")}})),
              ElementsAre("m/a.yaml:7"));
  // A dataset with faults is there, as far as SELECTs and notes are concerned.
  EXPECT_THAT(
      Places(Check({{"d.yaml", DatasetWith(8, "columns: [{name: symbol, type: txt}]")},
                    {"m/a.yaml", Select("SELECT count(*) FROM fact_ticks")},
                    {"n.yaml",
                     "kind: columns\ntable: fact_ticks\ncolumns: [{name: a, description: d}]\n"}})),
      ElementsAre("d.yaml:8"));
  // A file that does not read may define the dataset, and the metric.
  EXPECT_THAT(Places(Check({{"b.yaml", "name: ["},
                            {"m/a.yaml", Select("SELECT count(*) FROM fact_ticks")},
                            {"m/c.yaml",
                             "name: c\ndescription: d\ntype: derived\ngrain: day\n"
                             "expression: metric('m/d')\n"}})),
              ::testing::Each(::testing::StartsWith("b.yaml:")));
  // A time column without a table is told, even where the expression needs none.
  EXPECT_THAT(Places(Check({{"m/a.yaml", Metric()},
                            {"m/b.yaml",
                             "name: b\ndescription: d\ntype: derived\ngrain: day\n"
                             "expression: metric('m/opening')\ntime_column: ts\n"
                             "timeframe: 1m\n"}})),
              ElementsAre("m/b.yaml:6", "m/b.yaml:7"));
}

TEST(ColumnNotes, MustBeOfTablesAndColumnsThatAreThere) {
  const auto notes = [](const std::string& table, const std::string& column) {
    return absl::StrCat("kind: columns\ntable: ", table, "\ncolumns:\n  - {name: ", column,
                        ", description: d}\n");
  };
  EXPECT_OK(Check({{"n.yaml", notes("fact_bars", "open")}}));
  const absl::Status table = Check({{"n.yaml", notes("fact_bar", "opn")}});
  EXPECT_THAT(Places(table), ElementsAre("n.yaml:2"));
  EXPECT_THAT(table, testing::HasMetadata("suggestion", "fact_bars"));
  const absl::Status column = Check({{"n.yaml", notes("fact_bars", "opn")}});
  EXPECT_THAT(Places(column), ElementsAre("n.yaml:4"));
  EXPECT_THAT(column, testing::StatusIs(absl::StatusCode::kInvalidArgument, "DEFINITION_INVALID"));
  EXPECT_THAT(column, testing::HasMetadata("suggestion", "open"));
}

}  // namespace
}  // namespace metricstore::registry
