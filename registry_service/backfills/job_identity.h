// What tells jobs apart: a job is joined only by a request that would compute just the same.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "common/pg/pool.h"
#include "registry_service/backfills/backfill_planner.h"

namespace metricstore::registry {

// The hash, in hex, of the requested dates, the planned shards with the versions of their metrics,
// of what these read and of calendars, and how many batches of new rows each of their datasets had
// taken in when the job was planned. Rows that came since may be missing from its shards, or from
// those that are done, so they make another job. Errors are the transaction's.
absl::StatusOr<std::string> JobIdentity(pg::Transaction& transaction, int32_t project_id,
                                        const BackfillPlan& plan);

}  // namespace metricstore::registry
