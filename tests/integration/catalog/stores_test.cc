// Reading what is stored: names, patterns, pages, caches; partitions of raw tables.

#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "registry_service/calendars/calendar_statements.h"
#include "registry_service/catalog/store/metric_statements.h"
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
  add(kCalendarStatements);
  add(kMetricStatements);
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
  EXPECT_THAT(Ids(metrics_.MatchGlobs(project_, {"*"}, {})),
              ElementsAre("price/closing", "price/opening", "volume/opening"));
  EXPECT_THAT(Ids(metrics_.MatchGlobs(project_, {"price/*", "clos?ng"}, {})),
              ElementsAre("price/closing", "price/opening"));
  EXPECT_THAT(Ids(metrics_.MatchGlobs(project_, {"opening"}, {})),
              ElementsAre("price/opening", "volume/opening"));
  const auto missing = metrics_.MatchGlobs(project_, {"price/*", "closin"}, {});
  EXPECT_THAT(missing, testing::StatusIs(absl::StatusCode::kNotFound, "METRIC_NOT_FOUND"));
  EXPECT_THAT(missing, testing::HasMetadata("metric", "closin"));
  EXPECT_THAT(missing, testing::HasMetadata("suggestion", "closing"));
}

TEST_F(StoresTest, GlobsAreAtMostTwoHundredBytes) {
  EXPECT_OK(metrics_.MatchGlobs(project_, {std::string(200, '*')}, {}));
  const auto longer = metrics_.MatchGlobs(project_, {"*", std::string(201, '*')}, {});
  EXPECT_THAT(longer, testing::StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
  EXPECT_THAT(longer, testing::ViolatesField("metrics"));
  EXPECT_LT(longer.status().message().size(), 200u);
}

TEST_F(StoresTest, PagesFollowIdsAndCountAll) {
  const auto first = metrics_.List(project_, "", "", 2, {});
  ASSERT_OK(first);
  EXPECT_THAT(Ids(first->metrics), ElementsAre("price/closing", "price/opening"));
  EXPECT_EQ(first->total, 3);
  EXPECT_THAT(Ids(metrics_.List(project_, "", "price/opening", 2, {})->metrics),
              ElementsAre("volume/opening"));
  const auto volume = metrics_.List(project_, "volume", "", 10, {});
  ASSERT_OK(volume);
  EXPECT_THAT(Ids(volume->metrics), ElementsAre("volume/opening"));
  EXPECT_EQ(volume->total, 1);
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
