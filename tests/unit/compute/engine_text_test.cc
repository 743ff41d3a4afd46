// Texts as values: compared, chosen, computed, given out.

#include <limits>
#include <string>
#include <vector>

#include "common/status/error.h"
#include "compute_service/engine/vector/kernels/texts/text_pool.h"
#include "gmock/gmock.h"
#include "tests/unit/compute/engine_fixture.h"

namespace metricstore::compute::vector {
namespace {

using columns::Column;
using columns::ColumnBatch;
using columns::ColumnType;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// One row a text, NULL where it is nullptr; `n` numbers the rows from 0.
ColumnBatch RowsOfTexts(const std::vector<const char*>& texts) {
  ColumnBatch rows{.rows = texts.size(), .columns = {}};
  Column ts{.name = "ts", .type = ColumnType::kTimestamp};
  Column n{.name = "n", .type = ColumnType::kInt64};
  Column side{.name = "side", .type = ColumnType::kText};
  columns::DictionaryBuilder dictionary;
  for (size_t i = 0; i < texts.size(); ++i) {
    ts.int64.push_back(static_cast<int64_t>(i));
    n.int64.push_back(static_cast<int64_t>(i));
    side.codes.push_back(texts[i] == nullptr ? 0 : dictionary.CodeOf(texts[i]));
    if (texts[i] == nullptr) side.validity.SetNull(i, texts.size());
  }
  side.dictionary = dictionary.Take();
  for (Column* column : {&ts, &n, &side}) rows.columns.push_back(std::move(*column));
  return rows;
}

// How many rows of B, S, NULL, b, BS pass.
double CountOf(const std::string& condition) {
  return EvaluateOne("count(*) FILTER (WHERE " + condition + ")",
                     RowsOfTexts({"B", "S", nullptr, "b", "BS"}))
      .values.at(0);
}

TEST(EngineTextTest, ComputedTextsAreComparedLikeThoseOfColumns) {
  EXPECT_EQ(CountOf("upper(side) = 'B'"), 2);
  EXPECT_EQ(CountOf("upper(side) <> 'B'"), 2);
  EXPECT_EQ(CountOf("lower(side) < 'bs'"), 2);
  EXPECT_EQ(CountOf("'bs' > lower(side)"), 2);
  EXPECT_EQ(CountOf("upper(side) IN ('S', 'BS', NULL)"), 2);
  EXPECT_EQ(CountOf("upper(side) BETWEEN 'B' AND 'C'"), 3);
  EXPECT_EQ(CountOf("side || 'x' = 'Bx'"), 1);
}

TEST(EngineTextTest, TextsAreComparedWithTexts) {
  EXPECT_EQ(CountOf("side = upper(side)"), 3);
  EXPECT_EQ(CountOf("side > upper(side)"), 1);
  EXPECT_EQ(CountOf("upper(side) >= side"), 3);
  EXPECT_EQ(CountOf("side IN (upper(side), 'b')"), 4);
  EXPECT_EQ(CountOf("side IS DISTINCT FROM upper(side)"), 1);
  EXPECT_EQ(CountOf("side IS NOT DISTINCT FROM upper(side)"), 4);
  EXPECT_EQ(CountOf("side IS DISTINCT FROM 'B'"), 4);
  EXPECT_EQ(CountOf("side IS DISTINCT FROM NULL"), 4);
}

TEST(EngineTextTest, LikeTakesCodePointsAndEscapes) {
  EXPECT_EQ(CountOf("side LIKE 'B%'"), 2);
  EXPECT_EQ(CountOf("side LIKE '_'"), 3);
  EXPECT_EQ(CountOf("side ILIKE 'b'"), 2);
  EXPECT_EQ(CountOf("side NOT LIKE 'B%'"), 2);
  EXPECT_EQ(CountOf("lower(side) LIKE 'b%'"), 3);
  EXPECT_EQ(CountOf("upper(side) ILIKE '%s'"), 2);
  const auto is_like = [](const char* text, const std::string& pattern) {
    return EvaluateOne("count(*) FILTER (WHERE side LIKE '" + pattern + "')", RowsOfTexts({text}))
               .values.at(0) == 1;
  };
  EXPECT_TRUE(is_like("aéc", "a_c"));
  EXPECT_TRUE(is_like("a%c", "a\\%c"));
  EXPECT_FALSE(is_like("abc", "a\\%c"));
  EXPECT_TRUE(is_like("abababc", "%ab%abc"));
  EXPECT_FALSE(is_like("ababab", "%ab%abc"));
  EXPECT_TRUE(is_like("", "%%"));
  EXPECT_FALSE(is_like("", "_%"));
  EXPECT_TRUE(is_like("mississippi", "m%iss%ip_i"));
  EXPECT_FALSE(is_like("éa", "_"));
}

std::vector<std::string> TextsOf(const std::string& expression,
                                 const std::vector<const char*>& texts) {
  const MetricPoints points = EvaluateOne(expression, RowsOfTexts(texts));
  EXPECT_EQ(points.texts.size(), points.values.size());
  EXPECT_THAT(points.values, Each(0));
  return points.texts;
}

TEST(EngineTextTest, TextsAreResults) {
  EXPECT_THAT(TextsOf("first(side)", {nullptr, "B", "S"}), ElementsAre("B"));
  EXPECT_THAT(TextsOf("last(lower(side)) || '!'", {"B", "S"}), ElementsAre("s!"));
  EXPECT_THAT(TextsOf("max(side)", {"b", "B", "é"}), ElementsAre("é"));
  EXPECT_THAT(TextsOf("min(side)", {"b", "B", "é"}), ElementsAre("B"));
  EXPECT_THAT(TextsOf("CASE WHEN count(*) > 1 THEN 'many' ELSE 'few' END", {"x", "y"}),
              ElementsAre("many"));
}

TEST(EngineTextTest, ChoicesBetweenTexts) {
  EXPECT_THAT(TextsOf("first(coalesce(side, 'none'))", {nullptr}), ElementsAre("none"));
  EXPECT_THAT(TextsOf("last(CASE WHEN n = 0 THEN side ELSE upper(side) END)", {"a", "b"}),
              ElementsAre("B"));
  EXPECT_THAT(TextsOf("last(CASE side WHEN upper(side) THEN 'up' ELSE 'down' END)", {"A", "b"}),
              ElementsAre("down"));
  EXPECT_THAT(TextsOf("last(greatest(side, 'm', lower(side)))", {"Z"}), ElementsAre("z"));
  EXPECT_THAT(TextsOf("last(least(side, NULL))", {"Z"}), ElementsAre("Z"));
  const MetricPoints points = EvaluateOne("last(nullif(side, 'B'))", RowsOfTexts({"B"}));
  EXPECT_THAT(points.statuses, ElementsAre(PointStatus::kNull));
  EXPECT_THAT(points.texts, ElementsAre(""));
}

TEST(EngineTextTest, ADictionaryMayRepeatNothingAndBeEmpty) {
  EXPECT_THAT(TextsOf("last(coalesce(upper(side), 'none'))", {nullptr, nullptr}),
              ElementsAre("none"));
  EXPECT_EQ(EvaluateOne("count(DISTINCT upper(side))", RowsOfTexts({"a", "A", nullptr, "b"}))
                .values.at(0),
            2);
}

// The function is computed once for each distinct text, whatever the blocks.
TEST(EngineTextTest, ManyRowsOfFewTexts) {
  std::vector<const char*> texts;
  for (int i = 0; i < 5000; ++i) {
    texts.push_back(i % 7 == 0 ? nullptr : (i % 2 == 0 ? "Long" : "short"));
  }
  EXPECT_EQ(EvaluateOne("sum(length(side || 'x'))", RowsOfTexts(texts)).values.at(0),
            2142 * 5 + 2143 * 6);
}

TEST(EngineTextTest, NumbersBecomeTextsAndComeBack) {
  std::vector<const char*> texts(3000, "a");
  const MetricPoints points =
      EvaluateOne("sum(CAST(CAST(n AS text) AS integer) - n) + count(DISTINCT CAST(n AS text))",
                  RowsOfTexts(texts));
  EXPECT_THAT(points.values, ElementsAre(3000));
}

TEST(EngineOutputTest, TextsThatAreTooLargeAreNoPoints) {
  const std::string text(kMaxTextBytes - 1, 'x');
  const MetricPoints fits = EvaluateOne("last(side || 'y')", RowsOfTexts({text.c_str()}));
  EXPECT_THAT(fits.statuses, ElementsAre(PointStatus::kOk));
  EXPECT_EQ(fits.texts.at(0).size(), kMaxTextBytes);
  const MetricPoints large = EvaluateOne("last(side || 'yy')", RowsOfTexts({text.c_str()}));
  EXPECT_THAT(large.statuses, ElementsAre(PointStatus::kTooLarge));
  EXPECT_THAT(large.texts, ElementsAre(""));
}

TEST(EngineOutputTest, TextsBeyondTheBudgetEndTheEvaluation) {
  const auto evaluator = Evaluator::Create(
      {MakeTask("last(repeat(repeat(side, 1000), 1000))", MakeBuckets({{{0, 9}}}))}, "ts",
      TestSchema());
  ASSERT_TRUE(evaluator.ok()) << evaluator.status();
  const absl::Status status = (*evaluator)->Evaluate(RowsOfTexts({"four"}), CallBounds()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
  EXPECT_EQ(status::ReasonOf(status), "TOO_LARGE");
}

TEST(EngineOutputTest, IntegersBeyondDoublesKeepTheirDigits) {
  ColumnBatch rows = RowsOfTexts({"a"});
  rows.columns[1].int64 = {(INT64_C(1) << 53) + 1};
  const MetricPoints points = EvaluateOne("max(n)", rows);
  EXPECT_THAT(points.texts, ElementsAre("9007199254740993"));
  EXPECT_THAT(points.values, ElementsAre(9007199254740992.0));
  rows.columns[1].int64 = {INT64_C(1) << 53};
  EXPECT_THAT(EvaluateOne("max(n)", rows).texts, IsEmpty());
}

TEST(EngineOutputTest, ConditionsAreZeroAndOneAndNullIsNotNan) {
  const ColumnBatch rows = RowsOf({1, 2});
  EXPECT_THAT(EvaluateOne("sum(a) > 2", rows).values, ElementsAre(1));
  EXPECT_THAT(EvaluateOne("sum(a) > 5", rows).values, ElementsAre(0));
  EXPECT_THAT(EvaluateOne("sum(a) > NULL", rows).statuses, ElementsAre(PointStatus::kNull));
  EXPECT_THAT(EvaluateOne("exp(1000 * sum(a))", rows).statuses,
              ElementsAre(PointStatus::kNotFinite));
}

TEST(EngineOutputTest, VectorsAreJson) {
  EXPECT_THAT(EvaluateOne("array_agg(a)", RowsOf({1, 2.5})).texts, ElementsAre("[1,2.5]"));
  const MetricPoints points =
      EvaluateOne("array_agg(a)", RowsOf({1, std::numeric_limits<double>::infinity()}));
  EXPECT_THAT(points.statuses, ElementsAre(PointStatus::kNotFinite));
  EXPECT_THAT(points.texts, ElementsAre(""));
  EXPECT_THAT(EvaluateOne("array_agg(side)", RowsOfTexts({"Inf", "n"})).texts,
              ElementsAre("[\"Inf\",\"n\"]"));
}

}  // namespace
}  // namespace metricstore::compute::vector
