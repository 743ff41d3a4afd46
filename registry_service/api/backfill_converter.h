// Jobs, shards and leases to and from their messages.
#pragma once

#include "absl/status/statusor.h"
#include "metricstore/registry/v1/backfill_service.pb.h"
#include "registry_service/backfills/backfill_store.h"

namespace metricstore::registry::api {

// INVALID_ARGUMENT (FIELD_REQUIRED, FIELD_INVALID, INTERVAL_REVERSED).
absl::StatusOr<BackfillRequest> FromProto(const v1::CreateBackfillRequest& request);

// The length of a lease, 30 s if unset. INVALID_ARGUMENT (FIELD_INVALID).
absl::StatusOr<absl::Duration> LeaseLength(bool set, const google::protobuf::Duration& length);

void ToProto(const Backfill& backfill, v1::Backfill* proto);
void ToProto(const LeasedShard& shard, v1::LeasedShard* proto);

}  // namespace metricstore::registry::api
