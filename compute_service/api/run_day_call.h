// RunDay from message to messages.
#pragma once

#include "absl/status/status.h"
#include "common/rpc/call.h"
#include "common/time/cancellation.h"
#include "compute_service/registry_client/registry_client.h"
#include "metricstore/compute/v1/compute_service.pb.h"

namespace metricstore::compute {

// Creates a backfill of the date and streams its states until it ends. INVALID_ARGUMENT
// (FIELD_REQUIRED, FIELD_INVALID date), errors of RegistryClient::CreateBackfill and WatchBackfill,
// and of the writer. Thread-safe.
absl::Status RunDay(RegistryClient& registry, const v1::RunDayRequest& request,
                    const CallBounds& bounds, rpc::StreamWriter<v1::RunDayResponse>& writer);

}  // namespace metricstore::compute
