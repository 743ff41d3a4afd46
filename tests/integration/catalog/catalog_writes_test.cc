// CatalogService's writes: masks, etags, request ids, plans and validation.
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/integration/catalog/handlers_fixture.h"

namespace metricstore::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;
using Stub = v1::CatalogService::Stub;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

class CatalogWritesTest : public HandlersTest {
 protected:
  void SetUp() override {
    HandlersTest::SetUp();
    ASSERT_OK(Import({CalendarFile(), BarsFile()}));
  }

  absl::StatusOr<v1::CreateMetricResponse> Create(const v1::Metric& metric,
                                                  const std::string& request_id = "") {
    v1::CreateMetricRequest request;
    *request.mutable_metric() = metric;
    request.set_request_id(request_id);
    return Catalog(&Stub::CreateMetric, request);
  }

  absl::StatusOr<v1::UpdateMetricResponse> Update(const v1::Metric& metric,
                                                  const std::vector<std::string>& mask) {
    v1::UpdateMetricRequest request;
    *request.mutable_metric() = metric;
    for (const std::string& path : mask) request.mutable_update_mask()->add_paths(path);
    return Catalog(&Stub::UpdateMetric, request);
  }

  static v1::Metric NamedOnly() {
    v1::Metric metric;
    metric.set_category("price");
    metric.set_name("opening");
    return metric;
  }
};

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

TEST_F(CatalogWritesTest, PlansWithoutWriting) {
  ASSERT_OK(Create(OpeningMetric()));
  const auto files = ImportRequest({Edited(OpeningFile(), "first(open)", "last(open)")});
  v1::PlanImportRequest request;
  *request.mutable_files() = files.files();
  const auto plan = Catalog(&Stub::PlanImport, request);
  ASSERT_OK(plan);
  ASSERT_EQ(plan->changes_size(), 1);
  EXPECT_EQ(plan->changes(0).outcome().action(), v1::ImportOutcome::ACTION_CHANGED);
  EXPECT_TRUE(plan->changes(0).makes_version());
  EXPECT_EQ(GetMetric("opening")->metric().latest_version(), 1);
  EXPECT_THAT(Catalog(&Stub::PlanImport, v1::PlanImportRequest()), testing::ViolatesField("files"));
}

TEST_F(CatalogWritesTest, ValidatesFilesAndWhatIsStored) {
  ASSERT_OK(Create(OpeningMetric()));
  v1::ValidateMetricsRequest request;
  const auto stored = Catalog(&Stub::ValidateMetrics, request);
  ASSERT_OK(stored);
  EXPECT_EQ(stored->errors(), 0);
  EXPECT_EQ(stored->reports_size(), 3);
  const auto files = ImportRequest({Edited(OpeningFile(), "first(open)", "first(opne)")});
  *request.mutable_files() = files.files();
  const auto checked = Catalog(&Stub::ValidateMetrics, request);
  ASSERT_OK(checked);
  EXPECT_EQ(checked->errors(), 1);
  ASSERT_EQ(checked->reports_size(), 1);
  const v1::Finding& finding = checked->reports(0).findings(0);
  EXPECT_EQ(finding.severity(), v1::Finding::SEVERITY_ERROR);
  EXPECT_EQ(finding.reason(), "EXPRESSION_INVALID");
  EXPECT_EQ(finding.suggestion(), "open");
}

TEST_F(CatalogWritesTest, SendsMetricsBackWithTheLinesOfTheirFields) {
  ASSERT_OK(Create(OpeningMetric()));
  v1::ValidateMetricsRequest request;
  request.set_with_definitions(true);
  request.set_skip_tests(true);
  const auto stored = Catalog(&Stub::ValidateMetrics, request);
  ASSERT_OK(stored);
  ASSERT_TRUE(stored->reports().rbegin()->has_definition());
  EXPECT_THAT(stored->reports().rbegin()->field_lines(), IsEmpty()) << "no file has them";
  const auto files =
      ImportRequest({{"metrics/price/a.yaml",
                      "- name: b\n  description: d\n  type: max\n  grain: day\n  table: fact_bars\n"
                      "  expression: |\n    max(open)\n  filters:\n  - open > 0\n  tests:\n"
                      "  - {name: t, rows: [{symbol: A, ts: 2024-03-04T15:00:00Z, open: 1}], "
                      "expect: [{bucket: 2024-03-04, entity: A, value: 1}]}\n"}});
  *request.mutable_files() = files.files();
  const auto read = Catalog(&Stub::ValidateMetrics, request);
  ASSERT_OK(read);
  ASSERT_EQ(read->reports_size(), 1);
  ASSERT_TRUE(read->reports(0).has_definition());
  EXPECT_THAT(read->reports(0).field_lines(),
              UnorderedElementsAre(Pair("name", 1), Pair("description", 2), Pair("type", 3),
                                   Pair("grain", 4), Pair("dataset", 5), Pair("expression", 6),
                                   Pair("filters", 8), Pair("filters[0]", 9)));
}

