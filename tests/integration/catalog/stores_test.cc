// Reading what is stored: names, patterns, pages, caches; partitions of raw tables.

#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "gmock/gmock.h"
#include "registry_service/calendars/calendar_statements.h"
#include "registry_service/catalog/store/catalog_reader.h"
#include "registry_service/catalog/store/metric_statements.h"
#include "registry_service/catalog/store/write_statements.h"
#include "registry_service/datasets/column_statements.h"
#include "registry_service/datasets/dataset_statements.h"
#include "registry_service/projects/project_statements.h"
#include "tests/integration/catalog/catalog_fixture.h"
#include "tests/testing/matchers.h"

namespace metricstore::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

int64_t Micros(int year, int month, int day) {
  return ToMicros(absl::FromCivil(absl::CivilDay(year, month, day), absl::UTCTimeZone()));
}

// price/opening, price/closing, volume/opening.
class StoresTest : public CatalogTest {
 protected:
  void SetUp() override {
    auto files = BaseFiles();
    DefinitionFile closing = Edited(OpeningFile(), "name: opening", "name: closing");
    closing.path = "metrics/price/closing.yaml";
    DefinitionFile volume = OpeningFile();
    volume.path = "metrics/volume/opening.yaml";
    files.push_back(closing);
    files.push_back(volume);
    ASSERT_OK(Import(files));
  }

  std::vector<std::string> Ids(const absl::StatusOr<std::vector<MetricDefinition>>& metrics) {
    std::vector<std::string> ids;
    EXPECT_OK(metrics);
    if (!metrics.ok()) return ids;
    for (const MetricDefinition& metric : *metrics) ids.push_back(metric.id());
    return ids;
  }

  std::shared_ptr<const Dataset> Bars() { return *datasets_.Get(project_, "fact_bars", {}); }
};

TEST_F(CatalogTest, EveryStatementPreparesOnAFreshDatabase) {
  std::vector<const pg::Statement*> statements;
  const auto add = [&](const auto& list) {
    statements.insert(statements.end(), std::begin(list), std::end(list));
  };
  add(kProjectStatements);
  add(kDatasetStatements);
  add(kColumnStatements);
  add(kCalendarStatements);
  add(kMetricStatements);
  add(kCatalogWriteStatements);
  for (const pg::Statement* statement : statements) {
    EXPECT_OK(Execute(absl::StrCat("PREPARE ", std::string(statement->name), " AS ",
                                   std::string(statement->sql))))
        << statement->name;
  }
}

TEST_F(CatalogTest, ProjectsAreFoundByNameOrByDefault) {
  EXPECT_THAT(projects_.Resolve("default", {}), testing::IsOkAndHolds(project_));
  EXPECT_THAT(projects_.Resolve("nobody", {}),
              testing::StatusIs(absl::StatusCode::kNotFound, "PROJECT_NOT_FOUND"));
  EXPECT_THAT(projects_.Resolve(std::string("default\0x", 9), {}),
              testing::StatusIs(absl::StatusCode::kNotFound, "PROJECT_NOT_FOUND"));
  // That it was not there is not remembered.
  const int32_t added = AddProject("nobody");
  EXPECT_THAT(projects_.Resolve("nobody", {}), testing::IsOkAndHolds(added));
  EXPECT_NE(added, project_);
}

TEST_F(StoresTest, MetricsAreFoundByIdOrByNameThatOneCategoryHas) {
  EXPECT_OK(metrics_.Get(project_, {"price/opening", 0}, {}));
  EXPECT_OK(metrics_.Get(project_, {"closing", 1}, {}));
  const auto ambiguous = metrics_.Get(project_, {"opening", 0}, {});
  EXPECT_THAT(ambiguous, testing::StatusIs(absl::StatusCode::kInvalidArgument, "METRIC_AMBIGUOUS"));
  EXPECT_THAT(ambiguous, testing::HasMetadata("candidates", "price/opening, volume/opening"));
  const auto missing = metrics_.Get(project_, {"price/openin", 0}, {});
  EXPECT_THAT(missing, testing::StatusIs(absl::StatusCode::kNotFound, "METRIC_NOT_FOUND"));
  EXPECT_THAT(missing, testing::HasMetadata("suggestion", "price/opening"));
  EXPECT_THAT(metrics_.Get(project_, {"clsing", 0}, {}),
              testing::HasMetadata("suggestion", "closing"));
}

