// What is stored of metrics that read a metric of which another version comes to be served.
#include <thread>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "registry_service/catalog/store/metric_editor.h"
#include "tests/integration/data/freshness_fixture.h"

namespace metricstore::registry {
namespace {

using ::metricstore::testing::IsOk;
using ::testing::HasSubstr;
using ::testing::Not;

// No metric has tests.
class UnusedEvaluator final : public RowEvaluator {
 public:
  absl::StatusOr<std::vector<EvaluatedRows>> Evaluate(const std::vector<RowEvaluation>&,
                                                      const CallBounds&) override {
    return absl::UnimplementedError("nothing is to be evaluated");
  }
};

// The definition of prices/last_close over another expression.
std::string LastClose(const std::string& expression) {
  return absl::StrCat(
      "{name: last_close, category: prices, description: Last price., type: derived, unit: USD, "
      "grain: day, table: fact_bars, expression: \"",
      expression, "\"}");
}

std::string Derived(const std::string& name, const std::string& expression) {
  return absl::StrCat("{name: ", name, ", category: a, description: Derived., type: derived, ",
                      "grain: day, expression: \"", expression, "\"}");
}

class DependentsTest : public FreshnessTest {
 protected:
  DependentsTest() {
    EXPECT_OK(Import(Derived("doubled", "metric('prices/last_close') * 2")));
    EXPECT_OK(Import(Derived("outer", "metric('a/doubled') + 1")));
    EXPECT_OK(Import(Derived("apart", "metric('prices/hourly_volume') + 1")));
    StoreDays(20);
    Compute(kAll, {Utc(2024, 1, 2), Utc(2024, 1, 21)});
    EXPECT_EQ(Texts(), "1, 1, 1");
  }

  absl::Status ImportWith(const std::string& yaml, const WriteOptions& options) {
    return importer_.Import(project_, {{{"more.yaml", yaml}}}, options, {}).status();
  }
  // A second version of prices/last_close, which waits.
  void AddVersion(const std::string& expression = "last(close) + 1") {
    ASSERT_OK(Import(LastClose(expression)));
  }
  void Promote(const std::string& metric = "prices/last_close", int version = 0) {
    ASSERT_OK(editor_.Promote(project_, metric, version, {}, {}));
  }

  // Of a/doubled, a/outer and a/apart.
  std::string Texts() {
    return absl::StrCat(Text("a/doubled"), ", ", Text("a/outer"), ", ", Text("a/apart"));
  }
  // "a/doubled v1 2 2024-01-01..2024-02-01 upstream: prices/last_close version 2".
  std::string Marks() {
    return Select(
        "SELECT metric_id || ' v' || version || ' ' || grain || ' ' || start_date || '..' || "
        "end_date || ' ' || cause || ': ' || detail FROM dirty_ranges "
        "ORDER BY metric_id, version, grain, start_date");
  }

