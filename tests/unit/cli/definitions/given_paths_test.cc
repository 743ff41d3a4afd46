#include "cli/definitions/given_paths.h"

#include <gtest/gtest.h>

#include "common/status/error.h"

namespace metricstore::cli {
namespace {

GivenPaths Paths() {
  GivenPaths paths;
  paths.Add("metrics/a.yaml", "packs/market/metrics/a.yaml");
  paths.Add("my metrics/b c.yml", "packs/my metrics/b c.yml");
  return paths;
}

TEST(GivenPaths, ReplaceTheSentOnesWhereverTheyStand) {
  const GivenPaths paths = Paths();
  EXPECT_EQ(paths.In("metrics/a.yaml:7: metric \"x\" is defined at my metrics/b c.yml:3 too"),
            "packs/market/metrics/a.yaml:7: metric \"x\" is defined at packs/my metrics/b c.yml:3 "
            "too");
  EXPECT_EQ(paths.In("in \"metrics/a.yaml\""), "in \"packs/market/metrics/a.yaml\"");
}

TEST(GivenPaths, LeaveOtherPathsAlone) {
  const GivenPaths paths = Paths();
  for (const char* text : {"other/metrics/a.yaml", "metrics/b.yaml:1", "a.yaml", "metrics/a.yam",
                           "", "ends with .y"}) {
    EXPECT_EQ(paths.In(text), text);
  }
  EXPECT_EQ(paths.Of("metrics/c.yaml"), "metrics/c.yaml");
}

TEST(GivenPaths, ErrorsKeepEverythingElse) {
  const absl::Status error = status::ErrorBuilder(absl::StatusCode::kInvalidArgument, "KEY_UNKNOWN",
                                                  "metrics/a.yaml:7: unknown key")
                                 .Metadata("path", "metrics/a.yaml")
                                 .Metadata("suggestion", "expression")
                                 .Field("metrics/a.yaml:7", "unknown key")
                                 .Build();
  const absl::Status rewritten = Paths().In(error);
  EXPECT_EQ(rewritten.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(std::string(rewritten.message()), "packs/market/metrics/a.yaml:7: unknown key");
  const auto details = status::DetailsOf(rewritten);
  ASSERT_TRUE(details.has_value());
  EXPECT_EQ(details->reason, "KEY_UNKNOWN");
  EXPECT_EQ(details->metadata.at("path"), "packs/market/metrics/a.yaml");
  EXPECT_EQ(details->metadata.at("suggestion"), "expression");
  EXPECT_EQ(details->violations.at(0).field, "packs/market/metrics/a.yaml:7");
  const absl::Status plain = absl::UnavailableError("metrics/a.yaml");
  EXPECT_EQ(Paths().In(plain), plain);
}

}  // namespace
}  // namespace metricstore::cli