TEST_F(StoresTest, ABatchKeepsItsOrderAndFailsAsAWhole) {
  EXPECT_THAT(Ids(metrics_.BatchGet(
                  project_, {{"volume/opening", 0}, {"closing", 1}, {"volume/opening", 1}}, {})),
              ElementsAre("volume/opening", "price/closing", "volume/opening"));
  EXPECT_THAT(metrics_.BatchGet(project_, {{"closing", 1}, {"closing", 2}}, {}),
              testing::StatusIs(absl::StatusCode::kNotFound, "METRIC_VERSION_NOT_FOUND"));
}

TEST_F(StoresTest, GlobsMatchIdsOrBareNamesAndMustMatchSomething) {
  EXPECT_THAT(Ids(metrics_.MatchGlobs(project_, {"*"}, false, {})),
              ElementsAre("price/closing", "price/opening", "volume/opening"));
  EXPECT_THAT(Ids(metrics_.MatchGlobs(project_, {"price/*", "clos?ng"}, false, {})),
              ElementsAre("price/closing", "price/opening"));
  EXPECT_THAT(Ids(metrics_.MatchGlobs(project_, {"opening"}, false, {})),
              ElementsAre("price/opening", "volume/opening"));
  const auto missing = metrics_.MatchGlobs(project_, {"price/*", "closin"}, false, {});
  EXPECT_THAT(missing, testing::StatusIs(absl::StatusCode::kNotFound, "METRIC_NOT_FOUND"));
  EXPECT_THAT(missing, testing::HasMetadata("metric", "closin"));
  EXPECT_THAT(missing, testing::HasMetadata("suggestion", "closing"));
}

