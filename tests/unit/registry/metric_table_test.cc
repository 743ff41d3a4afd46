// Which metrics are accepted, and where and why the others are refused.

#include <string>

#include "absl/strings/str_cat.h"
#include "tests/unit/registry/definition_cases.h"

namespace metricstore::registry {
namespace {

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
        Case{"Cumulative", Metric("type", "cumulative"), ""},
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
