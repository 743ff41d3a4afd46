// Finds metrics by words and by whole names.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "registry_service/catalog/definition/metric_definition.h"
#include "registry_service/catalog/view/vocabulary.h"

namespace metricstore::registry {

// Where a word was found. One bit each, and the weight of the field: the best field outweighs all
// lesser ones together.
enum SearchField : uint8_t {
  kInDescription = 1,
  kInCategory = 2,
  kInTags = 4,
  kInDisplayName = 8,
  kInSynonyms = 16,
  kInName = 32
};

// A metric cut into words, as an index needs it: made once for as long as the metric does not
// change. Word numbers belong to a vocabulary and those grown from it.
struct SearchText {
  std::string id;
  std::vector<uint32_t> words;     // number << kFieldBits | fields, each word once
  std::vector<std::string> names;  // normal forms: the name, then display name and synonyms
};
using SearchTextPtr = std::shared_ptr<const SearchText>;
inline constexpr unsigned kFieldBits = 6;

// A metric that a query fits, by its place.
struct SearchHit {
  uint32_t place = 0;
  uint32_t score = 0;
  uint8_t fields = 0;
};

SearchTextPtr MakeSearchText(const MetricDefinition& metric, VocabularyBuilder& vocabulary);

// Immutable, thread-safe. Metrics are known by their places in the list that it was built from.
class SearchIndex {
 public:
  // Null pointers are places that nothing finds. The texts' words must be of `vocabulary`.
  SearchIndex(const std::vector<SearchTextPtr>& texts,
              std::shared_ptr<const Vocabulary> vocabulary);

  // Those in which every word of the query occurs, the last one at least as the beginning of a
  // word, by place.
  std::vector<SearchHit> Find(std::string_view query) const;
  // Those of that name, display name or synonym, by place.
  std::vector<uint32_t> Named(std::string_view name) const;

  const std::shared_ptr<const Vocabulary>& vocabulary() const { return vocabulary_; }
  // Whether so many words have fallen out of use that an index from scratch would be smaller.
  bool wasteful() const;

 private:
  struct WholeName {
    uint32_t place;
    bool is_name;  // not a synonym or display name
  };

  std::span<const uint32_t> Postings(uint32_t first_rank, uint32_t last_rank) const;
  std::vector<SearchHit> FindWords(std::vector<std::string> words) const;
  void FindLastWord(std::string_view word, bool only_word, std::vector<SearchHit>& hits) const;
  void RaiseWholeNames(std::string_view query, std::vector<SearchHit>& hits) const;

  size_t places_ = 0;
  std::shared_ptr<const Vocabulary> vocabulary_;
  std::vector<uint32_t> starts_;    // of each rank's postings, and the end
  std::vector<uint32_t> postings_;  // place << kFieldBits | fields, by rank and place
  absl::flat_hash_map<std::string_view, absl::InlinedVector<WholeName, 1>> names_;
  std::vector<SearchTextPtr> texts_;  // names_ points into them
  size_t words_in_use_ = 0;
};

}  // namespace metricstore::registry
