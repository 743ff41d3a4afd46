#include "registry_service/catalog/validation/reading_doubts.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/expression/syntax.h"
#include "common/time/grain.h"
#include "registry_service/catalog/sources/metric_calls.h"
#include "registry_service/catalog/sources/metric_sources.h"
#include "registry_service/catalog/validation/import_sources.h"
#include "registry_service/catalog/validation/metric_rules.h"

namespace metricstore::registry {
namespace {

// "position 8: ..." of where the expression first reads `id`; the message alone if it does not.
std::string AtCall(const std::string& expression, const std::string& id, std::string message) {
  const auto syntax = expression::ParseSyntax(expression);
  const expression::SyntaxNode* const call = syntax.ok() ? FindCall(*syntax, id) : nullptr;
  if (call == nullptr) return message;
  return expression::AtPosition(expression::PositionOf(expression, call->offset), message);
}

void DoubtReading(const MetricDefinition& metric, const MetricSources& sources,
                  std::vector<Finding>& doubts) {
  if (sources.why_not.empty() || sources.reads_unknown) return;
  if (!WhyNotComputed(metric).empty()) return;  // told of the metric alone
  doubts.push_back({Severity::kWarning, "NOT_COMPUTED", "expression", 0,
                    AtCall(metric.expression, sources.blamed,
                           absl::StrCat("this release keeps the metric and does not compute it: ",
                                        sources.why_not)),
                    ""});
}

// A metric is computed over the buckets of whoever reads it: a month's number is that of the day
// there. Of metrics that are computed, which bounds how deep they read one another.
class CoarserGrains {
 public:
  explicit CoarserGrains(SourceFinder& finder) : finder_(finder) {}

  void Doubt(const MetricDefinition& metric, std::vector<Finding>& doubts) {
    for (const std::string& id : metric.depends_on) {
      const MetricDefinition* const read = finder_.Find(id);
      if (read == nullptr || read->grain <= metric.grain || RunsOn(*read)) continue;
      const std::string theirs(GrainName(read->grain));
      doubts.push_back(
          {Severity::kWarning, "GRAIN_DOUBTFUL", "expression", 0,
           AtCall(metric.expression, id,
                  absl::StrCat(
                      id, " is a ", theirs, " metric, and is computed here over the bucket of the ",
                      std::string(GrainName(metric.grain)), "; for the ", theirs,
                      " so far read a metric with a window to date: window: ", theirs, "_to_date")),
           ""});
    }
  }

 private:
  // Whether the points run on from bucket to bucket, so that finer buckets show the period so far:
  // by the metric's own window, or by those of all that it reads instead of rows.
  bool RunsOn(const MetricDefinition& metric) {
    const auto [known, is_new] = runs_on_.try_emplace(metric.id(), true);
    if (is_new) known->second = FindRunsOn(metric);
    return known->second;
  }

  bool FindRunsOn(const MetricDefinition& metric) {
    const auto syntax = expression::ParseSyntax(metric.expression);
    if (!syntax.ok() || !ReadsMetricsAlone(*syntax)) return HasRunningWindow(metric);
    return std::all_of(metric.depends_on.begin(), metric.depends_on.end(),
                       [&](const std::string& id) {
                         const MetricDefinition* const read = finder_.Find(id);
                         return read == nullptr || RunsOn(*read);
                       });
  }

  SourceFinder& finder_;
  std::map<std::string, bool> runs_on_;  // by id
};

}  // namespace

std::map<std::string, std::vector<Finding>> ReadingDoubts(const Definitions& definitions,
                                                          const StoredDefinitions& stored) {
  std::map<std::string, std::vector<Finding>> doubts;
  SourceFinder finder = SourcesAfter(definitions, stored);
  CoarserGrains grains(finder);
  for (const auto& located : definitions.metrics) {
    const MetricDefinition& metric = located.definition;
    if (metric.depends_on.empty() || !located.faulty.empty()) continue;
    std::vector<Finding> found;
    const MetricSources& sources = finder.Of(metric);
    DoubtReading(metric, sources, found);
    if (sources.why_not.empty()) grains.Doubt(metric, found);
    if (!found.empty()) doubts[metric.id()] = std::move(found);
  }
  return doubts;
}

}  // namespace metricstore::registry
