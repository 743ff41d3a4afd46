#include "compute_service/runner/remedy.h"

#include <gtest/gtest.h>

#include "common/status/error.h"

namespace metricstore::compute {
namespace {

using enum Remedy;

struct Case {
  absl::StatusCode code;
  const char* reason;
  Remedy computing;
  Remedy persisting;
};

TEST(RemedyTest, FollowsCodeAndReason) {
  const Case cases[] = {
      {absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE", kTryAgainHere, kTryAgainHere},
      {absl::StatusCode::kUnavailable, "", kTryAgainHere, kTryAgainHere},
      {absl::StatusCode::kResourceExhausted, "OVERLOADED", kTryAgainHere, kTryAgainHere},
      {absl::StatusCode::kResourceExhausted, "DATABASE_EXHAUSTED", kTryAgainHere, kTryAgainHere},
      {absl::StatusCode::kResourceExhausted, "", kAnotherAttempt, kAnotherAttempt},
      {absl::StatusCode::kResourceExhausted, "TOO_LARGE", kFailForGood, kFailForGood},
      {absl::StatusCode::kAborted, "STREAM_STALLED", kAnotherAttempt, kTryAgainHere},
      {absl::StatusCode::kAborted, "TRANSACTION_CONFLICT", kAnotherAttempt, kTryAgainHere},
      {absl::StatusCode::kAborted, "LEASE_LOST", kDrop, kDrop},
      {absl::StatusCode::kAborted, "READ_OUTDATED", kAnotherAttempt, kAnotherAttempt},
      {absl::StatusCode::kDeadlineExceeded, "", kAnotherAttempt, kTryAgainHere},
      {absl::StatusCode::kUnknown, "", kAnotherAttempt, kTryAgainHere},
      {absl::StatusCode::kInternal, "INTERNAL", kAnotherAttempt, kAnotherAttempt},
      {absl::StatusCode::kCancelled, "CANCELLED", kDrop, kDrop},
      {absl::StatusCode::kInvalidArgument, "EXPRESSION_INVALID", kFailForGood, kFailForGood},
      {absl::StatusCode::kNotFound, "METRIC_NOT_FOUND", kFailForGood, kFailForGood},
      {absl::StatusCode::kFailedPrecondition, "DATASET_CHANGE_REFUSED", kFailForGood, kFailForGood},
      {absl::StatusCode::kFailedPrecondition, "CALENDAR_OUTDATED", kFailForGood, kFailForGood},
      {absl::StatusCode::kFailedPrecondition, "SCHEMA_VERSION", kTryAgainHere, kTryAgainHere},
  };
  for (const Case& c : cases) {
    const absl::Status error = *c.reason == '\0'
                                   ? absl::Status(c.code, "text")
                                   : status::ErrorBuilder(c.code, c.reason, "text").Build();
    EXPECT_EQ(RemedyForComputing(error), c.computing) << error;
    EXPECT_EQ(RemedyForPersisting(error), c.persisting) << error;
  }
}

}  // namespace
}  // namespace metricstore::compute
