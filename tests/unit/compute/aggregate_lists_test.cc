// Aggregates whose results are texts: lists as JSON, and texts joined.

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "compute_service/engine/vector/evaluator.h"
#include "compute_service/engine/vector/kernels/texts/vector_text.h"
#include "tests/unit/compute/aggregate_call_fixture.h"

namespace metricstore::compute::vector {
namespace {

using enum expression::Function;
using columns::ColumnType;

static_assert(kMaxListBytes == kMaxTextBytes, "a list is cut off where a point is too large");

const double kNan = std::numeric_limits<double>::quiet_NaN();

TEST(AggregateListTest, HoldsValuesInTheOrderOfRows) {
  CallRunner calls;
  EXPECT_EQ(calls.RunText(kArrayAgg, RealColumn{2.5, std::nullopt, 1.0, 0.1, -3.0}),
            "[2.5,1,0.1,-3]");
  EXPECT_EQ(calls.RunText(kArrayAgg, RealColumn{-0.0, 1e300, 5e-324}), "[0,1e+300,5e-324]");
  EXPECT_EQ(calls.RunText(kArrayAgg, IntegerColumn{INT64_MIN, 7}), "[-9223372036854775808,7]");
  EXPECT_EQ(calls.RunText(kArrayAgg, FlagColumn{1, 0}), "[true,false]");
  EXPECT_EQ(calls.RunText(kArrayAgg, RealColumn{std::nullopt}), std::nullopt);
}

TEST(AggregateListTest, DoublesReadBackToTheSameBits) {
  CallRunner calls;
  const std::vector<double> values = {0.1 + 0.2, 1.0 / 3, 1e22, 123456789012345678.0, 2e-308};
  const auto text = calls.RunText(kArrayAgg, RealColumn(values));
  EXPECT_EQ(nlohmann::json::parse(*text).get<std::vector<double>>(), values);
}

TEST(AggregateListTest, InstantsDatesAndTextsAreStrings) {
  CallRunner calls;
  EXPECT_EQ(calls.Typed(ColumnType::kTimestamp)
                .RunText(kArrayAgg, IntegerColumn{INT64_C(1'709'562'600'000'000)}),
            R"(["2024-03-04T14:30:00Z"])");
  EXPECT_EQ(calls.Typed(ColumnType::kDate).RunText(kArrayAgg, IntegerColumn{19'786}),
            R"(["2024-03-04"])");
  EXPECT_EQ(calls.RunText(kArrayAgg, calls.Codes({"a", "", "say \"é\"\n"})),
            R"(["a","","say \"é\"\n"])");
}

TEST(AggregateListTest, OfWhatIsNotFiniteIsMarked) {
  CallRunner calls;
  for (const double value : {kNan, HUGE_VAL, -HUGE_VAL}) {
    EXPECT_EQ(calls.RunText(kArrayAgg, RealColumn{1.0, value, 2.0}), std::string(kNotFiniteVector));
  }
  EXPECT_EQ(calls.With({.numbers = {1}, .texts = {}}).RunText(kTopK, RealColumn{1.0, kNan}),
            std::string(kNotFiniteVector));
  EXPECT_EQ(calls.With({.numbers = {1}, .texts = {}}).RunText(kBottomK, RealColumn{1.0, kNan}),
            "[1]");
}

TEST(AggregateListTest, IsCutOffWhereItIsTooLarge) {
  CallRunner calls;
  const auto fits = calls.RunText(kArrayAgg, RealColumn(std::vector<double>(32'767, 1)));
  EXPECT_EQ(fits->size(), 2 * 32'767u + 1);
  EXPECT_EQ(fits->back(), ']');
  const auto large = calls.RunText(kArrayAgg, RealColumn(std::vector<double>(1'000'000, 1)));
  EXPECT_GT(large->size(), kMaxTextBytes);
  EXPECT_LT(large->size(), kMaxTextBytes + 100);
}

TEST(AggregateTopTest, HoldsTheGreatestFallingAndTheLeastRising) {
  CallRunner calls;
  const Parameters three{.numbers = {3}, .texts = {}};
  const RealColumn values{2.0, 9.0, std::nullopt, -1.0, 9.0, 4.0};
  EXPECT_EQ(calls.With(three).RunText(kTopK, values), "[9,9,4]");
  EXPECT_EQ(calls.With(three).RunText(kBottomK, values), "[-1,2,4]");
  EXPECT_EQ(calls.With(three).Distinct().RunText(kTopK, values), "[9,4,2]");
  EXPECT_EQ(calls.With(three).RunText(kTopK, IntegerColumn{5, 6}), "[6,5]") << "fewer than k";
  EXPECT_EQ(calls.With(three).RunText(kBottomK, calls.Codes({"pear", "fig", "apple", "kiwi"})),
            R"(["apple","fig","kiwi"])");
  EXPECT_EQ(
      calls.With(three).Typed(ColumnType::kDate).RunText(kTopK, IntegerColumn{19'786, 19'787}),
      R"(["2024-03-05","2024-03-04"])");
  EXPECT_EQ(calls.With(three).RunText(kTopK, RealColumn{std::nullopt}), std::nullopt);
}

TEST(AggregateHistogramTest, CountsBinsOfOneWidth) {
  CallRunner calls;
  const auto histogram = [&](double low, double high, double bins, RealColumn values) {
    return calls.With({.numbers = {low, high, bins}, .texts = {}}).RunText(kHistogram, values);
  };
  EXPECT_EQ(histogram(0, 10, 5, {0.0, 1.9, 2.0, 5.0, 9.9, std::nullopt}), "[2,1,1,0,1]");
  EXPECT_EQ(histogram(0, 10, 5, {10.0, -0.1, 10.1, kNan}), "[0,0,0,0,1]") << "the last has high";
  EXPECT_EQ(histogram(-1, 1, 4, {-1.0, -0.5, 0.0, 0.5, 1.0}), "[1,1,1,2]");
  EXPECT_EQ(histogram(0, 1, 1, {0.5}), "[1]");
  EXPECT_EQ(histogram(0, 1, 2, {7.0}), "[0,0]") << "values, though none inside";
  EXPECT_EQ(histogram(0, 1, 2, {std::nullopt}), std::nullopt);
  EXPECT_EQ(histogram(-1.7e308, 1.7e308, 2, {-1e308, 1e308, 1e307}), "[1,2]") << "no overflow";
}

// Edges are low + width * number, however the place of a value rounds: an edge begins its bin, and
// the double before it ends the one before.
TEST(AggregateHistogramTest, AnEdgeBelongsToTheBinThatItBegins) {
  CallRunner calls;
  for (int round = 1; round < 200; ++round) {
    const double low = 0.1 * round - 7;
    const double high = low + 0.3 * round;
    const int bins = 2 + round % 29;
    const double width = high / bins - low / bins;
    RealColumn edges{low};
    std::string wanted = "[2";
    for (int bin = 1; bin < bins; ++bin) {
      edges.Add(low + width * bin);
      edges.Add(std::nextafter(low + width * bin, low));
      wanted += bin + 1 < bins ? ",2" : ",1";
    }
    const Parameters parameters{.numbers = {low, high, static_cast<double>(bins)}, .texts = {}};
    ASSERT_EQ(calls.With(parameters).RunText(kHistogram, edges), wanted + "]") << round;
  }
}

TEST(AggregateStringTest, JoinsTextsInTheOrderOfRows) {
  CallRunner calls;
  const Parameters comma{.numbers = {}, .texts = {", "}};
  CodeColumn texts = calls.Codes({"b", "", "a", "b"});
  texts.Add(std::nullopt);
  EXPECT_EQ(calls.With(comma).RunText(kStringAgg, texts), "b, , a, b");
  EXPECT_EQ(calls.With(comma).Distinct().RunText(kStringAgg, texts), "b, , a");
  EXPECT_EQ(calls.With(comma).RunText(kStringAgg, CodeColumn{std::nullopt}), std::nullopt);
}

TEST(AggregateStringTest, IsCutOffBehindWhatAnEvaluationHolds) {
  CallRunner calls;
  CodeColumn texts(std::vector<uint32_t>(5000, calls.Code(std::string(1000, 'x'))));
  const auto joined = calls.With({.numbers = {}, .texts = {""}}).RunText(kStringAgg, texts);
  EXPECT_GT(joined->size(), TextPool::kMaxRowTextBytes);
  EXPECT_LE(joined->size(), TextPool::kMaxRowTextBytes + 1000);
}

}  // namespace
}  // namespace metricstore::compute::vector
