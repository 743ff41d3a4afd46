// Which metrics are accepted, and where and why the others are refused.

#include <string>

#include "absl/strings/str_cat.h"
#include "tests/unit/registry/definition_cases.h"

namespace metricstore::registry {
namespace {

// A metric over bars on lines 1 to 6 and `more` behind them; of rth unless that has a window.
std::string Bars(const std::string& expression, const std::string& more) {
  const bool has_window = more.find("window:") != std::string::npos;
  return "name: a\ndescription: d\ntype: derived\ngrain: day\ntable: fact_bars\nexpression: " +
         expression + "\n" + more + (has_window ? "\n" : "\nwindow: rth\n");
}

class MetricTable : public ::testing::TestWithParam<Case> {};

TEST_P(MetricTable, IsAcceptedOrRefusedWithReasonAndPlace) { ExpectOutcome(GetParam()); }

INSTANTIATE_TEST_SUITE_P(
    Metrics, MetricTable,
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
        Case{"WindowOverMidnight", Metric("window", "{from: '22:00', to: '02:00'}"), ""},
        Case{"WindowOfNothing", Metric("window", "{from: '12:00', to: '12:00'}"),
             "DEFINITION_INVALID", 6, "window.to: is not equal to from"},
        Case{"WindowBadTime", Metric("window", "{from: '25:00', to: '26:00'}"),
             "DEFINITION_INVALID", 6, "window.from"},
        Case{"WindowTwoForms", Metric("window", "{first: 30m, last: 30m}"), "DEFINITION_INVALID", 6,
             "one of"},
        Case{"WindowUnknownKey", Metric("window", "{first: 30m, sesion: rth}"), "KEY_UNKNOWN", 6,
             "window.sesion"},
        Case{"WindowText", Metric("window", "rolling_20_sessions of last_1h of rth"), ""},
        Case{"WindowRolling", Metric("window", "{rolling: 20 sessions, session: rth}"), ""},
        Case{"WindowRollingOnly", Metric("window", "{rolling: 24 hours}"), ""},
        Case{"WindowRollingUnit", Metric("window", "{rolling: 20 sesions}"), "DEFINITION_INVALID",
             6, "window.rolling must be like \"20 sessions\""},
        Case{"WindowRollingNothing", Metric("window", "{rolling: 0 days}"), "DEFINITION_INVALID", 6,
             "window.rolling must be like"},
        Case{"WindowRollingFar", Metric("window", "\n  rolling: 5001 sessions"),
             "DEFINITION_INVALID", 7, "window.rolling: a rolling window is 1 to 5000 sessions"},
        Case{"WindowToDate", Metric("window", "{to_date: month}"), ""},
        Case{"WindowToHour", Metric("window", "{to_date: hour}"), "DEFINITION_INVALID", 6,
             "must be one of day, week, month, quarter, year"},
        Case{"WindowToDateShort",
             "name: a\ndescription: d\ntype: max\ngrain: month\ntable: fact_bars\n"
             "expression: max(open)\nwindow: week_to_date\n",
             "DEFINITION_INVALID", 7, "a week is shorter than a bucket of grain month"},
        Case{"WindowPrevious", Metric("window", "{previous: 2, first: 30m}"), ""},
        Case{"WindowPreviousFar", Metric("window", "{previous: 1001}"), "DEFINITION_INVALID", 6,
             "window.previous must be a whole number from 1 to 1000"},
        Case{"WindowTwoReaches", Metric("window", "{rolling: 20 sessions, previous: 1}"),
             "DEFINITION_INVALID", 6, "at most one of rolling, to_date and previous"},
        Case{"WindowReachKey", Metric("window", "{roling: 20 sessions, session: rth}"),
             "KEY_UNKNOWN", 6, "did you mean \"rolling\"?"},
        Case{"WindowTextForms", Metric("window", "first thirty"), "DEFINITION_INVALID", 6,
             "expected full_day, a session's name"},
        Case{"WindowTextMeant", Metric("window", "First 30m"), "DEFINITION_INVALID", 6,
             "did you mean \"first_30m\"?"},
        Case{"SameTimeframe", Metric("timeframe", "60s"), ""},
        Case{"OtherTimeframe", Bars("last(close)", "timeframe: 5m"), ""},
        Case{"TimeframeOfADay", Bars("avg(close)", "timeframe: 1d"), ""},
        Case{"TimeframeOverDay", Bars("last(close)", "timeframe: 7m"), "DEFINITION_INVALID", 7,
             "7m does not divide a day"},
        Case{"TimeframeOfTwoDays", Bars("last(close)", "timeframe: 2d"), "DEFINITION_INVALID", 7,
             "2d does not divide a day"},
        Case{"TimeframeTooFine", Bars("last(close)", "timeframe: 90s"), "DEFINITION_INVALID", 7,
             "1m30s is not a multiple of 1m"},
        Case{"TimeframeNoRollup", Bars("last(close) - min(open)", "timeframe: 5m"),
             "DEFINITION_INVALID", 7,
             "column \"open\", which the expression reads: it has no rollup"},
        Case{"TimeframeText", Bars("count(DISTINCT symbol) + count(DISTINCT ts)", "timeframe: 5m"),
             ""},
        Case{"TimeframeFilterOnly", Bars("last(close)", "timeframe: 5m\nfilters: [open > 0]"), ""},
        Case{"Alignment", Bars("last(close)", "timeframe: 5m\ntimeframe_alignment: session"), ""},
        Case{"AlignmentByClock", Bars("last(close)", "timeframe: 5m\ntimeframe_alignment: clock"),
             ""},
        Case{"AlignmentWord", Bars("last(close)", "timeframe: 5m\ntimeframe_alignment: sesion"),
             "DEFINITION_INVALID", 8, "did you mean \"session\"?"},
        Case{"AlignmentOfNothing", Bars("last(close)", "timeframe_alignment: session"),
             "DEFINITION_INVALID", 7, "give their timeframe"},
        Case{
            "AlignmentWithoutSession",
            Bars("last(close)", "timeframe: 5m\ntimeframe_alignment: session\nwindow: 10:00-11:00"),
            "DEFINITION_INVALID", 8, "needs a window of a session"},
        Case{"AlignmentWithoutTable",
             "name: a\ndescription: d\ntype: sql\ngrain: day\nsql: SELECT avg(open) FROM "
             "fact_bars\ntimeframe_alignment: session\n",
             "DEFINITION_INVALID", 6, "give their timeframe"},
        Case{"SameTimeColumn", Metric("time_column", "ts"), ""},
        Case{"OtherTimeColumn", Metric("time_column", "open"), "DEFINITION_INVALID", 8,
             "time_column"},
        Case{"Tables", Metric("tables", "[fact_bars]"), ""},
        Case{"OtherTables", Metric("tables", "[fact_bars, fact_x]"), "DEFINITION_INVALID", 8},
        Case{"Sql", Metric("sql", "SELECT avg(open) FROM fact_bars"), ""},
        Case{"SqlAlone",
             "name: a\ndescription: d\ntype: sql\ngrain: day\nsql: SELECT avg(open) FROM "
             "fact_bars\n",
             ""},
        Case{"SqlBy", Metric("sql_by_symbol", "SELECT symbol, avg(open) FROM fact_bars GROUP BY 1"),
             ""},
        Case{"SqlNoSelect", Metric("sql", "DELETE FROM fact_bars"), "SQL_INVALID", 8, "SELECT"},
        Case{"SqlByUnknownTable", Metric("sql_by_symbol", "SELECT avg(open) FROM fact_bar"),
             "SQL_INVALID", 8, "fact_bars"},
        Case{"SqlTypeWithoutSql", Metric("type", "sql"), "DEFINITION_INVALID", 1,
             "sql is required"},
        Case{"Counter", Metric("type", "counter"), ""},
        Case{"Cumulative",
             "name: a\ndescription: d\ntype: cumulative\ngrain: day\ntable: fact_bars\n"
             "window: year_to_date\nexpression: sum(volume)\n",
             ""},
        Case{"CumulativeWithoutRunningWindow", Metric("type", "cumulative"), "DEFINITION_INVALID",
             6, "year_to_date of rth"},
        Case{"Dimensions", Metric("dimensions", "[symbol]"), ""},
        Case{"UnknownDimension", Metric("dimensions", "[symbl]"), "DEFINITION_INVALID", 8,
             "symbol"},
        Case{"DependsOn", Metric("depends_on", "[a/b]"), "DEFINITION_INVALID", 8, "depends_on"},
        Case{"Source", Metric("source", "The desk's handbook"), ""},
        Case{"Tests",
             Metric("tests",
                    "[{name: t, rows: [{ts: 2024-03-04T15:00:00Z, symbol: A, open: 1}], "
                    "expect: [{bucket: 2024-03-04, entity: A, value: 1}]}]"),
             ""},
        Case{"TestsUnknownColumn",
             Metric("tests", "\n  - name: t\n    rows:\n      - {opn: 1}\n    expect: []"),
             "DEFINITION_INVALID", 11, "open"},
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
    Types, MetricTable,
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

}  // namespace
}  // namespace metricstore::registry
