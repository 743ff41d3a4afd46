// Orders rows by keys of 64 bits.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace metricstore::compute::vector {

// A radix sort of the 32 bits in which keys begin to differ, and then of those that differ later
// only. Scratch memory is used again. Not thread-safe.
class KeySort {
 public:
  // The row of an entry.
  static uint32_t RowOf(uint64_t entry) { return static_cast<uint32_t>(entry); }

  // Sorts entries, which are numbers of rows; what is in their high 32 bits afterwards is nobody's
  // business. keys[row] is the key of a row.
  void Sort(std::span<const uint64_t> keys, std::span<uint64_t> entries);

 private:
  void SortEntries(std::span<uint64_t> entries);
  void SortEqualHeads(std::span<uint64_t> entries);
  void SortByDigits(std::span<uint64_t> entries, int head_bits);

  std::span<const uint64_t> keys_;
  std::vector<uint64_t> scratch_;
};

}  // namespace metricstore::compute::vector
