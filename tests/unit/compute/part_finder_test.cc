// The parts that buckets are joined from: of which rows, in which order, and how many.
#include "compute_service/engine/vector/layout/part_finder.h"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/unit/compute/engine_fixture.h"

namespace metricstore::compute::vector {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::Le;

constexpr int64_t kTimesOfLeaf = 4;
constexpr int64_t kStep = (int64_t{1} << TimeLeaves::kLeafBits) / kTimesOfLeaf;

using Pieces = std::vector<RowRange>;

SharedLayout LayOut(const std::vector<int64_t>& times, const std::vector<Pieces>& buckets,
                    size_t look_back = 0) {
  SharedLayout layout;
  layout.shown = {{.position = 0, .rows = {0, times.size()}}};
  layout.leaves = TimeLeaves(times);
  PartFinder finder(look_back, &layout);
  std::vector<uint32_t>& parts = layout.buckets.emplace_back();
  for (const Pieces& bucket : buckets) parts.push_back(finder.PartOf(bucket));
  finder.Finish();
  return layout;
}

// The row of a number in the vectors of a chunk, and the rows that values look back to from there.
std::string RowText(const SharedLayout& layout, const SharedLayout::Chunk& chunk, size_t number,
                    size_t look_back) {
  size_t place = number - chunk.first_row;
  for (size_t i = chunk.stretches.begin; i < chunk.stretches.end; ++i) {
    const RowRange& stretch = layout.stretches[i];
    if (place < stretch.rows()) {
      std::string text = absl::StrCat(stretch.begin + place);
      for (size_t back = 1; back <= std::min(look_back, place); ++back) {
        absl::StrAppend(&text, "<", stretch.begin + place - back);
      }
      return text + " ";
    }
    place -= stretch.rows();
  }
  return "none ";
}

// Each row of a bucket, with those before it.
std::string RowTexts(const Pieces& bucket, size_t look_back) {
  std::vector<size_t> rows;
  for (const RowRange& piece : bucket) {
    for (size_t row = piece.begin; row < piece.end; ++row) rows.push_back(row);
  }
  std::string text;
  for (size_t i = 0; i < rows.size(); ++i) {
    absl::StrAppend(&text, rows[i]);
    for (size_t back = 1; back <= std::min(look_back, i); ++back) {
      absl::StrAppend(&text, "<", rows[i - back]);
    }
    text += " ";
  }
  return text;
}

// The rows of a part, each with those that values look back to, in order.
std::string LookingBack(const SharedLayout& layout, uint32_t part, size_t look_back) {
  if (part >= layout.parts.size()) {
    const PartJoin& join = layout.joins[part - layout.parts.size()];
    return LookingBack(layout, join.left, look_back) + LookingBack(layout, join.right, look_back);
  }
  const auto chunk = std::ranges::find_if(
      layout.chunks, [part](const SharedLayout::Chunk& one) { return part < one.parts.end; });
  std::string text;
  for (const RowRange& rows : layout.parts[part]) {
    for (size_t row = rows.begin; row < rows.end; ++row) {
      text += RowText(layout, *chunk, row, look_back);
    }
  }
  return text;
}

// The rows of a part, with parentheses around what is joined.
std::string TextOf(const SharedLayout& layout, uint32_t part) {
  if (part >= layout.parts.size()) {
    const PartJoin& join = layout.joins[part - layout.parts.size()];
    EXPECT_LT(std::max(join.left, join.right), part) << "it is made of later ones";
    return absl::StrCat("(", TextOf(layout, join.left), TextOf(layout, join.right), ")");
  }
  std::string text = "[";
  for (const RowRange& rows : layout.parts[part]) {
    for (size_t row = rows.begin; row < rows.end; ++row) absl::StrAppend(&text, row, " ");
  }
  return text + "]";
}

std::vector<std::string> TextsOf(const SharedLayout& layout) {
  std::vector<std::string> texts;
  for (const uint32_t part : layout.buckets[0]) texts.push_back(TextOf(layout, part));
  return texts;
}

// One row at each of these.
std::vector<int64_t> At(const std::vector<int64_t>& steps) {
  std::vector<int64_t> times;
  for (const int64_t step : steps) times.push_back(step * kStep);
  return times;
}

TEST(PartFinderTest, BucketsAreDividedWhereTheHighestBitOfTimeChanges) {
  // Leaves of rows {0}, {1, 2}, {3}, {4, 5}, {6}: those of times before the epoch and then 0, 1, 2
  // and 5.
  const SharedLayout layout = LayOut(At({-1, 0, 3, 4, 8, 9, 20}),
                                     {{{0, 7}}, {{1, 7}}, {{1, 6}}, {{1, 4}}, {{3, 7}}, {{4, 5}}});
  EXPECT_THAT(TextsOf(layout),
              ElementsAre("([0 ]((([1 2 ][3 ])[4 5 ])[6 ]))", "(([1 2 ]([3 ][4 5 ]))[6 ])",
                          "(([1 2 ][3 ])[4 5 ])", "([1 2 ][3 ])", "(([3 ][4 5 ])[6 ])", "[4 ]"));
}

TEST(PartFinderTest, AnInstantIsOneLeaf) {
  const SharedLayout layout = LayOut(std::vector<int64_t>(1000, 7), {{{0, 1000}}});
  EXPECT_EQ(layout.leaves.size(), 1u);
  EXPECT_TRUE(layout.joins.empty());
}

// Some pieces between these rows, apart from each other.
Pieces RandomPieces(std::mt19937_64* random, size_t begin, size_t end, size_t most) {
  std::vector<size_t> cuts = {begin, end};
  for (size_t i = (*random)() % most; i > 0; --i) {
    for (int edge = 0; edge < 2; ++edge) cuts.push_back(begin + 1 + (*random)() % (end - begin));
  }
  std::ranges::sort(cuts);
  Pieces pieces;
  for (size_t i = 0; i + 1 < cuts.size(); i += 2) {
    if (cuts[i] == cuts[i + 1]) continue;
    if (!pieces.empty() && pieces.back().end == cuts[i]) {
      pieces.back().end = cuts[i + 1];
    } else {
      pieces.push_back({cuts[i], cuts[i + 1]});
    }
  }
  return pieces;
}

std::string WithoutParentheses(std::string text) {
  std::erase_if(text, [](char c) { return c != ' ' && (c < '0' || c > '9'); });
  return text;
}

// A leaf and a join each have a shape.
std::string ShapeOf(const SharedLayout& layout, uint32_t part) {
  if (part < layout.parts.size()) {
    size_t rows = 0;
    for (const RowRange& range : layout.parts[part]) rows += range.rows();
    return absl::StrCat("[", rows, "]");
  }
  const PartJoin& join = layout.joins[part - layout.parts.size()];
  return absl::StrCat("(", ShapeOf(layout, join.left), ShapeOf(layout, join.right), ")");
}

TEST(PartFinderTest, ABucketsFirstRowsAreItsOwn) {
  // Leaves of rows {0, 1}, {2, 3, 4, 5}, {6}. The second bucket shares row 3 with the first, but
  // looks back to row 2 from there and no further.
  const std::vector<Pieces> buckets = {{{0, 7}}, {{2, 6}}, {{2, 7}}, {{5, 7}}};
  const SharedLayout layout = LayOut(At({0, 1, 4, 5, 6, 7, 8}), buckets, 2);
  const auto text = [&layout](size_t bucket) {
    return LookingBack(layout, layout.buckets[0][bucket], 2);
  };
  EXPECT_EQ(text(0), "0 1<0 2<1<0 3<2<1 4<3<2 5<4<3 6<5<4 ");
  EXPECT_EQ(text(1), "2 3<2 4<3<2 5<4<3 ");
  EXPECT_EQ(text(2), "2 3<2 4<3<2 5<4<3 6<5<4 ");
  EXPECT_EQ(text(3), "5 6<5 ");
  EXPECT_EQ(ShapeOf(layout, layout.buckets[0][0]), "([2]([4][1]))");
  EXPECT_EQ(ShapeOf(layout, layout.buckets[0][1]), "([2][2])");
  EXPECT_EQ(ShapeOf(layout, layout.buckets[0][3]), "[2]") << "all of it is head";
  // The heads of the buckets from row 0, 2 and 5 on: two buckets have the same.
  EXPECT_EQ(layout.chunks.back().stretches.rows(), 3u);
}

// After its head a bucket is joined as one of values of a row alone.
TEST(PartFinderTest, ValuesLookBackToTheRowsOfTheirBucket) {
  const uint64_t seed = TestSeed();
  SCOPED_TRACE("METRICSTORE_TEST_SEED=" + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (const size_t look_back : {1, 2, 5, 30, 1000}) {
    for (int round = 0; round < 8; ++round) {
      // Several chunks: many rows have one instant.
      std::vector<int64_t> times(1 + random() % 1500);
      for (int64_t& time : times) time = static_cast<int64_t>(random() % 40) * kStep;
      std::ranges::sort(times);
      std::vector<Pieces> buckets;
      std::vector<Pieces> rests;
      for (int i = 0; i < 12; ++i) {
        const size_t begin = random() % times.size();
        const size_t end = begin + 1 + random() % (times.size() - begin);
        buckets.push_back({{begin, end}});
        rests.push_back({{std::min(begin + look_back, end - 1), end}});
      }
      const SharedLayout layout = LayOut(times, buckets, look_back);
      const SharedLayout plain = LayOut(times, rests);
      for (size_t i = 0; i < buckets.size(); ++i) {
        const uint32_t part = layout.buckets[0][i];
        EXPECT_EQ(LookingBack(layout, part, look_back), RowTexts(buckets[i], look_back));
        const std::string shape = ShapeOf(layout, part);
        if (buckets[i][0].rows() <= look_back) {
          EXPECT_EQ(shape, absl::StrCat("[", buckets[i][0].rows(), "]"));
        } else {
          const std::string rest = ShapeOf(plain, plain.buckets[0][i]);
          EXPECT_EQ(shape, absl::StrCat("([", look_back, "]", rest, ")"));
        }
      }
    }
  }
}

// One row a leaf, as of daily bars, and a long look back: what is computed and kept at a time is no
// more than what is looked back to, and a bucket costs its head.
TEST(PartFinderTest, LongLooksBackOverFarRowsStayCheap) {
  constexpr size_t kRows = 3000;
  std::vector<int64_t> times(kRows);
  for (size_t row = 0; row < kRows; ++row) {
    times[row] = static_cast<int64_t>(row) << TimeLeaves::kLeafBits;
  }
  std::vector<Pieces> buckets;
  for (size_t end = 1000; end <= kRows; ++end) buckets.push_back({{end - 1000, end}});
  for (const size_t look_back : {1, 20, 252, 999}) {
    const SharedLayout layout = LayOut(times, buckets, look_back);
    size_t computed = 0;
    for (const SharedLayout::Chunk& chunk : layout.chunks) {
      computed += chunk.rows;
      EXPECT_LE(chunk.rows, 512 + 2 * look_back);
    }
    EXPECT_LE(computed, 3 * kRows + buckets.size() * look_back);
    EXPECT_LE(layout.part_count(), kRows + 6 * buckets.size());
    // A head is one stretch, whatever lies between its rows.
    EXPECT_LE(layout.stretches.size() + layout.ranges.size(), 2 * kRows + 4 * buckets.size());
  }
}

// How a bucket is joined follows from its rows: not from those of others, nor from their order.
TEST(PartFinderTest, EveryBucketIsJoinedAsIfItWereAlone) {
  const uint64_t seed = TestSeed();
  SCOPED_TRACE("METRICSTORE_TEST_SEED=" + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int round = 0; round < 200; ++round) {
    std::vector<int64_t> times(1 + random() % 60);
    for (int64_t& time : times) time = static_cast<int64_t>(random() % 400) * kStep - 100 * kStep;
    std::ranges::sort(times);
    std::vector<Pieces> buckets;
    for (int i = 0; i < 20; ++i) {
      const size_t begin = random() % times.size();
      const size_t end = begin + 1 + random() % (times.size() - begin);
      Pieces pieces = RandomPieces(&random, begin, end, 1 + random() % 4);
      if (!pieces.empty()) buckets.push_back(std::move(pieces));
    }
    const std::vector<std::string> texts = TextsOf(LayOut(times, buckets));
    for (size_t i = 0; i < buckets.size(); ++i) {
      std::vector<int64_t> own_times;
      std::string rows;
      for (const RowRange& piece : buckets[i]) {
        for (size_t row = piece.begin; row < piece.end; ++row) {
          own_times.push_back(times[row]);
          absl::StrAppend(&rows, row, " ");
        }
      }
      EXPECT_EQ(WithoutParentheses(texts[i]), rows);
      const SharedLayout alone = LayOut(own_times, {{{0, own_times.size()}}});
      const auto shape = [](std::string text) {
        std::erase_if(text, [](char c) { return c >= '0' && c <= '9'; });
        return text;
      };
      EXPECT_EQ(shape(texts[i]), shape(TextsOf(alone)[0])) << rows;
    }
  }
}

// The cost of a step does not grow with the window.
TEST(PartFinderTest, AWindowThatMovesCostsAtMostFourJoinsAStep) {
  constexpr size_t kLeaves = 20'000;
  std::vector<int64_t> times(kLeaves);
  for (size_t leaf = 0; leaf < kLeaves; ++leaf) {
    times[leaf] = static_cast<int64_t>(leaf) << TimeLeaves::kLeafBits;
  }
  for (const size_t width : {2u, 20u, 64u, 200u, 2000u}) {
    std::vector<Pieces> buckets;
    for (size_t end = width; end <= kLeaves; ++end) buckets.push_back({{end - width, end}});
    const SharedLayout layout = LayOut(times, buckets);
    EXPECT_THAT(layout.joins.size(), AllOf(Ge(buckets.size()), Le(4 * buckets.size())))
        << "of " << width << " leaves";
  }
}

}  // namespace
}  // namespace metricstore::compute::vector
