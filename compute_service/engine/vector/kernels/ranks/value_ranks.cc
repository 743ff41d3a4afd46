#include "compute_service/engine/vector/kernels/ranks/value_ranks.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

namespace metricstore::compute::vector {
namespace {

constexpr uint64_t kSign = UINT64_C(1) << 63;

// Integers and decimals are ranks themselves where the numbers between the least and the greatest
// are so many for each row at most: SlidingRanks has a count for each.
constexpr uint64_t kRanksPerRow = 4;

// Keys are ordered like values: the sign of a number that is not negative is set, a negative one's
// bits are turned around.
uint64_t KeyOf(double value) {
  if (std::isnan(value)) return std::numeric_limits<uint64_t>::max();
  const auto bits = std::bit_cast<uint64_t>(value + 0.0);  // makes -0 a 0
  return (bits & kSign) != 0 ? ~bits : bits | kSign;
}
uint64_t KeyOf(int64_t value) { return static_cast<uint64_t>(value) ^ kSign; }
uint64_t KeyOf(int32_t value) { return KeyOf(static_cast<int64_t>(value)); }

uint64_t BitsOfKey(uint64_t key, ValueType type) {
  if (type != ValueType::kFloat64) return key ^ kSign;
  if (key == std::numeric_limits<uint64_t>::max()) {
    return std::bit_cast<uint64_t>(std::numeric_limits<double>::quiet_NaN());
  }
  return (key & kSign) != 0 ? key ^ kSign : ~key;
}

template <typename Visit>
void ForEachValid(const uint8_t* valid, size_t rows, const Visit& visit) {
  for (size_t row = 0; row < rows; ++row) {
    if (valid == nullptr || valid[row] != 0) visit(row);
  }
}

void MarkNulls(const uint8_t* valid, size_t rows, uint32_t* ranks) {
  if (valid == nullptr) return;
  for (size_t row = 0; row < rows; ++row) {
    ranks[row] = valid[row] != 0 ? ranks[row] : ValueRanks::kNull;
  }
}

// Values that are small numbers themselves.
template <typename T>
void UseValues(const Operand& column, size_t rows, ValueRanks* ranks) {
  const T* const values = column.as<T>();
  T greatest = 0;
  for (size_t row = 0; row < rows; ++row) {
    ranks->of_row[row] = values[row];
    greatest = std::max(greatest, values[row]);
  }
  ranks->count = greatest + 1U;
}

// The least and the greatest value of a vector: NULL rows, which hold zero, may widen it, and NaN
// counts for nothing.
template <typename T>
struct Extent {
  T least;
  T greatest;
};

template <typename T>
Extent<T> ExtentOf(const T* values, size_t rows) {
  constexpr size_t kLanes = 4;
  std::array<T, kLanes> least;
  std::array<T, kLanes> greatest;
  least.fill(values[0]);
  greatest.fill(values[0]);
  size_t row = 0;
  for (; row + kLanes <= rows; row += kLanes) {
    for (size_t lane = 0; lane < kLanes; ++lane) {
      const T value = values[row + lane];
      least[lane] = value < least[lane] ? value : least[lane];
      greatest[lane] = value > greatest[lane] ? value : greatest[lane];
    }
  }
  Extent<T> extent{.least = least[0], .greatest = greatest[0]};
  const auto add = [&extent](T from, T to) {
    extent.least = from < extent.least ? from : extent.least;
    extent.greatest = to > extent.greatest ? to : extent.greatest;
  };
  for (size_t lane = 1; lane < kLanes; ++lane) add(least[lane], greatest[lane]);
  for (; row < rows; ++row) add(values[row], values[row]);
  return extent;
}

// Every integer up to there is a double with room for one more bit.
constexpr double kMostInteger = 0x1p51;

// The integer next to a number of less than kMostInteger: larger doubles have no places for less.
double Rounded(double value) {
  constexpr double kNoPlaces = 0x1.8p52;
  return (value + kNoPlaces) - kNoPlaces;
}

// Of rows, as integers.
template <typename T>
struct Integers {
  const T* values;
  int64_t first;

