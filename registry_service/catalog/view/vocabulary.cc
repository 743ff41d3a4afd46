#include "registry_service/catalog/view/vocabulary.h"

#include <algorithm>

namespace metricstore::registry {

Vocabulary::Vocabulary(const Vocabulary& other)
    : words_(other.words_), order_(other.order_), ranks_(other.ranks_) {
  numbers_.reserve(words_.size() + 1);
  for (uint32_t number = 0; number < words_.size(); ++number) {
    numbers_.emplace(words_[number], number);
  }
}

uint32_t Vocabulary::LowerBound(std::string_view word) const {
  const auto found =
      std::lower_bound(order_.begin(), order_.end(), word,
                       [&](uint32_t number, std::string_view w) { return words_[number] < w; });
  return static_cast<uint32_t>(found - order_.begin());
}

std::pair<uint32_t, uint32_t> Vocabulary::WithPrefix(std::string_view prefix) const {
  const uint32_t first = LowerBound(prefix);
  const auto last =
      std::partition_point(order_.begin() + first, order_.end(),
                           [&](uint32_t number) { return words_[number].starts_with(prefix); });
  return {first, static_cast<uint32_t>(last - order_.begin())};
}

uint32_t Vocabulary::Find(std::string_view word) const {
  const auto found = numbers_.find(word);
  return found == numbers_.end() ? static_cast<uint32_t>(size()) : ranks_[found->second];
}

void Vocabulary::Sort() {
  const auto by_word = [&](uint32_t a, uint32_t b) { return words_[a] < words_[b]; };
  const auto sorted = static_cast<std::ptrdiff_t>(order_.size());
  for (auto number = static_cast<uint32_t>(sorted); number < words_.size(); ++number) {
    order_.push_back(number);
  }
  std::sort(order_.begin() + sorted, order_.end(), by_word);
  std::inplace_merge(order_.begin(), order_.begin() + sorted, order_.end(), by_word);
  ranks_.resize(order_.size());
  for (uint32_t rank = 0; rank < order_.size(); ++rank) ranks_[order_[rank]] = rank;
}

VocabularyBuilder::VocabularyBuilder(std::shared_ptr<const Vocabulary> base)
    : base_(std::move(base)) {
  if (base_ == nullptr) base_ = std::make_shared<const Vocabulary>();
}

uint32_t VocabularyBuilder::NumberOf(std::string_view word) {
  const Vocabulary& known = grown_ == nullptr ? *base_ : *grown_;
  if (const auto found = known.numbers_.find(word); found != known.numbers_.end()) {
    return found->second;
  }
  if (grown_ == nullptr) grown_ = std::make_shared<Vocabulary>(*base_);
  const auto number = static_cast<uint32_t>(grown_->words_.size());
  grown_->numbers_.emplace(grown_->words_.emplace_back(word), number);
  return number;
}

std::shared_ptr<const Vocabulary> VocabularyBuilder::Take() {
  if (grown_ == nullptr) return std::move(base_);
  grown_->Sort();
  return std::move(grown_);
}

}  // namespace metricstore::registry
