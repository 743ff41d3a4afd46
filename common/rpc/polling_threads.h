// How many threads of gRPC's callback API wait for connections and run reactions.
#pragma once

#include <grpcpp/server.h>

#include <memory>

namespace metricstore::rpc {

// Limits them for as long as it lives. gRPC starts at least two, for the whole process, and each
// event makes the one that got it wake the next: with short calls that costs as much as the calls
// themselves. The threads beyond the limit are kept in a reaction that waits. Limits of several
// servers of a process are one: the first counts. Must be destroyed before the server and after its
// Shutdown. Thread-safe.
class PollingThreads {
 public:
  // `wanted` 0: one for every four processors, at least one. Gives the threads back if the server
  // does not answer itself within a second, and logs that.
  static std::unique_ptr<PollingThreads> Limit(grpc::Server& server, int wanted);
  virtual ~PollingThreads() = default;
};

}  // namespace metricstore::rpc
