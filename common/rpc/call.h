// What a handler knows of the call it serves, and the blocking view of a stream's two sides.
#pragma once

#include <atomic>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/time/cancellation.h"

namespace metricstore::rpc {

// Thread-safe to read.
struct CallContext {
  CallBounds bounds;     // the client's deadline (capped by the server) and its cancellation
  std::string method;    // "CatalogService/GetMetric"
  std::string trace_id;  // from the caller's traceparent, else new; 32 hex digits
  std::string peer;      // the caller's address
  absl::Time arrived;    // when the server got the call
  // A body may set it when the call did what it does all the time, such as finding no work: ended
  // well, such a call is logged at DEBUG.
  mutable std::atomic<bool> routine = false;
};

// What one poll of a watched thing found.
enum class PollOutcome { kUnchanged, kChanged, kEnded };

// Messages that the client streams in, read from an executor thread. The next message is received
// while the body works on this one, and no more than that.
template <typename Message>
class StreamReader {
 public:
  virtual ~StreamReader() = default;
  // Waits for the next message; false after the client's half-close. ABORTED (STREAM_STALLED) if
  // the client sends nothing for the stall limit; CANCELLED or DEADLINE_EXCEEDED if the call ended.
  // gRPC may show a client that broke off as a half-close for a moment: where the end of a stream
  // commits something, its last message must say that it is the last.
  virtual absl::StatusOr<bool> Read(Message* message) = 0;
};

// Messages that the server streams out, written from an executor thread.
template <typename Message>
class StreamWriter {
 public:
  virtual ~StreamWriter() = default;
  // Waits until the transport took the message. ABORTED (STREAM_STALLED) if the client reads
  // nothing for the stall limit; CANCELLED or DEADLINE_EXCEEDED if the call ended.
  virtual absl::Status Write(const Message& message) = 0;
};

}  // namespace metricstore::rpc
