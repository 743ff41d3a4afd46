#include "registry_service/catalog/sources/metric_sources.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/expression/expression.h"
#include "registry_service/datasets/dataset_schema.h"

namespace metricstore::registry {
namespace {

// As compute_service bounds them.
constexpr int kMostLevels = 32;

// "fact_bars on XNYS".
std::string OnCalendar(const Dataset& dataset) {
  return absl::StrCat(dataset.name, " on ", dataset.calendar);
}

// Why the points of two datasets cannot be lined up by bucket and entity; "" if they can.
std::string WhyApart(const Dataset& home, const Dataset& other) {
  if (&home == &other) return "";
  if (home.calendar != other.calendar) {
    return absl::StrCat("reads datasets of different calendars: ", OnCalendar(home), ", ",
                        OnCalendar(other));
  }
  if (home.entity_column.empty() != other.entity_column.empty()) {
    const bool has = !home.entity_column.empty();
    return absl::StrCat("reads datasets with and without entities: ", (has ? home : other).name,
                        " has them, ", (has ? other : home).name, " has none");
  }
  return "";
}

}  // namespace

std::string OtherThanNumbers(const MetricDefinition& metric, const Dataset* dataset) {
  const auto bound = expression::BoundExpression::ParseMetric(
      metric.expression, dataset == nullptr ? expression::Schema() : SchemaOf(*dataset));
  if (!bound.ok()) return "";
  switch ((*bound)->output()) {
    case expression::OutputType::kText:
      return "texts";
    case expression::OutputType::kVector:
      return "vectors";
    case expression::OutputType::kBoolean:
      return "conditions";
    case expression::OutputType::kNumber:
    case expression::OutputType::kInteger:
      break;
  }
  return "";
}

SourceFinder::Open SourceFinder::OpenOf(const MetricDefinition& metric) {
  Open open{.metric = &metric, .sources = {.home = metric.dataset}};
  if (!metric.depends_on.empty()) open.sources.calls = MetricCallsIn(metric.expression);
  return open;
}

// Depth first with a path of its own: nobody bounds how deep definitions read one another.
const MetricSources& SourceFinder::Of(const MetricDefinition& metric) {
  if (const auto found = known_.find(KeyOf(metric)); found != known_.end()) {
    return found->second.sources;
  }
  std::vector<Open> path = {OpenOf(metric)};
  std::set<Key> open = {KeyOf(metric)};
  while (!path.empty()) {
    Open& last = path.back();
    if (last.next == last.sources.calls.size()) {
      open.erase(KeyOf(*last.metric));
      Finish(std::move(last));
      path.pop_back();
      continue;
    }
    const MetricDefinition* read = metrics_(last.sources.calls[last.next++].id);
    if (read == nullptr || known_.contains(KeyOf(*read))) continue;
    if (open.insert(KeyOf(*read)).second) path.push_back(OpenOf(*read));
  }
  return known_.at(KeyOf(metric)).sources;
}

void SourceFinder::Finish(Open open) {
  MetricSources& sources = open.sources;
  Known known;
  const auto tell = [&](std::string reason, const std::string& blamed = "") {
    if (!sources.why_not.empty() || reason.empty()) return;
    sources.why_not = known.reason = std::move(reason);
    sources.blamed = blamed;
    known.cause = open.metric->id();
  };
  tell(WhyNotComputed(*open.metric));
  // Each dataset with the first metric of `calls` through which it is read; "" for its own.
  std::map<std::string, std::string> datasets;
  if (!sources.home.empty()) datasets.emplace(sources.home, "");
  std::string deepest;
  for (const MetricCall& call : sources.calls) {
    const MetricDefinition* read = metrics_(call.id);
    const auto found = read == nullptr ? known_.end() : known_.find(KeyOf(*read));
    sources.reads_unknown |= read == nullptr;
    if (found == known_.end()) {
      tell(absl::StrCat("reads ", call.id,
                        read == nullptr ? ", which is not defined" : " in a circle"),
           call.id);
      continue;
    }
    if (!found->second.other_than_numbers.has_value()) {
      found->second.other_than_numbers = OtherThanNumbers(*read, datasets_(read->dataset));
    }
    if (const std::string& others = *found->second.other_than_numbers; !others.empty()) {
      tell(absl::StrCat("reads ", call.id, ", whose points are ", others,
                        ": other metrics read numbers only"),
           call.id);
    }
    const MetricSources& theirs = found->second.sources;
    if (sources.home.empty()) sources.home = theirs.home;
    for (const std::string& dataset : theirs.datasets) datasets.emplace(dataset, call.id);
    sources.reads_unknown |= theirs.reads_unknown;
    if (found->second.levels + 1 > known.levels) {
      known.levels = found->second.levels + 1;
      deepest = call.id;
    }
    if (theirs.why_not.empty() || !sources.why_not.empty()) continue;
    known.cause = found->second.cause;
    known.reason = found->second.reason;
    sources.blamed = call.id;
    sources.why_not =
        absl::StrCat("reads ", known.cause, known.cause == call.id ? "" : " through " + call.id,
                     ", which is not computed: ", known.reason);
  }
  if (known.levels > kMostLevels) {
    tell(absl::StrCat("metrics are read through one another over more than ", kMostLevels,
                      " levels"),
         deepest);
  }
  if (sources.home.empty()) tell("has no table");
  const Dataset* home = datasets_(sources.home);
  for (const auto& [name, read_through] : datasets) {
    const Dataset* other = datasets_(name);
    if (home != nullptr && other != nullptr) tell(WhyApart(*home, *other), read_through);
    sources.datasets.push_back(name);
  }
  known.sources = std::move(sources);
  known_.emplace(KeyOf(*open.metric), std::move(known));
}

}  // namespace metricstore::registry