  // What is left of a row's number without `first`, if there is room for it.
  uint32_t Place(size_t row) const {
    return static_cast<uint32_t>(static_cast<int64_t>(values[row]) - first);
  }
  uint64_t LongPlace(size_t row) const {
    return static_cast<uint64_t>(static_cast<int64_t>(values[row]) - first);
  }
  uint64_t Bits(uint64_t place) const { return static_cast<uint64_t>(first) + place; }
};

// Of reals that are integers divided by `scale`. A correctly rounded quotient rises with what is
// divided, so different ones are quotients of different integers, in the same order.
struct Decimals {
  const double* values;
  double scale;
  int64_t first;

  uint32_t Place(size_t row) const {
    const double place = Rounded(values[row] * scale) - static_cast<double>(first);
    return static_cast<uint32_t>(static_cast<int32_t>(place));
  }
  uint64_t LongPlace(size_t row) const {
    return static_cast<uint64_t>(static_cast<int64_t>(Rounded(values[row] * scale)) - first);
  }
  uint64_t Bits(uint64_t place) const {
    return std::bit_cast<uint64_t>(static_cast<double>(first + static_cast<int64_t>(place)) /
                                   scale);
  }
};

bool AreDecimals(const double* values, size_t rows, double scale) {
  constexpr size_t kRowsBetweenChecks = 1024;
  for (size_t begin = 0; begin < rows; begin += kRowsBetweenChecks) {
    uint64_t others = 0;
    const size_t end = std::min(rows, begin + kRowsBetweenChecks);
    for (size_t row = begin; row < end; ++row) {
      others += Rounded(values[row] * scale) / scale != values[row] ? 1 : 0;  // NaN is none too
    }
    if (others != 0) return false;
  }
  return true;
}

// Without an instruction for it, which not every processor has: H. S. Warren, "Hacker's Delight",
// 2012, figure 5-2.
uint32_t CountOnes(uint64_t bits) {
  bits -= (bits >> 1) & UINT64_C(0x5555555555555555);
  bits = (bits & UINT64_C(0x3333333333333333)) + ((bits >> 2) & UINT64_C(0x3333333333333333));
  bits = (bits + (bits >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
  return static_cast<uint32_t>((bits * UINT64_C(0x0101010101010101)) >> 56);
}

}  // namespace

uint64_t ValueRanks::BitsOf(uint32_t rank) const {
  if (!bits_.empty()) return bits_[rank];
  const int64_t number = first_ + rank;
  return type_ == ValueType::kFloat64
             ? std::bit_cast<uint64_t>(static_cast<double>(number) / scale_)
             : static_cast<uint64_t>(number);
}

double ValueRanks::RealOf(uint32_t rank) const {
  const uint64_t bits = BitsOf(rank);
  return type_ == ValueType::kFloat64 ? std::bit_cast<double>(bits)
                                      : static_cast<double>(static_cast<int64_t>(bits));
}

void ValueRanker::Rank(const Operand& column, ValueType type, size_t rows, ValueRanks* ranks) {
  ranks->of_row.resize(rows);
  ranks->count = 0;
  ranks->type_ = type;
  ranks->bits_.clear();
  if (rows == 0) return;
  switch (type) {
    case ValueType::kCode:
      UseValues<uint32_t>(column, rows, ranks);
      break;
    case ValueType::kBool:
      UseValues<uint8_t>(column, rows, ranks);
      break;
    case ValueType::kInt64:
      if (!RankIntegers<int64_t>(column, rows, ranks)) RankBySorting<int64_t>(column, rows, ranks);
      break;
    case ValueType::kDate:
      if (!RankIntegers<int32_t>(column, rows, ranks)) RankBySorting<int32_t>(column, rows, ranks);
      break;
    case ValueType::kFloat64:
      if (!RankDecimals(column, rows, ranks)) RankBySorting<double>(column, rows, ranks);
      break;
  }
  MarkNulls(column.valid, rows, ranks->of_row.data());
}

template <typename T>
bool ValueRanker::RankIntegers(const Operand& column, size_t rows, ValueRanks* ranks) {
  const Extent<T> extent = ExtentOf(column.as<T>(), rows);
  ranks->first_ = extent.least;
  ranks->scale_ = 1;
  return RankNumbers(Integers<T>{column.as<T>(), ranks->first_}, column.valid, rows,
                     extent.greatest, ranks);
}

// Volumes are integers, prices are of cents or of tenths of a pip.
bool ValueRanker::RankDecimals(const Operand& column, size_t rows, ValueRanks* ranks) {
  const auto* const values = column.as<double>();
  const Extent<double> extent = ExtentOf(values, rows);
  for (const double scale : {1.0, 100.0, 10'000.0}) {
    const double least = extent.least * scale;
    const double greatest = extent.greatest * scale;
    if (!(least > -kMostInteger && greatest < kMostInteger)) return false;  // NaN is neither
    // What is spread too far will not be nearer on a finer scale.
    if (greatest - least >= static_cast<double>(rows * kWordBits)) return false;
    if (!AreDecimals(values, rows, scale)) continue;
    ranks->first_ = static_cast<int64_t>(Rounded(least));
    ranks->scale_ = scale;
    return RankNumbers(Decimals{values, scale, ranks->first_}, column.valid, rows,
                       static_cast<int64_t>(Rounded(greatest)), ranks);
  }
  return false;
}

// Those between numbers.first and `last`, if a bit for each takes no more words than there are
// rows.
template <typename Numbers>
bool ValueRanker::RankNumbers(const Numbers& numbers, const uint8_t* valid, size_t rows,
                              int64_t last, ValueRanks* ranks) {
  const uint64_t most = static_cast<uint64_t>(last) - static_cast<uint64_t>(numbers.first);
  if (most < kRanksPerRow * rows && most < std::numeric_limits<int32_t>::max()) {
    uint32_t* const of_row = ranks->of_row.data();
    for (size_t row = 0; row < rows; ++row) of_row[row] = numbers.Place(row);
    ranks->count = static_cast<uint32_t>(most) + 1;
    return true;
  }
  const uint64_t words = most / kWordBits + 1;
  if (words > rows) return false;
  RankByBits(numbers, valid, rows, words, ranks);
  return true;
}

template <typename Numbers>
void ValueRanker::RankByBits(const Numbers& numbers, const uint8_t* valid, size_t rows,
                             size_t words, ValueRanks* ranks) {
  present_.assign(words, {});
  ForEachValid(valid, rows, [&](size_t row) {
    const uint64_t place = numbers.LongPlace(row);
    present_[place / kWordBits].bits |= UINT64_C(1) << place % kWordBits;
  });
  for (size_t word = 0; word < words; ++word) {
    present_[word].before = static_cast<uint32_t>(ranks->bits_.size());
    for (uint64_t bits = present_[word].bits; bits != 0; bits &= bits - 1) {
      const auto offset = static_cast<uint64_t>(std::countr_zero(bits));
      ranks->bits_.push_back(numbers.Bits(word * kWordBits + offset));
    }
  }
  ForEachValid(valid, rows, [&](size_t row) {
    const uint64_t place = numbers.LongPlace(row);
    const Word& word = present_[place / kWordBits];
    const uint64_t lower = (UINT64_C(1) << place % kWordBits) - 1;
    ranks->of_row[row] = word.before + CountOnes(word.bits & lower);
  });
  ranks->count = static_cast<uint32_t>(ranks->bits_.size());
}

template <typename T>
void ValueRanker::RankBySorting(const Operand& column, size_t rows, ValueRanks* ranks) {
  const T* const values = column.as<T>();
  keys_.resize(rows);
  for (size_t row = 0; row < rows; ++row) keys_[row] = KeyOf(values[row]);
  entries_.resize(rows);
  size_t count = 0;
  ForEachValid(column.valid, rows, [&](size_t row) { entries_[count++] = row; });
  entries_.resize(count);
  sort_.Sort(keys_, entries_);
  uint64_t last = 0;
  for (const uint64_t entry : entries_) {
    const uint32_t row = KeySort::RowOf(entry);
    const uint64_t key = keys_[row];
    if (ranks->bits_.empty() || key != last) ranks->bits_.push_back(BitsOfKey(key, ranks->type_));
    last = key;
    ranks->of_row[row] = static_cast<uint32_t>(ranks->bits_.size() - 1);
  }
  ranks->count = static_cast<uint32_t>(ranks->bits_.size());
}

}  // namespace metricstore::compute::vector
