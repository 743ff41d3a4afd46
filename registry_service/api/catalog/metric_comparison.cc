#include "registry_service/api/catalog/metric_comparison.h"

#include <set>
#include <string>
#include <utility>

#include "common/status/macros.h"
#include "registry_service/catalog/diff/broken_readers.h"
#include "registry_service/catalog/diff/metric_diff.h"
#include "registry_service/catalog/validation/definition_check.h"
#include "registry_service/catalog/validation/import_ground.h"
#include "registry_service/catalog/validation/metric_binding.h"
#include "registry_service/catalog/validation/metric_texts.h"

namespace metricstore::registry {
namespace {

std::set<std::string> TablesOf(const std::vector<MetricPair>& pairs) {
  std::set<std::string> tables;
  const auto add = [&](const MetricDefinition& metric) {
    tables.insert(metric.tables.begin(), metric.tables.end());
    if (!metric.dataset.empty()) tables.insert(metric.dataset);
  };
  for (const MetricPair& pair : pairs) {
    add(*pair.before);
    add(*pair.after);
  }
  return tables;
}

// What the metrics stand on, as far as it is there.
absl::Status ReadGround(int32_t project_id, const std::set<std::string>& tables,
                        DatasetStore& datasets, CalendarStore& calendars, const CallBounds& bounds,
                        StoredDefinitions& ground) {
  for (const std::string& table : tables) {
    const auto dataset = datasets.Get(project_id, table, bounds);
    if (absl::IsNotFound(dataset.status())) continue;
    RETURN_IF_ERROR(dataset.status());
    ground.datasets.emplace(table, **dataset);
    const std::string& name = (*dataset)->calendar;
    if (name.empty() || ground.calendars.contains(name)) continue;
    auto calendar = calendars.GetStored(project_id, name, 0, bounds);
    if (absl::IsNotFound(calendar.status())) continue;
    RETURN_IF_ERROR(calendar.status());
    ground.calendars.emplace(name, *std::move(calendar));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<std::vector<FieldChange>>> MetricComparison::Compare(
    int32_t project_id, const std::vector<MetricPair>& pairs, const CallBounds& bounds) const {
  StoredDefinitions stored;
  RETURN_IF_ERROR(ReadGround(project_id, TablesOf(pairs), datasets_, calendars_, bounds, stored));
  Definitions nothing_new;
  Faults faults;
  const ImportGround ground(nothing_new, stored, faults);
  MetricTexts texts(ground);
  const auto bound = [&](const MetricDefinition& metric) {
    MetricDefinition copy = metric;
    BindCanonical(copy, ground.Of(copy.dataset), stored.datasets, texts);
    return copy;
  };
  std::vector<std::vector<FieldChange>> changes;
  for (const MetricPair& pair : pairs) {
    const MetricDefinition before = bound(*pair.before);
    const MetricDefinition after = bound(*pair.after);
    std::vector<FieldChange>& found = changes.emplace_back(DiffMetrics(before, after));
    MarkOtherPoints(before, ground.Of(before.dataset).dataset, after,
                    ground.Of(after.dataset).dataset, found);
  }
  return changes;
}

}  // namespace metricstore::registry
