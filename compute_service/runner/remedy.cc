#include "compute_service/runner/remedy.h"

#include <string>

#include "common/status/error.h"

namespace metricstore::compute {

Remedy RemedyForComputing(const absl::Status& error) {
  const std::string reason = status::ReasonOf(error);
  if (reason == "LEASE_LOST") return Remedy::kDrop;
  // The same rows and results are too large again.
  if (reason == "TOO_LARGE") return Remedy::kFailForGood;
  // A registry in the middle of an upgrade.
  if (reason == "SCHEMA_VERSION") return Remedy::kTryAgainHere;
  switch (error.code()) {
    case absl::StatusCode::kUnavailable:
      return Remedy::kTryAgainHere;
    case absl::StatusCode::kResourceExhausted:
      return reason == "OVERLOADED" || reason == "DATABASE_EXHAUSTED" ? Remedy::kTryAgainHere
                                                                      : Remedy::kAnotherAttempt;
    case absl::StatusCode::kCancelled:
      return Remedy::kDrop;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kUnimplemented:
      return Remedy::kFailForGood;
    default:
      return Remedy::kAnotherAttempt;
  }
}

Remedy RemedyForPersisting(const absl::Status& error) {
  const Remedy remedy = RemedyForComputing(error);
  if (remedy != Remedy::kAnotherAttempt) return remedy;
  // The results are of rows that others have overtaken: sent again they are refused again.
  if (status::ReasonOf(error) == "READ_OUTDATED") return Remedy::kAnotherAttempt;
  switch (error.code()) {
    case absl::StatusCode::kAborted:  // a stall, or a race with another transaction
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kUnknown:
      return Remedy::kTryAgainHere;
    default:
      return remedy;
  }
}

}  // namespace metricstore::compute
