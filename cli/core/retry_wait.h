// Waiting before another attempt, until Ctrl-C.
#pragma once

#include "absl/time/time.h"
#include "common/time/cancellation.h"

namespace metricstore::cli {

// The delays between attempts; see Backoff.
struct RetryDelays {
  absl::Duration first = absl::Milliseconds(200);
  absl::Duration longest = absl::Seconds(5);
};

// Waits for `delay`; false at once when `cancel` is raised.
bool WaitForRetry(absl::Duration delay, const CancelToken& cancel);

}  // namespace metricstore::cli
