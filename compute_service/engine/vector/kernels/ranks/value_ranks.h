// The order of a vector's values, as small numbers.
#pragma once

#include <cstdint>
#include <vector>

#include "compute_service/engine/vector/kernels/loops/operand.h"
#include "compute_service/engine/vector/kernels/ranks/key_sort.h"
#include "compute_service/engine/vector/program/program.h"

namespace metricstore::compute::vector {

// Equal values have equal ranks, greater ones greater ranks. Zeroes are equal, whatever their sign,
// and so are all NaN, which are greater than every number. Texts rank by their codes. Some ranks
// may be of no row.
class ValueRanks {
 public:
  static constexpr uint32_t kNull = UINT32_MAX;

  std::vector<uint32_t> of_row;  // kNull where the row is NULL
  uint32_t count = 0;            // ranks are less

  // The value of a rank that a row has, as bits of the vector's type: none of texts and conditions.
  uint64_t BitsOf(uint32_t rank) const;
  // The value of a number as a double.
  double RealOf(uint32_t rank) const;

 private:
  friend class ValueRanker;

  ValueType type_ = ValueType::kFloat64;
  std::vector<uint64_t> bits_;  // of each rank; empty where ranks count up from first_
  // In units of 1 / scale_, which is 1 unless values are reals.
  int64_t first_ = 0;
  double scale_ = 1;
};

// Numbers that are integers, or decimals of a few places, in a range that is not much longer than
// the vector are their own ranks, or nearly so; others are sorted. Scratch memory is used again.
// Not thread-safe.
class ValueRanker {
 public:
  // Of rows [0, rows) of the vector.
  void Rank(const Operand& column, ValueType type, size_t rows, ValueRanks* ranks);

 private:
  // Which of kWordBits integers in a row are there, and how many are before them.
  struct Word {
    uint64_t bits = 0;
    uint32_t before = 0;
  };
  static constexpr size_t kWordBits = 64;

  template <typename T>
  bool RankIntegers(const Operand& column, size_t rows, ValueRanks* ranks);
  bool RankDecimals(const Operand& column, size_t rows, ValueRanks* ranks);
  template <typename Numbers>
  bool RankNumbers(const Numbers& numbers, const uint8_t* valid, size_t rows, int64_t last,
                   ValueRanks* ranks);
  template <typename Numbers>
  void RankByBits(const Numbers& numbers, const uint8_t* valid, size_t rows, size_t words,
                  ValueRanks* ranks);

  template <typename T>
  void RankBySorting(const Operand& column, size_t rows, ValueRanks* ranks);

  std::vector<Word> present_;
  std::vector<uint64_t> keys_;  // of rows, in the order of the values
  std::vector<uint64_t> entries_;
  KeySort sort_;
};

}  // namespace metricstore::compute::vector
