#include "compute_service/engine/series/point_fold.h"

#include <limits>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace metricstore::compute {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using vector::Fold;
using vector::MetricPoints;
using vector::PointStatus;

constexpr auto kOk = PointStatus::kOk;
constexpr auto kNull = PointStatus::kNull;
constexpr auto kNotFinite = PointStatus::kNotFinite;

// Buckets [0, 10), [10, 20), [20, 30), [30, ...).
PointFold By(Fold fold) {
  return {fold, std::make_shared<const std::vector<int64_t>>(std::vector<int64_t>{0, 10, 20, 30})};
}

TEST(FoldPointsTest, FoldsThePointsOfEachCoarserBucket) {
  const MetricPoints points{
      {0, 3, 9, 20, 25, 31}, {4, 8, 1, 2, 3, 7}, {kOk, kOk, kOk, kOk, kOk, kOk}};
  const auto values = [&](Fold fold) { return FoldPoints(points, By(fold)).values; };
  EXPECT_THAT(values(Fold::kFirst), ElementsAre(4, 2, 7));
  EXPECT_THAT(values(Fold::kLast), ElementsAre(1, 3, 7));
  EXPECT_THAT(values(Fold::kMin), ElementsAre(1, 2, 7));
  EXPECT_THAT(values(Fold::kMax), ElementsAre(8, 3, 7));
  EXPECT_THAT(values(Fold::kSum), ElementsAre(13, 5, 7));
  EXPECT_THAT(values(Fold::kAvg), ElementsAre(13.0 / 3, 2.5, 7));
  // No point of [10, 20): none, not zero.
  EXPECT_THAT(FoldPoints(points, By(Fold::kSum)).bucket_start_micros, ElementsAre(0, 20, 30));
}

TEST(FoldPointsTest, NullPointsAreLeftOutAndAloneStayNull) {
  const MetricPoints points{{0, 1, 2, 10, 11}, {0, 5, 0, 0, 0}, {kNull, kOk, kNull, kNull, kNull}};
  for (const Fold fold :
       {Fold::kFirst, Fold::kLast, Fold::kMin, Fold::kMax, Fold::kSum, Fold::kAvg}) {
    const MetricPoints folded = FoldPoints(points, By(fold));
    EXPECT_THAT(folded.values, ElementsAre(5, 0));
    EXPECT_THAT(folded.statuses, ElementsAre(kOk, kNull));
  }
}

TEST(FoldPointsTest, WhatIsNotFiniteStaysSoUnlessAnotherPointWasAskedFor) {
  const MetricPoints points{{0, 1}, {5, 0}, {kOk, kNotFinite}};
  for (const Fold fold : {Fold::kLast, Fold::kMin, Fold::kMax, Fold::kSum, Fold::kAvg}) {
    const MetricPoints folded = FoldPoints(points, By(fold));
    EXPECT_THAT(folded.values, ElementsAre(0));
    EXPECT_THAT(folded.statuses, ElementsAre(kNotFinite));
  }
  EXPECT_THAT(FoldPoints(points, By(Fold::kFirst)).values, ElementsAre(5));
}

TEST(FoldPointsTest, ASumThatOverflowsIsNotFinite) {
  const double most = std::numeric_limits<double>::max();
  const MetricPoints folded = FoldPoints({{0, 1}, {most, most}, {kOk, kOk}}, By(Fold::kSum));
  EXPECT_THAT(folded.values, ElementsAre(0));
  EXPECT_THAT(folded.statuses, ElementsAre(kNotFinite));
}

TEST(FoldPointsTest, SumsLoseNothingToRounding) {
  const MetricPoints points{{0, 1, 2, 3}, {1e16, 1, 1, -1e16}, {kOk, kOk, kOk, kOk}};
  EXPECT_THAT(FoldPoints(points, By(Fold::kSum)).values, ElementsAre(2));
}

TEST(FoldPointsTest, NoPointsGiveNone) {
  EXPECT_THAT(FoldPoints({}, By(Fold::kLast)).values, IsEmpty());
}

TEST(FoldPointsTest, FirstAndLastKeepTexts) {
  const MetricPoints points{{0, 3, 9}, {0, 0, 0}, {kOk, kNull, kOk}, {"a", "", "b"}};
  EXPECT_THAT(FoldPoints(points, By(Fold::kFirst)).texts, ElementsAre("a"));
  EXPECT_THAT(FoldPoints(points, By(Fold::kLast)).texts, ElementsAre("b"));
}

}  // namespace
}  // namespace metricstore::compute