TEST_F(StoresTest, GlobsAreAtMostTwoHundredBytes) {
  EXPECT_OK(metrics_.MatchGlobs(project_, {std::string(200, '*')}, false, {}));
  const auto longer = metrics_.MatchGlobs(project_, {"*", std::string(201, '*')}, false, {});
  EXPECT_THAT(longer, testing::StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
  EXPECT_THAT(longer, testing::ViolatesField("metrics"));
  EXPECT_LT(longer.status().message().size(), 200u);
}

TEST_F(StoresTest, GlobsGiveTheNewestVersionsWhereThatIsAsked) {
  ASSERT_OK(Import({Edited(OpeningFile(), "first(open)", "last(open)")}));
  const auto active = metrics_.MatchGlobs(project_, {"price/*"}, false, {});
  ASSERT_OK(active);
  EXPECT_EQ(active->at(1).version, 1);
  const auto latest = metrics_.MatchGlobs(project_, {"price/*"}, true, {});
  ASSERT_OK(latest);
  EXPECT_EQ(latest->at(0).version, 1);
  EXPECT_EQ(latest->at(1).version, 2);
  EXPECT_EQ(latest->at(1).active_version, 1);
  EXPECT_EQ(latest->at(1).expression, "last(open)");
}

TEST_F(StoresTest, DeletedMetricsAreFoundByIdOnly) {
  ASSERT_OK(editor_.Delete(project_, "price/closing", {}, {}));
  const auto deleted = metrics_.Get(project_, {"price/closing", 1}, {});
  ASSERT_OK(deleted);
  EXPECT_TRUE(deleted->delete_time.has_value());
  EXPECT_THAT(metrics_.Get(project_, {"closing", 0}, {}),
              testing::StatusIs(absl::StatusCode::kNotFound, "METRIC_NOT_FOUND"));
  EXPECT_THAT(Ids(metrics_.MatchGlobs(project_, {"price/*"}, false, {})),
              ElementsAre("price/opening"));
  EXPECT_THAT(metrics_.MatchGlobs(project_, {"price/closing"}, false, {}),
              testing::StatusIs(absl::StatusCode::kNotFound, "METRIC_NOT_FOUND"));
  EXPECT_OK(metrics_.ListVersions(project_, "price/closing", 0, 10, {}));
  // A name that another category has too is no longer ambiguous.
  ASSERT_OK(editor_.Delete(project_, "price/opening", {}, {}));
  const auto only = metrics_.Get(project_, {"opening", 0}, {});
  ASSERT_OK(only);
  EXPECT_EQ(only->id(), "volume/opening");
}

TEST_F(StoresTest, VersionsAreListedNewestFirstAsTheyWereMade) {
  const auto edited = [&](const std::string& expression, const std::string& words) {
    return Edited(Edited(OpeningFile(), "first(open)", expression), "Price of the first trade.",
                  words);
  };
  ASSERT_OK(Import({edited("last(open)", "Second.")}));
  ASSERT_OK(Import({edited("last(open)", "Second, said better.")}));
  ASSERT_OK(Import({edited("max(open)", "Third.")}));
  const auto page = metrics_.ListVersions(project_, "price/opening", 0, 2, {});
  ASSERT_OK(page);
  ASSERT_THAT(*page, SizeIs(2));
  EXPECT_EQ((*page)[0].definition.version, 3);
  EXPECT_EQ((*page)[0].definition.expression, "max(open)");
  EXPECT_EQ((*page)[0].definition.active_version, 1);
  EXPECT_EQ((*page)[1].definition.description, "Second.");
  EXPECT_GT((*page)[0].create_time, (*page)[1].create_time);
  const auto rest = metrics_.ListVersions(project_, "price/opening", 2, 2, {});
  ASSERT_OK(rest);
  ASSERT_THAT(*rest, SizeIs(1));
  EXPECT_EQ((*rest)[0].definition.version, 1);
  EXPECT_EQ((*rest)[0].create_time, (*rest)[0].definition.create_time);
  EXPECT_THAT(metrics_.ListVersions(project_, "price/none", 0, 2, {}),
              testing::StatusIs(absl::StatusCode::kNotFound, "METRIC_NOT_FOUND"));
}

TEST_F(StoresTest, OldVersionsReadAsTheyWereMadeAndServedOnesWithTheirWords) {
  ASSERT_OK(Import({Edited(OpeningFile(), "Price of the first trade.", "First price.")}));
  ASSERT_OK(ImportWith({Edited(OpeningFile(), "first(open)", "last(open)")}, {.promote = true}));
  EXPECT_EQ(Metric("price/opening", 1).description, "Price of the first trade.");
  ASSERT_OK(Import({Edited(Edited(OpeningFile(), "first(open)", "last(open)"),
                           "Price of the first trade.", "Last price.")}));
  EXPECT_EQ(Metric("price/opening").description, "Last price.");
  EXPECT_EQ(Metric("price/opening", 2).description, "Last price.");
}

TEST_F(CatalogTest, VersionsCannotBeChanged) {
  ASSERT_OK(Import(BaseFiles()));
  EXPECT_FALSE(Execute("UPDATE metric_versions SET version = 2").ok());
  EXPECT_FALSE(Execute("DELETE FROM metric_versions").ok());
}

TEST_F(StoresTest, EntriesAreReadByRevision) {
  ASSERT_OK(Import({Edited(OpeningFile(), "first(open)", "last(open)")}));
  ASSERT_OK(editor_.Delete(project_, "volume/opening", {}, {}));
  std::map<int32_t, int64_t> revisions;
  std::vector<StoredEntry> all, newer;
  const auto read = [&](pg::Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(revisions, ReadRevisions(transaction, {project_, project_ + 1000}));
    ASSIGN_OR_RETURN(all, ReadChangedEntries(transaction, project_, -1));
    ASSIGN_OR_RETURN(newer, ReadChangedEntries(transaction, project_, 1));
    return absl::OkStatus();
  };
  ASSERT_OK(pool_.Run({}, pg::TransactionMode::kReadOnlySnapshot, read));
  EXPECT_THAT(revisions, ElementsAre(std::pair(project_, 3)));
  ASSERT_THAT(all, SizeIs(3));
  EXPECT_EQ(all[0].latest.id(), "price/closing");
  EXPECT_EQ(all[0].revision, 1);
  ASSERT_THAT(newer, SizeIs(2));
  EXPECT_EQ(newer[0].active.expression, "first(open)");
  EXPECT_EQ(newer[0].active.version, 1);
  EXPECT_EQ(newer[0].active.latest_version, 2);
  EXPECT_EQ(newer[0].latest.expression, "last(open)");
  EXPECT_EQ(newer[0].latest.version, 2);
  EXPECT_EQ(newer[0].latest.etag, newer[0].active.etag);
  EXPECT_EQ(newer[0].revision, 2);
  EXPECT_TRUE(newer[1].active.delete_time.has_value());
  EXPECT_EQ(newer[1].revision, 3);
}

TEST_F(StoresTest, TheTableReadsAsItsColumns) {
  DefinitionFile file = {"metrics/price/whole.yaml", R"yaml(
name: whole
display_name: The whole
description: All columns.
type: derived
unit: USD
grain: day
table: fact_bars
expression: max(high_of_open)
sql_by_symbol: SELECT symbol, max(open) AS value FROM fact_bars GROUP BY symbol
dimensions: [symbol]
filters: [volume > 0]
synonyms: [all of it]
notes: A note.
validation: By hand.
owner: markets
source: A paper.
tags: [core, us]
)yaml"};
  ASSERT_OK(Import({Edited(file, "high_of_open", "open")}));
  const std::string columns =
      "id, name, display_name, category, description, type, unit, grain, table_name, tables, "
      "expression, time_column, dimensions, filters, synonyms, notes, sql, sql_variants, "
      "validation, source, owner, tags, created_at, updated_at";
  EXPECT_EQ(
      Ask(absl::StrCat("SELECT row_to_json(m)::jsonb - 'created_at' - 'updated_at' FROM (SELECT ",
                       columns, " FROM metric_definitions WHERE name = 'whole') AS m")),
      Ask(R"sql(SELECT '{"id": "price/whole", "name": "whole", "display_name": "The whole",
        "category": "price", "description": "All columns.", "type": "derived", "unit": "USD",
        "grain": "day", "table_name": "fact_bars", "tables": ["fact_bars"],
        "expression": "max(open)", "time_column": "", "dimensions": ["symbol"],
        "filters": ["volume > 0"], "synonyms": ["all of it"], "notes": "A note.", "sql": "",
        "sql_variants": {"symbol":
          "SELECT symbol, max(open) AS value FROM fact_bars GROUP BY symbol"},
        "validation": "By hand.", "source": "A paper.", "owner": "markets",
        "tags": ["core", "us"]}'::jsonb)sql"));
  EXPECT_EQ(Ask("SELECT count(created_at) FROM metric_definitions WHERE tags @> '{core}'"), "1");
}

TEST_F(StoresTest, DatasetsAreServedAtMostASecondOld) {
  const auto before = Bars();
  ASSERT_OK(Execute("UPDATE datasets SET description = 'New', updated_at = now()"));
  EXPECT_EQ(Bars(), before);
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(Bars()->description, "New");
}

TEST_F(StoresTest, AMissingDatasetIsNotFoundWithASuggestion) {
  const auto missing = datasets_.Get(project_, "fact_bar", {});
  EXPECT_THAT(missing, testing::StatusIs(absl::StatusCode::kNotFound, "DATASET_NOT_FOUND"));
  EXPECT_THAT(missing, testing::HasMetadata("suggestion", "fact_bars"));
  EXPECT_THAT(calendars_.Get(project_, "XNYZ", 0, {}), testing::HasMetadata("suggestion", "XNYS"));
}

TEST_F(StoresTest, StatisticsAddUpEntities) {
  ASSERT_OK(
      Execute("INSERT INTO dataset_entities VALUES "
              "(1, 'fact_bars', 'A', 10, '2024-01-02Z', '2024-01-05Z'), "
              "(1, 'fact_bars', 'B', 5, '2024-01-01Z', '2024-01-03Z')"));
  const auto statistics = datasets_.Statistics(project_, {"fact_none", "fact_bars"}, {});
  ASSERT_OK(statistics);
  ASSERT_THAT(*statistics, SizeIs(2));
  EXPECT_EQ((*statistics)[0].row_count, 0);
  EXPECT_EQ((*statistics)[0].oldest, std::nullopt);
  EXPECT_EQ((*statistics)[1].row_count, 15);
  EXPECT_EQ((*statistics)[1].entity_count, 2);
  EXPECT_EQ((*statistics)[1].oldest, FromMicros(Micros(2024, 1, 1)));
  EXPECT_EQ((*statistics)[1].newest, FromMicros(Micros(2024, 1, 5)));
}

TEST_F(StoresTest, PartitionsAreCreatedOnceAndAttached) {
  const std::vector<int64_t> times = {Micros(2024, 1, 31), Micros(2024, 3, 1)};
  ASSERT_OK(partitions_.Ensure(*Bars(), times, {}));
  ASSERT_OK(partitions_.Ensure(*Bars(), times, {}));
  Partitions fresh(pool_);
  ASSERT_OK(fresh.Ensure(*Bars(), times, {}));
  EXPECT_EQ(Ask("SELECT string_agg(inhrelid::regclass::text, ' ' ORDER BY inhrelid) "
                "FROM pg_inherits WHERE inhparent = 'fact_bars'::regclass"),
            "fact_bars_p2024_01 fact_bars_p2024_03");
  ASSERT_OK(
      Execute("INSERT INTO fact_bars VALUES (1, 'A', '2024-01-31 23:59:59Z', 1, 1, 1), "
              "(1, 'A', '2024-03-01 00:00Z', 1, 1, 1)"));
  EXPECT_EQ(Ask("SELECT count(*) FROM fact_bars_p2024_01"), "1");
  EXPECT_FALSE(
      Execute("INSERT INTO fact_bars VALUES (1, 'A', '2024-01-31 23:59:59Z', 1, 1, 1)").ok());
  EXPECT_EQ(Ask("SELECT bool_and(indisvalid) FROM pg_index "
                "WHERE indrelid = 'fact_bars'::regclass"),
            "t");
}

TEST_F(StoresTest, ConcurrentCreatorsOfPartitionsAgree) {
  const auto dataset = Bars();
  std::vector<absl::Status> statuses(4);
  {
    std::vector<std::jthread> threads;
    for (size_t i = 0; i < statuses.size(); ++i) {
      threads.emplace_back([&, i] {
        Partitions partitions(pool_);
        std::vector<int64_t> times;
        for (size_t month = 1; month <= 12; ++month) {
          times.push_back(Micros(2023, static_cast<int>((month + i * 3) % 12 + 1), 1));
        }
        statuses[i] = partitions.Ensure(*dataset, times, {});
      });
    }
  }
  for (const absl::Status& status : statuses) EXPECT_OK(status);
  EXPECT_EQ(Ask("SELECT count(*) FROM pg_inherits WHERE inhparent = 'fact_bars'::regclass"), "12");
}

TEST_F(StoresTest, PartitionsAreCreatedWhileOthersReadAndWriteTheTable) {
  ASSERT_OK(partitions_.Ensure(*Bars(), std::vector<int64_t>{Micros(2024, 1, 1)}, {}));
  const auto dataset = Bars();
  // Holds the locks of a reader and a writer on the parent until the partition is there.
  ASSERT_OK(pool_.Run({}, pg::TransactionMode::kReadWrite, [&](pg::Transaction& transaction) {
    const std::string insert =
        "INSERT INTO fact_bars VALUES (1, 'A', '2024-01-02 00:00Z', 1, 1, 1)";
    if (auto status = transaction.ExecuteDynamic("test", insert).status(); !status.ok()) {
      return status;
    }
    return partitions_.Ensure(*dataset, std::vector<int64_t>{Micros(2024, 2, 1)}, {});
  }));
}

TEST_F(StoresTest, PartitionsOfATableThatIsGoneAreRefused) {
  const auto dataset = Bars();
  ASSERT_OK(Execute("DROP TABLE fact_bars"));
  EXPECT_THAT(partitions_.Ensure(*dataset, std::vector<int64_t>{Micros(2024, 1, 1)}, {}),
              testing::StatusIs(absl::StatusCode::kFailedPrecondition, "DATASET_CHANGE_REFUSED"));
}

TEST_F(StoresTest, ForgottenPartitionsAreLookedForAgain) {
  const std::vector<int64_t> times = {Micros(2024, 1, 1)};
  ASSERT_OK(partitions_.Ensure(*Bars(), times, {}));
  ASSERT_OK(Execute("DROP TABLE fact_bars_p2024_01"));
  ASSERT_OK(partitions_.Ensure(*Bars(), times, {}));
  EXPECT_EQ(Ask("SELECT to_regclass('fact_bars_p2024_01')"), "");
  partitions_.Forget("fact_bars");
  ASSERT_OK(partitions_.Ensure(*Bars(), times, {}));
  EXPECT_EQ(Ask("SELECT to_regclass('fact_bars_p2024_01')"), "fact_bars_p2024_01");
}

}  // namespace
}  // namespace metricstore::registry
