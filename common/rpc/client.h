// The client side: channels with keepalive and retry, and calls bounded like everything else.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/rpc/status_conversion.h"
#include "common/time/cancellation.h"

namespace metricstore::rpc {

struct ChannelOptions {
  std::string user_agent;
  absl::Duration keepalive_time = absl::Seconds(20);
  absl::Duration keepalive_timeout = absl::Seconds(10);
  size_t max_response_bytes = 5u << 20;
  // Methods with a client stream, as "package.Service/Method": gRPC never repeats these by itself.
  // A repeat plays back what it has buffered, and over a connection that breaks again the server
  // may see a stream without its first message; the caller knows where to start again.
  std::vector<std::string> client_stream_methods;
};

// An insecure channel to "host:port" or "dns:///name:port": round_robin, keepalive, retries of
// unary UNAVAILABLE with throttling.
std::shared_ptr<grpc::Channel> MakeChannel(const std::string& target,
                                           const ChannelOptions& options);

// A ClientContext that carries `bounds`: its deadline, and TryCancel when it is cancelled. One call
// each.
class BoundedContext {
 public:
  explicit BoundedContext(const CallBounds& bounds);
  grpc::ClientContext* get() { return &context_; }
  grpc::ClientContext& operator*() { return context_; }

 private:
  grpc::ClientContext context_;
  CancelToken::Registration registration_;
};

}  // namespace metricstore::rpc
