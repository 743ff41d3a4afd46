// The order of values as ranks, whichever way they were ranked, and ranks in a range that slides.
#include "compute_service/engine/vector/kernels/ranks/value_ranks.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "compute_service/engine/vector/kernels/ranks/sliding_ranks.h"
#include "gmock/gmock.h"
#include "tests/unit/compute/engine_fixture.h"

namespace metricstore::compute::vector {
namespace {

using ::testing::ElementsAre;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

bool IsLess(double a, double b) { return std::isnan(b) ? !std::isnan(a) : a < b; }
bool IsLess(int64_t a, int64_t b) { return a < b; }

uint64_t CanonicalBits(double value) {
  if (std::isnan(value)) return std::bit_cast<uint64_t>(kNaN);
  return std::bit_cast<uint64_t>(value == 0 ? 0.0 : value);
}
uint64_t CanonicalBits(int64_t value) { return static_cast<uint64_t>(value); }

ValueType TypeOf(double) { return ValueType::kFloat64; }
ValueType TypeOf(int64_t) { return ValueType::kInt64; }

// Ranks are in the order of the values, and tell them.
template <typename T>
void ExpectOrder(const std::vector<T>& values, const std::vector<uint8_t>& valid,
                 const ValueRanks& ranks, const std::string& name) {
  ASSERT_EQ(ranks.of_row.size(), values.size()) << name;
  ASSERT_LE(ranks.count, 4 * values.size()) << name << ": each rank takes memory";
  std::vector<size_t> rows;
  for (size_t row = 0; row < values.size(); ++row) {
    if (valid.empty() || valid[row] != 0) {
      rows.push_back(row);
      ASSERT_LT(ranks.of_row[row], ranks.count) << name << ", row " << row;
      ASSERT_EQ(ranks.BitsOf(ranks.of_row[row]), CanonicalBits(values[row]))
          << name << ", row " << row << ": " << values[row];
    } else {
      ASSERT_EQ(ranks.of_row[row], ValueRanks::kNull) << name << ", row " << row;
    }
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [&](size_t a, size_t b) { return IsLess(values[a], values[b]); });
  for (size_t i = 1; i < rows.size(); ++i) {
    const uint32_t before = ranks.of_row[rows[i - 1]];
    const uint32_t here = ranks.of_row[rows[i]];
    if (IsLess(values[rows[i - 1]], values[rows[i]])) {
      ASSERT_LT(before, here) << name << ": " << values[rows[i - 1]] << ", " << values[rows[i]];
    } else {
      ASSERT_EQ(before, here) << name << ": " << values[rows[i]];
    }
  }
}

// Without NULL and with some, whose value is zero; all with the same ranker.
template <typename T>
void ExpectRanked(ValueRanker* ranker, std::vector<T> values, const std::string& name) {
  ValueRanks ranks;
  ranker->Rank({values.data(), nullptr}, TypeOf(T()), values.size(), &ranks);
  ExpectOrder(values, {}, ranks, name);
  std::vector<uint8_t> valid(values.size(), 1);
  for (size_t row = 0; row < values.size(); row += 3) {
    valid[row] = 0;
    values[row] = 0;
  }
  ranker->Rank({values.data(), valid.data()}, TypeOf(T()), values.size(), &ranks);
  ExpectOrder(values, valid, ranks, name + " with NULL");
}

template <typename Make>
auto Values(size_t rows, const Make& make) {
  std::vector<decltype(make())> values(rows);
  for (auto& value : values) value = make();
  return values;
}

TEST(ValueRanksTest, OrdersNumbersWithEqualZeroesAndNaNLast) {
  double values[] = {1.5, -0.0, kNaN, -kInfinity, 0.0, 7, -2, -kNaN, 1e-310, kInfinity};
  uint8_t valid[] = {1, 1, 1, 1, 1, 0, 1, 1, 1, 1};
  ValueRanks ranks;
  ValueRanker().Rank({values, valid}, ValueType::kFloat64, 10, &ranks);
  EXPECT_THAT(ranks.of_row, ElementsAre(4, 2, 6, 0, 2, ValueRanks::kNull, 1, 6, 3, 5));
  ASSERT_EQ(ranks.count, 7u);
  EXPECT_EQ(ranks.RealOf(0), -kInfinity);
  EXPECT_EQ(ranks.RealOf(1), -2);
  EXPECT_EQ(ranks.BitsOf(2), 0u) << "a zero has no sign";
  EXPECT_TRUE(std::isnan(ranks.RealOf(6)));
}

TEST(ValueRanksTest, OrdersIntegersOfAllSizes) {
  int64_t values[] = {5, std::numeric_limits<int64_t>::min(), -1, 5,
                      std::numeric_limits<int64_t>::max()};
  ValueRanks ranks;
  ValueRanker().Rank({values, nullptr}, ValueType::kInt64, 5, &ranks);
  EXPECT_THAT(ranks.of_row, ElementsAre(2, 0, 1, 2, 3));
  EXPECT_EQ(static_cast<int64_t>(ranks.BitsOf(1)), -1);
}

TEST(ValueRanksTest, OrdersIntegersInRangesOfAllLengths) {
  const uint64_t seed = TestSeed();
  SCOPED_TRACE("METRICSTORE_TEST_SEED=" + std::to_string(seed));
  std::mt19937_64 random(seed);
  ValueRanker ranker;
  for (const size_t rows : {1, 2, 100, 3000}) {
    for (const int bits : {0, 1, 8, 13, 14, 17, 18, 19, 33, 53, 63}) {
      for (const int64_t least :
           {INT64_C(0), INT64_C(-7), -(INT64_C(1) << 53), INT64_C(1) << 61, INT64_MIN}) {
        const auto values = Values(rows, [&]() -> int64_t {
          return static_cast<int64_t>(static_cast<uint64_t>(least) +
                                      (random() >> (63 - bits) >> 1));
        });
        const std::string name = std::to_string(rows) + " rows of " + std::to_string(bits) +
                                 " bits from " + std::to_string(least);
        ExpectRanked(&ranker, values, name);
        ExpectRanked(&ranker, std::vector<double>(values.begin(), values.end()), "reals, " + name);
        if (HasFatalFailure()) return;
      }
    }
  }
}

TEST(ValueRanksTest, OrdersDecimals) {
  std::mt19937_64 random(3);
  ValueRanker ranker;
  for (const size_t rows : {50, 5000}) {
    for (const double scale : {100.0, 10'000.0, 1'000'000.0}) {
      for (const int64_t least : {-60, 9900, 108'000}) {
        for (const uint64_t range : {120, 30'000, 9'000'000}) {
          auto prices = Values(rows, [&] {
            return static_cast<double>(least + static_cast<int64_t>(random() % range)) / scale;
          });
          const std::string name = std::to_string(range) + " from " + std::to_string(least) +
                                   " over " + std::to_string(scale);
          prices[rows / 2] = -0.0;
          ExpectRanked(&ranker, prices, name);
          // Values next to decimals, which are others.
          for (const double other : {0.1 + 0.2, std::nextafter(prices[0], 1e9), 0.123456789, 1e-300,
                                     0x1p51 + 1, 0x1p60, kInfinity, -kInfinity, kNaN}) {
            prices[rows - 1] = other;
            ExpectRanked(&ranker, prices, name + " and " + std::to_string(other));
            if (HasFatalFailure()) return;
          }
        }
      }
    }
  }
}

// A product may round to what that of a neighbour is.
TEST(ValueRanksTest, TellsDecimalsFromTheirNeighbours) {
  std::vector<double> values;
  size_t neighbours = 0;
  for (int cents = 1; cents < 3000; ++cents) {
    const double decimal = cents / 100.0;
    for (const double value :
         {decimal, std::nextafter(decimal, 0), std::nextafter(decimal, kInfinity)}) {
      if (value * 100 != cents) continue;
      values.push_back(value);
      neighbours += value != decimal ? 1 : 0;
    }
  }
  ASSERT_GT(neighbours, 100U);
  ValueRanker ranker;
  ExpectRanked(&ranker, values, "decimals and neighbours");
}

TEST(ValueRanksTest, OrdersRealsThatDifferInTheirLastBitsOnly) {
  std::mt19937_64 random(4);
  ValueRanker ranker;
  for (const double outlier : {1.5, 1e300, -1e300, 5e-324, kNaN}) {
    for (const uint64_t distinct : {1, 3, 1000, 1 << 30}) {
      auto values = Values(
          4000, [&] { return std::bit_cast<double>(0x3ff8'0000'0000'0000 + random() % distinct); });
      values[17] = outlier;
      ExpectRanked(&ranker, values, std::to_string(distinct) + " and " + std::to_string(outlier));
      for (double& value : values) value *= static_cast<double>(random() % 3) - 1;
      ExpectRanked(&ranker, values, std::to_string(distinct) + " of both signs");
      if (HasFatalFailure()) return;
    }
  }
}

TEST(ValueRanksTest, OrdersRealsOfAllMagnitudes) {
  std::mt19937_64 random(6);
  ValueRanker ranker;
  for (const size_t rows : {256, 257, 20'000}) {
    ExpectRanked(&ranker, Values(rows, [&] { return std::bit_cast<double>(random()); }), "any");
    ExpectRanked(&ranker,
                 Values(rows, [&] { return std::ldexp(static_cast<double>(random()), -64); }),
                 "shares");
  }
}

TEST(RangeChangeTest, TurnsOneRangeIntoAnother) {
  for (size_t from = 0; from < 64; ++from) {
    for (size_t to = 0; to < 64; ++to) {
      const RowRange first{from / 8, from / 8 + from % 8};
      const RowRange second{to / 8, to / 8 + to % 8};
      const RangeChange change = ChangeOf(first, second);
      std::vector<int> rows(20);
      for (size_t row = first.begin; row < first.end; ++row) ++rows[row];
      for (const RowRange& removed : change.removed) {
        for (size_t row = removed.begin; row < removed.end; ++row) --rows[row];
      }
      EXPECT_GE(*std::min_element(rows.begin(), rows.end()), 0) << "only present rows are removed";
      const bool is_empty = *std::max_element(rows.begin(), rows.end()) == 0;
      EXPECT_TRUE(!change.keeps_none || is_empty);
      for (const RowRange& added : change.added) {
        for (size_t row = added.begin; row < added.end; ++row) ++rows[row];
      }
      for (size_t row = 0; row < rows.size(); ++row) {
        EXPECT_EQ(rows[row], row >= second.begin && row < second.end ? 1 : 0);
      }
    }
  }
}

// One window answers a question after another, over ranks of all numbers.
TEST(SlidingRanksTest, EveryRangeHasItsDistinctValuesAndItsOrder) {
  std::mt19937_64 random(11);
  SlidingRanks window;
  for (const uint64_t numbers : {70'000, 40, 1}) {
    std::vector<double> values(100'000);
    for (double& value : values) value = static_cast<double>(random() % numbers) - 35'000;
    std::vector<uint8_t> valid(values.size(), 1);
    for (size_t row = 0; row < values.size(); row += 1 + random() % 30) valid[row] = 0;
    ValueRanks ranks;
    ValueRanker().Rank({values.data(), valid.data()}, ValueType::kFloat64, values.size(), &ranks);
    for (const auto question :
         {SlidingRanks::Question::kSelect, SlidingRanks::Question::kDistinct}) {
      window.Start(ranks, question);
      RowRange last;
      for (const RowRange& rows :
           {RowRange{0, 1}, RowRange{0, 90'000}, RowRange{500, 80'000}, RowRange{200, 95'000},
            RowRange{99'000, 100'000}, RowRange{10, 4000}, RowRange{10, 12}}) {
        const RangeChange change = ChangeOf(last, rows);
        if (change.keeps_none) {
          window.Clear({&last, 1});
        } else {
          for (const RowRange& removed : change.removed) window.Remove(removed);
        }
        for (const RowRange& added : change.added) window.Add(added);
        last = rows;
        std::vector<double> sorted;
        for (size_t row = rows.begin; row < rows.end; ++row) {
          if (valid[row] != 0) sorted.push_back(values[row]);
        }
        std::sort(sorted.begin(), sorted.end());
        ASSERT_EQ(window.size(), sorted.size());
        if (question == SlidingRanks::Question::kSelect) {
          for (size_t i = 0; i < std::min<size_t>(sorted.size(), 200); ++i) {
            const size_t k = random() % sorted.size();
            ASSERT_EQ(ranks.RealOf(window.Select(k)), sorted[k]) << k;
            if (k == 0) continue;
            ASSERT_EQ(ranks.RealOf(window.SelectBefore()), sorted[k - 1]) << k;
          }
        } else {
          const auto end = std::unique(sorted.begin(), sorted.end());
          ASSERT_EQ(window.distinct(), static_cast<size_t>(end - sorted.begin()));
        }
      }
      window.Clear({&last, 1});
    }
  }
}

}  // namespace
}  // namespace metricstore::compute::vector
