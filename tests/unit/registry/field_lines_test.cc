// At which lines of a file the fields of its metrics are found.

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/registry/definition_reading.h"

namespace metricstore::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::IsSupersetOf;
using ::testing::Pair;

Definitions Read(std::string_view yaml) {
  return ReadFile({"metrics/us/a.yaml", std::string(yaml)});
}

// Of the only metric of the file.
FieldLines LinesOf(std::string_view yaml) {
  const Definitions definitions = Read(yaml);
  EXPECT_EQ(definitions.metrics.size(), 1u);
  return definitions.metrics.front().lines;
}

TEST(FieldLines, OfKeysOnLinesOfTheirOwn) {
  EXPECT_THAT(
      LinesOf(R"(# a metric
name: x
description: |
  expression: none

type: sum
grain: day
table: fact_bars
expression: >-
  sum(
    volume)
sql_by_plan: SELECT 1
)"),
      ElementsAre(Pair("description", 3), Pair("expression", 9), Pair("grain", 7), Pair("name", 2),
                  Pair("sql_by_plan", 12), Pair("table", 8), Pair("type", 6)));
}

TEST(FieldLines, OfItemsOfLists) {
  const FieldLines lines = LinesOf(R"(name: x
description: d
type: sum
grain: day
expression: sum(volume)
filters:
- volume > 0
  # of trades
- |
  close > 0
  OR open > 0
-
  high > 0
synonyms: [one, "two",
  three]
)");
  EXPECT_THAT(lines, IsSupersetOf({Pair("filters", 6), Pair("filters[0]", 7), Pair("filters[1]", 9),
                                   Pair("filters[2]", 13), Pair("synonyms", 14),
                                   Pair("synonyms[1]", 14), Pair("synonyms[2]", 15)}));
}

TEST(FieldLines, OfFieldsInsideOthers) {
  const FieldLines lines = LinesOf(R"(name: x
description: d
type: sum
grain: day
expression: sum(volume)
window:
  # of the exchange
  session: rth
  rolling: 20 sessions
tests:
  - name: x
    rows: []
    expect:
      - {bucket: 2024-03-04,
         value: 1}
)");
  EXPECT_THAT(lines,
              IsSupersetOf({Pair("window", 6), Pair("window.session", 8), Pair("window.rolling", 9),
                            Pair("name", 1), Pair("tests[0].name", 11),
                            Pair("tests[0].expect[0]", 14), Pair("tests[0].expect[0].value", 15)}));
}

TEST(FieldLines, OfMetricsInBraces) {
  EXPECT_THAT(LinesOf("{name: x, description: \"expression: 1\", type: sum, grain: day,\n"
                      " expression: 'sum(volume)',\n\n"
                      " window: {session: rth,\n  first: 30m}, \"filters\": [volume > 0,\n"
                      "  close > 0]\n}\n"),
              ElementsAre(Pair("description", 1), Pair("expression", 2), Pair("filters", 5),
                          Pair("filters[0]", 5), Pair("filters[1]", 6), Pair("grain", 1),
                          Pair("name", 1), Pair("type", 1), Pair("window", 4),
                          Pair("window.first", 5), Pair("window.session", 4)));
}

TEST(FieldLines, OfEachMetricOfAFile) {
  const Definitions definitions = Read(R"(- {name: one, description: "name: two", type: sum,
   grain: day, expression: sum(volume)}

- grain: day
  expression: max(close)
  description: the name comes last
  type: max
  name: "two"  # !
- name: one
  category: other
  description: d
  type: min
  grain: day
  expression: min(close)
)");
  ASSERT_EQ(definitions.metrics.size(), 3u);
  const auto expect = [&](size_t metric, int name, int grain, int expression) {
    EXPECT_THAT(
        definitions.metrics[metric].lines,
        IsSupersetOf({Pair("name", name), Pair("grain", grain), Pair("expression", expression)}));
  };
  expect(0, 1, 2, 2);
  expect(1, 8, 4, 5);
  expect(2, 9, 13, 14);
  EXPECT_FALSE(definitions.metrics[1].lines.contains("category")) << "of the next one";
}

TEST(FieldLines, AreThoseOfAnyEndsOfLinesAndOfAnchors) {
  EXPECT_THAT(LinesOf("\r\nname: 'x'\r\ndescription: d\r\ntype: sum\r\ngrain: &unused day\r\n"
                      "expression: &e\r\n  sum(volume)\r\nfilters:\r\n- &f\r\n  volume > 0\r\n"),
              IsSupersetOf({Pair("name", 2), Pair("grain", 5), Pair("expression", 6),
                            Pair("filters", 8), Pair("filters[0]", 9)}));
}

}  // namespace
}  // namespace metricstore::registry
