#include "tests/unit/registry/changed_metric.h"

#include "absl/strings/str_cat.h"
#include "tests/testing/matchers.h"
#include "tests/unit/registry/definition_cases.h"

namespace metricstore::registry {

std::vector<std::string> Lines(const std::vector<FieldChange>& changes) {
  std::vector<std::string> lines;
  for (const FieldChange& change : changes) {
    std::string line = absl::StrCat(change.field, ": ", change.before, " -> ", change.after);
    if (change.changes_meaning) line += " [meaning]";
    if (change.breaking) line += " [breaking]";
    if (!change.reason.empty()) absl::StrAppend(&line, " (", change.reason, ")");
    lines.push_back(line);
  }
  return lines;
}

MetricDefinition Bound(const std::string& yaml) {
  Definitions definitions;
  EXPECT_OK(Check({{"m/a.yaml", yaml}}, &definitions));
  return definitions.metrics.empty() ? MetricDefinition() : definitions.metrics[0].definition;
}

}  // namespace metricstore::registry