TEST_F(CatalogWritesTest, ImportsRunTestsUnlessToldOtherwise) {
  const DefinitionFile tested = {
      "metrics/price/opening.yaml",
      absl::StrCat(
          OpeningFile().content,
          "tests:\n  - name: one\n    rows: [{symbol: A, ts: \"2024-03-04T15:00:00Z\", open: 1, "
          "close: 1, volume: 1}]\n    expect: [{bucket: 2024-03-04, entity: A, value: "
          "1}]\n")};
  evaluator_.status = absl::UnavailableError("nobody answers");
  EXPECT_EQ(ImportOver(ImportRequest({tested})).status().code(), absl::StatusCode::kUnavailable);
  auto request = ImportRequest({tested});
  request.set_skip_tests(true);
  request.set_request_id("import-1");
  const auto imported = ImportOver(request);
  ASSERT_OK(imported);
  EXPECT_EQ(imported->outcomes(0).tests_run(), 0);
  EXPECT_EQ(GetMetric("opening")->metric().tests(0).name(), "one");
  const auto again = ImportOver(request);
  ASSERT_OK(again);
  EXPECT_EQ(again->outcomes(0).action(), v1::ImportOutcome::ACTION_CREATED);
}

class ColumnMetadataHandlerTest : public CatalogWritesTest {
 protected:
  using DatasetStub = v1::DatasetService::Stub;

  absl::StatusOr<v1::UpdateColumnMetadataResponse> Set(
      const v1::UpdateColumnMetadataRequest& request) {
    return Call<v1::UpdateColumnMetadataResponse>(*datasets_stub_,
                                                  &DatasetStub::UpdateColumnMetadata, request);
  }
  absl::StatusOr<v1::GetColumnMetadataResponse> Get(const std::string& column) {
    v1::GetColumnMetadataRequest request;
    request.set_table("fact_bars");
    request.set_column(column);
    return Call<v1::GetColumnMetadataResponse>(*datasets_stub_, &DatasetStub::GetColumnMetadata,
                                               request);
  }
  static v1::UpdateColumnMetadataRequest Note() {
    v1::UpdateColumnMetadataRequest request;
    request.mutable_column()->set_table("fact_bars");
    request.mutable_column()->set_column("open");
    request.mutable_column()->set_description("First price.");
    request.mutable_column()->set_confidence(0.5);
    request.mutable_column()->set_source("ann");
    return request;
  }
};

TEST_F(ColumnMetadataHandlerTest, SetsWhatTheMaskNamesAndShowsItWithTheDataset) {
  ASSERT_OK(Set(Note()));
  v1::UpdateColumnMetadataRequest change = Note();
  change.mutable_column()->set_description("Price of the first trade.");
  change.mutable_column()->set_source("bob");
  change.mutable_update_mask()->add_paths("description");
  ASSERT_OK(Set(change));
  const auto column = Get("open");
  ASSERT_OK(column);
  EXPECT_EQ(column->column().description(), "Price of the first trade.");
  EXPECT_EQ(column->column().source(), "ann");
  EXPECT_EQ(column->column().confidence(), 0.5);
  EXPECT_EQ(column->column().unit(), "USD");
  v1::GetDatasetRequest dataset;
  dataset.set_name("fact_bars");
  const auto shown =
      Call<v1::GetDatasetResponse>(*datasets_stub_, &DatasetStub::GetDataset, dataset);
  ASSERT_OK(shown);
  EXPECT_EQ(shown->dataset().columns(2).description(), "Price of the first trade.");
}

TEST_F(ColumnMetadataHandlerTest, RefusesWhatIsNoNote) {
  auto request = Note();
  request.mutable_column()->set_confidence(1.5);
  EXPECT_THAT(Set(request), testing::ViolatesField("column.confidence"));
  request = Note();
  request.mutable_column()->set_description(std::string(5000, 'x'));
  EXPECT_THAT(Set(request), testing::ViolatesField("column.description"));
  request = Note();
  request.mutable_update_mask()->add_paths("unit");
  EXPECT_THAT(Set(request), testing::ViolatesField("update_mask"));
  request = Note();
  request.mutable_column()->set_column("opne");
  EXPECT_THAT(Set(request), testing::StatusIs(absl::StatusCode::kNotFound, "COLUMN_NOT_FOUND"));
  EXPECT_THAT(Set({}), testing::ViolatesField("column"));
  request = Note();
  request.set_validate_only(true);
  ASSERT_OK(Set(request));
  EXPECT_EQ(Get("open")->column().description(), "");
}

TEST_F(ColumnMetadataHandlerTest, ListsColumnsInPagesInTheirDeclaredOrder) {
  v1::ListColumnMetadataRequest request;
  request.set_page_size(2);
  std::vector<std::string> names;
  do {
    const auto page = Call<v1::ListColumnMetadataResponse>(
        *datasets_stub_, &DatasetStub::ListColumnMetadata, request);
    ASSERT_OK(page);
    for (const v1::ColumnMetadata& column : page->columns()) names.push_back(column.column());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(names, ElementsAre("symbol", "ts", "open", "close", "volume"));
}

TEST_F(ColumnMetadataHandlerTest, PushesDescriptionsAsComments) {
  ASSERT_OK(Set(Note()));
  v1::PushColumnDescriptionsRequest request;
  const auto pushed = Call<v1::PushColumnDescriptionsResponse>(
      *datasets_stub_, &DatasetStub::PushColumnDescriptions, request);
  ASSERT_OK(pushed);
  EXPECT_THAT(pushed->tables(), ElementsAre("fact_bars"));
  EXPECT_EQ(Ask("SELECT col_description('fact_bars'::regclass, ordinal_position) FROM "
                "information_schema.columns WHERE table_name = 'fact_bars' AND "
                "column_name = 'open'"),
            "First price.");
}

}  // namespace
}  // namespace metricstore::registry
