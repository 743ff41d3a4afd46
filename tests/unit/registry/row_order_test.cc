// Which rows of a batch are stored, and in which order.
#include "registry_service/ingest/row_order.h"

#include "gmock/gmock.h"

namespace metricstore::registry {
namespace {

using columns::Column;
using columns::ColumnType;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const Dataset kBars{.name = "fact_bars",
                    .columns = {{"symbol", ColumnType::kText},
                                {"ts", ColumnType::kTimestamp},
                                {"level", ColumnType::kFloat64}},
                    .grain = {"symbol", "ts", "level"},
                    .time_column = "ts",
                    .entity_column = "symbol"};

columns::ColumnBatch Batch(std::vector<std::string> dictionary, std::vector<uint32_t> codes,
                           std::vector<int64_t> times, std::vector<double> levels) {
  const size_t rows = codes.size();
  return {
      .rows = rows,
      .columns = {{.name = "symbol",
                   .type = ColumnType::kText,
                   .codes = std::move(codes),
                   .dictionary = std::move(dictionary)},
                  {.name = "ts", .type = ColumnType::kTimestamp, .int64 = std::move(times)},
                  {.name = "level", .type = ColumnType::kFloat64, .float64 = std::move(levels)}}};
}

std::vector<uint32_t> Order(const columns::ColumnBatch& batch, const RejectedRows& rejected = {}) {
  std::vector<const Column*> columns;
  for (const Column& column : batch.columns) columns.push_back(&column);
  return OrderRows(kBars, columns, batch, rejected);
}

TEST(OrderRowsTest, KeysAreOrderedAsTheIndexOrdersThem) {
  EXPECT_THAT(Order(Batch({"b", "B", "\xC3\x9C", "a"}, {0, 1, 2, 3}, {1, 1, 1, 1}, {1, 1, 1, 1})),
              ElementsAre(1, 3, 0, 2));
  EXPECT_THAT(Order(Batch({"a"}, {0, 0, 0}, {5, -7, 0}, {1, 1, 1})), ElementsAre(1, 2, 0));
  EXPECT_THAT(Order(Batch({"a"}, {0, 0, 0, 0}, {1, 1, 1, 1}, {0.5, -2, -0.5, 1e300})),
              ElementsAre(1, 2, 0, 3));
}

TEST(OrderRowsTest, LastRowOfAKeyWins) {
  EXPECT_THAT(Order(Batch({"a"}, {0, 0, 0, 0}, {2, 1, 2, 1}, {1, 1, 1, 1})), ElementsAre(3, 2));
  EXPECT_THAT(Order(Batch({"a"}, {0, 0, 0}, {1, 1, 1}, {1, 1, 1})), ElementsAre(2));
  EXPECT_THAT(Order(Batch({"a"}, {0, 0}, {1, 1}, {0.0, -0.0})), ElementsAre(1));
}

TEST(OrderRowsTest, RejectedRowsAreLeftOut) {
  RejectedRows rejected;
  rejected.Add(0, "ts", "bad");
  rejected.Add(2, "ts", "bad");
  const auto batch = Batch({"a"}, {0, 0, 0, 0}, {1, 2, 3, 4}, {1, 1, 1, 1});
  EXPECT_THAT(Order(batch, rejected), ElementsAre(1, 3));
  rejected.Add(3, "ts", "bad");
  // A rejected row does not replace an accepted one.
  EXPECT_THAT(Order(Batch({"a"}, {0, 0, 0, 0}, {9, 2, 9, 2}, {1, 1, 1, 1}), rejected),
              ElementsAre(1));
}

TEST(SharesOfTest, GivesRowsAndTimesOfEachEntity) {
  const auto batch = Batch({"b", "a"}, {0, 1, 0, 0}, {5, 6, 2, 9}, {1, 1, 1, 1});
  const auto shares = SharesOf(kBars, batch, {1, 2, 0, 3});
  ASSERT_EQ(shares.size(), 2u);
  EXPECT_EQ(shares[0].entity, "a");
  EXPECT_EQ(shares[1].entity, "b");
  EXPECT_EQ(shares[1].rows, 3);
  EXPECT_EQ(shares[1].oldest_micros, 2);
  EXPECT_EQ(shares[1].newest_micros, 9);
  EXPECT_THAT(SharesOf(kBars, batch, {}), IsEmpty());
}

TEST(RejectedRowsTest, RowIsRejectedOnceForItsFirstReason) {
  RejectedRows rejected;
  rejected.Add(4, "ts", "first");
  rejected.Add(4, "level", "second");
  EXPECT_THAT(rejected.rows(), ElementsAre(4));
  EXPECT_EQ(rejected.listed()[0].description, "first");
}

}  // namespace
}  // namespace metricstore::registry
