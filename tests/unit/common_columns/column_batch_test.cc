// Columns in memory: sizes, validity bitmaps, dictionaries.
#include "common/columns/column_batch.h"

#include <random>

#include "common/columns/utf8.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace metricstore::columns {
namespace {

using ::testing::ElementsAre;

TEST(ColumnTypeTest, EveryNameParsesBackAndOthersDoNot) {
  for (int value = 1; value <= 6; ++value) {
    const auto type = static_cast<ColumnType>(value);
    EXPECT_EQ(ParseColumnType(ColumnTypeName(type)), type);
  }
  EXPECT_EQ(ColumnTypeName(ColumnType::kTimestamp), "timestamp");
  EXPECT_FALSE(ParseColumnType("Float64").has_value());
  EXPECT_FALSE(ParseColumnType("").has_value());
}

TEST(ValidityTest, IsAllValidUntilARowIsNull) {
  Validity validity;
  EXPECT_TRUE(validity.all_valid());
  validity.SetNull(9, 10);
  EXPECT_FALSE(validity.all_valid());
  EXPECT_TRUE(validity.valid(8));
  EXPECT_FALSE(validity.valid(9));
  EXPECT_EQ(validity.bits().size(), 2u);
}

TEST(ValidityTest, AppendKeepsEveryRowAtAnyAlignment) {
  std::mt19937 random(20240310);
  for (int round = 0; round < 200; ++round) {
    const size_t left = random() % 40;
    const size_t right = random() % 40;
    std::vector<bool> expected;
    Validity a;
    Validity b;
    for (size_t i = 0; i < left + right; ++i) {
      expected.push_back(random() % 3 != 0);
      if (expected[i]) continue;
      if (i < left) {
        a.SetNull(i, left);
      } else {
        b.SetNull(i - left, right);
      }
    }
    a.Append(b, left, right);
    for (size_t i = 0; i < expected.size(); ++i) ASSERT_EQ(a.valid(i), expected[i]) << i;
  }
}

TEST(ValidityTest, AppendOfValidRowsToABitmapWithClearPaddingStaysValid) {
  Validity a = Validity::FromBits({0b00000101});
  a.Append(Validity(), 3, 4);
  EXPECT_FALSE(a.valid(1));
  for (size_t row = 3; row < 7; ++row) EXPECT_TRUE(a.valid(row));
}

TEST(ColumnBatchTest, FindsColumnsByName) {
  ColumnBatch batch{.rows = 1, .columns = {{.name = "a", .float64 = {1.0}}}};
  ASSERT_NE(batch.Find("a"), nullptr);
  EXPECT_EQ(batch.Find("a")->size(), 1u);
  EXPECT_EQ(batch.Find("b"), nullptr);
}

TEST(DictionaryBuilderTest, CodesByOrderOfFirstAppearance) {
  DictionaryBuilder builder;
  EXPECT_EQ(builder.CodeOf("b"), 0u);
  EXPECT_EQ(builder.CodeOf("a"), 1u);
  EXPECT_EQ(builder.CodeOf("b"), 0u);
  EXPECT_EQ(builder.CodeOf(""), 2u);
  EXPECT_THAT(builder.Take(), ElementsAre("b", "a", ""));
  EXPECT_EQ(builder.CodeOf("a"), 0u);
}

TEST(DictionaryBuilderTest, StaysRightWhileItsStorageMoves) {
  DictionaryBuilder builder;
  for (int round = 0; round < 2; ++round) {
    for (uint32_t i = 0; i < 10'000; ++i) ASSERT_EQ(builder.CodeOf(std::to_string(i)), i);
  }
  EXPECT_EQ(builder.Take().size(), 10'000u);
}

TEST(StorableTextTest, AcceptsUtf8AndRefusesEverythingElse) {
  for (const std::string_view good :
       {"", "plain", "exactly8", "longer than eight bytes", "é", "中文", "\xF0\x9F\x98\x80", "\x7F",
        "\xED\x9F\xBF", "\xEE\x80\x80", "\xF4\x8F\xBF\xBF", "twelve chars é"}) {
    EXPECT_TRUE(IsStorableText(good)) << good;
  }
  const std::string_view bad[] = {
      {"\0", 1},                   // NUL
      {"sevench\0r", 9},           // NUL inside a word
      "\x80",                      // a continuation alone
      "\xC3",                      // cut short
      "\xC0\xAF",                  // overlong
      "\xE0\x80\xAF",              // overlong
      "\xF0\x80\x80\xAF",          // overlong
      "\xED\xA0\x80",              // surrogate
      "\xF4\x90\x80\x80",          // above U+10FFFF
      "\xFF",                      // never a lead byte
      "long enough text\xE4\xB8",  // cut short after ASCII
      "\xE4\x41\x41",              // not continued
  };
  for (const std::string_view text : bad) EXPECT_FALSE(IsStorableText(text)) << text;
}

}  // namespace
}  // namespace metricstore::columns
