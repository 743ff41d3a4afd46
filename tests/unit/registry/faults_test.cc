// How faults become one error.

#include "registry_service/catalog/definition/faults.h"

#include "common/status/error.h"
#include "gtest/gtest.h"
#include "tests/testing/matchers.h"

namespace metricstore::registry {
namespace {

TEST(Faults, OfFilesAreNamedByPathAndLineInThatOrder) {
  Faults faults;
  faults.Add({"b.yaml", 2, "DEFINITION_INVALID", "second", {{"field", "grain"}}});
  faults.Add({"a.yaml", 10, "KEY_UNKNOWN", "first", {{"key", "grian"}}});
  const absl::Status status = faults.ToStatus();
  EXPECT_THAT(status, testing::StatusIs(absl::StatusCode::kInvalidArgument, "KEY_UNKNOWN"));
  EXPECT_EQ(status.message(), "2 faults; the first: a.yaml:10: first");
  EXPECT_THAT(status, testing::HasMetadata("path", "a.yaml"));
  EXPECT_THAT(status, testing::HasMetadata("line", "10"));
  EXPECT_THAT(status, testing::HasMetadata("key", "grian"));
  EXPECT_EQ(status::DetailsOf(status)->violations[1].field, "b.yaml:2");
}

TEST(Faults, OfAnEditAreNamedByField) {
  Faults faults;
  faults.Add({"", 0, "EXPRESSION_INVALID", "no column", {{"field", "filters[1]"}}});
  faults.Add({"", 0, "DEFINITION_INVALID", "too long", {{"field", "description"}}});
  faults.Add({"", 0, "DEFINITION_INVALID", "odd", {}});
  const absl::Status status = faults.ToStatus();
  EXPECT_THAT(status, testing::StatusIs(absl::StatusCode::kInvalidArgument, "EXPRESSION_INVALID"));
  EXPECT_EQ(status.message(), "3 faults; the first: metric.filters[1]: no column");
  const auto details = status::DetailsOf(status);
  ASSERT_EQ(details->violations.size(), 3u);
  EXPECT_EQ(details->violations[0].field, "metric.filters[1]");
  EXPECT_EQ(details->violations[1].field, "metric.description");
  EXPECT_EQ(details->violations[2].field, "metric");
  EXPECT_FALSE(details->metadata.contains("path"));
  EXPECT_FALSE(details->metadata.contains("line"));
}

TEST(Faults, NoneAreOk) { EXPECT_OK(Faults().ToStatus()); }

}  // namespace
}  // namespace metricstore::registry
