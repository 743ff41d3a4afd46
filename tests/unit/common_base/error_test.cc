#include "common/status/error.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "gtest/gtest.h"
#include "tests/testing/matchers.h"

namespace metricstore::status {
namespace {

using ::metricstore::testing::HasMetadata;
using ::metricstore::testing::StatusIs;
using ::metricstore::testing::ViolatesField;
using ::testing::EndsWith;
using ::testing::IsEmpty;
using ::testing::SizeIs;

ErrorBuilder SomeError(std::string_view message = "message") {
  return ErrorBuilder(absl::StatusCode::kNotFound, "DATASET_NOT_FOUND", message);
}

TEST(ErrorBuilderTest, KeepsEveryPart) {
  const absl::Status status = SomeError("no such dataset")
                                  .Metadata("dataset", "fact_bars")
                                  .Metadata("suggestion", "fact_bar")
                                  .Field("dataset", "is not registered")
                                  .RetryAfter(absl::Milliseconds(1500))
                                  .Build();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kNotFound, "DATASET_NOT_FOUND"));
  EXPECT_EQ(status.message(), "no such dataset");
  const auto details = DetailsOf(status);
  ASSERT_TRUE(details.has_value());
  EXPECT_EQ(details->reason, "DATASET_NOT_FOUND");
  EXPECT_EQ(details->metadata.at("dataset"), "fact_bars");
  EXPECT_EQ(details->metadata.at("suggestion"), "fact_bar");
  ASSERT_THAT(details->violations, SizeIs(1));
  EXPECT_EQ(details->violations[0].field, "dataset");
  EXPECT_EQ(details->violations[0].description, "is not registered");
  EXPECT_EQ(details->retry_after, absl::Milliseconds(1500));
}

TEST(ErrorBuilderTest, DetailsAreGoogleRpcMessagesUnderTheirTypeUrls) {
  const absl::Status status = SomeError().Metadata("dataset", "x").Build();
  const auto payload = status.GetPayload("type.googleapis.com/google.rpc.ErrorInfo");
  ASSERT_TRUE(payload.has_value());
  google::rpc::ErrorInfo info;
  ASSERT_TRUE(info.ParseFromString(std::string(*payload)));
  EXPECT_EQ(info.domain(), "metricstore");
  EXPECT_EQ(info.reason(), "DATASET_NOT_FOUND");
  EXPECT_EQ(info.metadata().at("dataset"), "x");
}

TEST(ErrorBuilderTest, CutsLongMessagesBetweenCharacters) {
  std::string euros = "a";
  while (euros.size() < 3000) euros += "€";  // three bytes each, never ending at byte 1024
  const std::string message(SomeError(euros).Build().message());
  EXPECT_EQ(message.size(), 1024);
  EXPECT_THAT(message, EndsWith("€"));
  const std::string shifted(SomeError("a" + euros).Build().message());
  EXPECT_EQ(shifted.size(), 1022);
  EXPECT_THAT(shifted, EndsWith("€"));
}

TEST(ErrorBuilderTest, ReplacesBytesThatAreNotUtf8) {
  const absl::Status status =
      SomeError("bad \xff\xc0\xaf \xed\xa0\x80 ok \xe2\x82").Metadata("value", "\xfe!").Build();
  EXPECT_EQ(status.message(), "bad ??? ??? ok ??");
  EXPECT_THAT(status, HasMetadata("value", "?!"));
}

TEST(ErrorBuilderTest, ListsAtMostTwentyViolationsAndCountsTheRest) {
  ErrorBuilder builder = SomeError();
  for (int i = 0; i < 25; ++i) builder.Field(absl::StrCat("field", i), "is wrong");
  const auto details = DetailsOf(builder.Build());
  ASSERT_TRUE(details.has_value());
  ASSERT_THAT(details->violations, SizeIs(20));
  EXPECT_EQ(details->violations[18].field, "field18");
  EXPECT_THAT(details->violations[19].description, ::testing::HasSubstr("6 more"));
}

TEST(ErrorBuilderTest, ExactlyTwentyViolationsAllFit) {
  ErrorBuilder builder = SomeError();
  for (int i = 0; i < 20; ++i) builder.Field(absl::StrCat("field", i), "is wrong");
  const auto details = DetailsOf(builder.Build());
  ASSERT_TRUE(details.has_value());
  ASSERT_THAT(details->violations, SizeIs(20));
  EXPECT_EQ(details->violations[19].description, "is wrong");
}

TEST(ErrorBuilderTest, AllDetailsTogetherFitIntoTrailers) {
  ErrorBuilder builder = SomeError(std::string(5000, 'm'));
  for (int i = 0; i < 100; ++i) builder.Field(std::string(400, 'f'), std::string(400, 'd'));
  size_t bytes = 0;
  const absl::Status status = builder.Build();
  status.ForEachPayload(
      [&](absl::string_view, const absl::Cord& payload) { bytes += payload.size(); });
  EXPECT_LE(bytes + status.message().size(), 6 * 1024);
}

TEST(DetailsOfTest, HasNothingForStatusesMadeElsewhere) {
  EXPECT_FALSE(DetailsOf(absl::NotFoundError("x")).has_value());
  EXPECT_FALSE(DetailsOf(absl::OkStatus()).has_value());
  EXPECT_THAT(ReasonOf(absl::NotFoundError("x")), IsEmpty());
}

TEST(WithPrefixTest, KeepsCodeAndDetails) {
  const absl::Status status = WithPrefix(SomeError("text").Metadata("dataset", "x").Build(), "a: ");
  EXPECT_EQ(status.message(), "a: text");
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kNotFound, "DATASET_NOT_FOUND"));
  EXPECT_THAT(status, HasMetadata("dataset", "x"));
  EXPECT_TRUE(WithPrefix(absl::OkStatus(), "a: ").ok());
}

TEST(FieldErrorTest, NameTheFieldInMetadataAndViolation) {
  EXPECT_THAT(FieldRequired("name"),
              StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_REQUIRED"));
  EXPECT_THAT(FieldRequired("name"), ViolatesField("name"));
  const absl::Status invalid = FieldInvalid("grain", "minute", "is not a grain");
  EXPECT_THAT(invalid, StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
  EXPECT_THAT(invalid, ViolatesField("grain"));
  EXPECT_THAT(invalid, HasMetadata("value", "minute"));
  EXPECT_THAT(InternalError("x"), StatusIs(absl::StatusCode::kInternal, "INTERNAL"));
}

TEST(ClosestMatchTest, FindsNearWordsOnly) {
  const std::vector<std::string> names = {"fact_bars", "fact_orders", "event_trades"};
  EXPECT_EQ(ClosestMatch("fact_bar", names), "fact_bars");
  EXPECT_EQ(ClosestMatch("fact_basr", names), "fact_bars");  // neighbours swapped
  EXPECT_EQ(ClosestMatch("fact_order", names), "fact_orders");
  EXPECT_EQ(ClosestMatch("dividends", names), "");
  EXPECT_EQ(ClosestMatch("", names), "");
  EXPECT_EQ(ClosestMatch("x", {}), "");
  EXPECT_EQ(ClosestMatch(std::string(10'000, 'x'), names), "");
}

TEST(ClosestMatchTest, PrefersTheNearest) {
  EXPECT_EQ(ClosestMatch("rth_close", {"rth_clone1", "rth_closes", "rth_open"}), "rth_closes");
}

}  // namespace
}  // namespace metricstore::status
