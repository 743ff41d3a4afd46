#include "registry_service/catalog/store/derived_fields.h"

#include <algorithm>
#include <utility>

#include "common/status/macros.h"
#include "registry_service/catalog/store/stored_loader.h"
#include "registry_service/catalog/validation/import_ground.h"
#include "registry_service/catalog/validation/metric_binding.h"
#include "registry_service/catalog/validation/metric_texts.h"

namespace metricstore::registry {
namespace {

bool AnyLacks(const std::vector<StoredEntry>& entries) {
  return std::any_of(entries.begin(), entries.end(), [](const StoredEntry& entry) {
    return LacksDerived(entry.active) || LacksDerived(entry.latest);
  });
}

void Derive(const ImportGround& ground, MetricTexts& texts, MetricDefinition& metric) {
  MetricDefinition bound = metric;
  bound.tables.clear();
  bound.depends_on.clear();
  bound.tests.clear();
  BindMetric(bound, ground.Of(metric.dataset), texts);
  if (LacksDerived(bound)) return;
  metric.meaning = std::move(bound.meaning);
  metric.meaning_without_sql = std::move(bound.meaning_without_sql);
  metric.reads = std::move(bound.reads);
}

}  // namespace

bool LacksDerived(const MetricDefinition& metric) {
  const bool has_both = !metric.expression.empty() && metric.has_select();
  return metric.meaning.empty() || (has_both && metric.meaning_without_sql.empty());
}

void DeriveMissing(const StoredDefinitions& ground, std::vector<StoredEntry>& entries) {
  if (!AnyLacks(entries)) return;
  Definitions nothing;
  Faults faults;
  const ImportGround over(nothing, ground, faults);
  MetricTexts texts(over);
  for (StoredEntry& entry : entries) {
    for (MetricDefinition* metric : {&entry.active, &entry.latest}) {
      if (LacksDerived(*metric)) Derive(over, texts, *metric);
    }
  }
}

absl::Status DeriveMissing(pg::Transaction& transaction, int32_t project_id,
                           std::vector<StoredEntry>& entries) {
  if (!AnyLacks(entries)) return absl::OkStatus();
  ASSIGN_OR_RETURN(const StoredDefinitions ground, LoadGround(transaction, project_id));
  DeriveMissing(ground, entries);
  return absl::OkStatus();
}

}  // namespace metricstore::registry
