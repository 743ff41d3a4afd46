// CatalogService's reads: out of memory, coherent with what was written, in pages.
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/integration/catalog/handlers_fixture.h"

namespace metricstore::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;
using Stub = v1::CatalogService::Stub;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

DefinitionFile MetricFile(const std::string& path, const std::string& fields) {
  return {path, absl::StrCat("description: d\nowner: team\ntype: derived\ngrain: day\n", fields)};
}

class CatalogReadsTest : public HandlersTest {
 protected:
  // price/opening; price/spread, which reads it; volume/traded with a synonym.
  void SetUp() override {
    HandlersTest::SetUp();
    ASSERT_OK(ImportOver(ImportRequest(
        {CalendarFile(),
         BarsFile(),
         OpeningFile(),
         MetricFile("metrics/price/spread.yaml",
                    "name: spread\nexpression: metric('price/opening') * 2\n"),
         {"metrics/volume/traded.yaml",
          "name: traded\ndescription: Shares that changed hands.\nowner: team\ntype: sum\ngrain: "
          "day\ntable: fact_bars\nexpression: sum(volume)\nsynonyms: [Trade Volume]\n"}})));
  }

  // Makes version 2 of price/opening, which waits to be promoted.
  void ChangeOpening() {
    ASSERT_OK(ImportOver(ImportRequest({Edited(OpeningFile(), "first(open)", "last(open)")})));
  }

  template <typename Response>
  static std::vector<std::string> Ids(const absl::StatusOr<Response>& response) {
    EXPECT_OK(response);
    std::vector<std::string> ids;
    if (!response.ok()) return ids;
    for (const v1::Metric& metric : response->metrics()) ids.push_back(metric.id());
    return ids;
  }

  absl::StatusOr<v1::SearchMetricsResponse> Search(const std::string& query, int page_size = 0,
                                                   const std::string& token = "") {
    v1::SearchMetricsRequest request;
    request.set_query(query);
    request.set_page_size(page_size);
    request.set_page_token(token);
    return Catalog(&Stub::SearchMetrics, request);
  }

  // How often methods were answered by the executor's threads: those write a log line.
  template <typename Read>
  static bool AnsweredFromMemory(Read read) {
    ::testing::internal::CaptureStderr();
    read();
    return ::testing::internal::GetCapturedStderr().empty();
  }
};

TEST_F(CatalogReadsTest, AnswersFromMemoryOnceItHasTheCatalogue) {
  ASSERT_OK(GetMetric("price/opening"));
  EXPECT_TRUE(AnsweredFromMemory([&] { EXPECT_OK(GetMetric("price/opening")); }));
  EXPECT_TRUE(AnsweredFromMemory([&] { EXPECT_OK(GetMetric("opening", 1)); }));
  EXPECT_TRUE(AnsweredFromMemory([&] { EXPECT_OK(ListMetrics(2, "")); }));
  EXPECT_TRUE(AnsweredFromMemory([&] { EXPECT_OK(Search("shares")); }));
  EXPECT_FALSE(AnsweredFromMemory([&] { EXPECT_FALSE(GetMetric("price/closing").ok()); }));
  EXPECT_FALSE(AnsweredFromMemory([&] { EXPECT_OK(ListMetrics(2, "", "", "type = sum")); }));
}

TEST_F(CatalogReadsTest, SaysTheSameFromMemoryAndFromTheDatabase) {
  const auto from_memory = GetMetric("price/opening");
  ASSERT_OK(from_memory);
  v1::Metric stored;
  api::ToProto(Metric("price/opening"), &stored);
  EXPECT_EQ(from_memory->metric().DebugString(), stored.DebugString());
  EXPECT_THAT(from_memory->metric().reads(), ElementsAre("fact_bars.open", "fact_bars.volume"));
  EXPECT_EQ(GetMetric("price/spread")->metric().not_computed(), "");
}

