#include "cli/core/connection.h"

#include <utility>

#include "cli/output/concat.h"
#include "cli/output/error_printer.h"
#include "common/status/error.h"

namespace metricstore::cli {
namespace {

std::string_view PeerName(Peer peer) { return peer == Peer::kRegistry ? "registry" : "compute"; }

std::string HowToSet(Peer peer) {
  return peer == Peer::kRegistry ? "give --registry HOST:PORT or set METRICSTORE_REGISTRY=HOST:PORT"
                                 : "give --compute HOST:PORT or set METRICSTORE_COMPUTE=HOST:PORT";
}

}  // namespace

Endpoints WithEnvironment(Endpoints endpoints, const Environment& environment) {
  const auto fill = [&](std::string& value, const char* name) {
    if (value.empty()) value = environment(name).value_or("");
  };
  fill(endpoints.registry, "METRICSTORE_REGISTRY");
  fill(endpoints.compute, "METRICSTORE_COMPUTE");
  fill(endpoints.project, "METRICSTORE_PROJECT");
  return endpoints;
}

Connection::Connection(Endpoints endpoints, CancelToken interrupt)
    : endpoints_(std::move(endpoints)), interrupt_(std::move(interrupt)) {}

const std::string& Connection::endpoint(Peer peer) const {
  return peer == Peer::kRegistry ? endpoints_.registry : endpoints_.compute;
}

absl::StatusOr<std::shared_ptr<grpc::Channel>> Connection::ChannelTo(Peer peer) {
  if (endpoint(peer).empty()) {
    return WithHint(UsageError(Concat("nobody said where ", PeerName(peer), " is")),
                    HowToSet(peer));
  }
  std::shared_ptr<grpc::Channel>& channel = peer == Peer::kRegistry ? registry_ : compute_;
  if (channel == nullptr) {
    channel = rpc::MakeChannel(
        endpoint(peer),
        {.user_agent = "metricctl/" METRICSTORE_VERSION,
         .client_stream_methods = {"metricstore.registry.v1.IngestService/StreamRows"}});
  }
  return channel;
}

void Connection::ResetBackoff(Peer peer) {
  const auto& channel = peer == Peer::kRegistry ? registry_ : compute_;
  if (channel != nullptr) grpc::experimental::ChannelResetConnectionBackoff(channel.get());
}

absl::Status Connection::Explain(Peer peer, const grpc::Status& status) const {
  const absl::Status converted = rpc::FromGrpc(status);
  // With a reason it is the service that speaks, without one the transport.
  if (converted.ok() || !status::ReasonOf(converted).empty()) return converted;
  const std::string where = Concat(PeerName(peer), " at ", endpoint(peer));
  const std::string said = std::string(converted.message());
  switch (converted.code()) {
    case absl::StatusCode::kUnavailable:
      return WithHint(absl::UnavailableError(Concat(where, " cannot be reached (", said, ")")),
                      Concat("is it running? ", HowToSet(peer), " to name another"));
    case absl::StatusCode::kDeadlineExceeded:
      return WithHint(absl::DeadlineExceededError(Concat(where, " did not answer in time")),
                      "it may be overloaded or stopped; try again");
    case absl::StatusCode::kUnimplemented:
      return WithHint(absl::UnimplementedError(Concat(where, " does not know this call")),
                      Concat("is it a ", PeerName(peer), " service, of this release?"));
    default:
      return status::WithPrefix(converted, where + ": ");
  }
}

bool IsTransient(const absl::Status& status) {
  const std::string reason = status::ReasonOf(status);
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
      return true;
    case absl::StatusCode::kResourceExhausted:
      return reason == "OVERLOADED" || reason == "DATABASE_EXHAUSTED";
    case absl::StatusCode::kAborted:
      return reason == "STREAM_STALLED" || reason == "TRANSACTION_CONFLICT";
    case absl::StatusCode::kCancelled:
    case absl::StatusCode::kDeadlineExceeded:
      // Callers look for Ctrl-C first: what remains is a service that drains or is slow.
      return true;
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kUnknown:
      // Without a reason these are broken connections (RST_STREAM).
      return reason.empty();
    default:
      return false;
  }
}

}  // namespace metricstore::cli
