#include "compute_service/engine/series/resampler.h"

#include <limits>

#include "gmock/gmock.h"
#include "tests/testing/matchers.h"
#include "tests/unit/compute/engine_fixture.h"
#include "tests/unit/compute/shard_fixture.h"

namespace metricstore::compute {
namespace {

using columns::Column;
using columns::ColumnBatch;
using columns::ColumnType;
using ::metricstore::testing::HasMetadata;
using ::metricstore::testing::IsOk;
using ::metricstore::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using vector::ColumnFold;
using vector::Fold;
using vector::TestSchema;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

// Rows of the test schema at these instants; the values are 1, 2, 3, ...
ColumnBatch RowsAt(const std::vector<absl::Time>& times) {
  ColumnBatch rows{.rows = times.size(), .columns = {}};
  Column ts{.name = "ts", .type = ColumnType::kTimestamp};
  Column a{.name = "a", .type = ColumnType::kFloat64};
  Column n{.name = "n", .type = ColumnType::kInt64};
  Column side{.name = "side", .type = ColumnType::kText};
  Column flag{.name = "flag", .type = ColumnType::kBool};
  Column day{.name = "day", .type = ColumnType::kDate};
  side.dictionary = {"B", "S"};
  for (size_t i = 0; i < times.size(); ++i) {
    ts.int64.push_back(ToMicros(times[i]));
    a.float64.push_back(static_cast<double>(i) + 1.5);
    n.int64.push_back(static_cast<int64_t>(i) + 1);
    side.codes.push_back(static_cast<uint32_t>(i % 2));
    flag.boolean.push_back(static_cast<uint8_t>(i % 2));
    day.date.push_back(static_cast<int32_t>(19'000 - i));
  }
  for (Column* column : {&ts, &a, &n, &side, &flag, &day}) rows.columns.push_back(*column);
  return rows;
}

class ResamplerTest : public ::testing::Test {
 protected:
  // Bars of the base of `window` over dates of March 2024.
  Resampling BarsOf(const std::string& window, absl::Duration timeframe,
                    std::vector<ColumnFold> columns, int first_day, int end_day) {
    Resampling resampling{.calendar = calendar_.get(),
                          .base = *calendar::ParseWindow(window),
                          .timeframe = timeframe,
                          .columns = std::move(columns)};
    const auto buckets = calendar::ResolveBuckets(
        *calendar_, resampling.base, Grain::kDay,
        {absl::CivilDay(2024, 3, first_day), absl::CivilDay(2024, 3, end_day)});
    EXPECT_THAT(buckets, IsOk());
    resampling.slices = buckets->slices;
    return resampling;
  }

  absl::StatusOr<ColumnBatch> Resample(const Resampling& resampling, const ColumnBatch& rows) {
    const auto resampler =
        Resampler::Create(std::make_shared<const Resampling>(resampling), "ts", TestSchema());
    EXPECT_THAT(resampler, IsOk());
    schema_ = (*resampler)->schema();
    return (*resampler)->Resample(rows, CallBounds());
  }

  std::shared_ptr<const calendar::Calendar> calendar_ = NewYork();
  expression::Schema schema_;
};

std::vector<int64_t> Micros(const std::vector<absl::Time>& times) {
  std::vector<int64_t> micros;
  for (const absl::Time time : times) micros.push_back(ToMicros(time));
  return micros;
}

TEST_F(ResamplerTest, FoldsEachColumnAndKeepsItsType) {
  // 09:30 in New York is 14:30 UTC.
  const ColumnBatch rows = RowsAt({Utc(2024, 3, 4, 14, 31), Utc(2024, 3, 4, 14, 44),
                                   Utc(2024, 3, 4, 14, 45), Utc(2024, 3, 4, 15, 20)});
  const auto fold = [&](const char* column, Fold how) {
    const auto bars = Resample(BarsOf("rth", absl::Minutes(15), {{column, how}}, 4, 5), rows);
    EXPECT_THAT(bars, IsOk());
    EXPECT_EQ(bars->columns[0].int64,
              Micros({Utc(2024, 3, 4, 14, 30), Utc(2024, 3, 4, 14, 45), Utc(2024, 3, 4, 15, 15)}));
    EXPECT_EQ(schema_[1].type, bars->columns[1].type);
    return bars->columns[1];
  };
  EXPECT_THAT(fold("a", Fold::kFirst).float64, ElementsAre(1.5, 3.5, 4.5));
  EXPECT_THAT(fold("a", Fold::kLast).float64, ElementsAre(2.5, 3.5, 4.5));
  EXPECT_THAT(fold("a", Fold::kSum).float64, ElementsAre(4, 3.5, 4.5));
  EXPECT_THAT(fold("a", Fold::kAvg).float64, ElementsAre(2, 3.5, 4.5));
  EXPECT_THAT(fold("a", Fold::kMin).float64, ElementsAre(1.5, 3.5, 4.5));
  EXPECT_THAT(fold("a", Fold::kMax).float64, ElementsAre(2.5, 3.5, 4.5));
  EXPECT_THAT(fold("n", Fold::kSum).int64, ElementsAre(3, 3, 4));
  EXPECT_THAT(fold("n", Fold::kMin).int64, ElementsAre(1, 3, 4));
  EXPECT_THAT(fold("n", Fold::kMax).int64, ElementsAre(2, 3, 4));
  EXPECT_THAT(fold("n", Fold::kAvg).float64, ElementsAre(1.5, 3, 4));
  EXPECT_THAT(fold("day", Fold::kMin).date, ElementsAre(18'999, 18'998, 18'997));
  EXPECT_THAT(fold("day", Fold::kMax).date, ElementsAre(19'000, 18'998, 18'997));
  EXPECT_THAT(fold("day", Fold::kFirst).date, ElementsAre(19'000, 18'998, 18'997));
  EXPECT_THAT(fold("flag", Fold::kLast).boolean, ElementsAre(1, 0, 1));
  const Column side = fold("side", Fold::kLast);
  EXPECT_THAT(side.codes, ElementsAre(1, 0, 1));
  EXPECT_THAT(side.dictionary, ElementsAre("B", "S"));
}

TEST_F(ResamplerTest, LargeIntegersKeepEveryDigit) {
  ColumnBatch rows = RowsAt({Utc(2024, 3, 4, 15), Utc(2024, 3, 4, 15, 1)});
  rows.columns[2].int64 = {(INT64_C(1) << 53) + 1, 2};
  const auto bars = Resample(BarsOf("rth", absl::Hours(1), {{"n", Fold::kSum}}, 4, 5), rows);
  ASSERT_THAT(bars, IsOk());
  EXPECT_THAT(bars->columns[1].int64, ElementsAre((INT64_C(1) << 53) + 3));
  rows.columns[2].int64 = {std::numeric_limits<int64_t>::max(), 2};
  const auto overflow = Resample(BarsOf("rth", absl::Hours(1), {{"n", Fold::kSum}}, 4, 5), rows);
  EXPECT_THAT(overflow, StatusIs(kInvalid, "BATCH_INVALID"));
  EXPECT_THAT(overflow, HasMetadata("column", "n"));
}

TEST_F(ResamplerTest, NullsAreLeftOutAndAloneStayNull) {
  ColumnBatch rows = RowsAt({Utc(2024, 3, 4, 15), Utc(2024, 3, 4, 15, 1), Utc(2024, 3, 4, 16, 1)});
  for (const size_t row : {1, 2}) {
    rows.columns[1].validity.SetNull(row, 3);
    rows.columns[1].float64[row] = 0;
    rows.columns[3].validity.SetNull(row, 3);
  }
  const auto bars = Resample(
      BarsOf("full_day", absl::Hours(1), {{"a", Fold::kLast}, {"side", Fold::kFirst}}, 4, 5), rows);
  ASSERT_THAT(bars, IsOk());
  ASSERT_EQ(bars->rows, 2u);
  for (const size_t column : {1, 2}) {
    EXPECT_TRUE(bars->columns[column].validity.valid(0));
    EXPECT_FALSE(bars->columns[column].validity.valid(1));
  }
  EXPECT_THAT(bars->columns[1].float64, ElementsAre(1.5, 0));
}

TEST_F(ResamplerTest, OnlyRowsThatPassTheFiltersMakeBars) {
  Resampling resampling = BarsOf("rth", absl::Hours(1), {{"n", Fold::kFirst}}, 4, 6);
  resampling.filters.push_back(*expression::BoundExpression::ParseFilter("n > 1", TestSchema()));
  const auto bars = Resample(
      resampling, RowsAt({Utc(2024, 3, 4, 15, 10), Utc(2024, 3, 4, 16, 10), Utc(2024, 3, 4, 16, 20),
                          Utc(2024, 3, 5, 3), Utc(2024, 3, 5, 20, 59)}));
  ASSERT_THAT(bars, IsOk());
  EXPECT_EQ(bars->columns[0].int64, Micros({Utc(2024, 3, 4, 16), Utc(2024, 3, 5, 20)}));
  EXPECT_THAT(bars->columns[1].int64, ElementsAre(2, 5));
  EXPECT_THAT(Resample(resampling, RowsAt({}))->columns[0].int64, IsEmpty());
}

TEST_F(ResamplerTest, BarsAreCountedFromTheOpenWhereThatIsAskedFor) {
  Resampling resampling = BarsOf("rth", absl::Hours(1), {}, 4, 5);
  const ColumnBatch rows = RowsAt({Utc(2024, 3, 4, 14, 30), Utc(2024, 3, 4, 15, 29),
                                   Utc(2024, 3, 4, 15, 30), Utc(2024, 3, 4, 20, 59)});
  EXPECT_EQ(Resample(resampling, rows)->columns[0].int64,
            Micros({Utc(2024, 3, 4, 14, 30), Utc(2024, 3, 4, 15), Utc(2024, 3, 4, 20)}));
  resampling.alignment = calendar::BarAlignment::kSession;
  EXPECT_EQ(Resample(resampling, rows)->columns[0].int64,
            Micros({Utc(2024, 3, 4, 14, 30), Utc(2024, 3, 4, 15, 30), Utc(2024, 3, 4, 20, 30)}));
  // Buckets of hours are no longer than hours.
  resampling.by_hour = true;
  EXPECT_EQ(Resample(resampling, rows)->columns[0].int64,
            Micros({Utc(2024, 3, 4, 14, 30), Utc(2024, 3, 4, 15), Utc(2024, 3, 4, 15, 30),
                    Utc(2024, 3, 4, 20, 30)}));
}

// However many bars are cut at a time, each has its own rows.
TEST_F(ResamplerTest, ManyBarsAreThoseOfEachSecond) {
  std::vector<absl::Time> times;
  for (int day = 4; day < 29; ++day) {
    for (int second = 0; second < 200; ++second) {
      times.push_back(Utc(2024, 3, day, 15) + absl::Milliseconds(500 * second));
    }
  }
  Resampling resampling =
      BarsOf("full_day", absl::Seconds(1), {{"n", Fold::kLast}, {"a", Fold::kFirst}}, 1, 30);
  const auto bars = Resample(resampling, RowsAt(times));
  ASSERT_THAT(bars, IsOk());
  ASSERT_EQ(bars->rows, times.size() / 2);
  for (size_t i = 0; i < bars->rows; ++i) {
    ASSERT_EQ(bars->columns[0].int64[i], ToMicros(times[2 * i]));
    ASSERT_EQ(bars->columns[1].int64[i], static_cast<int64_t>(2 * i + 2));
    ASSERT_EQ(bars->columns[2].float64[i], static_cast<double>(2 * i) + 1.5);
  }
}

TEST_F(ResamplerTest, RefusesColumnsThatCannotBeFolded) {
  const auto create = [&](ColumnFold fold) {
    return Resampler::Create(
        std::make_shared<const Resampling>(BarsOf("rth", absl::Hours(1), {fold}, 4, 5)), "ts",
        TestSchema());
  };
  EXPECT_THAT(create({"side", Fold::kMax}), StatusIs(kInvalid, "NOT_SUPPORTED"));
  EXPECT_THAT(create({"flag", Fold::kSum}), StatusIs(kInvalid, "NOT_SUPPORTED"));
  EXPECT_THAT(create({"nothing", Fold::kLast}), StatusIs(kInvalid, "EXPRESSION_INVALID"));
}

}  // namespace
}  // namespace metricstore::compute