TEST_F(CatalogReadsTest, FindsWhatAnotherReplicaHasJustCreated) {
  ASSERT_OK(GetMetric("price/opening"));
  ASSERT_OK(Import({MetricFile("metrics/price/late.yaml",
                               "name: late\ntable: fact_bars\nexpression: last(close)\n")}));
  EXPECT_OK(GetMetric("price/late"));
}

TEST_F(CatalogReadsTest, ServesTheActiveVersionTheWaitingOneAndOldOnes) {
  ChangeOpening();
  const auto active = GetMetric("price/opening");
  ASSERT_OK(active);
  EXPECT_EQ(active->metric().expression(), "first(open)");
  EXPECT_EQ(active->metric().version(), 1);
  EXPECT_EQ(active->metric().latest_version(), 2);
  const auto waiting = GetMetric("price/opening", 2);
  ASSERT_OK(waiting);
  EXPECT_EQ(waiting->metric().expression(), "last(open)");
  v1::PromoteVersionRequest promote;
  promote.set_id("price/opening");
  ASSERT_OK(Catalog(&Stub::PromoteVersion, promote));
  EXPECT_EQ(GetMetric("price/opening")->metric().expression(), "last(open)");
  EXPECT_EQ(GetMetric("price/opening", 1)->metric().expression(), "first(open)");
  EXPECT_THAT(GetMetric("price/opening", 3),
              testing::StatusIs(absl::StatusCode::kNotFound, "METRIC_VERSION_NOT_FOUND"));
}

TEST_F(CatalogReadsTest, BatchesMixVersionsOfMemoryAndDatabase) {
  ChangeOpening();
  v1::PromoteVersionRequest promote;
  promote.set_id("price/opening");
  ASSERT_OK(Catalog(&Stub::PromoteVersion, promote));
  v1::BatchGetMetricsRequest request;
  for (const int version : {1, 2, 0}) {
    request.add_metrics()->set_id("price/opening");
    request.mutable_metrics()->rbegin()->set_version(version);
  }
  request.add_metrics()->set_id("volume/traded");
  const auto batch = Catalog(&Stub::BatchGetMetrics, request);
  ASSERT_OK(batch);
  ASSERT_EQ(batch->metrics_size(), 4);
  EXPECT_EQ(batch->metrics(0).expression(), "first(open)");
  EXPECT_EQ(batch->metrics(1).expression(), "last(open)");
  EXPECT_EQ(batch->metrics(2).version(), 2);
  EXPECT_EQ(batch->metrics(3).id(), "volume/traded");
  request.add_metrics()->set_id("volume/none");
  EXPECT_THAT(Catalog(&Stub::BatchGetMetrics, request),
              testing::StatusIs(absl::StatusCode::kNotFound, "METRIC_NOT_FOUND"));
}

TEST_F(CatalogReadsTest, ListsWhatFitsCategoryAndFilterAndCountsIt) {
  EXPECT_THAT(Ids(ListMetrics(0, "")),
              ElementsAre("price/opening", "price/spread", "volume/traded"));
  EXPECT_THAT(Ids(ListMetrics(0, "", "price")), ElementsAre("price/opening", "price/spread"));
  EXPECT_THAT(Ids(ListMetrics(0, "", "pric")), IsEmpty());
  EXPECT_THAT(Ids(ListMetrics(0, "", "", "type = sum")), ElementsAre("volume/traded"));
  const auto page = ListMetrics(1, "", "price");
  ASSERT_OK(page);
  EXPECT_EQ(page->total_size(), 2);
  EXPECT_THAT(Ids(ListMetrics(1, page->next_page_token(), "price")), ElementsAre("price/spread"));
  const auto filtered = ListMetrics(1, "", "", "type = derived");
  EXPECT_EQ(filtered->total_size(), 2);
  EXPECT_THAT(Ids(ListMetrics(1, filtered->next_page_token(), "", "type = derived")),
              ElementsAre("price/spread"));
  EXPECT_THAT(ListMetrics(1, filtered->next_page_token(), "", "type = sum"),
              testing::StatusIs(kInvalid, "PAGE_TOKEN_INVALID"));
  EXPECT_THAT(ListMetrics(1, "", "", "tpye = sum"), testing::StatusIs(kInvalid, "FILTER_INVALID"));
}

