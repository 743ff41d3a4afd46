#include "registry_service/catalog/validation/catalog_doubts.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <string_view>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "registry_service/catalog/definition/excerpt.h"
#include "registry_service/catalog/validation/reading_doubts.h"

namespace metricstore::registry {
namespace {

constexpr size_t kMaxPairs = 1'000;
constexpr size_t kMaxNamed = 3;

// As people say it: in any case, spaces and underscores being the same.
std::string Spoken(const std::string& synonym) {
  return absl::StrReplaceAll(absl::AsciiStrToLower(synonym), {{"_", " "}});
}

// Ids of metrics by what they have in common, as the import would leave them. A stored metric that
// the import brings counts as the import has it.
class SharedTraits {
 public:
  SharedTraits(const Definitions& definitions, const StoredDefinitions& stored) {
    for (const auto& located : definitions.metrics) {
      const MetricDefinition& metric = located.definition;
      if (!imported_.insert(metric.id()).second) continue;
      Add(metric.id(), metric.likeness(), metric.synonyms);
    }
    for (const auto& [id, summary] : stored.summaries) {
      if (!imported_.contains(id)) Add(id, summary.likeness, summary.synonyms);
    }
  }

  bool IsImported(const std::string& id) const { return imported_.contains(id); }
  const std::map<std::string, std::set<std::string>>& by_likeness() const { return by_likeness_; }

  std::vector<std::string> OthersAlike(const MetricDefinition& metric) const {
    return Others(by_likeness_, metric.likeness(), metric.id());
  }
  std::vector<std::string> OthersOfSynonym(const std::string& synonym,
                                           const std::string& id) const {
    return Others(by_synonym_, Spoken(synonym), id);
  }

 private:
  using Trait = std::map<std::string, std::set<std::string>>;

  void Add(const std::string& id, const std::string& likeness,
           const std::vector<std::string>& synonyms) {
    if (!likeness.empty()) by_likeness_[likeness].insert(id);
    for (const std::string& synonym : synonyms) by_synonym_[Spoken(synonym)].insert(id);
  }

  // The first few: a list of thousands would say no more.
  static std::vector<std::string> Others(const Trait& trait, const std::string& key,
                                         const std::string& id) {
    std::vector<std::string> others;
    const auto found = trait.find(key);
    if (found == trait.end()) return others;
    for (const std::string& other : found->second) {
      if (other == id) continue;
      if (others.size() == kMaxNamed) {
        others.push_back("others");
        break;
      }
      others.push_back(other);
    }
    return others;
  }

  std::set<std::string> imported_;
  Trait by_likeness_;
  Trait by_synonym_;
};

std::vector<Finding> DoubtsOf(const MetricDefinition& metric, const SharedTraits& traits) {
  std::vector<Finding> doubts;
  if (const auto others = traits.OthersAlike(metric); !others.empty()) {
    doubts.push_back(
        {Severity::kWarning, "NEAR_DUPLICATE", metric.expression.empty() ? "sql" : "expression", 0,
         absl::StrCat("says the same as ", absl::StrJoin(others, ", "), ""), others.front()});
  }
  for (size_t i = 0; i < metric.synonyms.size(); ++i) {
    const auto others = traits.OthersOfSynonym(metric.synonyms[i], metric.id());
    if (others.empty()) continue;
    doubts.push_back({Severity::kWarning, "SYNONYM_SHARED", absl::StrCat("synonyms[", i, "]"), 0,
                      absl::StrCat("\"", Excerpt(metric.synonyms[i]), "\" is a synonym of ",
                                   absl::StrJoin(others, ", "), " too"),
                      ""});
  }
  return doubts;
}

// Metrics that say the same, those of the import each with all others; of two that are imported,
// the pair is the first one's.
void AddPairs(const std::set<std::string>& ids, const SharedTraits& traits,
              std::vector<SameMeaningPair>& pairs) {
  for (const std::string& id : ids) {
    if (!traits.IsImported(id)) continue;
    for (const std::string& other : ids) {
      if (pairs.size() == kMaxPairs) return;
      const bool told = other < id && traits.IsImported(other);
      if (other != id && !told) pairs.push_back({id, other});
    }
  }
}

}  // namespace

std::vector<SameMeaningPair> FindSameMeaning(const Definitions& definitions,
                                             const StoredDefinitions& stored) {
  const SharedTraits traits(definitions, stored);
  std::vector<SameMeaningPair> pairs;
  for (const auto& [likeness, ids] : traits.by_likeness()) {
    if (ids.size() > 1) AddPairs(ids, traits, pairs);
  }
  std::sort(pairs.begin(), pairs.end(), [](const SameMeaningPair& a, const SameMeaningPair& b) {
    return std::tie(a.metric, a.other) < std::tie(b.metric, b.other);
  });
  return pairs;
}

std::map<std::string, std::vector<Finding>> CatalogDoubts(const Definitions& definitions,
                                                          const StoredDefinitions& stored) {
  const SharedTraits traits(definitions, stored);
  std::map<std::string, std::vector<Finding>> doubts = ReadingDoubts(definitions, stored);
  for (const auto& located : definitions.metrics) {
    std::vector<Finding> found = DoubtsOf(located.definition, traits);
    if (found.empty()) continue;
    std::vector<Finding>& all = doubts[located.definition.id()];
    all.insert(all.end(), std::make_move_iterator(found.begin()),
               std::make_move_iterator(found.end()));
  }
  return doubts;
}

}  // namespace metricstore::registry
