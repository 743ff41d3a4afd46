#include "registry_service/catalog/view/search_index.h"

#include <algorithm>
#include <utility>

#include "registry_service/catalog/view/search_words.h"

namespace metricstore::registry {
namespace {

constexpr uint32_t kFieldMask = (1U << kFieldBits) - 1;
// A whole word counts more than the beginning of one, whatever the fields.
constexpr uint32_t kWholeWord = 1U << kFieldBits;
// More than the words of any query can give together.
constexpr uint32_t kWholeSynonym = 1U << 24;
constexpr uint32_t kWholeName = 2U << 24;
// Words out of use that are not worth an index from scratch.
constexpr size_t kFewWords = 1'000;
// A list that many times longer than another is searched, not walked.
constexpr size_t kMuchLonger = 8;

void AddWords(std::string_view text, SearchField field, VocabularyBuilder& vocabulary,
              std::vector<uint32_t>& words) {
  ForEachWord(text, [&](std::string_view word) {
    words.push_back(vocabulary.NumberOf(word) << kFieldBits | field);
  });
}

// One element for each word, with all of its fields.
void MergeFields(std::vector<uint32_t>& words) {
  std::sort(words.begin(), words.end());
  size_t kept = 0;
  for (const uint32_t word : words) {
    if (kept > 0 && words[kept - 1] >> kFieldBits == word >> kFieldBits) {
      words[kept - 1] |= word;
    } else {
      words[kept++] = word;
    }
  }
  words.resize(kept);
  words.shrink_to_fit();
}

void AddName(std::string_view text, std::vector<std::string>& names) {
  std::string name = NormalName(text);
  if (name.empty() || std::find(names.begin(), names.end(), name) != names.end()) return;
  names.push_back(std::move(name));
}

// Keeps the hits that the postings have too.
void Intersect(std::span<const uint32_t> postings, std::vector<SearchHit>& hits) {
  const bool search = postings.size() > kMuchLonger * hits.size();
  auto posting = postings.begin();
  size_t kept = 0;
  for (SearchHit& hit : hits) {
    const uint32_t wanted = hit.place << kFieldBits;
    if (search) {
      posting = std::lower_bound(posting, postings.end(), wanted);
    } else {
      while (posting != postings.end() && *posting < wanted) ++posting;
    }
    if (posting == postings.end()) break;
    if (*posting >> kFieldBits != hit.place) continue;
    const uint32_t fields = *posting & kFieldMask;
    hits[kept++] = {hit.place, hit.score + kWholeWord + fields,
                    static_cast<uint8_t>(hit.fields | fields)};
  }
  hits.resize(kept);
}

}  // namespace

SearchTextPtr MakeSearchText(const MetricDefinition& metric, VocabularyBuilder& vocabulary) {
  auto text = std::make_shared<SearchText>();
  text->id = metric.id();
  AddWords(metric.name, kInName, vocabulary, text->words);
  AddWords(metric.display_name, kInDisplayName, vocabulary, text->words);
  AddWords(metric.category, kInCategory, vocabulary, text->words);
  AddWords(metric.description, kInDescription, vocabulary, text->words);
  for (const std::string& tag : metric.tags) AddWords(tag, kInTags, vocabulary, text->words);
  AddName(metric.name, text->names);
  AddName(metric.display_name, text->names);
  for (const std::string& synonym : metric.synonyms) {
    AddWords(synonym, kInSynonyms, vocabulary, text->words);
    AddName(synonym, text->names);
  }
  MergeFields(text->words);
  return text;
}

SearchIndex::SearchIndex(const std::vector<SearchTextPtr>& texts,
                         std::shared_ptr<const Vocabulary> vocabulary)
    : places_(texts.size()), vocabulary_(std::move(vocabulary)), texts_(texts) {
  starts_.assign(vocabulary_->size() + 1, 0);
  for (const SearchTextPtr& text : texts_) {
    if (text == nullptr) continue;
    for (const uint32_t word : text->words) ++starts_[vocabulary_->RankOf(word >> kFieldBits)];
  }
  uint32_t total = 0;
  for (uint32_t& start : starts_) {
    if (start > 0) ++words_in_use_;
    start = std::exchange(total, total + start);
  }
  postings_.resize(total);
  names_.reserve(2 * texts_.size());
  std::vector<uint32_t> ends(starts_);
  for (uint32_t place = 0; place < texts_.size(); ++place) {
    if (texts_[place] == nullptr) continue;
    for (const uint32_t word : texts_[place]->words) {
      const uint32_t rank = vocabulary_->RankOf(word >> kFieldBits);
      postings_[ends[rank]++] = place << kFieldBits | (word & kFieldMask);
    }
    bool is_name = true;
    for (const std::string& name : texts_[place]->names) {
      names_[name].push_back({place, std::exchange(is_name, false)});
    }
  }
}

bool SearchIndex::wasteful() const { return vocabulary_->size() > 2 * words_in_use_ + kFewWords; }

std::span<const uint32_t> SearchIndex::Postings(uint32_t first_rank, uint32_t last_rank) const {
  const uint32_t start = starts_[first_rank];
  return std::span(postings_).subspan(start, starts_[last_rank] - start);
}

std::vector<SearchHit> SearchIndex::Find(std::string_view query) const {
  std::vector<std::string> words = WordsOf(query);
  if (words.empty()) return {};
  std::vector<SearchHit> hits = FindWords(std::move(words));
  RaiseWholeNames(query, hits);
  return hits;
}

std::vector<SearchHit> SearchIndex::FindWords(std::vector<std::string> words) const {
  const std::string last = std::move(words.back());
  words.pop_back();
  std::vector<std::span<const uint32_t>> lists;
  for (const std::string& word : words) {
    const uint32_t rank = vocabulary_->Find(word);
    if (rank == vocabulary_->size()) return {};
    lists.push_back(Postings(rank, rank + 1));
  }
  std::sort(lists.begin(), lists.end(),
            [](const auto& a, const auto& b) { return a.size() < b.size(); });
  std::vector<SearchHit> hits;
  for (size_t i = 0; i < lists.size(); ++i) {
    if (i == 0) {
      hits.reserve(lists[0].size());
      for (const uint32_t posting : lists[0]) hits.push_back({posting >> kFieldBits});
    }
    Intersect(lists[i], hits);
  }
  FindLastWord(last, lists.empty(), hits);
  return hits;
}

void SearchIndex::FindLastWord(std::string_view word, bool only_word,
                               std::vector<SearchHit>& hits) const {
  const auto [first, last] = vocabulary_->WithPrefix(word);
  // What of the word each place has: fields, and whether the whole word.
  std::vector<uint8_t> found(places_, 0);
  for (const uint32_t posting : Postings(first, last)) {
    found[posting >> kFieldBits] |= static_cast<uint8_t>(posting & kFieldMask);
  }
  if (const uint32_t rank = vocabulary_->Find(word); rank < vocabulary_->size()) {
    for (const uint32_t posting : Postings(rank, rank + 1)) {
      // Where the whole word occurs, longer ones do not count.
      found[posting >> kFieldBits] = static_cast<uint8_t>(kWholeWord | (posting & kFieldMask));
    }
  }
  if (only_word) {
    for (uint32_t place = 0; place < places_; ++place) {
      if (found[place] != 0) hits.push_back({place});
    }
  } else {
    std::erase_if(hits, [&](const SearchHit& hit) { return found[hit.place] == 0; });
  }
  for (SearchHit& hit : hits) {
    hit.score += found[hit.place];
    hit.fields |= static_cast<uint8_t>(found[hit.place] & kFieldMask);
  }
}

void SearchIndex::RaiseWholeNames(std::string_view query, std::vector<SearchHit>& hits) const {
  const auto named = names_.find(NormalName(query));
  if (named == names_.end()) return;
  for (const WholeName& whole : named->second) {
    const auto hit =
        std::lower_bound(hits.begin(), hits.end(), whole.place,
                         [](const SearchHit& h, uint32_t place) { return h.place < place; });
    if (hit == hits.end() || hit->place != whole.place) continue;
    hit->score += whole.is_name ? kWholeName : kWholeSynonym;
  }
}

std::vector<uint32_t> SearchIndex::Named(std::string_view name) const {
  std::vector<uint32_t> places;
  const auto named = names_.find(NormalName(name));
  if (named == names_.end()) return places;
  for (const WholeName& whole : named->second) places.push_back(whole.place);
  return places;
}

}  // namespace metricstore::registry
