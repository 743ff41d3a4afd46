// Answers to writes as JSON, for requests that are sent again.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "registry_service/catalog/definition/field_change.h"
#include "registry_service/catalog/store/importer.h"
#include "registry_service/catalog/store/metric_editor.h"

namespace metricstore::registry {

std::string ImportAnswer(const ImportResult& result);
// INTERNAL for a text that no release wrote.
absl::StatusOr<ImportResult> ImportResultFrom(std::string_view answer);

// The answer of an update; its metric is read anew.
std::string ChangesAnswer(const std::vector<FieldChange>& changes);
// INTERNAL for a text that no release wrote.
absl::StatusOr<std::vector<FieldChange>> ChangesFrom(std::string_view answer);

// The answer of a promotion; its metric is read anew.
std::string PromotionAnswer(const PromoteOutcome& outcome);
// Without the metric. INTERNAL for a text that no release wrote.
absl::StatusOr<PromoteOutcome> PromotionFrom(std::string_view answer);

}  // namespace metricstore::registry
