#include "registry_service/catalog/validation/metric_references.h"

#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/expression/syntax.h"
#include "common/status/error.h"
#include "registry_service/catalog/definition/excerpt.h"
#include "registry_service/catalog/sources/metric_calls.h"
#include "registry_service/catalog/validation/unknown_name.h"

namespace metricstore::registry {
namespace {

using expression::SyntaxNode;
using LocatedMetric = Located<MetricDefinition>;
// A cycle is quoted up to so many metrics.
constexpr size_t kMaxShown = 12;

// Which metrics read which, as the import would leave them. Ids are views into what it is made of.
class ReferenceGraph {
 public:
  ReferenceGraph(const Definitions& definitions, const StoredDefinitions& stored) {
    for (const auto& located : definitions.metrics) {
      const auto [node, is_new] = Add(located.definition.id());
      if (is_new) edges_[node] = &located.definition.depends_on;
    }
    for (const auto& [id, summary] : stored.summaries) {
      const auto [node, is_new] = Add(id);
      if (is_new) edges_[node] = &summary.depends_on;
    }
  }

  size_t NodeOf(const std::string& id) const { return nodes_.at(id); }
  const std::string& IdOf(size_t node) const { return *ids_[node]; }

  // For each node the number of its strongly connected component (Tarjan's algorithm, without
  // recursion: chains of references may be long).
  std::vector<size_t> Components() const {
    const size_t count = ids_.size();
    std::vector<size_t> index(count, kNone), low(count), component(count, kNone);
    std::vector<size_t> open;  // Tarjan's stack
    std::vector<std::pair<size_t, size_t>> path;
    size_t next_index = 0, next_component = 0;
    for (size_t root = 0; root < count; ++root) {
      if (index[root] != kNone) continue;
      path.emplace_back(root, 0);
      while (!path.empty()) {
        auto& [node, edge] = path.back();
        if (edge == 0 && index[node] == kNone) {
          index[node] = low[node] = next_index++;
          open.push_back(node);
        }
        if (edge < edges_[node]->size()) {
          const size_t target = Find((*edges_[node])[edge++]);
          if (target == kNone || component[target] != kNone) continue;
          if (index[target] == kNone) {
            path.emplace_back(target, 0);
          } else {
            low[node] = std::min(low[node], index[target]);
          }
          continue;
        }
        const size_t done = node;
        path.pop_back();
        if (!path.empty()) low[path.back().first] = std::min(low[path.back().first], low[done]);
        if (low[done] != index[done]) continue;
        for (size_t member = kNone; member != done; open.pop_back()) {
          member = open.back();
          component[member] = next_component;
        }
        ++next_component;
      }
    }
    return component;
  }

  // The shortest way from `start` back to itself, both ends included; empty if there is none.
  std::vector<size_t> CycleThrough(size_t start) const {
    std::map<size_t, size_t> came_from;
    std::deque<size_t> reached = {start};
    while (!reached.empty()) {
      const size_t node = reached.front();
      reached.pop_front();
      for (const std::string& id : *edges_[node]) {
        const size_t target = Find(id);
        if (target == kNone || came_from.contains(target)) continue;
        came_from[target] = node;
        if (target == start) return WayBack(start, came_from);
        reached.push_back(target);
      }
    }
    return {};
  }

 private:
  static constexpr size_t kNone = static_cast<size_t>(-1);

  std::pair<size_t, bool> Add(std::string id) {
    const auto [place, is_new] = nodes_.try_emplace(std::move(id), ids_.size());
    if (is_new) {
      ids_.push_back(&place->first);
      edges_.push_back(nullptr);
    }
    return {place->second, is_new};
  }

  size_t Find(const std::string& id) const {
    const auto found = nodes_.find(id);
    return found == nodes_.end() ? kNone : found->second;
  }

  static std::vector<size_t> WayBack(size_t start, const std::map<size_t, size_t>& came_from) {
    std::vector<size_t> way = {start};
    for (size_t node = came_from.at(start); node != start; node = came_from.at(node)) {
      way.push_back(node);
    }
    way.push_back(start);
    std::reverse(way.begin(), way.end());
    return way;
  }

  std::map<std::string, size_t> nodes_;
  std::vector<const std::string*> ids_;  // keys of nodes_
  std::vector<const std::vector<std::string>*> edges_;
};

class ReferenceCheck {
 public:
  ReferenceCheck(Definitions& definitions, const StoredDefinitions& stored, MetricTexts& texts,
                 Faults& faults)
      : definitions_(definitions), stored_(stored), texts_(texts), faults_(faults) {
    for (const auto& located : definitions.metrics) imported_.insert(located.definition.id());
    // A file or a metric whose name could not be read may be the one that is missing.
    may_have_more_ = definitions.may_have_more_calendars && definitions.may_have_more_datasets;
    for (const auto& located : definitions.metrics) {
      may_have_more_ |= located.definition.name.empty() || located.definition.category.empty();
    }
  }

