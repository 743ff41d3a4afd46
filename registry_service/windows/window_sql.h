// The queries that read a window, and the checks that it can be read. Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "registry_service/datasets/dataset.h"
#include "registry_service/windows/window_reader.h"

namespace metricstore::registry {

// A window names at most this many entities.
inline constexpr size_t kMaxWindowEntities = 10'000;

// INVALID_ARGUMENT (FIELD_INVALID, INTERVAL_REVERSED).
absl::Status CheckWindowQuery(const Dataset& dataset, const WindowQuery& query);

// The columns that are sent: entity, time, then those asked for. INVALID_ARGUMENT (FIELD_INVALID).
absl::StatusOr<std::vector<const DatasetColumn*>> WindowColumns(const Dataset& dataset,
                                                                const WindowQuery& query);

// One SELECT after the other gives the rows in canonical order. Few entities are read one by one,
// each in the order of the primary key, without a sort.
std::vector<std::string> WindowSelects(int32_t project_id, const Dataset& dataset,
                                       const WindowQuery& query,
                                       const std::vector<const DatasetColumn*>& columns);

}  // namespace metricstore::registry
