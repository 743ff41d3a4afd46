// Page tokens: what comes back, and what is refused.
#include "common/rpc/page_token.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/status/error.h"

namespace metricstore::rpc {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

void ExpectRefused(std::string_view scope, std::string_view token) {
  const auto keys = DecodePageToken(scope, token);
  EXPECT_EQ(keys.status().code(), absl::StatusCode::kInvalidArgument) << token;
  EXPECT_EQ(status::ReasonOf(keys.status()), "PAGE_TOKEN_INVALID") << token;
}

TEST(PageToken, GivesTheKeysBack) {
  const std::vector<std::string> keys = {"intraday/vwap", "", std::string("\0\xff", 2)};
  const auto decoded = DecodePageToken("ListMetrics", EncodePageToken("ListMetrics", keys));
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(*decoded, keys);
}

TEST(PageToken, GivesNoKeysForTheFirstPage) {
  const auto decoded = DecodePageToken("ListMetrics", "");
  ASSERT_TRUE(decoded.ok());
  EXPECT_THAT(*decoded, IsEmpty());
}

TEST(PageToken, IsSafeInUrlsAndTheSameEverywhere) {
  const std::string token = EncodePageToken("scope", {"a", "b"});
  EXPECT_EQ(token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                    "0123456789-_"),
            std::string::npos);
  EXPECT_EQ(token, EncodePageToken("scope", {"a", "b"}));
}

TEST(PageToken, IsRefusedForAnotherRequest) {
  ExpectRefused("ListMetrics category=a", EncodePageToken("ListMetrics category=b", {"x"}));
}

TEST(PageToken, IsRefusedWhenDamaged) {
  const std::string token = EncodePageToken("scope", {"key"});
  ExpectRefused("scope", token.substr(0, token.size() - 4));
  ExpectRefused("scope", token + "AAAA");
  ExpectRefused("scope", "A");
  ExpectRefused("scope", "not base64!");
  ExpectRefused("scope", std::string(100000, 'A'));
  for (size_t i = 0; i < token.size(); ++i) {
    std::string damaged = token;
    damaged[i] = damaged[i] == 'A' ? 'B' : 'A';
    // The last character holds unused bits: some changes of it are none.
    if (i + 1 < token.size()) ExpectRefused("scope", damaged);
  }
}

}  // namespace
}  // namespace metricstore::rpc
