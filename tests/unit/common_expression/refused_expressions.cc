#include "tests/unit/common_expression/refused_expressions.h"

#include "common/status/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace metricstore::expression {

using ::testing::HasSubstr;

void ExpectRefused(const absl::Status& status, const Refused& expected) {
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
  EXPECT_EQ(status::ReasonOf(status), "EXPRESSION_INVALID");
  const auto details = status::DetailsOf(status);
  ASSERT_TRUE(details.has_value());
  EXPECT_EQ(details->metadata.at("position"), std::to_string(expected.position)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr(expected.message));
  const auto suggestion = details->metadata.find("suggestion");
  EXPECT_EQ(suggestion == details->metadata.end() ? "" : suggestion->second, expected.suggestion)
      << status;
}

}  // namespace metricstore::expression
