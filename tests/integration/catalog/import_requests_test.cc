// Imports that a client names: done once, answered the same again.

#include <string>

#include "gmock/gmock.h"
#include "tests/integration/catalog/catalog_fixture.h"
#include "tests/testing/matchers.h"

namespace metricstore::registry {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;

TEST_F(CatalogTest, TheSameRequestImportsOnce) {
  const WriteOptions request{.request_id = "r1", .request_sha256 = std::string("\0\xff", 2)};
  const auto first = ImportWith(BaseFiles(), request);
  ASSERT_OK(first);
  ASSERT_OK(Import({Edited(OpeningFile(), "Price of", "The price of")}));
  const auto again = ImportWith(BaseFiles(), request);
  ASSERT_OK(again);
  EXPECT_EQ(Lines(again), Lines(first));
  EXPECT_EQ(again->outcomes[2].path, "metrics/price/opening.yaml");
  EXPECT_EQ(again->outcomes[2].active_version, 1);
  ASSERT_EQ(again->warnings.size(), first->warnings.size());
  EXPECT_EQ(Metric("price/opening").description, "The price of the first trade.");
}

TEST_F(CatalogTest, ARequestIdStandsForOneRequest) {
  const WriteOptions request{.request_id = "r1", .request_sha256 = "one"};
  ASSERT_OK(ImportWith(BaseFiles(), request));
  const WriteOptions other{.request_id = "r1", .request_sha256 = "two"};
  const auto reused = ImportWith(BaseFiles(), other);
  EXPECT_THAT(reused, testing::StatusIs(absl::StatusCode::kAlreadyExists, "REQUEST_ID_REUSED"));
  EXPECT_THAT(reused, testing::HasMetadata("request_id", "r1"));
  EXPECT_THAT(editor_.Delete(project_, "price/opening", request, {}),
              testing::StatusIs(absl::StatusCode::kAlreadyExists, "REQUEST_ID_REUSED"));
  EXPECT_OK(importer_.Import(AddProject("other"), BaseFiles(), other, {}));
}

TEST_F(CatalogTest, WhatWasRefusedOrOnlyValidatedMayBeSentAgain) {
  const WriteOptions request{.request_id = "r1", .request_sha256 = "one"};
  EXPECT_FALSE(ImportWith({OpeningFile()}, request).ok());
  const WriteOptions validation{.request_id = "r1", .request_sha256 = "two", .validate_only = true};
  EXPECT_OK(ImportWith(BaseFiles(), validation));
  EXPECT_THAT(Lines(ImportWith(BaseFiles(), request)), Each(HasSubstr(" created ")));
}

TEST_F(CatalogTest, RequestIdsAreForgottenAfterAWeek) {
  const WriteOptions request{.request_id = "r1", .request_sha256 = "one"};
  ASSERT_OK(ImportWith(BaseFiles(), request));
  ASSERT_OK(Execute("UPDATE catalog_requests SET created_at = now() - interval '167 hours'"));
  ASSERT_OK(Import(BaseFiles()));
  EXPECT_EQ(Ask("SELECT count(*) FROM catalog_requests"), "1");
  ASSERT_OK(Execute("UPDATE catalog_requests SET created_at = now() - interval '169 hours'"));
  ASSERT_OK(Import(BaseFiles()));
  EXPECT_EQ(Ask("SELECT count(*) FROM catalog_requests"), "0");
}

}  // namespace
}  // namespace metricstore::registry
