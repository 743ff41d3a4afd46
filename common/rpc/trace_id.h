// Trace ids of the W3C trace context, so that a call can be found in every log it passes through.
#pragma once

#include <string>
#include <string_view>

namespace metricstore::rpc {

// The trace id of a `traceparent` header value (32 lower-case hex digits), or a new random one if
// the value is missing or malformed.
std::string TraceIdFrom(std::string_view traceparent);

}  // namespace metricstore::rpc