  void Run() {
    bool any = false;
    for (auto& located : definitions_.metrics) {
      for (const std::string& id : located.definition.depends_on) CheckReference(located, id);
      any |= !located.definition.depends_on.empty();
    }
    if (any) CheckCycles();
  }

 private:
  bool IsStored(const std::string& id) const {
    if (stored_.summaries.contains(id)) return true;
    const auto found = stored_.metrics.find(id);
    return found != stored_.metrics.end() && !found->second.deleted;
  }

  void CheckReference(LocatedMetric& located, const std::string& id) {
    if (imported_.contains(id) || IsStored(id)) return;
    FieldFault fault;
    if (stored_.metrics.contains(id)) {
      fault.field = "expression";
      fault.message = absl::StrCat("metric \"", Excerpt(id), "\" was deleted; undelete it first");
    } else if (may_have_more_) {
      return;
    } else {
      fault = UnknownName("expression", "metric", id, IdsBeside(located.definition.id()));
    }
    fault.reason = "METRIC_NOT_FOUND";
    fault.metadata["metric"] = id;
    ReportAt(id, located, std::move(fault));
  }

  // Reports a fault of the expression where it first reads `id`.
  void ReportAt(const std::string& id, LocatedMetric& located, FieldFault fault) {
    const std::string& text = located.definition.expression;
    const auto& syntax = texts_.Syntax(text);
    if (const SyntaxNode* const read = syntax.ok() ? FindCall(*syntax, id) : nullptr) {
      const size_t position = expression::PositionOf(text, read->offset);
      fault.message = absl::StrCat("expression: ", expression::AtPosition(position, fault.message));
      fault.metadata["position"] = absl::StrCat(position);
    }
    located.Report(fault, faults_);
  }

  // Without the reader: it cannot be meant.
  std::vector<std::string> IdsBeside(const std::string& reader) {
    if (known_ids_.empty()) {
      std::set<std::string> ids(imported_.begin(), imported_.end());
      for (const auto& [id, summary] : stored_.summaries) ids.insert(id);
      known_ids_.assign(ids.begin(), ids.end());
    }
    std::vector<std::string> others = known_ids_;
    std::erase(others, reader);
    return others;
  }

  void CheckCycles() {
    const ReferenceGraph graph(definitions_, stored_);
    const std::vector<size_t> components = graph.Components();
    std::map<size_t, size_t> sizes;
    for (const size_t component : components) ++sizes[component];
    std::set<size_t> told;
    for (auto& located : definitions_.metrics) {
      const std::vector<std::string>& references = located.definition.depends_on;
      const std::string id = located.definition.id();
      const size_t node = graph.NodeOf(id);
      const bool in_circle =
          sizes[components[node]] > 1 ||
          std::find(references.begin(), references.end(), id) != references.end();
      if (in_circle && told.insert(components[node]).second) {
        ReportCycle(located, graph, graph.CycleThrough(node));
      }
    }
  }

  void ReportCycle(LocatedMetric& located, const ReferenceGraph& graph,
                   const std::vector<size_t>& cycle) {
    std::vector<std::string> ids;
    for (const size_t node : cycle) ids.push_back(graph.IdOf(node));
    const std::string next = ids[1];
    if (ids.size() > kMaxShown) {
      const std::string last = ids.back();
      ids.resize(kMaxShown - 2);
      ids.push_back("...");
      ids.push_back(last);
    }
    const std::string text = absl::StrJoin(ids, " -> ");
    ReportAt(next, located,
             {"expression",
              "DEPENDENCY_CYCLE",
              absl::StrCat("metrics read each other in a circle: ", text),
              {{"cycle", text}}});
  }

  Definitions& definitions_;
  const StoredDefinitions& stored_;
  MetricTexts& texts_;
  Faults& faults_;
  std::set<std::string> imported_;
  std::vector<std::string> known_ids_;  // for suggestions, made when first needed
  bool may_have_more_ = false;
};

}  // namespace

void CheckReferences(Definitions& definitions, const StoredDefinitions& stored, MetricTexts& texts,
                     Faults& faults) {
  ReferenceCheck(definitions, stored, texts, faults).Run();
}

}  // namespace metricstore::registry
