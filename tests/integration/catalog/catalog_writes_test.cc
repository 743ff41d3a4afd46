// CatalogService's writes of metrics: masks, etags, request ids, versions.

#include <string>

#include "gmock/gmock.h"
#include "tests/integration/catalog/catalog_writes_fixture.h"

namespace metricstore::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

TEST_F(CatalogWritesTest, WhatWasCreatedIsReadAtOnce) {
  const auto created = Create(OpeningMetric());
  ASSERT_OK(created);
  EXPECT_EQ(created->metric().id(), "price/opening");
  EXPECT_EQ(created->metric().version(), 1);
  EXPECT_EQ(created->metric().display_name(), "Opening");
  const auto read = GetMetric("price/opening");
  ASSERT_OK(read);
  EXPECT_EQ(read->metric().DebugString(), created->metric().DebugString());
  EXPECT_THAT(Create(OpeningMetric()),
              testing::StatusIs(absl::StatusCode::kAlreadyExists, "METRIC_EXISTS"));
}

TEST_F(CatalogWritesTest, OneRequestIdCreatesOnce) {
  const auto first = Create(OpeningMetric(), "id-1");
  ASSERT_OK(first);
  const auto second = Create(OpeningMetric(), "id-1");
  ASSERT_OK(second);
  EXPECT_EQ(first->metric().etag(), second->metric().etag());
  v1::Metric other = OpeningMetric();
  other.set_name("other");
  EXPECT_THAT(Create(other, "id-1"),
              testing::StatusIs(absl::StatusCode::kAlreadyExists, "REQUEST_ID_REUSED"));
  EXPECT_THAT(Create(other, std::string(129, 'x')), testing::ViolatesField("request_id"));
}

TEST_F(CatalogWritesTest, AValidationStoresNothing) {
  v1::CreateMetricRequest request;
  *request.mutable_metric() = OpeningMetric();
  request.set_validate_only(true);
  const auto checked = Catalog(&Stub::CreateMetric, request);
  ASSERT_OK(checked);
  EXPECT_THAT(checked->metric().columns(), ElementsAre("open", "volume"));
  EXPECT_THAT(GetMetric("price/opening"),
              testing::StatusIs(absl::StatusCode::kNotFound, "METRIC_NOT_FOUND"));
}

TEST_F(CatalogWritesTest, ReferencesThatAreRefusedHaveTheirPosition) {
  ASSERT_OK(Create(OpeningMetric()));
  v1::Metric metric = OpeningMetric();
  metric.set_name("doubled");
  metric.clear_dataset();
  metric.clear_filters();
  metric.set_expression("2 * metric('price/openin')");
  auto refused = Create(metric);
  EXPECT_THAT(refused, testing::StatusIs(kInvalid, "METRIC_NOT_FOUND"));
  EXPECT_THAT(refused, testing::ViolatesField("metric.expression"));
  EXPECT_THAT(refused, testing::HasMetadata("position", "12"));
  EXPECT_THAT(refused, testing::HasMetadata("suggestion", "price/opening"));
  metric.set_expression("metric('price/opening') + metric('price/doubled')");
  refused = Create(metric);
  EXPECT_THAT(refused, testing::StatusIs(kInvalid, "DEPENDENCY_CYCLE"));
  EXPECT_THAT(refused, testing::ViolatesField("metric.expression"));
  EXPECT_THAT(refused, testing::HasMetadata("position", "34"));
}

TEST_F(CatalogWritesTest, RefusesDefinitionsByTheNamesOfTheirFields) {
  v1::Metric metric = OpeningMetric();
  metric.set_expression("first(opne)");
  EXPECT_THAT(Create(metric), testing::ViolatesField("metric.expression"));
  metric = OpeningMetric();
  metric.set_type(static_cast<v1::MetricType>(99));
  EXPECT_THAT(Create(metric), testing::ViolatesField("metric.type"));
  metric.clear_type();
  EXPECT_THAT(Create(metric), testing::StatusIs(kInvalid, "FIELD_REQUIRED"));
  metric = OpeningMetric();
  metric.clear_grain();
  EXPECT_THAT(Create(metric), testing::ViolatesField("metric.grain"));
  metric = OpeningMetric();
  metric.mutable_window()->set_kind(static_cast<v1::Window::Kind>(99));
  EXPECT_THAT(Create(metric), testing::ViolatesField("metric.window.kind"));
  metric = OpeningMetric();
  metric.mutable_timeframe()->set_seconds(1'000'000'000'000);
  EXPECT_THAT(Create(metric), testing::ViolatesField("metric.timeframe"));
  metric = OpeningMetric();
  metric.add_tags("ok");
  metric.add_tags(std::string((64 << 10) + 1, 'a'));
  EXPECT_THAT(Create(metric), testing::ViolatesField("metric.tags[1]"));
  EXPECT_THAT(Create(NamedOnly()), testing::StatusIs(kInvalid, "FIELD_REQUIRED"));
  EXPECT_THAT(Catalog(&Stub::CreateMetric, v1::CreateMetricRequest()),
              testing::ViolatesField("metric"));
}

