// Folds of parts, joined, of integers that do not fit.
#include "compute_service/engine/vector/kernels/parts/part_folds.h"

#include <cstdint>
#include <limits>
#include <vector>

#include "gmock/gmock.h"

namespace metricstore::compute::vector {
namespace {

using ::testing::ElementsAre;

constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();
constexpr int64_t kMost = std::numeric_limits<int64_t>::max();

// Folds each value into a part of its own, joins the first two, and the third to both.
template <typename Sum>
std::vector<Sum> SumsOf(Op op, std::vector<int64_t> values) {
  const std::vector<RowRange> rows = {{0, 1}, {1, 2}, {2, 3}};
  const std::vector<PartRows> parts = {{&rows[0], 1}, {&rows[1], 1}, {&rows[2], 1}};
  const auto fold = PartFold::Create(op, ValueType::kInt64, 5);
  fold->FoldRows({.values = values.data()}, 0, parts, 0);
  fold->Join(std::vector<PartJoin>{{0, 1}, {3, 2}}, 3);
  std::vector<Sum> sums(3);
  std::vector<uint8_t> valid(3);
  Operand out = {.values = sums.data(), .valid = valid.data()};
  fold->Emit(std::vector<uint32_t>{0, 3, 4}, &out);
  EXPECT_THAT(valid, ElementsAre(1, 1, 1));
  return sums;
}

TEST(PartFoldTest, IntegerSumsAreClampedAtTheEndOnly) {
  EXPECT_THAT(SumsOf<int64_t>(Op::kSumExact, {kMost, 2, -5}), ElementsAre(kMost, kMost, kMost - 3));
  EXPECT_THAT(SumsOf<int64_t>(Op::kSumExact, {kLeast, -1, 4}),
              ElementsAre(kLeast, kLeast, kLeast + 3));
  EXPECT_THAT(SumsOf<int64_t>(Op::kSumExact, {kMost, 0, kLeast}), ElementsAre(kMost, kMost, -1));
}

TEST(PartFoldTest, SumsOfIntegersAsRealsAreRoundedOnce) {
  EXPECT_THAT(SumsOf<double>(Op::kSum, {kMost, kMost, kLeast}),
              ElementsAre(0x1p63, 0x1p64, 0x1p63));
  EXPECT_THAT(SumsOf<double>(Op::kSum, {-(INT64_C(1) << 53) - 1, 2, -1}),
              ElementsAre(-0x1p53, -0x1p53 + 1, -0x1p53));
}

}  // namespace
}  // namespace metricstore::compute::vector
