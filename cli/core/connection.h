// The two services as metricctl reaches them: endpoints, channels, bounded calls, clear errors.
#pragma once

#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/rpc/client.h"
#include "common/rpc/status_conversion.h"
#include "common/status/macros.h"
#include "common/time/cancellation.h"

namespace metricstore::cli {

enum class Peer { kRegistry, kCompute };

// Where the services are, as "host:port"; empty: not said.
struct Endpoints {
  std::string registry;
  std::string compute;
  std::string project;  // empty: the services' default
};

// The value of an environment variable, or nullopt.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

// Fills what options left empty from METRICSTORE_REGISTRY, METRICSTORE_COMPUTE and
// METRICSTORE_PROJECT.
Endpoints WithEnvironment(Endpoints endpoints, const Environment& environment);

// Channels to both services, opened when first needed. Not thread-safe; the calls are.
class Connection {
 public:
  // `interrupt` cancels every call.
  Connection(Endpoints endpoints, CancelToken interrupt);

  const std::string& project() const { return endpoints_.project; }
  const std::string& endpoint(Peer peer) const;
  const CancelToken& interrupt() const { return interrupt_; }

  // INVALID_ARGUMENT (UsageError) if nobody said where the peer is.
  absl::StatusOr<std::shared_ptr<grpc::Channel>> ChannelTo(Peer peer);

  // Connects again at once, instead of after gRPC's own waiting time.
  void ResetBackoff(Peer peer);

  // The status of a call, with the peer's name and what to do in transport errors.
  absl::Status Explain(Peer peer, const grpc::Status& status) const;

  // One unary call: Call(Peer::kRegistry, &CatalogService::Stub::GetMetric, request).
  // The service's own errors; UNAVAILABLE if it cannot be reached; CANCELLED after Ctrl-C.
  template <typename Stub, typename Request, typename Response>
  absl::StatusOr<Response> Call(Peer peer,
                                grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                             Response*),
                                const Request& request, absl::Duration timeout = kCallTimeout) {
    ASSIGN_OR_RETURN(const auto channel, ChannelTo(peer));
    Stub stub(channel);
    rpc::BoundedContext context({.deadline = absl::Now() + timeout, .cancel = interrupt_});
    Response response;
    RETURN_IF_ERROR(Explain(peer, (stub.*method)(context.get(), request, &response)));
    return response;
  }

  static constexpr absl::Duration kCallTimeout = absl::Seconds(30);

 private:
  Endpoints endpoints_;
  CancelToken interrupt_;
  std::shared_ptr<grpc::Channel> registry_;
  std::shared_ptr<grpc::Channel> compute_;
};

// Whether sending the same again may succeed: the peer was away, busy, or lost a race.
bool IsTransient(const absl::Status& status);

}  // namespace metricstore::cli
