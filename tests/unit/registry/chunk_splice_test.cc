// Which chunks change when points are replaced, and what results a shard may bring.
#include "registry_service/results/chunk_splice.h"

#include "gmock/gmock.h"
#include "tests/testing/matchers.h"

namespace metricstore::registry {
namespace {

using ::metricstore::testing::StatusIs;
using ::metricstore::testing::ViolatesField;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

absl::Time Day(int month, int day) {
  return absl::FromCivil(absl::CivilDay(2024, month, day), absl::UTCTimeZone());
}
int64_t Micros(int month, int day) { return ToMicros(Day(month, day)); }
const absl::CivilDay kJanuary(2024, 1, 1);
const absl::CivilDay kFebruary(2024, 2, 1);

TEST(ChunkStartTest, IsTheMonthOrTheDecade) {
  EXPECT_EQ(ChunkStartOf(Grain::kHour, Micros(2, 29)), kFebruary);
  EXPECT_EQ(ChunkStartOf(Grain::kDay, Micros(2, 1) - 1), kJanuary);
  EXPECT_EQ(ChunkStartOf(Grain::kWeek, Micros(2, 29)), absl::CivilDay(2020, 1, 1));
  EXPECT_EQ(ChunkStartOf(Grain::kYear, -1), absl::CivilDay(1960, 1, 1));
}

TEST(SpliceTest, NewPointsBecomeChunksByMonth) {
  const Points points{{Micros(1, 30), Micros(1, 31), Micros(2, 1)}, {1, 2, 3}, {}};
  const ChunkChanges changes = Splice(Grain::kDay, {}, {Day(1, 1), Day(3, 1)}, points);
  EXPECT_THAT(changes.removed, IsEmpty());
  ASSERT_EQ(changes.written.size(), 2u);
  EXPECT_THAT(changes.written.at(kJanuary).values, ElementsAre(1, 2));
  EXPECT_THAT(changes.written.at(kFebruary).values, ElementsAre(3));
}

TEST(SpliceTest, PointsOutsideTheExtentAreKept) {
  const Chunks stored = {
      {kJanuary, {{Micros(1, 1), Micros(1, 5), Micros(1, 6), Micros(1, 9)}, {1, 5, 6, 9}, {}}}};
  const ChunkChanges changes =
      Splice(Grain::kDay, stored, {Day(1, 5), Day(1, 9)}, {{Micros(1, 6)}, {66}, {}});
  EXPECT_THAT(changes.removed, ElementsAre(kJanuary));
  EXPECT_THAT(changes.written.at(kJanuary).values, ElementsAre(1, 66, 9));
  EXPECT_THAT(changes.written.at(kJanuary).bucket_starts,
              ElementsAre(Micros(1, 1), Micros(1, 6), Micros(1, 9)));
}

TEST(SpliceTest, EqualPointsChangeNothing) {
  const Points points{{Micros(1, 5), Micros(1, 6)}, {5, 0}, {0, 1}};
  const Chunks stored = {{kJanuary, points}};
  const ChunkChanges changes = Splice(Grain::kDay, stored, {Day(1, 1), Day(2, 1)}, points);
  EXPECT_THAT(changes.removed, IsEmpty());
  EXPECT_THAT(changes.written, IsEmpty());
}

TEST(SpliceTest, SignOfZeroIsADifference) {
  const Chunks stored = {{kJanuary, {{Micros(1, 5)}, {0.0}, {}}}};
  const ChunkChanges changes =
      Splice(Grain::kDay, stored, {Day(1, 1), Day(2, 1)}, {{Micros(1, 5)}, {-0.0}, {}});
  EXPECT_EQ(changes.written.size(), 1u);
}

TEST(SpliceTest, ChunkWithoutPointsIsRemoved) {
  const Chunks stored = {{kJanuary, {{Micros(1, 5)}, {5}, {}}},
                         {kFebruary, {{Micros(2, 5)}, {5}, {}}}};
  const ChunkChanges changes = Splice(Grain::kDay, stored, {Day(1, 1), Day(2, 1)}, {});
  EXPECT_THAT(changes.removed, ElementsAre(kJanuary));
  EXPECT_THAT(changes.written, IsEmpty());
}

TEST(SpliceTest, StatusesAreStoredOnlyWhereAPointIsNoNumber) {
  const Chunks stored = {{kJanuary, {{Micros(1, 1), Micros(1, 5)}, {1, 0}, {0, 2}}}};
  const ChunkChanges replaced =
      Splice(Grain::kDay, stored, {Day(1, 5), Day(1, 6)}, {{Micros(1, 5)}, {5}, {0}});
  EXPECT_THAT(replaced.written.at(kJanuary).statuses, IsEmpty());
  const ChunkChanges added =
      Splice(Grain::kDay, stored, {Day(1, 7), Day(1, 8)}, {{Micros(1, 7)}, {7}, {}});
  EXPECT_THAT(added.written.at(kJanuary).statuses, ElementsAre(0, 2, 0));
}

TEST(SpliceTest, TextsAreStoredOnlyWhereAPointHasOne) {
  Points points{{Micros(1, 1), Micros(1, 5)}, {0, 0}, {}};
  points.texts = {"a", ""};
  const Chunks stored = {{kJanuary, points}};
  const TimeRange january{Day(1, 1), Day(2, 1)};
  EXPECT_THAT(Splice(Grain::kDay, stored, january, points).written, IsEmpty());
  Points other = points;
  other.texts[1] = "b";
  EXPECT_THAT(Splice(Grain::kDay, stored, january, other).written.at(kJanuary).texts,
              ElementsAre("a", "b"));
  const ChunkChanges replaced =
      Splice(Grain::kDay, stored, {Day(1, 1), Day(1, 2)}, {{Micros(1, 1)}, {5}, {}});
  EXPECT_THAT(replaced.written.at(kJanuary).texts, IsEmpty());
  const ChunkChanges added =
      Splice(Grain::kDay, stored, {Day(1, 7), Day(1, 8)}, {{Micros(1, 7)}, {7}, {}});
  EXPECT_THAT(added.written.at(kJanuary).texts, ElementsAre("a", "", ""));
}

TEST(AddSeriesTest, SeriesContinuesInTheNextMessage) {
  ShardResults results;
  const SeriesKey key{{"a/b", 1, Grain::kDay}, "SPY"};
  ASSERT_OK(AddSeries(key, {{1, 2}, {1, 2}, {}}, results));
  ASSERT_OK(AddSeries(key, {{3}, {0}, {1}}, results));
  EXPECT_THAT(results[key].bucket_starts, ElementsAre(1, 2, 3));
  EXPECT_THAT(results[key].statuses, ElementsAre(0, 0, 1));
  EXPECT_THAT(AddSeries(key, {{4, 5}, {1}, {}}, results),
              StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
  EXPECT_THAT(AddSeries(key, {{4}, {1}, {0, 0}}, results), ViolatesField("series.values"));
}

TEST(CheckResultsTest, TextsThatCannotBeStoredAreRefused) {
  const SeriesKey key{{"a/b", 1, Grain::kDay}, "SPY"};
  const ShardSpec shard{
      .entities = {"SPY"}, .extent = {Day(1, 1), Day(2, 1)}, .metrics = {{"a/b", 1, Grain::kDay}}};
  const auto check = [&](const std::string& text, double value, int16_t status) {
    Points points{{Micros(1, 5)}, {value}, {status}};
    points.texts = {text};
    return CheckResults({{key, points}}, shard);
  };
  EXPECT_OK(check(std::string(kMaxTextBytes, 'x'), 0, 0));
  EXPECT_OK(check("-9007199254740993", -9007199254740992.0, 0));
  EXPECT_OK(check("", 0, 3));
  const auto refused = ViolatesField("series.texts");
  EXPECT_THAT(check(std::string(kMaxTextBytes + 1, 'x'), 0, 0), refused);
  EXPECT_THAT(check("\xff", 0, 0), refused);
  EXPECT_THAT(check(std::string(1, '\0'), 0, 0), refused);
  EXPECT_THAT(check("text", 1, 0), refused);
  EXPECT_THAT(check("text", 0, 1), refused);
  ShardResults results;
  Points uneven{{1, 2}, {0, 0}, {}};
  uneven.texts = {"a"};
  EXPECT_THAT(AddSeries(key, uneven, results), ViolatesField("series.values"));
}

TEST(CheckResultsTest, SeriesThatContinuesOutOfOrderIsRefused) {
  const SeriesKey key{{"a/b", 1, Grain::kDay}, "SPY"};
  const ShardSpec shard{
      .entities = {"SPY"}, .extent = {Day(1, 1), Day(2, 1)}, .metrics = {{"a/b", 1, Grain::kDay}}};
  ShardResults results;
  ASSERT_OK(AddSeries(key, {{Micros(1, 5)}, {1}, {}}, results));
  ASSERT_OK(CheckResults(results, shard));
  ASSERT_OK(AddSeries(key, {{Micros(1, 4)}, {1}, {}}, results));
  EXPECT_THAT(CheckResults(results, shard), ViolatesField("series.bucket_start_micros"));
}

}  // namespace
}  // namespace metricstore::registry
