#include "compute_service/engine/vector/kernels/ranks/key_sort.h"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <utility>

namespace metricstore::compute::vector {
namespace {

// The bits of its key by which an entry is sorted.
uint32_t HeadOf(uint64_t entry) { return static_cast<uint32_t>(entry >> 32); }

}  // namespace

void KeySort::Sort(std::span<const uint64_t> keys, std::span<uint64_t> entries) {
  keys_ = keys;
  scratch_.resize(std::max(scratch_.size(), entries.size()));
  SortEntries(entries);
}

void KeySort::SortEntries(std::span<uint64_t> entries) {
  constexpr size_t kFewEntries = 256;
  if (entries.size() <= kFewEntries) {
    std::sort(entries.begin(), entries.end(),
              [this](uint64_t a, uint64_t b) { return keys_[RowOf(a)] < keys_[RowOf(b)]; });
    return;
  }
  uint64_t least = std::numeric_limits<uint64_t>::max();
  uint64_t greatest = 0;
  for (const uint64_t entry : entries) {
    least = std::min(least, keys_[RowOf(entry)]);
    greatest = std::max(greatest, keys_[RowOf(entry)]);
  }
  if (least == greatest) return;
  const auto bits = static_cast<int>(std::bit_width(greatest - least));
  const int tail_bits = std::max(0, bits - 32);
  for (uint64_t& entry : entries) {
    entry = ((keys_[RowOf(entry)] - least) >> tail_bits) << 32 | RowOf(entry);
  }
  SortByDigits(entries, bits - tail_bits);
  if (tail_bits > 0) SortEqualHeads(entries);
}

// Keys with the same head differ in the tail, of 32 bits at most: this goes no deeper.
void KeySort::SortEqualHeads(std::span<uint64_t> entries) {
  for (size_t begin = 0; begin < entries.size();) {
    size_t end = begin + 1;
    while (end < entries.size() && HeadOf(entries[end]) == HeadOf(entries[begin])) ++end;
    if (end - begin > 1) SortEntries(entries.subspan(begin, end - begin));
    begin = end;
  }
}

// By digits of the head, the lowest first.
void KeySort::SortByDigits(std::span<uint64_t> entries, int head_bits) {
  constexpr int kDigitBits = 11;
  constexpr uint64_t kDigits = UINT64_C(1) << kDigitBits;
  std::span<uint64_t> from = entries;
  std::span<uint64_t> to = std::span(scratch_).first(entries.size());
  std::array<uint32_t, kDigits> next;
  for (int shift = 32; shift < 32 + head_bits; shift += kDigitBits) {
    next.fill(0);
    for (const uint64_t entry : from) ++next[(entry >> shift) % kDigits];
    uint32_t at = 0;
    for (uint32_t& count : next) at += std::exchange(count, at);
    uint64_t* const sorted = to.data();
    for (const uint64_t entry : from) sorted[next[(entry >> shift) % kDigits]++] = entry;
    std::swap(from, to);
  }
  if (from.data() != entries.data()) std::copy(from.begin(), from.end(), entries.begin());
}

}  // namespace metricstore::compute::vector
