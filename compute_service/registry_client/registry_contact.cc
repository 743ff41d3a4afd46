#include "compute_service/registry_client/registry_contact.h"

#include "common/status/error.h"

namespace metricstore::compute {
namespace {

bool IsSilence(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) ||
         status::ReasonOf(status) == "STREAM_STALLED";
}

}  // namespace

void RegistryContact::Record(const absl::Status& status) {
  if (absl::IsCancelled(status)) return;
  std::lock_guard lock(mutex_);
  if (IsSilence(status)) {
    last_error_ = status;
    return;
  }
  last_answer_ = clock_.Now();
  last_error_ = absl::OkStatus();
}

absl::Duration RegistryContact::Silence() const {
  std::lock_guard lock(mutex_);
  return clock_.Now() - last_answer_;
}

absl::Status RegistryContact::last_error() const {
  std::lock_guard lock(mutex_);
  return last_error_;
}

}  // namespace metricstore::compute