TEST_F(CatalogReadsTest, ListsDeletedMetricsOnRequestOnly) {
  v1::DeleteMetricRequest erase;
  erase.set_id("volume/traded");
  ASSERT_OK(Catalog(&Stub::DeleteMetric, erase));
  EXPECT_THAT(Ids(ListMetrics(0, "")), ElementsAre("price/opening", "price/spread"));
  EXPECT_EQ(ListMetrics(0, "")->total_size(), 2);
  v1::ListMetricsRequest request;
  request.set_show_deleted(true);
  const auto all = Catalog(&Stub::ListMetrics, request);
  ASSERT_OK(all);
  EXPECT_EQ(all->total_size(), 3);
  EXPECT_TRUE(all->metrics(2).has_delete_time());
  EXPECT_OK(GetMetric("volume/traded"));
  EXPECT_FALSE(GetMetric("traded").ok());
}

TEST_F(CatalogReadsTest, SearchesInPagesTheBestFirst) {
  const auto found = Search("open");
  ASSERT_OK(found);
  ASSERT_EQ(found->hits_size(), 1);
  EXPECT_EQ(found->hits(0).metric().id(), "price/opening");
  EXPECT_GT(found->hits(0).score(), 0);
  EXPECT_THAT(found->hits(0).matched_fields(), ::testing::Contains("name"));
  const auto first = Search("price", 1);
  ASSERT_OK(first);
  EXPECT_EQ(first->hits_size(), 1);
  std::set<std::string> seen = {first->hits(0).metric().id()};
  std::string token = first->next_page_token();
  while (!token.empty()) {
    const auto next = Search("price", 1, token);
    ASSERT_OK(next);
    EXPECT_TRUE(seen.insert(next->hits(0).metric().id()).second);
    token = next->next_page_token();
  }
  EXPECT_EQ(first->total_size(), 2);
  EXPECT_THAT(seen, UnorderedElementsAre("price/opening", "price/spread"));
  EXPECT_THAT(Search(""), testing::StatusIs(kInvalid, "FIELD_REQUIRED"));
  EXPECT_THAT(Search(std::string(201, 'a')), testing::StatusIs(kInvalid, "FIELD_INVALID"));
  EXPECT_THAT(Search("open", 101), testing::ViolatesField("page_size"));
  EXPECT_THAT(Search("other", 1, first->next_page_token()),
              testing::StatusIs(kInvalid, "PAGE_TOKEN_INVALID"));
}

TEST_F(CatalogReadsTest, FindsBySynonymAndByTable) {
  v1::FindBySynonymRequest synonym;
  synonym.set_synonym("trade_volume");
  EXPECT_THAT(Ids(Catalog(&Stub::FindBySynonym, synonym)), ElementsAre("volume/traded"));
  synonym.set_synonym("nothing");
  EXPECT_THAT(Ids(Catalog(&Stub::FindBySynonym, synonym)), IsEmpty());
  synonym.clear_synonym();
  EXPECT_THAT(Catalog(&Stub::FindBySynonym, synonym),
              testing::StatusIs(kInvalid, "FIELD_REQUIRED"));
  v1::FindByTableRequest table;
  table.set_table("fact_bars");
  table.set_page_size(1);
  const auto first = Catalog(&Stub::FindByTable, table);
  EXPECT_THAT(Ids(first), ElementsAre("price/opening"));
  table.set_page_token(first->next_page_token());
  const auto second = Catalog(&Stub::FindByTable, table);
  EXPECT_THAT(Ids(second), ElementsAre("volume/traded"));
  EXPECT_EQ(second->next_page_token(), "");
}

