#include "cli/evaluation/definition_lines.h"

#include <gtest/gtest.h>

#include <string>

namespace metricstore::cli {
namespace {

int LineOf(const std::string& text, const std::string& field) {
  return MetricLines::Find(text, "x").LineOf(field);
}

TEST(MetricLines, OfOneMetricAFile) {
  const std::string text =
      "# a metric\n"
      "name: x\n"
      "description: |\n"
      "  expression: none\n"
      "\n"
      "table: fact_bars\n"
      "expression: >-\n"
      "  sum(close)\n"
      "filters:\n"
      "- volume > 0\n"
      "  # of trades\n"
      "- close > 0\n"
      "window: {rolling: 20 sessions}\n"
      "tests:\n"
      "  - name: x\n"
      "    rows: []\n";
  EXPECT_EQ(MetricLines::Find(text, "x").line(), 2) << "that of the test lies deeper";
  EXPECT_EQ(LineOf(text, "expression"), 7);
  EXPECT_EQ(LineOf(text, "dataset"), 6) << "files may call it table";
  EXPECT_EQ(LineOf(text, "filters[0]"), 10);
  EXPECT_EQ(LineOf(text, "filters[1]"), 12);
  EXPECT_EQ(LineOf(text, "filters[2]"), 9);
  EXPECT_EQ(LineOf(text, "window.rolling"), 13);
  EXPECT_EQ(LineOf(text, "grain"), 0);
  EXPECT_EQ(LineOf("\r\nname: 'x'\r\nexpression: 1\r\n", "expression"), 3);
  EXPECT_EQ(LineOf("name: x\ndataset: a\n", "dataset"), 2);
}

TEST(MetricLines, OfAList) {
  const std::string text =
      "- name: w\n"
      "  expression: sum(close)\n"
      "\n"
      "- expression: max(close)\n"
      "  filters:\n"
      "  - volume > 0\n"
      "  name: \"x\"  # !\n"
      "  grain: day\n"
      "- name: y\n"
      "  rollup: sum\n";
  EXPECT_EQ(MetricLines::Find(text, "x").line(), 7);
  EXPECT_EQ(LineOf(text, "expression"), 4);
  EXPECT_EQ(LineOf(text, "filters[0]"), 6);
  EXPECT_EQ(LineOf(text, "grain"), 8);
  EXPECT_EQ(LineOf(text, "rollup"), 0) << "of the next one";
  EXPECT_EQ(LineOf("metrics:\n  - grain: day\n    name: x\n    rollup: sum\n", "rollup"), 4);
}

TEST(MetricLines, OfAMetricInOneLine) {
  const std::string text =
      "- {name: w, description: \"name: x\", expression: sum(close)}\n"
      "- {category: a, name: 'x', expression: \"max(close)\"}\n";
  EXPECT_EQ(MetricLines::Find(text, "x").line(), 2);
  EXPECT_EQ(LineOf(text, "expression"), 2);
  EXPECT_EQ(LineOf("{grain: day, name: x}\n", "expression"), 1);
}

TEST(MetricLines, WhatIsNotPlainIsNotKnown) {
  for (const char* const text :
       {"", "name: xx\n", "- name: x\n- name: x\n", "- {name: x}\n- name: x\n", "\"name\": x\n",
        "- {\n  name: x,\n  expression: 1}\n", "nickname: x\n"}) {
    EXPECT_EQ(MetricLines::Find(text, "x").line(), 0) << text;
    EXPECT_EQ(LineOf(text, "expression"), 0) << text;
  }
}

}  // namespace
}  // namespace metricstore::cli
