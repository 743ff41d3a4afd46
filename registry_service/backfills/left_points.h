// Finds points that a change left where no rows are any more, so that a job removes them.
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "common/pg/pool.h"
#include "registry_service/backfills/shard_cutter.h"

namespace metricstore::registry {

// Fills in `left_points` of a group that is complete but for these. Errors of Transaction::Execute.
absl::Status AddLeftPoints(pg::Transaction& transaction, int32_t project_id, CutGroup& group);

}  // namespace metricstore::registry
