// What to do about a failed step of a shard.
#pragma once

#include "absl/status/status.h"

namespace metricstore::compute {

enum class Remedy {
  kTryAgainHere,    // nobody's fault: keep the lease, wait, take the step again
  kAnotherAttempt,  // give the shard back; the attempt counts
  kFailForGood,     // it would come again: give the shard back as failed
  kDrop,            // the shard is no longer ours: touch nothing
};

// For steps without effect: reading definitions and rows, evaluating.
Remedy RemedyForComputing(const absl::Status& error);

// For the commit. Its outcome may be unknown, and sending it again with the same fence is always
// right.
Remedy RemedyForPersisting(const absl::Status& error);

}  // namespace metricstore::compute
