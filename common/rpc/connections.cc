#include "common/rpc/connections.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <charconv>
#include <filesystem>
#include <string>
#include <system_error>

#include "absl/time/clock.h"

namespace metricstore::rpc {
namespace {

constexpr absl::Duration kLookEvery = absl::Milliseconds(1);

// The port of an internet address; 0 for another one.
int PortOf(const sockaddr_storage& address) {
  if (address.ss_family == AF_INET) {
    return ntohs(reinterpret_cast<const sockaddr_in&>(address).sin_port);
  }
  if (address.ss_family == AF_INET6) {
    return ntohs(reinterpret_cast<const sockaddr_in6&>(address).sin6_port);
  }
  return 0;
}

// Whether the descriptor is a socket of `port`: the one that listens, or a connection to it.
bool BelongsTo(int descriptor, int port) {
  sockaddr_storage address{};
  socklen_t size = sizeof(address);
  return getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size) == 0 &&
         PortOf(address) == port;
}

// Stops receiving on the sockets of `port`, and returns how many of them are connections.
int StopReceiving(int port) {
  int connections = 0;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd", error)) {
    const std::string name = entry.path().filename();
    int descriptor = -1;
    std::from_chars(name.data(), name.data() + name.size(), descriptor);
    if (descriptor < 0 || !BelongsTo(descriptor, port)) continue;
    sockaddr_storage peer{};
    socklen_t size = sizeof(peer);
    if (getpeername(descriptor, reinterpret_cast<sockaddr*>(&peer), &size) == 0) ++connections;
    shutdown(descriptor, SHUT_RD);
  }
  return connections;
}

}  // namespace

void EndConnections(int port, absl::Duration longest) {
  const absl::Time end = absl::Now() + longest;
  while (StopReceiving(port) > 0 && absl::Now() < end) absl::SleepFor(kLookEvery);
}

}  // namespace metricstore::rpc
