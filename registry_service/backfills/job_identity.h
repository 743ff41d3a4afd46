// What tells jobs apart: a job is joined only by a request that would compute just the same.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "common/pg/pool.h"
#include "registry_service/backfills/backfill_planner.h"

namespace metricstore::registry {

// The hash, in hex, of the requested dates, the planned shards, and how many batches of rows each
// of their datasets has taken in so far. Rows that came since a job was planned may be missing from
// its shards, or from those that are done, so they make another job. Errors are the transaction's.
absl::StatusOr<std::string> JobIdentity(pg::Transaction& transaction, int32_t project_id,
                                        const BackfillPlan& plan);

}  // namespace metricstore::registry
