// Compares definitions that are stored, over the datasets that are registered now.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "common/time/cancellation.h"
#include "registry_service/calendars/calendar_store.h"
#include "registry_service/catalog/definition/field_change.h"
#include "registry_service/catalog/definition/metric_definition.h"
#include "registry_service/datasets/dataset_store.h"

namespace metricstore::registry {

// Two definitions to compare. Pointers must live as long as the call.
struct MetricPair {
  const MetricDefinition* before = nullptr;
  const MetricDefinition* after = nullptr;
};

// Thread-safe. The stores must outlive it.
class MetricComparison {
 public:
  MetricComparison(DatasetStore& datasets, CalendarStore& calendars)
      : datasets_(datasets), calendars_(calendars) {}

  // The fields that differ, as DiffMetrics and MarkOtherPoints tell them, for each pair. Where a
  // dataset is gone, the spelling of expressions counts. Errors of the stores.
  absl::StatusOr<std::vector<std::vector<FieldChange>>> Compare(
      int32_t project_id, const std::vector<MetricPair>& pairs, const CallBounds& bounds) const;

 private:
  DatasetStore& datasets_;
  CalendarStore& calendars_;
};

}  // namespace metricstore::registry
