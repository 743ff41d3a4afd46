// Remembers whether the registry answers, for readiness and for people.
#pragma once

#include <mutex>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/time/clock.h"

namespace metricstore::compute {

// Thread-safe.
class RegistryContact {
 public:
  explicit RegistryContact(const Clock& clock) : clock_(clock) {}

  // Notes how a call ended. An answer that refuses the request is contact too; only UNAVAILABLE,
  // DEADLINE_EXCEEDED and a stall are not. CANCELLED says nothing.
  void Record(const absl::Status& status);
  // Notes that a message of a running stream arrived.
  void RecordProgress() { Record(absl::OkStatus()); }

  // Time since the registry last answered; infinite if it never did.
  absl::Duration Silence() const;
  // The last call's error if it did not reach the registry, else OK. Before the first call:
  // UNAVAILABLE.
  absl::Status last_error() const;

 private:
  const Clock& clock_;
  mutable std::mutex mutex_;  // guards what follows
  absl::Time last_answer_ = absl::InfinitePast();
  absl::Status last_error_ = absl::UnavailableError("the registry has not been called yet");
};

}  // namespace metricstore::compute
