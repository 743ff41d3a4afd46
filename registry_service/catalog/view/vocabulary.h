// The words of a catalogue, numbered as they are met and sorted for look-ups by their beginning.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"

namespace metricstore::registry {

// Numbers stay what they are when words are added; ranks, the places in sorted order, do not.
// Immutable once shared: VocabularyBuilder makes the next one.
class Vocabulary {
 public:
  Vocabulary() = default;
  Vocabulary(const Vocabulary& other);
  Vocabulary& operator=(const Vocabulary&) = delete;

  size_t size() const { return words_.size(); }
  uint32_t RankOf(uint32_t number) const { return ranks_[number]; }
  // The ranks [first, last) of the words that begin so.
  std::pair<uint32_t, uint32_t> WithPrefix(std::string_view prefix) const;
  // The rank of the word; size() if it is not there.
  uint32_t Find(std::string_view word) const;

 private:
  friend class VocabularyBuilder;

  const std::string& AtRank(uint32_t rank) const { return words_[order_[rank]]; }
  uint32_t LowerBound(std::string_view word) const;
  void Sort();

  std::deque<std::string> words_;  // by number; a deque, since numbers_ points into it
  absl::flat_hash_map<std::string_view, uint32_t> numbers_;
  std::vector<uint32_t> order_;  // numbers by word
  std::vector<uint32_t> ranks_;  // of numbers
};

// Numbers words; shares the vocabulary it started from until it meets a new one. Not thread-safe.
class VocabularyBuilder {
 public:
  // `base` may be null.
  explicit VocabularyBuilder(std::shared_ptr<const Vocabulary> base);

  uint32_t NumberOf(std::string_view word);
  std::shared_ptr<const Vocabulary> Take();

 private:
  std::shared_ptr<const Vocabulary> base_;
  std::shared_ptr<Vocabulary> grown_;  // a copy of base_ with new words; nullptr: none yet
};

}  // namespace metricstore::registry
