// How every call of the client is made: bounded, noted as contact, its error a Status.
#pragma once

#include <grpcpp/grpcpp.h>

#include <algorithm>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "common/rpc/client.h"
#include "common/rpc/status_conversion.h"
#include "common/status/error.h"
#include "common/time/cancellation.h"
#include "compute_service/registry_client/registry_contact.h"

namespace metricstore::compute {

// The error of a finished call; a cancellation or deadline of ours is said in our words.
inline absl::Status FinishedStatus(const grpc::Status& finished, const CallBounds& bounds,
                                   RegistryContact& contact) {
  absl::Status status = rpc::FromGrpc(finished);
  if (absl::IsCancelled(status) && !bounds.cancel.cancelled()) {
    // The transport gave up, not we: a connection that died may look like this.
    status = absl::UnavailableError("the registry cancelled the call");
  }
  contact.Record(status);
  if (!status.ok() && bounds.cancel.cancelled()) return bounds.Check();
  return status;
}

// One unary call, at most `timeout` long.
template <typename Stub, typename Request, typename Response>
absl::Status CallUnary(Stub& stub,
                       grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                    Response*),
                       const Request& request, Response* response, const CallBounds& bounds,
                       absl::Duration timeout, RegistryContact& contact) {
  CallBounds limited = bounds;
  limited.deadline = std::min(bounds.deadline, absl::Now() + timeout);
  rpc::BoundedContext context(limited);
  return FinishedStatus((stub.*method)(context.get(), request, response), bounds, contact);
}

}  // namespace metricstore::compute
