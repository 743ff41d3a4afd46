// Numbers the distinct values of a bucket in the order of their first rows.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "compute_service/engine/vector/kernels/texts/text_code.h"

namespace metricstore::compute::vector {

// Equal keys are equal values: zeroes of both signs are, and so are all NaN.
inline uint64_t KeyOf(double value) {
  if (std::isnan(value)) value = std::numeric_limits<double>::quiet_NaN();
  return std::bit_cast<uint64_t>(value == 0 ? 0.0 : value);
}
inline uint64_t KeyOf(int64_t value) { return static_cast<uint64_t>(value); }

// Slots remember the bucket that filled them, so that nothing is cleared between buckets. Memory is
// that of the bucket with the most values. Not thread-safe.
class DistinctNumbers {
 public:
  // Starts a bucket.
  void Start() {
    count_ = 0;
    bits_ = kFirstBits;
    if (slots_.empty()) slots_.resize(size_t{1} << bits_);
    if (++bucket_ == 0) {  // started over: old numbers would come again
      std::fill(slots_.begin(), slots_.end(), Slot());
      bucket_ = 1;
    }
  }
  // The number of a value: count() as it was before where the value is new.
  template <typename T>
  uint32_t NumberOf(T value) {
    const uint64_t key = KeyOf(value);
    Slot& slot = Find(key);
    if (slot.bucket == bucket_) return slot.number;
    slot = {.key = key, .bucket = bucket_, .number = count_};
    if (size_t{2} * ++count_ > size_t{1} << bits_) Grow();
    return count_ - 1;
  }
  uint32_t count() const { return count_; }

 private:
  struct Slot {
    uint64_t key = 0;
    uint32_t bucket = 0;
    uint32_t number = 0;
  };
  static constexpr int kFirstBits = 6;

  // That of the key, or the free one where it belongs. Neighbouring keys are spread by the 64-bit
  // finalizer of MurmurHash3 (A. Appleby).
  Slot& Find(uint64_t key) {
    uint64_t hash = key;
    hash = (hash ^ (hash >> 33)) * UINT64_C(0xff51afd7ed558ccd);
    hash = (hash ^ (hash >> 33)) * UINT64_C(0xc4ceb9fe1a85ec53);
    const size_t last = (size_t{1} << bits_) - 1;
    size_t at = (hash ^ (hash >> 33)) & last;
    while (slots_[at].bucket == bucket_ && slots_[at].key != key) at = (at + 1) & last;
    return slots_[at];
  }

  // Slots of this bucket move to where a table of twice the size has them.
  void Grow() {
    moved_.clear();
    for (size_t at = 0; at < size_t{1} << bits_; ++at) {
      if (slots_[at].bucket != bucket_) continue;
      moved_.push_back(slots_[at]);
      slots_[at].bucket = 0;
    }
    ++bits_;
    if (slots_.size() < size_t{1} << bits_) slots_.resize(size_t{1} << bits_);
    for (const Slot& slot : moved_) Find(slot.key) = slot;
  }

  std::vector<Slot> slots_;
  std::vector<Slot> moved_;
  int bits_ = kFirstBits;  // of the part of slots_ that this bucket uses
  uint32_t bucket_ = 0;
  uint32_t count_ = 0;
};

// The same for codes of texts and for conditions: a slot for each. Memory is that of the largest
// dictionary.
class DistinctCodes {
 public:
  void Start() {
    count_ = 0;
    if (++bucket_ == 0) {
      std::fill(slots_.begin(), slots_.end(), Slot());
      bucket_ = 1;
    }
  }
  template <typename T>
  uint32_t NumberOf(T value) {
    const auto code = static_cast<size_t>(value);
    if (code >= slots_.size()) slots_.resize(std::max(code + 1, 2 * slots_.size()));
    Slot& slot = slots_[code];
    if (slot.bucket != bucket_) slot = {.bucket = bucket_, .number = count_++};
    return slot.number;
  }
  uint32_t count() const { return count_; }

 private:
  struct Slot {
    uint32_t bucket = 0;
    uint32_t number = 0;
  };
  std::vector<Slot> slots_;
  uint32_t bucket_ = 0;
  uint32_t count_ = 0;
};

// One of each kind. Not thread-safe.
struct DistinctValues {
  DistinctNumbers numbers;
  DistinctCodes codes;

  DistinctNumbers& Of(double) { return numbers; }
  DistinctNumbers& Of(int64_t) { return numbers; }
  DistinctCodes& Of(TextCode) { return codes; }
  DistinctCodes& Of(uint8_t) { return codes; }
};

}  // namespace metricstore::compute::vector
