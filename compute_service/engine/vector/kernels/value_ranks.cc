#include "compute_service/engine/vector/kernels/value_ranks.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

namespace metricstore::compute::vector {
namespace {

constexpr uint64_t kSign = UINT64_C(1) << 63;

// Keys are ordered like values: the sign of a number that is not negative is set, a negative one's
// bits are turned around.
uint64_t KeyOf(double value) {
  if (std::isnan(value)) return std::numeric_limits<uint64_t>::max();
  const auto bits = std::bit_cast<uint64_t>(value + 0.0);  // makes -0 a 0
  return (bits & kSign) != 0 ? ~bits : bits | kSign;
}
uint64_t KeyOf(int64_t value) { return static_cast<uint64_t>(value) ^ kSign; }
uint64_t KeyOf(int32_t value) { return KeyOf(static_cast<int64_t>(value)); }

bool IsInteger(int64_t) { return true; }
// Of a value that an int64_t has room for.
bool IsInteger(double value) { return static_cast<double>(static_cast<int64_t>(value)) == value; }

uint64_t BitsOf(uint64_t key, ValueType type) {
  if (type != ValueType::kFloat64) return key ^ kSign;
  if (key == std::numeric_limits<uint64_t>::max()) {
    return std::bit_cast<uint64_t>(std::numeric_limits<double>::quiet_NaN());
  }
  return (key & kSign) != 0 ? key ^ kSign : ~key;
}

template <typename T, typename Visit>
void ForEachValid(const Operand& column, size_t rows, const Visit& visit) {
  const T* const values = column.as<T>();
  for (size_t row = 0; row < rows; ++row) {
    if (column.valid == nullptr || column.valid[row] != 0) visit(row, values[row]);
  }
}

// Values that are small numbers themselves.
template <typename T>
void UseValues(const Operand& column, size_t rows, ValueRanks* ranks) {
  ForEachValid<T>(column, rows, [ranks](size_t row, T value) {
    ranks->of_row[row] = value;
    ranks->count = std::max(ranks->count, value + 1U);
  });
}

}  // namespace

void ValueRanker::Rank(const Operand& column, ValueType type, size_t rows, ValueRanks* ranks) {
  ranks->of_row.assign(rows, ValueRanks::kNull);
  ranks->count = 0;
  ranks->values.clear();
  if (type == ValueType::kCode) return UseValues<uint32_t>(column, rows, ranks);
  if (type == ValueType::kBool) return UseValues<uint8_t>(column, rows, ranks);
  if (type == ValueType::kInt64 && RankByBits<int64_t>(column, rows, ranks)) return;
  if (type == ValueType::kFloat64 && RankByBits<double>(column, rows, ranks)) return;
  entries_.clear();
  entries_.reserve(rows);
  const auto add = [this](size_t row, auto value) {
    entries_.push_back({KeyOf(value), static_cast<uint32_t>(row)});
  };
  if (type == ValueType::kFloat64) {
    ForEachValid<double>(column, rows, add);
  } else if (type == ValueType::kInt64) {
    ForEachValid<int64_t>(column, rows, add);
  } else {
    ForEachValid<int32_t>(column, rows, add);
  }
  SortEntries();
  for (size_t i = 0; i < entries_.size(); ++i) {
    if (i == 0 || entries_[i].key != entries_[i - 1].key) {
      ranks->values.push_back(BitsOf(entries_[i].key, type));
    }
    ranks->of_row[entries_[i].row] = static_cast<uint32_t>(ranks->values.size() - 1);
  }
  ranks->count = static_cast<uint32_t>(ranks->values.size());
}

template <typename T>
bool ValueRanker::RankByBits(const Operand& column, size_t rows, ValueRanks* ranks) {
  // Every integer up to there is a double.
  constexpr T kMost = static_cast<T>(INT64_C(1) << 53);
  T least = kMost;
  T greatest = -kMost;
  bool are_integers = true;
  ForEachValid<T>(column, rows, [&](size_t, T value) {
    least = std::min(least, value);
    greatest = std::max(greatest, value);
    are_integers = are_integers && value >= -kMost && value <= kMost && IsInteger(value);
  });
  if (!are_integers) return false;
  if (least > greatest) return true;  // no row has a value
  const auto first = static_cast<int64_t>(least);
  const auto words = static_cast<size_t>(static_cast<int64_t>(greatest) - first) / kWordBits + 1;
  if (words > rows) return false;
  const auto place = [first](T value) {
    return static_cast<size_t>(static_cast<int64_t>(value) - first);
  };
  present_.assign(words, {});
  ForEachValid<T>(column, rows, [&](size_t, T value) {
    present_[place(value) / kWordBits].bits |= UINT64_C(1) << place(value) % kWordBits;
  });
  for (size_t word = 0; word < words; ++word) {
    present_[word].before = static_cast<uint32_t>(ranks->values.size());
    for (uint64_t bits = present_[word].bits; bits != 0; bits &= bits - 1) {
      const auto offset = static_cast<int64_t>(word * kWordBits) + std::countr_zero(bits);
      ranks->values.push_back(std::bit_cast<uint64_t>(static_cast<T>(first + offset)));
    }
  }
  ForEachValid<T>(column, rows, [&](size_t row, T value) {
    const Word& word = present_[place(value) / kWordBits];
    const uint64_t lower = (UINT64_C(1) << place(value) % kWordBits) - 1;
    ranks->of_row[row] = word.before + static_cast<uint32_t>(std::popcount(word.bits & lower));
  });
  ranks->count = static_cast<uint32_t>(ranks->values.size());
  return true;
}

// By bytes, the lowest first; bytes that all keys share need no pass.
void ValueRanker::SortEntries() {
  constexpr size_t kFewEntries = 512;
  if (entries_.size() <= kFewEntries) {
    std::sort(entries_.begin(), entries_.end(),
              [](const Entry& a, const Entry& b) { return a.key < b.key; });
    return;
  }
  std::array<std::array<uint32_t, 256>, 8> counts = {};
  for (const Entry& entry : entries_) {
    for (size_t byte = 0; byte < 8; ++byte) ++counts[byte][(entry.key >> (8 * byte)) & 0xff];
  }
  for (int byte = 0; byte < 8; ++byte) {
    const auto& here = counts[static_cast<size_t>(byte)];
    const uint64_t first = (entries_[0].key >> (8 * byte)) & 0xff;
    if (here[first] != entries_.size()) SortByByte(8 * byte, here);
  }
}

void ValueRanker::SortByByte(int shift, std::span<const uint32_t, 256> counts) {
  std::array<uint32_t, 256> next;
  uint32_t at = 0;
  for (size_t byte = 0; byte < 256; ++byte) {
    next[byte] = at;
    at += counts[byte];
  }
  scratch_.resize(entries_.size());
  for (const Entry& entry : entries_) scratch_[next[(entry.key >> shift) & 0xff]++] = entry;
  entries_.swap(scratch_);
}

}  // namespace metricstore::compute::vector
