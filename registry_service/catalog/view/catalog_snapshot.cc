#include "registry_service/catalog/view/catalog_snapshot.h"

#include <algorithm>
#include <limits>
#include <span>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "registry_service/catalog/definition/excerpt.h"
#include "registry_service/catalog/definition/metric_glob.h"
#include "registry_service/catalog/store/metric_errors.h"
#include "registry_service/catalog/view/catalog_indexes.h"

namespace metricstore::registry {
namespace {

constexpr size_t kAll = std::numeric_limits<size_t>::max();

std::vector<std::string> FieldNames(uint8_t fields) {
  constexpr std::pair<SearchField, const char*> kNames[] = {
      {kInName, "name"}, {kInDisplayName, "display_name"}, {kInSynonyms, "synonyms"},
      {kInTags, "tags"}, {kInCategory, "category"},        {kInDescription, "description"}};
  std::vector<std::string> names;
  for (const auto& [field, name] : kNames) {
    if ((fields & field) != 0) names.emplace_back(name);
  }
  return names;
}

// Ids and names to suggest from.
std::vector<IdAndName> KnownNames(const std::vector<CatalogEntryPtr>& entries) {
  std::vector<IdAndName> known;
  for (const CatalogEntryPtr& entry : entries) {
    if (!entry->deleted()) known.emplace_back(entry->active.id(), entry->active.name);
  }
  return known;
}

// Puts those of places [offset, offset + limit) where they belong; gives them.
std::span<const SearchHit> SortPage(std::vector<SearchHit>& hits, size_t offset, size_t limit) {
  const auto better = [](const SearchHit& a, const SearchHit& b) {
    return a.score != b.score ? a.score > b.score : a.place < b.place;
  };
  const size_t first = std::min(offset, hits.size());
  const size_t last = first + std::min(limit, hits.size() - first);
  std::partial_sort(hits.begin(), hits.begin() + static_cast<std::ptrdiff_t>(last), hits.end(),
                    better);
  return std::span(hits).subspan(first, last - first);
}

}  // namespace

std::shared_ptr<const CatalogSnapshot> CatalogSnapshot::Build(int64_t revision,
                                                              std::vector<CatalogEntryPtr> entries,
                                                              const CatalogSnapshot* before) {
  return std::shared_ptr<const CatalogSnapshot>(
      new CatalogSnapshot(revision, std::move(entries), before));
}

CatalogSnapshot::CatalogSnapshot(int64_t revision, std::vector<CatalogEntryPtr> entries,
                                 const CatalogSnapshot* before)
    : revision_(revision), entries_(std::move(entries)) {
  if (before != nullptr && before->indexes_->search.wasteful()) before = nullptr;
  absl::flat_hash_map<const CatalogEntry*, SearchTextPtr> known;
  if (before != nullptr) {
    known.reserve(before->entries_.size());
    for (size_t i = 0; i < before->entries_.size(); ++i) {
      known.emplace(before->entries_[i].get(), before->indexes_->texts[i]);
    }
  }
  VocabularyBuilder vocabulary(before == nullptr ? nullptr : before->indexes_->search.vocabulary());
  std::vector<SearchTextPtr> texts;
  texts.reserve(entries_.size());
  for (const CatalogEntryPtr& entry : entries_) {
    const auto found = known.find(entry.get());
    texts.push_back(found == known.end() ? MakeSearchText(entry->active, vocabulary)
                                         : found->second);
  }
  indexes_ = std::make_unique<const Indexes>(entries_, std::move(texts), vocabulary.Take());
}

CatalogSnapshot::~CatalogSnapshot() = default;

CatalogEntryPtr CatalogSnapshot::FindId(std::string_view id) const {
  const auto found = indexes_->by_id.find(id);
  return found == indexes_->by_id.end() ? nullptr : entries_[found->second];
}

absl::StatusOr<CatalogEntryPtr> CatalogSnapshot::Resolve(std::string_view name) const {
  if (name.find('/') != std::string_view::npos) {
    if (CatalogEntryPtr entry = FindId(name); entry != nullptr) return entry;
  } else if (const auto found = indexes_->by_name.find(name); found != indexes_->by_name.end()) {
    if (found->second.size() == 1) return entries_[found->second.front()];
    std::vector<std::string> ids;
    for (const uint32_t place : found->second) ids.push_back(indexes_->texts[place]->id);
    return MetricAmbiguous(std::string(name), ids);
  }
  return MetricNotFound(std::string(name), KnownNames(entries_));
}

absl::StatusOr<std::vector<CatalogEntryPtr>> CatalogSnapshot::MatchGlobs(
    const std::vector<std::string>& globs) const {
  RETURN_IF_ERROR(CheckPatterns(globs));
  std::vector<bool> chosen(entries_.size(), false);
  for (const std::string& glob : globs) {
    bool fits = false;
    for (size_t place = 0; place < entries_.size(); ++place) {
      const CatalogEntry& entry = *entries_[place];
      if (entry.deleted()) continue;
      if (!MetricFits(glob, indexes_->texts[place]->id, entry.active.name)) continue;
      chosen[place] = true;
      fits = true;
    }
    if (fits) continue;
    return MetricNotFound(glob, KnownNames(entries_),
                          absl::StrCat("no metric fits \"", Excerpt(glob), "\""));
  }
  std::vector<CatalogEntryPtr> matched;
  for (size_t place = 0; place < entries_.size(); ++place) {
    if (chosen[place]) matched.push_back(entries_[place]);
  }
  return matched;
}

std::vector<SearchMatch> CatalogSnapshot::Search(std::string_view query,
                                                 std::string_view category) const {
  return Search(query, category, 0, kAll).matches;
}

SearchPage CatalogSnapshot::Search(std::string_view query, std::string_view category, size_t offset,
                                   size_t limit) const {
  std::vector<SearchHit> hits = indexes_->search.Find(query);
  if (!category.empty()) {
    std::erase_if(hits, [&](const SearchHit& hit) {
      return entries_[hit.place]->active.category != category;
    });
  }
  SearchPage page{.matches = {}, .total = hits.size()};
  for (const SearchHit& hit : SortPage(hits, offset, limit)) {
    page.matches.push_back(
        {entries_[hit.place], static_cast<double>(hit.score), FieldNames(hit.fields)});
  }
  return page;
}

std::vector<CatalogEntryPtr> CatalogSnapshot::FindSynonym(std::string_view synonym) const {
  std::vector<CatalogEntryPtr> found;
  for (const uint32_t place : indexes_->search.Named(synonym)) found.push_back(entries_[place]);
  return found;
}

const std::map<std::string, std::vector<CatalogEntryPtr>, std::less<>>& CatalogSnapshot::TableMap()
    const {
  return indexes_->tables;
}

std::vector<std::string> CatalogSnapshot::WithMeaning(std::string_view meaning) const {
  std::vector<std::string> ids;
  const auto found = indexes_->by_meaning.find(meaning);
  if (found == indexes_->by_meaning.end()) return ids;
  for (const uint32_t place : found->second) ids.push_back(indexes_->texts[place]->id);
  return ids;
}

}  // namespace metricstore::registry
