// Runs a load of unary calls and measures it.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace metricstore::bench {

// Clients with a connection each, one call under way on each, all driven by one thread.
struct LoadPlan {
  std::string address;                // "127.0.0.1:50051"
  std::string path;                   // "/package.Service/Method"
  std::vector<std::string> requests;  // serialised; each client takes them in an order of its own
  int clients = 16;
  absl::Duration warm_up = absl::Seconds(1);  // not measured
  absl::Duration duration = absl::Seconds(5);
};

struct LoadResult {
  size_t calls = 0;
  absl::Duration elapsed;
  absl::Duration p50, p99;
  size_t reply_bytes = 0;     // of all calls
  absl::Duration client_cpu;  // that the generator used itself
};

// Over channels of gRPC, one connection each. UNKNOWN with the text of the first call that fails.
absl::StatusOr<LoadResult> RunLoad(const LoadPlan& plan);

}  // namespace metricstore::bench
