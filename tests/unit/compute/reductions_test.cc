// Loops over runs of every length: lanes, tails and masks give what one value after the other
// gives.

#include "compute_service/engine/vector/kernels/loops/reductions.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "compute_service/engine/vector/kernels/loops/compensated_sum.h"
#include "compute_service/engine/vector/kernels/loops/widths.h"
#include "tests/unit/compute/engine_fixture.h"

namespace metricstore::compute::vector {
namespace {

const double kNan = std::numeric_limits<double>::quiet_NaN();

std::vector<double> RandomValues(std::mt19937_64* random, size_t rows) {
  std::vector<double> values(rows);
  for (double& value : values) value = static_cast<double>((*random)() % 1'000'001) / 64 - 7000;
  return values;
}

// One value after the other into its lane, and lanes joined by halves.
Accumulator<double> SumByLanes(const std::vector<double>& values) {
  std::array<Accumulator<double>, 8> lanes;
  for (size_t i = 0; i < values.size(); ++i) lanes[i % 8].Add(values[i]);
  for (size_t half = 4; half > 0; half /= 2) {
    for (size_t lane = 0; lane < half; ++lane) lanes[lane].Add(lanes[lane + half]);
  }
  return lanes[0];
}

TEST(ReductionsTest, SumsHaveTheBitsOfEightLanesJoinedByHalves) {
  std::mt19937_64 random(1);
  for (size_t rows = 0; rows < 200; ++rows) {
    std::vector<double> values = RandomValues(&random, rows);
    for (double& value : values) value *= random() % 3 == 0 ? 1e17 : 0.1;
    const Accumulator<double> wanted = SumByLanes(values);
    const Accumulator<double> sum = PartialSumOf(values.data(), rows);
    EXPECT_EQ(sum.sum, wanted.sum) << rows;
    EXPECT_EQ(sum.lost, wanted.lost) << rows;
    EXPECT_EQ(SumOf(values.data(), rows), Total(wanted)) << rows;
  }
}

TEST(ReductionsTest, WhatLiesBesideARunChangesNothing) {
  std::mt19937_64 random(8);
  for (size_t rows = 1; rows < 40; ++rows) {
    std::vector<double> values = RandomValues(&random, rows);
    std::vector<uint8_t> valid(rows, 1);
    valid[random() % rows] = 0;
    std::vector<double> padded(rows + 16, kNan);
    std::vector<uint8_t> padded_valid(rows + 16, 1);
    std::copy(values.begin(), values.end(), padded.begin() + 8);
    std::copy(valid.begin(), valid.end(), padded_valid.begin() + 8);
    EXPECT_EQ(SumOf(padded.data() + 8, rows), SumOf(values.data(), rows)) << rows;
    EXPECT_EQ(GreatestOf(padded.data() + 8, nullptr, rows),
              GreatestOf(values.data(), nullptr, rows));
    double wanted[2];
    double sums[2];
    SumSquaresAround(values.data(), valid.data(), rows, 3, wanted);
    SumSquaresAround(padded.data() + 8, padded_valid.data() + 8, rows, 3, sums);
    EXPECT_EQ(sums[0], wanted[0]) << rows;
    EXPECT_EQ(sums[1], wanted[1]) << rows;
    if (rows == 1) continue;
    EXPECT_EQ(LeastOf(padded.data() + 8, padded_valid.data() + 8, rows),
              LeastOf(values.data(), valid.data(), rows));
  }
}

// Each width has a way of its own to count.
TEST(ReductionsTest, BytesAreCountedBeyondWhatOneByteHolds) {
  std::mt19937_64 random(7);
  std::vector<uint8_t> bytes(5000);
  for (uint8_t& byte : bytes) byte = random() % 4 != 0 ? 1 : 0;
  const std::vector<uint8_t> full(5000, 1);
  for (const Loops* const loops : RunnableLoops()) {
    SCOPED_TRACE(loops->name);
    for (const size_t rows : {0, 1, 7, 8, 9, 63, 64, 65, 2039, 2040, 2041, 2048, 2056, 4999}) {
      const auto ones = std::count(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(rows), 1);
      EXPECT_EQ(loops->reductions.ones(bytes.data(), rows), static_cast<size_t>(ones)) << rows;
      EXPECT_EQ(loops->reductions.ones(full.data(), rows), rows);
    }
  }
}

TEST(ReductionsTest, ADescentAtAnyPlaceIsFound) {
  std::vector<int64_t> values(40, INT64_MIN);
  EXPECT_TRUE(IsAscending(values.data(), 0));
  EXPECT_TRUE(IsAscending(values.data(), 40));
  for (size_t place = 0; place + 1 < 40; ++place) {
    values.assign(40, 5);
    for (size_t i = place + 1; i < 40; ++i) values[i] = 4;
    EXPECT_FALSE(IsAscending(values.data(), 40)) << place;
  }
}

TEST(ReductionsTest, SumsOfIntegersAreExact) {
  std::mt19937_64 random(2);
  std::vector<int64_t> values;
  __int128 total = 0;
  for (size_t rows = 0; rows < 100; ++rows) {
    EXPECT_TRUE(SumOf(values.data(), rows) == total) << rows;
    values.push_back(static_cast<int64_t>(random()));
    total += values.back();
  }
  const std::vector<int64_t> least(1000, INT64_MIN);
  EXPECT_TRUE(SumOf(least.data(), 1000) == static_cast<__int128>(INT64_MIN) * 1000);
}

TEST(ReductionsTest, ExtremesAreThoseOfEveryPlace) {
  std::mt19937_64 random(3);
  for (size_t rows = 1; rows < 70; ++rows) {
    std::vector<double> values = RandomValues(&random, rows);
    std::vector<int64_t> integers(rows);
    std::vector<uint8_t> bytes(rows, 1);
    for (int64_t& value : integers) value = static_cast<int64_t>(random());
    bytes[random() % rows] = 0;
    for (size_t at = 0; at < rows; ++at) {  // the extreme at each place
      const double before = values[at];
      values[at] = 1e9;
      EXPECT_EQ(GreatestOf(values.data(), nullptr, rows), 1e9) << at << " of " << rows;
      values[at] = -1e9;
      EXPECT_EQ(LeastOf(values.data(), nullptr, rows), -1e9) << at << " of " << rows;
      values[at] = kNan;
      EXPECT_TRUE(std::isnan(GreatestOf(values.data(), nullptr, rows))) << at << " of " << rows;
      EXPECT_EQ(std::isnan(LeastOf(values.data(), nullptr, rows)), rows == 1)
          << at << " of " << rows;
      values[at] = before;
    }
    EXPECT_EQ(GreatestOf(integers.data(), nullptr, rows),
              *std::max_element(integers.begin(), integers.end()));
    EXPECT_EQ(LeastOf(integers.data(), nullptr, rows),
              *std::min_element(integers.begin(), integers.end()));
    EXPECT_EQ(LeastOf(bytes.data(), nullptr, rows), 0);
    EXPECT_EQ(GreatestOf(bytes.data(), nullptr, rows), rows == 1 ? 0 : 1);
  }
}

TEST(ReductionsTest, ExtremesLeaveOutMaskedRows) {
  std::mt19937_64 random(9);
  for (size_t rows = 2; rows < 70; ++rows) {
    std::vector<double> values = RandomValues(&random, rows);
    std::vector<int64_t> integers(rows);
    for (int64_t& value : integers) value = static_cast<int64_t>(random());
    std::vector<uint8_t> valid(rows, 0);
    const size_t kept = random() % rows;
    valid[kept] = 1;
    for (size_t i = 0; i < rows; ++i) {  // the value of a NULL row is zero
      if (i == kept) continue;
      values[i] = 0;
      integers[i] = 0;
    }
    EXPECT_EQ(GreatestOf(values.data(), valid.data(), rows), values[kept]) << kept;
    EXPECT_EQ(LeastOf(values.data(), valid.data(), rows), values[kept]) << kept;
    EXPECT_EQ(GreatestOf(integers.data(), valid.data(), rows), integers[kept]) << kept;
    EXPECT_EQ(LeastOf(integers.data(), valid.data(), rows), integers[kept]) << kept;
    const std::vector<uint8_t> bytes(rows, 0);
    EXPECT_EQ(LeastOf(bytes.data(), valid.data(), rows), 0);
    std::vector<uint8_t> truth(rows, 0);
    truth[kept] = 1;
    EXPECT_EQ(LeastOf(truth.data(), valid.data(), rows), 1) << kept;
    EXPECT_EQ(GreatestOf(truth.data(), valid.data(), rows), 1) << kept;
    values[kept] = kNan;
    EXPECT_TRUE(std::isnan(LeastOf(values.data(), valid.data(), rows))) << kept;
    EXPECT_TRUE(std::isnan(GreatestOf(values.data(), valid.data(), rows))) << kept;
  }
}

TEST(ReductionsTest, ExtremesOfInfinitiesAreInfinities) {
  const std::vector<double> low(40, -HUGE_VAL);
  const std::vector<double> high(40, HUGE_VAL);
  std::vector<double> nan(40, kNan);
  EXPECT_EQ(GreatestOf(low.data(), nullptr, 40), -HUGE_VAL);
  EXPECT_EQ(LeastOf(high.data(), nullptr, 40), HUGE_VAL);
  EXPECT_TRUE(std::isnan(LeastOf(nan.data(), nullptr, 40)));
  nan[39] = HUGE_VAL;
  EXPECT_EQ(LeastOf(nan.data(), nullptr, 40), HUGE_VAL);
}

TEST(ReductionsTest, CountsBytesOfAnyNumber) {
  std::mt19937_64 random(4);
  for (const size_t rows : {0u, 1u, 31u, 32u, 33u, 8159u, 8160u, 8161u, 20'000u}) {
    std::vector<uint8_t> valid(rows, 1);
    EXPECT_EQ(CountOf(valid.data(), rows), rows);
    for (uint8_t& byte : valid) byte = static_cast<uint8_t>(random() % 2);
    EXPECT_EQ(CountOf(valid.data(), rows),
              static_cast<size_t>(std::count(valid.begin(), valid.end(), 1)));
  }
}

TEST(ReductionsTest, EqualityIsOfEveryPlace) {
  for (const size_t rows : {1u, 2u, 255u, 256u, 257u, 1000u}) {
    std::vector<double> values(rows, 0.0);
    values[0] = -0.0;
    EXPECT_TRUE(AreAllEqual(values.data(), rows)) << "zeroes are equal";
    for (const size_t at : {rows - 1, rows / 2, size_t{1}}) {
      if (at == 0 || at >= rows) continue;
      values[at] = 5e-324;
      EXPECT_FALSE(AreAllEqual(values.data(), rows)) << at << " of " << rows;
      values[at] = 0;
    }
    values.back() = kNan;
    EXPECT_FALSE(AreAllEqual(values.data(), rows));
  }
}

TEST(ReductionsTest, PowersArePowersOfDeviations) {
  std::mt19937_64 random(5);
  for (size_t rows = 0; rows < 60; ++rows) {
    const std::vector<double> values = RandomValues(&random, rows);
    long double wanted[4] = {};
    for (const double value : values) {
      const long double d = value - 3.0;
      wanted[0] += d;
      wanted[1] += d * d;
      wanted[2] += d * d * d;
      wanted[3] += d * d * d * d;
    }
    double sums[4];
    SumPowersAround(values.data(), rows, 3, sums);
    for (int p = 0; p < 4; ++p) {
      EXPECT_NEAR(sums[p], static_cast<double>(wanted[p]),
                  1e-9 + 1e-15 * static_cast<double>(rows) * std::pow(1e4, p + 1));
    }
    double squares[2];
    SumSquaresAround(values.data(), nullptr, rows, 3, squares);
    EXPECT_EQ(squares[0], static_cast<double>(wanted[0]));
    EXPECT_DOUBLE_EQ(squares[1], static_cast<double>(wanted[1]));
  }
}

TEST(ReductionsTest, MaskedRowsAddNothingAndAFullMaskChangesNoBit) {
  std::mt19937_64 random(6);
  for (size_t rows = 1; rows < 60; ++rows) {
    std::vector<double> values = RandomValues(&random, rows);
    std::vector<uint8_t> valid(rows, 1);
    double plain[2];
    double masked[2];
    SumSquaresAround(values.data(), nullptr, rows, 3.3, plain);
    SumSquaresAround(values.data(), valid.data(), rows, 3.3, masked);
    EXPECT_EQ(plain[0], masked[0]);
    EXPECT_EQ(plain[1], masked[1]);
    const size_t at = random() % rows;
    const double left_out = values[at] - 3.3;
    valid[at] = 0;
    values[at] = 0;
    SumSquaresAround(values.data(), valid.data(), rows, 3.3, masked);
    EXPECT_NEAR(masked[0], plain[0] - left_out, 1e-8);
    EXPECT_NEAR(masked[1], plain[1] - left_out * left_out, 1e-5);
  }
}

TEST(ReductionsTest, PairsAreSumsOfBothAndOfTheirProducts) {
  std::mt19937_64 random(7);
  for (size_t rows = 0; rows < 40; ++rows) {
    const std::vector<double> y = RandomValues(&random, rows);
    const std::vector<double> x = RandomValues(&random, rows);
    long double wanted[5] = {};
    for (size_t i = 0; i < rows; ++i) {
      const long double dy = y[i] - 2.0;
      const long double dx = x[i] + 5.0;
      wanted[0] += dy;
      wanted[1] += dx;
      wanted[2] += dy * dy;
      wanted[3] += dx * dx;
      wanted[4] += dy * dx;
    }
    double sums[5];
    SumPairsAround(y.data(), x.data(), rows, 2, -5, sums);
    for (int s = 0; s < 5; ++s) {
      EXPECT_NEAR(sums[s], static_cast<double>(wanted[s]), 1e-7) << s << " of " << rows;
    }
  }
}

void Expect(const Reductions& loops, const Reductions& wanted, const std::vector<double>& x,
            const std::vector<double>& y, const std::vector<uint8_t>& valid) {
  const auto equal = [](const auto& a, const auto& b) {
    for (size_t i = 0; i < std::size(a); ++i) {
      EXPECT_EQ(std::bit_cast<uint64_t>(a[i].sum), std::bit_cast<uint64_t>(b[i].sum)) << i;
      EXPECT_EQ(std::bit_cast<uint64_t>(a[i].lost), std::bit_cast<uint64_t>(b[i].lost)) << i;
    }
  };
  const size_t rows = x.size();
  std::array<Accumulator<double>, 5> a;
  std::array<Accumulator<double>, 5> b;
  const auto both = [&](auto call) {
    a = {};
    b = {};
    call(loops, a.data());
    call(wanted, b.data());
    equal(a, b);
  };
  both([&](const Reductions& r, auto* sums) { r.sum(x.data(), rows, sums); });
  both([&](const Reductions& r, auto* sums) { r.squares(x.data(), nullptr, rows, 0.1, sums); });
  both(
      [&](const Reductions& r, auto* sums) { r.squares(x.data(), valid.data(), rows, 0.1, sums); });
  both([&](const Reductions& r, auto* sums) { r.four_powers(x.data(), rows, 0.1, sums); });
  both([&](const Reductions& r, auto* sums) { r.pairs(x.data(), y.data(), rows, 0.1, 70, sums); });
  EXPECT_EQ(loops.ones(valid.data(), rows), wanted.ones(valid.data(), rows));
  const auto* const integers = reinterpret_cast<const int64_t*>(x.data());
  EXPECT_TRUE(loops.integer_sum(integers, rows) == wanted.integer_sum(integers, rows));
  EXPECT_EQ(loops.is_ascending(integers, rows), wanted.is_ascending(integers, rows));
  EXPECT_EQ(loops.are_equal(x.data(), rows), wanted.are_equal(x.data(), rows));
  for (const uint8_t* const mask : {static_cast<const uint8_t*>(nullptr), valid.data()}) {
    EXPECT_EQ(loops.greatest_integer(integers, mask, rows),
              wanted.greatest_integer(integers, mask, rows));
    EXPECT_EQ(loops.least_integer(integers, mask, rows),
              wanted.least_integer(integers, mask, rows));
    EXPECT_EQ(loops.greatest_byte(valid.data(), mask, rows),
              wanted.greatest_byte(valid.data(), mask, rows));
    EXPECT_EQ(loops.least_byte(valid.data(), mask, rows),
              wanted.least_byte(valid.data(), mask, rows));
    EXPECT_EQ(std::bit_cast<uint64_t>(loops.greatest(x.data(), mask, rows)),
              std::bit_cast<uint64_t>(wanted.greatest(x.data(), mask, rows)));
    EXPECT_EQ(std::bit_cast<uint64_t>(loops.least(x.data(), mask, rows)),
              std::bit_cast<uint64_t>(wanted.least(x.data(), mask, rows)));
  }
}

TEST(ReductionsTest, EveryWidthGivesTheSameBits) {
  ASSERT_FALSE(RunnableLoops().empty());
  const Reductions& narrow = RunnableLoops().front()->reductions;
  for (const Loops* const loops : RunnableLoops()) {
    SCOPED_TRACE(loops->name);
    std::mt19937_64 random(5);
    for (size_t rows = 1; rows < 3000; rows += rows < 100 ? 1 : 37) {
      std::vector<double> x(rows);
      std::vector<double> y(rows);
      std::vector<uint8_t> valid(rows);
      for (size_t i = 0; i < rows; ++i) {
        x[i] =
            (static_cast<double>(random() >> 11) * 0x1p-53 - 0.3) * (random() % 3 != 0 ? 1 : 1e9);
        if (random() % 4 == 0) x[i] = random() % 2 == 0 ? 0.0 : -0.0;
        y[i] = static_cast<double>(random() % 1000) / 7;
        valid[i] = random() % 4 != 0 ? 1 : 0;
        if (valid[i] == 0) x[i] = 0;
      }
      valid[rows - 1] = 1;
      Expect(loops->reductions, narrow, x, y, valid);
    }
  }
}

}  // namespace
}  // namespace metricstore::compute::vector
