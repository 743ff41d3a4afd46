// The order of a vector's values, as small numbers.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "compute_service/engine/vector/kernels/operand.h"
#include "compute_service/engine/vector/program/program.h"

namespace metricstore::compute::vector {

// Equal values have equal ranks, greater ones greater ranks. Zeroes are equal, whatever their sign,
// and so are all NaN, which are greater than every number. Texts rank by their codes.
struct ValueRanks {
  static constexpr uint32_t kNull = UINT32_MAX;

  std::vector<uint32_t> of_row;  // kNull where the row is NULL
  uint32_t count = 0;            // ranks are less
  std::vector<uint64_t> values;  // bits of the value of each rank; none for texts and conditions
};

// Of rows [0, rows) of the vector. Its scratch memory is used again. Not thread-safe.
class ValueRanker {
 public:
  void Rank(const Operand& column, ValueType type, size_t rows, ValueRanks* ranks);

 private:
  struct Entry {
    uint64_t key = 0;  // in the order of the values
    uint32_t row = 0;
  };
  // Which of kWordBits integers in a row are there, and how many are before them.
  struct Word {
    uint64_t bits = 0;
    uint32_t before = 0;
  };
  static constexpr size_t kWordBits = 64;
  // Ranks integers, also those that are doubles, by a bit for each between the least and the
  // greatest, if that takes no more words than there are rows, and says whether it did.
  template <typename T>
  bool RankByBits(const Operand& column, size_t rows, ValueRanks* ranks);
  void SortEntries();
  void SortByByte(int shift, std::span<const uint32_t, 256> counts);

  std::vector<Entry> entries_;
  std::vector<Entry> scratch_;
  std::vector<Word> present_;
};

}  // namespace metricstore::compute::vector
