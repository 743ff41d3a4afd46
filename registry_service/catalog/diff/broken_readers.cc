#include "registry_service/catalog/diff/broken_readers.h"

#include <algorithm>
#include <initializer_list>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "registry_service/catalog/sources/metric_sources.h"
#include "registry_service/catalog/validation/import_sources.h"

namespace metricstore::registry {
namespace {

constexpr size_t kMostNamed = 3;

// Who reads metrics before the import, by what they read.
std::map<std::string, std::set<std::string>> ReadersOf(const StoredDefinitions& stored) {
  std::map<std::string, std::set<std::string>> readers;
  for (const auto& [id, metric] : stored.metrics) {
    if (metric.deleted) continue;
    for (const std::string& read : metric.active.depends_on) readers[read].insert(id);
  }
  return readers;
}

// The first of these fields that changes what readers are served; nullptr if none does.
FieldChange* FirstOf(std::initializer_list<std::string_view> fields,
                     std::vector<FieldChange>& changes) {
  for (const std::string_view field : fields) {
    const auto found = std::find_if(changes.begin(), changes.end(), [&](const FieldChange& change) {
      return change.field == field && (change.changes_meaning || field == "active_version");
    });
    if (found != changes.end()) return &*found;
  }
  return nullptr;
}

// What changes the points: the field that is named first here, else the first with a meaning.
FieldChange* Culprit(std::vector<FieldChange>& changes) {
  if (FieldChange* const found =
          FirstOf({"active_version", "type", "dimensions", "table", "expression"}, changes)) {
    return found;
  }
  const auto found = std::find_if(changes.begin(), changes.end(),
                                  [](const FieldChange& change) { return change.changes_meaning; });
  return found == changes.end() ? nullptr : &*found;
}

void Break(FieldChange* change, const std::string& reason) {
  if (change == nullptr || reason.empty()) return;
  change->breaking = true;
  absl::StrAppend(&change->reason, change->reason.empty() ? "" : "; ", reason);
}

class ReaderSearch {
 public:
  ReaderSearch(const Definitions& definitions, const StoredDefinitions& stored)
      : readers_(ReadersOf(stored)),
        before_(SourcesBefore(stored)),
        after_(SourcesAfter(definitions, stored)) {}

  void FillIn(ImportChange& change) {
    const auto found = readers_.find(change.outcome.name);
    if (found == readers_.end()) return;
    for (const std::string& id : found->second) {
      const MetricDefinition* const was = before_.Find(id);
      const MetricDefinition* const is = after_.Find(id);
      if (was == nullptr || is == nullptr || !before_.Of(*was).why_not.empty()) continue;
      const MetricSources& sources = after_.Of(*is);
      if (sources.why_not.empty() || sources.blamed != change.outcome.name) continue;
      change.broken_readers.push_back({id, sources.why_not});
    }
  }

 private:
  const std::map<std::string, std::set<std::string>> readers_;
  SourceFinder before_;
  SourceFinder after_;
};

// "points are vectors, no longer numbers"; "" if they are what they were.
std::string OtherPoints(const std::string& before, const std::string& after) {
  if (before == after) return "";
  const auto name = [](const std::string& points) { return points.empty() ? "numbers" : points; };
  return absl::StrCat("points are ", name(after), ", no longer ", name(before));
}

// What the points of metrics are before and after.
class PointsComparison {
 public:
  PointsComparison(const Definitions& definitions, const StoredDefinitions& stored)
      : stored_(stored) {
    for (const auto& [name, dataset] : stored.datasets) before_[name] = after_[name] = &dataset;
    for (const auto& located : definitions.datasets) {
      after_[located.definition.name] = &located.definition;
    }
  }

  void Mark(const MetricDefinition& metric, ImportChange& change) const {
    const StoredMetric& stored = stored_.metrics.at(change.outcome.name);
    Mark(stored.latest, metric, change.changes);
    Mark(stored.active, metric, change.served_changes);
  }

 private:
  using Datasets = std::map<std::string, const Dataset*>;

  static const Dataset* Of(const MetricDefinition& metric, const Datasets& datasets) {
    const auto dataset = datasets.find(metric.dataset);
    return dataset == datasets.end() ? nullptr : dataset->second;
  }

  void Mark(const MetricDefinition& before, const MetricDefinition& after,
            std::vector<FieldChange>& changes) const {
    MarkOtherPoints(before, Of(before, before_), after, Of(after, after_), changes);
  }

  const StoredDefinitions& stored_;
  Datasets before_;
  Datasets after_;
};

bool ComesToBeServed(const ImportChange& change, const StoredDefinitions& stored) {
  return (change.makes_version || change.promotes) && stored.metrics.contains(change.outcome.name);
}

}  // namespace

void MarkBrokenReaders(const Definitions& definitions, const StoredDefinitions& stored,
                       ImportChanges& changes) {
  if (std::none_of(changes.metrics.begin(), changes.metrics.end(),
                   [&](const ImportChange& change) { return ComesToBeServed(change, stored); })) {
    return;
  }
  const PointsComparison points(definitions, stored);
  ReaderSearch readers(definitions, stored);
  for (ImportChange& change : changes.metrics) {
    if (!ComesToBeServed(change, stored)) continue;
    points.Mark(definitions.metrics[change.index].definition, change);
    readers.FillIn(change);
    const std::string text = BrokenReadersText(change);
    Break(Culprit(change.changes), text);
    Break(Culprit(change.served_changes), text);
  }
}

void MarkOtherPoints(const MetricDefinition& before, const Dataset* before_dataset,
                     const MetricDefinition& after, const Dataset* after_dataset,
                     std::vector<FieldChange>& changes) {
  FieldChange* const field = FirstOf({"expression", "table"}, changes);
  const bool bound = !before.canonical.expression.empty() && !after.canonical.expression.empty();
  if (field == nullptr || !bound) return;
  Break(field, OtherPoints(OtherThanNumbers(before, before_dataset),
                           OtherThanNumbers(after, after_dataset)));
}

std::string BrokenReadersText(const ImportChange& change) {
  const std::vector<BrokenReader>& readers = change.broken_readers;
  if (readers.empty()) return "";
  std::string text;
  const size_t named = std::min(readers.size(), kMostNamed);
  for (size_t i = 0; i < named; ++i) absl::StrAppend(&text, i > 0 ? ", " : "", readers[i].metric);
  if (readers.size() > named) absl::StrAppend(&text, " and ", readers.size() - named, " more");
  return absl::StrCat(text, readers.size() == 1 ? " reads" : " read",
                      " it and can then not be computed: ", readers.front().why_not);
}

}  // namespace metricstore::registry
