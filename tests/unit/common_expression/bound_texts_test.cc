// Expressions that are bound once.
#include "common/expression/bound_texts.h"

#include "gtest/gtest.h"

namespace metricstore::expression {
namespace {

const Schema& Bars() {
  static const Schema schema = {{"close", columns::ColumnType::kFloat64},
                                {"is_last", columns::ColumnType::kBool}};
  return schema;
}

TEST(BoundTextsTest, EqualTextsAreBoundOnce) {
  BoundTexts texts;
  const auto first = texts.Metric("sum(close)", Bars());
  const auto second = texts.Metric("sum(close)", Bars());
  const auto other = texts.Metric("avg(close)", Bars());
  ASSERT_TRUE(first.ok() && second.ok() && other.ok());
  EXPECT_EQ(*first, *second);
  EXPECT_EQ((*other)->canonical_text(), "avg(close)");
}

TEST(BoundTextsTest, WhatATextIsBoundToTellsItFromOthers) {
  const Schema integers = {{"close", columns::ColumnType::kInt64}};
  BoundTexts texts;
  const auto of_bars = texts.Metric("max(close)", Bars());
  const auto of_integers = texts.Metric("max(close)", integers);
  ASSERT_TRUE(of_bars.ok() && of_integers.ok());
  EXPECT_EQ((*of_bars)->output(), OutputType::kNumber);
  EXPECT_EQ((*of_integers)->output(), OutputType::kInteger);
  EXPECT_TRUE(texts.Filter("is_last", Bars()).ok());
  EXPECT_FALSE(texts.Metric("is_last", Bars()).ok()) << "a metric is made of aggregates";
  EXPECT_TRUE(texts.Filter("is_last", Bars()).ok());
}

TEST(BoundTextsTest, MetricsThatReadOthersHaveTreesOfTheirOwn) {
  BoundTexts texts;
  const auto first = texts.Metric("metric('v/a') + 1", Bars());
  const auto second = texts.Metric("metric('v/a') + 1", Bars());
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_NE(*first, *second);
}

TEST(BoundTextsTest, AFaultIsToldEachTime) {
  BoundTexts texts;
  const auto first = texts.Metric("sum(clse)", Bars());
  EXPECT_FALSE(first.ok());
  EXPECT_EQ(texts.Metric("sum(clse)", Bars()).status().message(), first.status().message());
}

}  // namespace
}  // namespace metricstore::expression