TEST_F(CatalogReadsTest, ShowsTheTableMapAndALineage) {
  const auto map = Catalog(&Stub::GetTableMap, v1::GetTableMapRequest());
  ASSERT_OK(map);
  ASSERT_EQ(map->tables_size(), 1);
  EXPECT_EQ(map->tables(0).table(), "fact_bars");
  EXPECT_THAT(map->tables(0).metrics(), ElementsAre("price/opening", "volume/traded"));
  v1::GetLineageRequest request;
  request.set_name("spread");
  const auto lineage = Catalog(&Stub::GetLineage, request);
  ASSERT_OK(lineage);
  ASSERT_EQ(lineage->nodes_size(), 2);
  EXPECT_EQ(lineage->nodes(0).id(), "price/spread");
  EXPECT_THAT(lineage->nodes(0).upstream(), ElementsAre("price/opening"));
  EXPECT_THAT(lineage->nodes(1).downstream(), ElementsAre("price/spread"));
  EXPECT_THAT(lineage->tables(), ElementsAre("fact_bars"));
  request.set_name("nothing");
  EXPECT_THAT(Catalog(&Stub::GetLineage, request),
              testing::StatusIs(absl::StatusCode::kNotFound, "METRIC_NOT_FOUND"));
}

TEST_F(CatalogReadsTest, ListsVersionsWithWhatEachChanged) {
  ChangeOpening();
  v1::ListVersionsRequest request;
  request.set_name("opening");
  const auto all = Catalog(&Stub::ListVersions, request);
  ASSERT_OK(all);
  ASSERT_EQ(all->versions_size(), 2);
  EXPECT_EQ(all->versions(0).version(), 2);
  EXPECT_FALSE(all->versions(0).active());
  EXPECT_TRUE(all->versions(1).active());
  ASSERT_EQ(all->versions(0).changes_size(), 1);
  EXPECT_EQ(all->versions(0).changes(0).field(), "expression");
  EXPECT_TRUE(all->versions(0).changes(0).changes_meaning());
  EXPECT_EQ(all->versions(1).changes_size(), 0);
  request.set_page_size(1);
  const auto first = Catalog(&Stub::ListVersions, request);
  ASSERT_OK(first);
  ASSERT_EQ(first->versions_size(), 1);
  EXPECT_EQ(first->versions(0).changes_size(), 1);
  request.set_page_token(first->next_page_token());
  const auto last = Catalog(&Stub::ListVersions, request);
  ASSERT_OK(last);
  EXPECT_EQ(last->versions(0).version(), 1);
  EXPECT_EQ(last->next_page_token(), "");
}

TEST_F(CatalogReadsTest, DiffsVersionsAndMetrics) {
  ChangeOpening();
  v1::DiffMetricsRequest request;
  request.mutable_before()->set_id("opening");
  request.mutable_after()->set_id("price/opening");
  const auto versions = Catalog(&Stub::DiffMetrics, request);
  ASSERT_OK(versions);
  EXPECT_EQ(versions->before().version(), 1);
  EXPECT_EQ(versions->after().version(), 2);
  ASSERT_EQ(versions->changes_size(), 1);
  EXPECT_EQ(versions->changes(0).before(), "first(open)");
  EXPECT_EQ(versions->changes(0).after(), "last(open)");
  request.mutable_after()->set_id("volume/traded");
  const auto metrics = Catalog(&Stub::DiffMetrics, request);
  ASSERT_OK(metrics);
  EXPECT_GT(metrics->changes_size(), 3);
  request.clear_after();
  EXPECT_THAT(Catalog(&Stub::DiffMetrics, request), testing::ViolatesField("after"));
}

