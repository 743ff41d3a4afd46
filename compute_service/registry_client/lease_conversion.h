// Leased shards as the plain values that compute works with.
#pragma once

#include "absl/status/statusor.h"
#include "compute_service/registry_client/shard.h"
#include "metricstore/registry/v1/backfill.pb.h"

namespace metricstore::compute {

// INVALID_ARGUMENT (FIELD_INVALID) for what this release does not know.
absl::StatusOr<LeasedShard> ToLeasedShard(const registry::v1::LeasedShard& proto);

}  // namespace metricstore::compute
