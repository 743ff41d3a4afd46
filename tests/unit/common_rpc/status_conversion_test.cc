// Statuses across the wire form and back.
#include "common/rpc/status_conversion.h"

#include <gtest/gtest.h>

#include "common/status/error.h"

namespace metricstore::rpc {
namespace {

TEST(StatusConversion, KeepsOk) {
  EXPECT_TRUE(ToGrpc(absl::OkStatus(), "abc").ok());
  EXPECT_TRUE(FromGrpc(grpc::Status::OK).ok());
}

TEST(StatusConversion, GivesBackEveryDetail) {
  const absl::Status sent =
      status::ErrorBuilder(absl::StatusCode::kAborted, "LEASE_LOST", "the lease was lost")
          .Metadata("shard", "7")
          .Field("fence", "is 3, not 2")
          .RetryAfter(absl::Milliseconds(250))
          .Build();
  EXPECT_EQ(FromGrpc(ToGrpc(sent)), sent);
}

TEST(StatusConversion, AddsTheTraceId) {
  const auto details = status::DetailsOf(FromGrpc(ToGrpc(status::FieldRequired("name"), "abc")));
  ASSERT_TRUE(details.has_value());
  EXPECT_EQ(details->reason, "FIELD_REQUIRED");
  EXPECT_EQ(details->metadata.at("trace_id"), "abc");
}

TEST(StatusConversion, GivesAReasonToFaultsAndEndsThatHaveNone) {
  EXPECT_EQ(status::ReasonOf(FromGrpc(ToGrpc(absl::InternalError("x")))), "INTERNAL");
  EXPECT_EQ(status::ReasonOf(FromGrpc(ToGrpc(absl::UnknownError("x")))), "INTERNAL");
  EXPECT_EQ(status::ReasonOf(FromGrpc(ToGrpc(absl::CancelledError("x")))), "CANCELLED");
  EXPECT_EQ(status::ReasonOf(FromGrpc(ToGrpc(absl::DeadlineExceededError("x")))),
            "DEADLINE_EXCEEDED");
  EXPECT_EQ(status::ReasonOf(FromGrpc(ToGrpc(absl::NotFoundError("x")))), "");
}

TEST(StatusConversion, ReadsAStatusThatHasNoOrDamagedDetails) {
  const absl::Status plain =
      FromGrpc(grpc::Status(grpc::StatusCode::UNAVAILABLE, "connection refused"));
  EXPECT_EQ(plain, absl::UnavailableError("connection refused"));
  const absl::Status damaged =
      FromGrpc(grpc::Status(grpc::StatusCode::UNAVAILABLE, "broken", "\xff\xff\xff"));
  EXPECT_EQ(damaged, absl::UnavailableError("broken"));
}

}  // namespace
}  // namespace metricstore::rpc