TEST_F(CatalogReadsTest, WhatReadersCannotReadIsABreakingDifference) {
  ASSERT_OK(ImportOver(ImportRequest({Edited(OpeningFile(), "first(open)", "array_agg(open)")})));
  v1::DiffMetricsRequest request;
  request.mutable_before()->set_id("opening");
  request.mutable_after()->set_id("opening");
  auto diff = Catalog(&Stub::DiffMetrics, request);
  ASSERT_OK(diff);
  ASSERT_EQ(diff->changes_size(), 1);
  EXPECT_EQ(diff->changes(0).field(), "expression");
  EXPECT_TRUE(diff->changes(0).breaking());
  EXPECT_EQ(diff->changes(0).reason(), "points are vectors, no longer numbers");
  std::swap(*request.mutable_before(), *request.mutable_after());
  request.mutable_before()->set_version(2);
  request.mutable_after()->set_version(1);
  diff = Catalog(&Stub::DiffMetrics, request);
  ASSERT_OK(diff);
  EXPECT_EQ(diff->changes(0).reason(), "points are numbers, no longer vectors");
  v1::ListVersionsRequest versions;
  versions.set_name("opening");
  EXPECT_TRUE(Catalog(&Stub::ListVersions, versions)->versions(0).changes(0).breaking());
}

TEST_F(CatalogReadsTest, ASpellingAloneDiffersWithoutChangingTheMeaning) {
  ASSERT_OK(ImportOver(ImportRequest({Edited(OpeningFile(), "first(open)", "First( open )")})));
  v1::ListVersionsRequest versions;
  versions.set_name("opening");
  EXPECT_EQ(Catalog(&Stub::ListVersions, versions)->versions_size(), 1);
}

TEST_F(CatalogReadsTest, ExportsInPagesWhatImportsAsUnchanged) {
  v1::UpdateColumnMetadataRequest note;
  note.mutable_column()->set_table("fact_bars");
  note.mutable_column()->set_column("open");
  note.mutable_column()->set_description("First price.");
  note.mutable_column()->set_source("ann");
  ASSERT_OK(Call<v1::UpdateColumnMetadataResponse>(
      *datasets_stub_, &v1::DatasetService::Stub::UpdateColumnMetadata, note));
  std::vector<std::string> paths;
  v1::ImportMetricsRequest again;
  v1::ExportMetricsRequest request;
  request.set_page_size(2);
  do {
    const auto page = Catalog(&Stub::ExportMetrics, request);
    ASSERT_OK(page);
    EXPECT_LE(page->files_size(), 2);
    for (const v1::DefinitionFile& file : page->files()) {
      paths.push_back(file.path());
      *again.add_files() = file;
    }
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(paths, ElementsAre("calendars/XNYS.yaml", "datasets/fact_bars.yaml",
                                 "columns/fact_bars.yaml", "metrics/price/opening.yaml",
                                 "metrics/price/spread.yaml", "metrics/volume/traded.yaml"));
  const auto imported = ImportOver(again);
  ASSERT_OK(imported);
  EXPECT_EQ(imported->outcomes_size(), 6);
  for (const v1::ImportOutcome& outcome : imported->outcomes()) {
    EXPECT_EQ(outcome.action(), v1::ImportOutcome::ACTION_UNCHANGED) << outcome.DebugString();
  }
}

TEST_F(CatalogReadsTest, ExportsMetricsThatFitAFilter) {
  v1::ExportMetricsRequest request;
  request.set_metrics_only(true);
  request.set_filter("category = volume");
  const auto files = Catalog(&Stub::ExportMetrics, request);
  ASSERT_OK(files);
  ASSERT_EQ(files->files_size(), 1);
  EXPECT_TRUE(absl::StrContains(files->files(0).content(), "sum(volume)"));
  request.set_filter("category volume");
  EXPECT_THAT(Catalog(&Stub::ExportMetrics, request),
              testing::StatusIs(kInvalid, "FILTER_INVALID"));
  request.set_filter("");
  request.set_page_token("rubbish");
  EXPECT_THAT(Catalog(&Stub::ExportMetrics, request),
              testing::StatusIs(kInvalid, "PAGE_TOKEN_INVALID"));
}

TEST_F(CatalogReadsTest, KnowsNoProjectBeyondTheRegisteredOnes) {
  ASSERT_OK(GetMetric("price/opening"));
  EXPECT_THAT(GetMetric("price/opening", 0, "nobody"),
              testing::StatusIs(absl::StatusCode::kNotFound, "PROJECT_NOT_FOUND"));
}

}  // namespace
}  // namespace metricstore::registry
