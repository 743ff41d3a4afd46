#include "compute_service/rows/entity_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <optional>

#include "tests/unit/compute/shard_fixture.h"

namespace metricstore::compute {
namespace {

using ::testing::ElementsAre;

// A batch of the columns symbol, ts, venue, where a venue may be NULL.
columns::ColumnBatch VenueBatch(
    const std::vector<std::pair<std::string, std::optional<std::string>>>& rows) {
  columns::DictionaryBuilder symbols;
  columns::DictionaryBuilder venues;
  columns::Column symbol{.name = "symbol", .type = columns::ColumnType::kText};
  columns::Column ts{.name = "ts", .type = columns::ColumnType::kTimestamp};
  columns::Column venue{.name = "venue", .type = columns::ColumnType::kText};
  for (size_t row = 0; row < rows.size(); ++row) {
    symbol.codes.push_back(symbols.CodeOf(rows[row].first));
    ts.int64.push_back(static_cast<int64_t>(row));
    venue.codes.push_back(rows[row].second ? venues.CodeOf(*rows[row].second) : 0);
    if (!rows[row].second) venue.validity.SetNull(row, rows.size());
  }
  symbol.dictionary = symbols.Take();
  venue.dictionary = venues.Take();
  return {.rows = rows.size(), .columns = {std::move(symbol), std::move(ts), std::move(venue)}};
}

std::vector<std::string> Texts(const columns::Column& column) {
  std::vector<std::string> texts;
  for (size_t row = 0; row < column.size(); ++row) {
    texts.emplace_back(column.validity.valid(row) ? column.text(row) : "NULL");
  }
  return texts;
}

struct HandedOut {
  std::vector<std::string> entities;
  std::map<std::string, columns::ColumnBatch> rows;

  EntityRows::Sink Sink() {
    return [this](std::string_view entity, columns::ColumnBatch&& batch) {
      entities.emplace_back(entity);
      rows.emplace(std::string(entity), std::move(batch));
      return absl::OkStatus();
    };
  }
};

TEST(EntityRowsTest, HandsOutAnEntityWhenTheNextBegins) {
  HandedOut out;
  EntityRows rows("symbol", out.Sink());
  ASSERT_TRUE(
      rows.Add(BarsBatch({{"A", Utc(2024, 1, 1), 1, 10}, {"A", Utc(2024, 1, 2), 2, 20}})).ok());
  EXPECT_TRUE(out.entities.empty());
  ASSERT_TRUE(
      rows.Add(BarsBatch({{"A", Utc(2024, 1, 3), 3, 30}, {"B", Utc(2024, 1, 1), 4, 40}})).ok());
  EXPECT_THAT(out.entities, ElementsAre("A"));
  ASSERT_TRUE(rows.Finish().ok());
  EXPECT_THAT(out.entities, ElementsAre("A", "B"));
  EXPECT_THAT(out.rows["A"].Find("close")->float64, ElementsAre(1, 2, 3));
  EXPECT_THAT(out.rows["B"].Find("volume")->float64, ElementsAre(40));
  EXPECT_EQ(out.rows["A"].rows, 3);
  EXPECT_EQ(rows.rows_added(), 4);
}

TEST(EntityRowsTest, TextsOfDifferentDictionariesAreKept) {
  HandedOut out;
  EntityRows rows("symbol", out.Sink());
  ASSERT_TRUE(rows.Add(VenueBatch({{"A", "X"}, {"A", "Y"}})).ok());
  ASSERT_TRUE(rows.Add(VenueBatch({{"A", "Y"}, {"A", "Z"}, {"B", "Y"}})).ok());
  ASSERT_TRUE(rows.Finish().ok());
  EXPECT_THAT(Texts(*out.rows["A"].Find("venue")), ElementsAre("X", "Y", "Y", "Z"));
  EXPECT_THAT(Texts(*out.rows["A"].Find("symbol")), ElementsAre("A", "A", "A", "A"));
  EXPECT_THAT(Texts(*out.rows["B"].Find("venue")), ElementsAre("Y"));
}

TEST(EntityRowsTest, NullsKeepTheirRows) {
  HandedOut out;
  EntityRows rows("symbol", out.Sink());
  ASSERT_TRUE(rows.Add(VenueBatch({{"A", std::nullopt}})).ok());
  ASSERT_TRUE(rows.Add(VenueBatch({{"A", "X"}, {"B", "X"}, {"B", std::nullopt}, {"B", "Y"}})).ok());
  ASSERT_TRUE(rows.Finish().ok());
  EXPECT_THAT(Texts(*out.rows["A"].Find("venue")), ElementsAre("NULL", "X"));
  EXPECT_THAT(Texts(*out.rows["B"].Find("venue")), ElementsAre("X", "NULL", "Y"));
}

TEST(EntityRowsTest, WithoutAnEntityColumnAllRowsAreOneEntitys) {
  HandedOut out;
  EntityRows rows("", out.Sink());
  ASSERT_TRUE(
      rows.Add(BarsBatch({{"A", Utc(2024, 1, 1), 1, 1}, {"B", Utc(2024, 1, 2), 2, 2}})).ok());
  ASSERT_TRUE(rows.Finish().ok());
  EXPECT_THAT(out.entities, ElementsAre(""));
  EXPECT_EQ(out.rows[""].rows, 2);
}

TEST(EntityRowsTest, NoRowsHandOutNothing) {
  HandedOut out;
  EntityRows rows("symbol", out.Sink());
  ASSERT_TRUE(rows.Add(BarsBatch({})).ok());
  ASSERT_TRUE(rows.Finish().ok());
  EXPECT_TRUE(out.entities.empty());
}

TEST(EntityRowsTest, EntitiesOutOfOrderAreAnError) {
  HandedOut out;
  EntityRows rows("symbol", out.Sink());
  const absl::Status status =
      rows.Add(BarsBatch({{"B", Utc(2024, 1, 1), 1, 1}, {"A", Utc(2024, 1, 1), 2, 2}}));
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
}

TEST(EntityRowsTest, OrderIsBytewise) {
  HandedOut out;
  EntityRows rows("symbol", out.Sink());
  ASSERT_TRUE(rows.Add(BarsBatch({{"Z", Utc(2024, 1, 1), 1, 1},
                                  {"a", Utc(2024, 1, 1), 1, 1},
                                  {"\xC3\x84", Utc(2024, 1, 1), 1, 1}}))
                  .ok());
  ASSERT_TRUE(rows.Finish().ok());
  EXPECT_THAT(out.entities, ElementsAre("Z", "a", "\xC3\x84"));
}

TEST(EntityRowsTest, BatchesOfOtherColumnsAreAnError) {
  HandedOut out;
  EntityRows rows("symbol", out.Sink());
  ASSERT_TRUE(rows.Add(BarsBatch({{"A", Utc(2024, 1, 1), 1, 1}})).ok());
  EXPECT_EQ(rows.Add(VenueBatch({{"A", "X"}})).code(), absl::StatusCode::kInternal);
}

TEST(EntityRowsTest, TheSinksErrorIsReturned) {
  EntityRows rows("symbol", [](std::string_view, columns::ColumnBatch&&) {
    return absl::InvalidArgumentError("no");
  });
  ASSERT_TRUE(rows.Add(BarsBatch({{"A", Utc(2024, 1, 1), 1, 1}})).ok());
  EXPECT_EQ(rows.Finish(), absl::InvalidArgumentError("no"));
}

}  // namespace
}  // namespace metricstore::compute
