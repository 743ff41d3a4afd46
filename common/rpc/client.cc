#include "common/rpc/client.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/substitute.h"

namespace metricstore::rpc {
namespace {

// Server streams fall under the same policy, but gRPC repeats them only until their first message
// has arrived. Throttling ends the repeats when more than a tenth of the calls fail. $0: the
// methods with a client stream, which have a configuration without retries.
constexpr char kServiceConfig[] = R"({
  "loadBalancingConfig": [{"round_robin": {}}],
  "methodConfig": [{
    "name": [{}],
    "retryPolicy": {
      "maxAttempts": 4,
      "initialBackoff": "0.1s",
      "maxBackoff": "2s",
      "backoffMultiplier": 2,
      "retryableStatusCodes": ["UNAVAILABLE"]
    }
  }$0],
  "retryThrottling": {"maxTokens": 10, "tokenRatio": 0.1}
})";

std::string ServiceConfig(const std::vector<std::string>& client_stream_methods) {
  const auto name = [](std::string* out, const std::string& method) {
    const std::vector<std::string> parts = absl::StrSplit(method, '/');
    absl::StrAppend(out, R"({"service": ")", parts.front(), R"(", "method": ")", parts.back(),
                    R"("})");
  };
  const std::string names = absl::StrJoin(client_stream_methods, ", ", name);
  return absl::Substitute(kServiceConfig,
                          names.empty() ? "" : absl::StrCat(R"(, {"name": [)", names, "]}"));
}

// A name may stand for several replicas: all of its addresses are used, not the first alone.
std::string WithScheme(const std::string& target) {
  for (const char* scheme : {"dns:", "ipv4:", "ipv6:", "unix:", "unix-abstract:"}) {
    if (absl::StartsWith(target, scheme)) return target;
  }
  return absl::StrCat("dns:///", target);
}

int Milliseconds(absl::Duration duration) {
  return static_cast<int>(absl::ToInt64Milliseconds(duration));
}

}  // namespace

std::shared_ptr<grpc::Channel> MakeChannel(const std::string& target,
                                           const ChannelOptions& options) {
  grpc::ChannelArguments args;
  if (!options.user_agent.empty()) args.SetUserAgentPrefix(options.user_agent);
  args.SetMaxReceiveMessageSize(static_cast<int>(options.max_response_bytes));
  // Error details of ours stay below the default of 8 KiB, those of a proxy may not.
  args.SetInt(GRPC_ARG_MAX_METADATA_SIZE, 32 << 10);
  args.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, Milliseconds(options.keepalive_time));
  args.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, Milliseconds(options.keepalive_timeout));
  args.SetInt(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  args.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  // A restarted peer and a new replica are found within seconds.
  args.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 200);
  args.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 2000);
  args.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 5000);
  args.SetInt(GRPC_ARG_DNS_MIN_TIME_BETWEEN_RESOLUTIONS_MS, 5000);
  // The services are neighbours: a proxy for the web and TXT records have no say.
  args.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  args.SetInt(GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1);
  args.SetServiceConfigJSON(ServiceConfig(options.client_stream_methods));
  return grpc::CreateCustomChannel(WithScheme(target), grpc::InsecureChannelCredentials(), args);
}

BoundedContext::BoundedContext(const CallBounds& bounds) {
  if (bounds.deadline != absl::InfiniteFuture()) {
    context_.set_deadline(absl::ToChronoTime(bounds.deadline));
  }
  registration_ = bounds.cancel.OnCancel([this] { context_.TryCancel(); });
}

}  // namespace metricstore::rpc
