#include <algorithm>
#include <array>
#include <cstdint>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "common/status/error.h"

namespace metricstore::status {
namespace {

// Names are shorter; the distance of longer texts would cost more than a hint is worth.
constexpr size_t kMaxComparedBytes = 256;
// One bit of a machine word for each byte of what differs.
constexpr size_t kMaxPatternBytes = 64;

// How often each letter occurs. Some bytes share a place, the two cases of a letter for example.
class LetterCounts {
 public:
  explicit LetterCounts(std::string_view word) : size_(word.size()) {
    for (const char c : word) ++counts_[PlaceOf(c)];
  }

  // A bound of the distance to `other`: an insertion, a deletion or a replacement each mend one
  // letter that is missing or too many, and a swap mends none.
  size_t LeastDistance(std::string_view other) const {
    std::array<int16_t, kPlaces> left = counts_;
    size_t extra = 0;
    for (const char c : other) extra += --left[PlaceOf(c)] < 0 ? 1 : 0;
    return std::max(extra, size_ + extra - other.size());
  }

 private:
  static constexpr size_t kPlaces = 64;
  static size_t PlaceOf(char c) {
    const auto byte = static_cast<uint8_t>(c);
    return (byte & 31U) | (byte < 64 ? 32U : 0U);
  }

  std::array<int16_t, kPlaces> counts_ = {};
  size_t size_;
};

// A word of 1 to 64 bytes, for its optimal string alignment distance (insert, delete, replace, swap
// neighbours) to others: a column of the table of distances at a time, as the bits of machine words
// (H. Hyyro, A Bit-Vector Algorithm for Computing Levenshtein and Damerau Edit Distances, 2003).
class Pattern {
 public:
  explicit Pattern(std::string_view word) : size_(word.size()) {
    for (size_t i = 0; i < size_; ++i) masks_[static_cast<uint8_t>(word[i])] |= uint64_t{1} << i;
  }

  // The distance if it is at most `limit`, otherwise anything above.
  size_t DistanceTo(std::string_view other, size_t limit) const {
    const uint64_t last = uint64_t{1} << (size_ - 1);
    uint64_t higher = ~uint64_t{0};  // where a distance is one more than the one above it
    uint64_t lower = 0;              // where it is one less
    uint64_t diagonal = 0;           // where it is that of the diagonal
    uint64_t mask_before = 0;
    size_t distance = size_;
    for (size_t i = 0; i < other.size(); ++i) {
      const uint64_t mask = masks_[static_cast<uint8_t>(other[i])];
      const uint64_t swapped = ((~diagonal & mask) << 1) & mask_before;
      diagonal = (((mask & higher) + higher) ^ higher) | mask | lower | swapped;
      uint64_t rises = lower | ~(diagonal | higher);
      uint64_t falls = diagonal & higher;
      distance += (rises & last) != 0 ? 1 : 0;
      distance -= (falls & last) != 0 ? 1 : 0;
      // Every byte that is left takes off one at most.
      if (distance > limit + other.size() - 1 - i) return limit + 1;
      rises = (rises << 1) | 1;
      falls <<= 1;
      higher = falls | ~(diagonal | rises);
      lower = rises & diagonal;
      mask_before = mask;
    }
    return distance;
  }

 private:
  std::array<uint64_t, 256> masks_ = {};
  size_t size_;
};

void SkipCommonEnds(std::string_view* a, std::string_view* b) {
  const auto head = std::mismatch(a->begin(), a->end(), b->begin(), b->end()).first - a->begin();
  a->remove_prefix(static_cast<size_t>(head));
  b->remove_prefix(static_cast<size_t>(head));
  const auto tail = std::mismatch(a->rbegin(), a->rend(), b->rbegin(), b->rend()).first;
  const auto count = static_cast<size_t>(tail - a->rbegin());
  a->remove_suffix(count);
  b->remove_suffix(count);
}

// The distance of words of which the first may be longer than a pattern; above `limit` where more
// than a pattern of it differs.
size_t LongDistance(std::string_view a, std::string_view b, size_t limit) {
  SkipCommonEnds(&a, &b);
  if (a.empty() || b.empty()) return std::max(a.size(), b.size());
  return a.size() > kMaxPatternBytes ? limit + 1 : Pattern(a).DistanceTo(b, limit);
}

}  // namespace

std::string ClosestMatch(std::string_view word, const std::vector<std::string>& candidates) {
  if (word.empty() || word.size() > kMaxComparedBytes) return "";
  const LetterCounts letters(word);
  const bool is_long = word.size() > kMaxPatternBytes;
  const Pattern pattern(is_long ? word.substr(0, kMaxPatternBytes) : word);
  const std::string* best = nullptr;
  const std::string* other_case = nullptr;
  // What is further off is no hint; then what is not nearer than the best so far.
  size_t limit = std::max<size_t>(1, word.size() / 3);
  for (const std::string& candidate : candidates) {
    const size_t longer = std::max(word.size(), candidate.size());
    const size_t shorter = std::min(word.size(), candidate.size());
    const bool same_letters =
        absl::EqualsIgnoreCase(absl::string_view(word.data(), word.size()), candidate);
    if (same_letters && other_case == nullptr) other_case = &candidate;
    if (longer - shorter > limit) continue;  // the distance is at least that much
    if (letters.LeastDistance(candidate) > limit) continue;
    const size_t distance =
        is_long ? LongDistance(word, candidate, limit) : pattern.DistanceTo(candidate, limit);
    if (distance > limit) continue;
    best = &candidate;
    if (distance == 0) break;
    limit = distance - 1;
  }
  const bool best_is_word =
      best != nullptr && absl::EqualsIgnoreCase(absl::string_view(word.data(), word.size()), *best);
  if (other_case != nullptr && !best_is_word) return *other_case;
  return best == nullptr ? "" : *best;
}

}  // namespace metricstore::status
