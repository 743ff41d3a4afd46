// How the keys of a metric are read, before anything is known of datasets.

#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/registry/definition_reading.h"

namespace metricstore::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

constexpr std::string_view kHead = "name: a\ndescription: d\ntype: sum\ngrain: day\n";  // 4 lines
constexpr char kPath[] = "metrics/us/a.yaml";

std::string Metric(std::string_view rest) {
  return absl::StrCat(std::string(kHead), std::string(rest));
}

MetricDefinition ReadMetricFrom(std::string_view rest) {
  const Definitions definitions = ReadFile({kPath, Metric(rest)});
  EXPECT_EQ(definitions.metrics.size(), 1u);
  return definitions.metrics.front().definition;
}

TEST(MetricReading, TakesEveryKeyOfTheModel) {
  const MetricDefinition metric = ReadMetricFrom(R"(display_name: The sum
unit: USD
table: fact_bars
expression: sum(volume)
sql: |
  SELECT sum(volume)
    FROM fact_bars
sql_by_plan: SELECT 1
sql_by_region_code: SELECT 2
time_column: ts
dimensions: [symbol, venue]
filters: [volume > 0]
window: first_30m
timeframe: 5m
tables: [fact_bars]
depends_on: [us/b]
rollup: sum
synonyms: [total]
notes: n
validation: v
owner: o
source: The desk's handbook
tags: [x]
)");
  EXPECT_EQ(metric.sql, "SELECT sum(volume)\n  FROM fact_bars");
  EXPECT_THAT(metric.sql_variants,
              ElementsAre(Pair("plan", "SELECT 1"), Pair("region_code", "SELECT 2")));
  EXPECT_THAT(metric.dimensions, ElementsAre("symbol", "venue"));
  EXPECT_THAT(metric.depends_on, ElementsAre("us/b"));
  EXPECT_THAT(metric.tables, ElementsAre("fact_bars"));
  EXPECT_EQ(metric.time_column, "ts");
  EXPECT_EQ(metric.timeframe, absl::Minutes(5));
  EXPECT_EQ(metric.source, "The desk's handbook");
  EXPECT_EQ(metric.rollup, "sum");
  EXPECT_EQ(metric.id(), "us/a");
}

TEST(MetricReading, TakesTestsAsTheyAreWritten) {
  const MetricDefinition metric = ReadMetricFrom(R"(expression: sum(volume)
tests:
  - name: two rows
    rows:
      - {ts: 2024-03-04T10:00:00Z, volume: 010, note: "  x ", gone: null, empty: ""}
      - {ts: 2024-03-04T10:01:00Z, volume: 1.50, gone: ~, word: "null"}
      - {}
    expect:
      - {bucket: 2024-03-04, entity: u1, value: 11.5}
      - {bucket: 2024-03-05, value: null}
      - {bucket: 2024-03-06}
      - {bucket: 2024-03-07, value: -1e-3}
    tolerance: 0.01
  - name: nothing
)");
  ASSERT_EQ(metric.tests.size(), 2u);
  const MetricTest& test = metric.tests[0];
  EXPECT_EQ(test.name, "two rows");
  ASSERT_EQ(test.rows.size(), 3u);
  EXPECT_THAT(test.rows[0],
              UnorderedElementsAre(Pair("ts", "2024-03-04T10:00:00Z"), Pair("volume", "010"),
                                   Pair("note", "  x "), Pair("empty", "")));
  EXPECT_THAT(test.rows[1], UnorderedElementsAre(Pair("ts", "2024-03-04T10:01:00Z"),
                                                 Pair("volume", "1.50"), Pair("word", "null")));
  EXPECT_THAT(test.rows[2], IsEmpty());
  EXPECT_THAT(test.expect, ElementsAre(MetricTest::ExpectedPoint{"2024-03-04", "u1", 11.5},
                                       MetricTest::ExpectedPoint{"2024-03-05", "", std::nullopt},
                                       MetricTest::ExpectedPoint{"2024-03-06", "", std::nullopt},
                                       MetricTest::ExpectedPoint{"2024-03-07", "", -0.001}));
  EXPECT_EQ(test.tolerance, 0.01);
  EXPECT_EQ(metric.tests[1].tolerance, 0);
}

TEST(MetricReading, LeavesTheTableToThoseWhoParseTheExpression) {
  EXPECT_EQ(ReadMetricFrom("expression: metric('us/b') + 1\n").dataset, "");
  EXPECT_EQ(ReadMetricFrom("sql: SELECT 1\n").dataset, "");
  EXPECT_EQ(ReadMetricFrom("expression: sum(volume)\n").dataset, "");
}

TEST(MetricReading, ReadsWindowsLineEndingsLikeUnixOnes) {
  const Definitions definitions =
      ReadFile({kPath,
                "name: a\r\ndescription: d\r\ntype: sum\r\ngrain: day\r\nexpression: |\r\n  "
                "sum(\r\n    volume)\r\nnotes: \"a\\r\\nb\"\r\n"});
  EXPECT_EQ(definitions.metrics[0].definition.expression, "sum(\n  volume)");
  EXPECT_EQ(definitions.metrics[0].definition.notes, "a\nb");
}

struct Refusal {
  const char* name;
  std::string rest;
  std::string reason;
  int line;
  std::string text;
};

class MetricRefusal : public ::testing::TestWithParam<Refusal> {};

TEST_P(MetricRefusal, NamesReasonLineAndFix) {
  const Refusal& param = GetParam();
  const absl::Status status = ReadingStatus(kPath, Metric(param.rest));
  EXPECT_THAT(status, testing::StatusIs(absl::StatusCode::kInvalidArgument, param.reason));
  EXPECT_THAT(std::string(status.message()),
              ::testing::StartsWith(absl::StrCat(kPath, ":", param.line, ": ")));
  EXPECT_THAT(std::string(status.message()), HasSubstr(param.text));
}