  const BackfillRequest kAll{.metrics = {"a/*", "prices/last_close", "prices/hourly_volume"},
                             .dates = kJanuary};
  UnusedEvaluator evaluator_;
  MetricTestRunner tests_{evaluator_};
  Importer importer_{pool_, datasets_, tests_};
  MetricEditor editor_{pool_, tests_};
};

const char kDoubledAndOuter[] =
    "a/doubled v1 2 2024-01-01..2024-02-01 upstream: prices/last_close version 2\n"
    "a/outer v1 2 2024-01-01..2024-02-01 upstream: prices/last_close version 2\n";

TEST_F(DependentsTest, APromotionMakesAllThatReadTheMetricStaleUntilTheyAreComputedAgain) {
  AddVersion();
  EXPECT_EQ(Texts(), "1, 1, 1") << "the version waits";
  Promote();
  EXPECT_EQ(Marks(), kDoubledAndOuter);
  EXPECT_EQ(Texts(), "10 1 32, 10 1 32, 1");
  EXPECT_EQ(Text("prices/last_close"), "2 2 22");
  EXPECT_THAT(ReadOne("a/outer").reason,
              HasSubstr("a metric that it reads changed after buckets were computed "
                        "(prices/last_close version 2): metricctl backfill --metrics a/outer "
                        "--from 2024-01-01 --to 2024-01-31"));
  Compute({.metrics = {"a/doubled", "last_close"}, .dates = kJanuary}, {Utc(2024, 1, 21)});
  EXPECT_EQ(Texts(), "1, 10 1 32, 1");
  Compute({.metrics = {"a/outer"}, .dates = kJanuary}, {Utc(2024, 1, 21)});
  EXPECT_EQ(Texts(), "1, 1, 1");
}

TEST_F(DependentsTest, TheOrderInWhichTheyAreComputedDoesNotMatter) {
  AddVersion();
  Promote();
  Compute({.metrics = {"a/*"}, .dates = kJanuary}, {Utc(2024, 1, 21)});
  // They are computed from the rows; only what is stored of the other metric is still to be.
  EXPECT_EQ(Texts(), "6, 6, 1");
  Compute({.metrics = {"last_close"}, .dates = kJanuary}, {Utc(2024, 1, 21)});
  EXPECT_EQ(Texts(), "1, 1, 1");
}

TEST_F(DependentsTest, AnImportThatPromotesDoesTheSame) {
  ASSERT_OK(ImportWith(LastClose("last(close) + 1"), {.validate_only = true, .promote = true}));
  EXPECT_EQ(Marks(), "");
  ASSERT_OK(ImportWith(LastClose("last(close) + 1"), {.promote = true}));
  EXPECT_EQ(Marks(), kDoubledAndOuter);
  EXPECT_EQ(Texts(), "10 1 32, 10 1 32, 1");
}

TEST_F(DependentsTest, SoDoesOneThatPromotesWhatWaits) {
  AddVersion();
  ASSERT_OK(ImportWith(LastClose("last(close) + 1"), {.promote = true}));
  EXPECT_EQ(Marks(), kDoubledAndOuter);
}

TEST_F(DependentsTest, SoDoesAnUpdateThatPromotes) {
  auto metric = metrics_.Get(project_, {"prices/last_close", 0}, {});
  ASSERT_OK(metric);
  metric->expression = "last(close) + 1";
  ASSERT_OK(editor_.Update(project_, *metric, {"expression"}, {}, {}));
  EXPECT_EQ(Marks(), "");
  metric->expression = "last(close) + 2";
  ASSERT_OK(editor_.Update(project_, *metric, {"expression"}, {.promote = true}, {}));
  EXPECT_THAT(Marks(), HasSubstr("a/outer v1 2 2024-01-01..2024-02-01 upstream: "
                                 "prices/last_close version 3\n"));
  EXPECT_EQ(Texts(), "10 1 32, 10 1 32, 1");
}

TEST_F(DependentsTest, SoDoesTheWayBack) {
  AddVersion();
  Promote();
  Compute(kAll, {Utc(2024, 1, 21)});
  EXPECT_EQ(Texts(), "1, 1, 1");
  Promote("prices/last_close", 1);
  EXPECT_EQ(Texts(), "10 1 32, 10 1 32, 1");
  EXPECT_THAT(ReadOne("a/doubled").reason, HasSubstr("(prices/last_close version 1)"));
  EXPECT_THAT(Marks(), Not(HasSubstr("version 2"))) << "met marks are deleted";
}

TEST_F(DependentsTest, WordsAndWhatIsServedAlreadyMarkNothing) {
  auto metric = metrics_.Get(project_, {"prices/last_close", 0}, {});
  ASSERT_OK(metric);
  metric->notes = "Of the last trade.";
  ASSERT_OK(editor_.Update(project_, *metric, {"notes"}, {.promote = true}, {}));
  Promote("prices/last_close", 1);
  ASSERT_OK(editor_.Delete(project_, "a/outer", {}, {}));
  ASSERT_OK(editor_.Undelete(project_, "a/outer", {}, {}));
  EXPECT_EQ(Marks(), "");
  EXPECT_EQ(Texts(), "1, 1, 1");
}

TEST_F(DependentsTest, AReaderOfAnotherMetricInItsNewVersionIsFollowedThroughThat) {
  AddVersion();
  ASSERT_OK(ImportWith(Derived("apart", "metric('prices/last_close') - 1"), {.promote = true}));
  Compute({.metrics = {"a/apart"}, .dates = kJanuary}, {Utc(2024, 1, 21)});
  // Nobody reads last_close through a/doubled any longer.
  ASSERT_OK(
      ImportWith(Derived("doubled", "metric('prices/hourly_volume') * 2"), {.promote = true}));
  EXPECT_THAT(Marks(), HasSubstr("a/outer v1 2 2024-01-01..2024-02-01 upstream: a/doubled "));
  Compute({.metrics = {"a/outer", "a/doubled"}, .dates = kJanuary}, {Utc(2024, 1, 21)});
  Promote();
  EXPECT_EQ(Texts(), "1, 1, 10 1 32");
}

TEST_F(DependentsTest, EveryVersionWithResultsIsMarkedAtEveryGrain) {
  AddVersion();
  ASSERT_OK(Import(Derived("doubled", "2 * metric('prices/last_close') + 1")));
  Compute({.metrics = {"a/doubled"}, .dates = kJanuary, .latest_versions = true},
          {Utc(2024, 1, 21)});
  Compute({.metrics = {"a/outer"}, .dates = kJanuary, .grains = {Grain::kMonth}},
          {Utc(2024, 1, 1)});
  Promote();
  const std::string detail = " 2024-01-01..2024-02-01 upstream: prices/last_close version 2\n";
  EXPECT_EQ(Marks(), absl::StrCat("a/doubled v1 2", detail, "a/doubled v2 2", detail,
                                  "a/outer v1 2", detail, "a/outer v1 4", detail));
  ASSERT_EQ(Others("a/outer"), "month 10 1 32");
  EXPECT_THAT(ReadOne("a/outer").other_grains[0].reason, HasSubstr("prices/last_close version 2"));
  Compute({.metrics = {"a/outer"}, .dates = kJanuary, .grains = {Grain::kMonth}},
          {Utc(2024, 1, 1)});
  EXPECT_EQ(Others("a/outer"), "");
  Compute({.metrics = {"a/doubled"}, .dates = kJanuary, .latest_versions = true},
          {Utc(2024, 1, 21)});
  Promote("a/doubled");
  EXPECT_EQ(Text("a/doubled"), "6") << "what was computed since stands";
}

TEST_F(DependentsTest, DatesThatOnlyOffsetsReachAreMarkedToo) {
  ASSERT_OK(Import(Derived("before", "metric('prices/last_close', offset => '1 month')")));
  const DateRange february = Dates(absl::CivilDay(2024, 2, 1), absl::CivilDay(2024, 3, 1));
  Compute({.metrics = {"a/before"}, .dates = february}, {Utc(2024, 2, 2), Utc(2024, 2, 21)});
  EXPECT_EQ(Text("a/before"), "1");
  AddVersion();
  Promote();
  EXPECT_EQ(Text("a/before"), "10 32 61");
}

TEST_F(DependentsTest, PointsOfBackfillsThatFailedAreMarked) {
  AddVersion();
  Execute("UPDATE backfills SET state = 'failed'");
  Promote();
  EXPECT_EQ(Select("SELECT start_date, end_date FROM dirty_ranges WHERE metric_id = 'a/outer'"),
            "2024-01-02|2024-01-22\n");
}

TEST_F(DependentsTest, AFinishedJobMeetsTheMarkHoweverManyNightsFollow) {
  AddVersion();
  Promote();
  Compute(kAll, {Utc(2024, 1, 21)});
  for (int night = 0; night < 4; ++night) {
    Compute({.metrics = kAll.metrics, .dates = Dates(kJanuary.start + 1, kJanuary.start + 21)},
            {Utc(2024, 1, 21)});
    StoreLate(Utc(2024, 1, 21, 12) + absl::Hours(night));
  }
  EXPECT_EQ(Text("a/doubled"), "7 21 22") << "the dates without rows were computed before";
}

TEST_F(DependentsTest, AJobThatRunsWhileAVersionIsPromotedDoesNotCleanItsResults) {
  AddVersion();
  ASSERT_OK(backfills_.Create(project_, kAll, {}));
  Promote();
  CommitAll({Utc(2024, 1, 2), Utc(2024, 1, 21)});
  EXPECT_EQ(Texts(), "10 1 32, 10 1 32, 1");
}

TEST_F(DependentsTest, NorDoesAFirstJobThatHasNothingStoredYet) {
  AddVersion();
  ASSERT_OK(Import(Derived("fresh", "metric('a/outer') + 1")));
  ASSERT_OK(backfills_.Create(project_, {.metrics = {"a/fresh"}, .dates = kJanuary}, {}));
  Promote();
  CommitAll({Utc(2024, 1, 21)});
  EXPECT_EQ(Text("a/fresh"), "10 1 32");
}

TEST_F(DependentsTest, AShardReadsTheVersionsOfItsPlan) {
  AddVersion();
  ASSERT_OK(backfills_.Create(project_, {.metrics = {"a/*"}, .dates = kJanuary}, {}));
  Promote();
  const auto shards = LeaseAll();
  ASSERT_EQ(shards.size(), 1u);
  using Reads = std::vector<std::pair<std::string, int>>;
  EXPECT_EQ(shards[0].spec.reads,
            (Reads{{"a/doubled", 1}, {"prices/hourly_volume", 1}, {"prices/last_close", 1}}));
  ASSERT_OK(backfills_.Create(project_, {.metrics = {"a/outer"}, .dates = kJanuary}, {}));
  const auto later = LeaseAll();
  ASSERT_EQ(later.size(), 1u);
  EXPECT_EQ(later[0].spec.reads, (Reads{{"a/doubled", 1}, {"prices/last_close", 2}}));
  ASSERT_OK(backfills_.Create(project_, {.metrics = {"last_close"}, .dates = kJanuary}, {}));
  const auto plain = LeaseAll();
  ASSERT_EQ(plain.size(), 1u);
  EXPECT_EQ(plain[0].spec.reads, Reads());
}

TEST_F(DependentsTest, AJobThatIsPlannedWhileAVersionIsPromotedIsPlannedAnew) {
  AddVersion();
  ASSERT_OK(Import(Derived("fresh", "metric('prices/last_close') + 1")));
  std::thread creator;
  // The promotion, with its lock held until the job's creation waits for it.
  const auto promote = [&](pg::Transaction& transaction) -> absl::Status {
    const auto run = [&](const std::string& sql) {
      return transaction.ExecuteDynamic("test", sql).status();
    };
    absl::Status status = run(
        absl::StrCat("SELECT pg_advisory_xact_lock(hashtextextended('import/", project_, "', 0))"));
    if (!status.ok()) return status;
    creator = std::thread([&] {
      EXPECT_OK(backfills_.Create(project_, {.metrics = {"a/fresh"}, .dates = kJanuary}, {}));
    });
    bool waits = false;
    while (!waits) {
      const auto waiting = transaction.ExecuteDynamic(
          "test",
          "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted "
          "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())");
      if (!waiting.ok()) return waiting.status();
      waits = waiting->Single().Int64(0) > 0;
      std::this_thread::yield();
    }
    return run(
        "UPDATE metric_definitions SET active_version = 2, definition = latest_definition "
        "WHERE id = 'prices/last_close'");
  };
  EXPECT_OK(pool_.Run({}, pg::TransactionMode::kReadWrite, promote));
  creator.join();
  const auto shards = LeaseAll();
  ASSERT_EQ(shards.size(), 1u);
  EXPECT_EQ(shards[0].spec.reads[0].second, 2);
  EXPECT_EQ(Number("SELECT count(*) FROM backfills WHERE spec::text LIKE '%a/fresh%'"), 1);
}

}  // namespace
}  // namespace metricstore::registry
