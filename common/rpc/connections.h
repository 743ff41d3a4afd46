// Ends the connections of a server that is leaving.
#pragma once

#include "absl/time/time.h"

namespace metricstore::rpc {

// Accepts no more connections to `port` of this machine, receives nothing more on those that there
// are, and waits, up to `longest`, until gRPC has written what was still to be written and closed
// them. Their clients see a connection that ends, so that calls sent meanwhile are UNAVAILABLE to
// them and repeated elsewhere. gRPC itself has no such thing: while its own shutdown sends away
// clients, calls that arrive are cancelled.
void EndConnections(int port, absl::Duration longest);

}  // namespace metricstore::rpc