// A test of a metric, from line 6 on.
std::string Test(std::string_view keys) {
  return absl::StrCat("expression: sum(volume)\ntests:\n  - name: t\n", std::string(keys));
}

INSTANTIATE_TEST_SUITE_P(
    Keys, MetricRefusal,
    ::testing::Values(
        Refusal{"MisspeltVariant", "expression: sum(a)\nsql_bye_plan: SELECT 1\n", "KEY_UNKNOWN", 6,
                "did you mean \"sql_by_plan\"?"},
        Refusal{"JoinedVariant", "expression: sum(a)\nsqlby_plan: SELECT 1\n", "KEY_UNKNOWN", 6,
                "did you mean \"sql_by_plan\"?"},
        Refusal{"NamelessVariant", "expression: sum(a)\nsql_by_: SELECT 1\n", "KEY_UNKNOWN", 6, ""},
        Refusal{"VariantName", "expression: sum(a)\nsql_by_Plan: SELECT 1\n", "DEFINITION_INVALID",
                6, "[a-z]"},
        Refusal{"EmptyVariant", "expression: sum(a)\nsql_by_plan: ''\n", "DEFINITION_INVALID", 6,
                "no SELECT"},
        Refusal{"MisspeltExpression", "expresion: sum(a)\n", "KEY_UNKNOWN", 5,
                "did you mean \"expression\"?"},
        Refusal{"NoExpression", "unit: USD\n", "DEFINITION_INVALID", 1, "expression is required"},
        Refusal{"VariantsAlone", "sql_by_plan: SELECT 1\n", "DEFINITION_INVALID", 1,
                "expression is required"},
        Refusal{"SqlList", "sql: [SELECT 1]\n", "DEFINITION_INVALID", 5, "sql must be a text"},
        Refusal{"SourceList", "expression: sum(a)\nsource: [a]\n", "DEFINITION_INVALID", 6,
                "source must be a text"},
        Refusal{"LongSpan", "expression: sum(a)\ntimeframe: 999999999d999999999h\n",
                "DEFINITION_INVALID", 6, "timeframe"}),
    [](const auto& test) { return std::string(test.param.name); });

INSTANTIATE_TEST_SUITE_P(
    Tests, MetricRefusal,
    ::testing::Values(
        Refusal{"NotAList", "expression: sum(a)\ntests: {name: t}\n", "DEFINITION_INVALID", 6,
                "list"},
        Refusal{"NotAMapping", "expression: sum(a)\ntests: [t]\n", "DEFINITION_INVALID", 6,
                "mapping"},
        Refusal{"Nameless", "expression: sum(a)\ntests:\n  - rows: []\n", "DEFINITION_INVALID", 7,
                "tests[0].name is required"},
        Refusal{"UnknownKey", Test("    expects: []\n"), "KEY_UNKNOWN", 8,
                "did you mean \"expect\"?"},
        Refusal{"UnknownPointKey", Test("    expect:\n      - {bucket: 2024-03-04, valu: 1}\n"),
                "KEY_UNKNOWN", 9, "did you mean \"value\"?"},
        Refusal{"NestedRow", Test("    rows:\n      - {a: 1}\n      - {a: [1]}\n"),
                "DEFINITION_INVALID", 10, "tests[0].rows[1].a must be a text"},
        Refusal{"RowIsNoMapping", Test("    rows: [1]\n"), "DEFINITION_INVALID", 8, "mapping"},
        Refusal{"NoBucket", Test("    expect: [{value: 1}]\n"), "DEFINITION_INVALID", 8,
                "tests[0].expect[0].bucket is required"},
        Refusal{"ValueIsText", Test("    expect: [{bucket: 2024-03-04, value: many}]\n"),
                "DEFINITION_INVALID", 8, "must be a number, not \"many\""},
        Refusal{"ValueIsEmpty", Test("    expect: [{bucket: 2024-03-04, value: ''}]\n"),
                "DEFINITION_INVALID", 8, "must be a number"},
        Refusal{"ValueIsNotFinite", Test("    expect: [{bucket: 2024-03-04, value: inf}]\n"),
                "DEFINITION_INVALID", 8, "must be a number"},
        Refusal{"Tolerance", Test("    tolerance: 0.5\n"), "DEFINITION_INVALID", 8,
                "from 0 to 0.1"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(MetricReading, TypeSqlNeedsASelect) {
  const absl::Status status =
      ReadingStatus(kPath, "name: a\ndescription: d\ntype: sql\ngrain: day\nexpression: sum(a)\n");
  EXPECT_THAT(status, testing::ViolatesField("metrics/us/a.yaml:1"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("sql is required"));
}

TEST(MetricReading, OneOfTwoHundredFilesThatIsBrokenIsNamedAlone) {
  std::vector<DefinitionFile> files;
  for (int i = 0; i < 200; ++i) {
    files.push_back({absl::StrCat("metrics/us/m", i, ".yaml"),
                     absl::StrCat("name: m", i, "\ndescription: d\ntype: sum\ngrain: day\n",
                                  i == 77 ? "expresion" : "expression", ": sum(a)\n")});
  }
  Faults faults;
  ReadDefinitions(files, faults);
  EXPECT_EQ(faults.size(), 1u);
  EXPECT_THAT(faults.ToStatus(), testing::HasMetadata("path", "metrics/us/m77.yaml"));
  EXPECT_THAT(faults.ToStatus(), testing::HasMetadata("line", "5"));
  EXPECT_THAT(faults.ToStatus(), testing::HasMetadata("suggestion", "expression"));
}

}  // namespace
}  // namespace metricstore::registry
