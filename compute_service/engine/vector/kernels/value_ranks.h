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
  void SortEntries();
  void SortByByte(int shift, std::span<const uint32_t, 256> counts);

  std::vector<Entry> entries_;
  std::vector<Entry> scratch_;
};

}  // namespace metricstore::compute::vector