TEST_F(CatalogWritesTest, AMaskSetsAndClearsOnlyWhatItNames) {
  ASSERT_OK(Create(OpeningMetric()));
  v1::Metric change = NamedOnly();
  change.set_notes("Read this.");
  const auto updated = Update(change, {"notes", "unit"});
  ASSERT_OK(updated);
  EXPECT_EQ(updated->metric().notes(), "Read this.");
  EXPECT_EQ(updated->metric().unit(), "");
  EXPECT_EQ(updated->metric().expression(), "first(open)");
  // Stored numbers would be read in another unit.
  EXPECT_EQ(updated->metric().version(), 2);
  ASSERT_EQ(updated->changes_size(), 2);
  EXPECT_EQ(updated->changes(0).field(), "unit");
  EXPECT_TRUE(updated->changes(0).breaking());
  EXPECT_EQ(GetMetric("price/opening", 2)->metric().notes(), "Read this.");
  EXPECT_EQ(GetMetric("price/opening")->metric().unit(), "USD");
}

TEST_F(CatalogWritesTest, WithoutAMaskTheFieldsThatAreThereAreSet) {
  ASSERT_OK(Create(OpeningMetric()));
  v1::Metric change = NamedOnly();
  change.set_notes("Read this.");
  const auto updated = Update(change, {});
  ASSERT_OK(updated);
  ASSERT_EQ(updated->changes_size(), 1);
  EXPECT_EQ(updated->changes(0).field(), "notes");
  EXPECT_EQ(updated->metric().expression(), "first(open)");
  EXPECT_EQ(updated->metric().version(), 1);
}

TEST_F(CatalogWritesTest, WithAStarAllFieldsAreSet) {
  ASSERT_OK(Create(OpeningMetric()));
  v1::Metric change = OpeningMetric();
  change.clear_filters();
  const auto updated = Update(change, {"*"});
  ASSERT_OK(updated);
  EXPECT_EQ(updated->metric().filters_size(), 0);
  EXPECT_EQ(updated->metric().version(), 2);
  EXPECT_EQ(updated->metric().active_version(), 1);
  EXPECT_EQ(Update(OpeningMetric(), {})->metric().filters_size(), 1);
  EXPECT_THAT(Update(NamedOnly(), {}), testing::StatusIs(kInvalid, "FIELD_REQUIRED"));
}

TEST_F(CatalogWritesTest, RefusesMasksThatNameNoFieldToSet) {
  ASSERT_OK(Create(OpeningMetric()));
  const auto misspelt = Update(NamedOnly(), {"expresion"});
  EXPECT_THAT(misspelt, testing::StatusIs(kInvalid, "FIELD_INVALID"));
  EXPECT_THAT(misspelt, testing::HasMetadata("suggestion", "expression"));
  EXPECT_THAT(std::string(misspelt.status().message()), HasSubstr("did you mean"));
  EXPECT_THAT(std::string(Update(NamedOnly(), {"etag"}).status().message()),
              HasSubstr("is set by the service"));
  EXPECT_THAT(std::string(Update(NamedOnly(), {"name"}).status().message()),
              HasSubstr("cannot change"));
  EXPECT_THAT(Update(NamedOnly(), {"window.kind"}), testing::HasMetadata("suggestion", "window"));
  EXPECT_THAT(Update(NamedOnly(), {"*", "unit"}), testing::ViolatesField("update_mask"));
}

