#include "registry_service/catalog/validation/running_totals.h"

#include <algorithm>
#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/calendar/window.h"
#include "registry_service/catalog/validation/metric_rules.h"

namespace metricstore::registry {
namespace {

// The same base, to date: an example that fits every grain.
std::string RunningWindow(calendar::Window window) {
  window.reach = calendar::WindowReach::kToDate;
  window.period = Grain::kYear;
  return calendar::WindowText(window);
}

FieldFault NoRunningWindow(const MetricDefinition& metric) {
  const std::string example = RunningWindow(metric.window);
  return {"window",
          "DEFINITION_INVALID",
          absl::StrCat("window: type cumulative is for a running total, which a window to date or "
                       "rolling makes; for example window: ",
                       example),
          {{"suggestion", example}}};
}

FieldFault NoRunningTotalRead() {
  return {"type",
          "DEFINITION_INVALID",
          "type cumulative is for a running total, and no metric that this one reads is one: give "
          "one of them a window to date or rolling (window: year_to_date), or say type derived",
          {}};
}

class RunningTotalCheck {
 public:
  RunningTotalCheck(const Definitions& definitions, const StoredDefinitions& stored,
                    MetricTexts& texts)
      : stored_(stored), texts_(texts) {
    for (const auto& located : definitions.metrics) {
      imported_.emplace(located.definition.id(), &located.definition);
    }
  }

  // Of a cumulative metric that is none.
  std::vector<FieldFault> FaultsOf(const MetricDefinition& metric) const {
    const bool reads_rows = NeedsTable(metric, texts_);
    if (reads_rows && HasRunningWindow(metric)) return {};
    if (std::any_of(metric.depends_on.begin(), metric.depends_on.end(),
                    [&](const std::string& id) { return MayBeRunning(id); })) {
      return {};
    }
    return {reads_rows ? NoRunningWindow(metric) : NoRunningTotalRead()};
  }

 private:
  bool IsRunning(const MetricDefinition& metric) const {
    return metric.type == MetricType::kCumulative ||
           (HasRunningWindow(metric) && NeedsTable(metric, texts_));
  }

  // Of what is not there others tell, and of what was not loaded nothing is known.
  bool MayBeRunning(const std::string& id) const {
    if (const auto found = imported_.find(id); found != imported_.end()) {
      return IsRunning(*found->second);
    }
    const auto found = stored_.metrics.find(id);
    if (found == stored_.metrics.end()) return true;
    return IsRunning(found->second.latest) || IsRunning(found->second.active);
  }

  const StoredDefinitions& stored_;
  MetricTexts& texts_;
  std::map<std::string, const MetricDefinition*> imported_;
};

}  // namespace

void CheckRunningTotals(Definitions& definitions, const StoredDefinitions& stored,
                        MetricTexts& texts, Faults& faults) {
  const RunningTotalCheck check(definitions, stored, texts);
  for (auto& located : definitions.metrics) {
    const MetricDefinition& metric = located.definition;
    if (metric.type != MetricType::kCumulative || metric.expression.empty()) continue;
    // What it reads is not known then.
    if (located.IsFaulty("expression")) continue;
    located.ReportNew(check.FaultsOf(metric), faults);
  }
}

}  // namespace metricstore::registry