TEST_F(CatalogWritesTest, TheSecondOfTwoOperatorsIsToldTheCurrentEtag) {
  ASSERT_OK(Create(OpeningMetric()));
  v1::Metric first = NamedOnly();
  first.set_etag(GetMetric("opening")->metric().etag());
  v1::Metric second = first;
  first.set_notes("a");
  second.set_notes("b");
  const auto updated = Update(first, {"notes"});
  ASSERT_OK(updated);
  const auto late = Update(second, {"notes"});
  EXPECT_THAT(late, testing::StatusIs(absl::StatusCode::kAborted, "ETAG_MISMATCH"));
  EXPECT_THAT(late, testing::HasMetadata("etag", updated->metric().etag()));
}

TEST_F(CatalogWritesTest, DeletesAndBringsBack) {
  ASSERT_OK(Create(OpeningMetric()));
  v1::DeleteMetricRequest erase;
  erase.set_id("opening");
  EXPECT_THAT(Catalog(&Stub::DeleteMetric, erase), testing::ViolatesField("id"));
  erase.set_id("price/opening");
  erase.set_etag("another");
  EXPECT_THAT(Catalog(&Stub::DeleteMetric, erase),
              testing::StatusIs(absl::StatusCode::kAborted, "ETAG_MISMATCH"));
  erase.clear_etag();
  const auto deleted = Catalog(&Stub::DeleteMetric, erase);
  ASSERT_OK(deleted);
  EXPECT_TRUE(deleted->metric().has_delete_time());
  EXPECT_EQ(ListMetrics(0, "")->metrics_size(), 0);
  EXPECT_THAT(Create(OpeningMetric()),
              testing::StatusIs(absl::StatusCode::kAlreadyExists, "METRIC_DELETED"));
  v1::UndeleteMetricRequest undelete;
  undelete.set_id("price/opening");
  const auto restored = Catalog(&Stub::UndeleteMetric, undelete);
  ASSERT_OK(restored);
  EXPECT_FALSE(restored->metric().has_delete_time());
  EXPECT_EQ(ListMetrics(0, "")->metrics_size(), 1);
  EXPECT_THAT(Catalog(&Stub::UndeleteMetric, undelete),
              testing::StatusIs(absl::StatusCode::kFailedPrecondition, "METRIC_NOT_DELETED"));
}

TEST_F(CatalogWritesTest, PromotesAndGoesBack) {
  ASSERT_OK(Create(OpeningMetric()));
  v1::Metric change = NamedOnly();
  change.set_expression("last(open)");
  ASSERT_OK(Update(change, {"expression"}));
  v1::PromoteVersionRequest promote;
  promote.set_id("price/opening");
  auto promoted = Catalog(&Stub::PromoteVersion, promote);
  ASSERT_OK(promoted);
  EXPECT_EQ(promoted->metric().active_version(), 2);
  EXPECT_EQ(promoted->previous_version(), 1);
  promote.set_version(1);
  promoted = Catalog(&Stub::PromoteVersion, promote);
  ASSERT_OK(promoted);
  EXPECT_EQ(GetMetric("opening")->metric().expression(), "first(open)");
  promote.set_version(-1);
  EXPECT_THAT(Catalog(&Stub::PromoteVersion, promote), testing::ViolatesField("version"));
}

TEST_F(CatalogWritesTest, PromotionNamesTheReadersThatItBreaks) {
  ASSERT_OK(Create(OpeningMetric()));
  v1::Metric reader = OpeningMetric();
  reader.set_name("doubled");
  reader.clear_dataset();
  reader.clear_filters();
  reader.clear_window();
  reader.set_expression("2 * metric('price/opening')");
  ASSERT_OK(Create(reader));
  v1::Metric change = NamedOnly();
  change.set_expression("array_agg(open)");
  const auto updated = Update(change, {"expression"});
  ASSERT_OK(updated);
  v1::PromoteVersionRequest promote;
  promote.set_id("price/opening");
  const auto promoted = Catalog(&Stub::PromoteVersion, promote);
  ASSERT_OK(promoted);
  ASSERT_EQ(promoted->changes_size(), 1);
  EXPECT_TRUE(promoted->changes(0).breaking());
  EXPECT_THAT(promoted->changes(0).reason(),
              HasSubstr("price/doubled reads it and can then not be computed"));
  // As the update told, which made the version.
  EXPECT_EQ(promoted->changes(0).SerializeAsString(), updated->changes(0).SerializeAsString());
  EXPECT_EQ(Catalog(&Stub::PromoteVersion, promote)->changes_size(), 0);
}

}  // namespace
}  // namespace metricstore::registry
