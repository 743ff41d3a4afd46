// Imports against a real PostgreSQL: idempotence, versions, all or nothing, alteration of datasets.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "tests/integration/catalog/catalog_fixture.h"
#include "tests/testing/matchers.h"

namespace metricstore::registry {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr char kRow[] =
    "INSERT INTO fact_bars (project_id, symbol, ts, open, close, volume) "
    "VALUES (1, 'ACME', '2024-01-02 15:00Z', 1, 2, 3)";

class ImporterTest : public CatalogTest {
 protected:
  void SetUp() override { ASSERT_OK(Import(BaseFiles())); }

  MetricDefinition Opening(int version = 0) { return Metric("price/opening", version); }

  // Puts one row into fact_bars.
  void StoreRow() {
    const auto dataset = datasets_.Get(project_, "fact_bars", {});
    ASSERT_OK(dataset);
    const int64_t when = ToMicros(absl::FromCivil(absl::CivilDay(2024, 1, 2), absl::UTCTimeZone()));
    ASSERT_OK(partitions_.Ensure(**dataset, std::vector<int64_t>{when}, {}));
    ASSERT_OK(Execute(kRow));
  }
};

TEST_F(CatalogTest, TheFirstImportCreatesAndTheSecondChangesNothing) {
  const auto first = Import(BaseFiles());
  ASSERT_OK(first);
  EXPECT_THAT(Lines(first), ElementsAre("calendar XNYS created 1", "dataset fact_bars created 0",
                                        "metric price/opening created 1"));
  EXPECT_EQ(first->outcomes.at(2).path, "metrics/price/opening.yaml");
  const std::string state =
      "SELECT md5(string_agg(t, ',' ORDER BY t)) FROM (SELECT d::text || d.xmin AS t FROM datasets "
      "d "
      "UNION ALL SELECT c::text || c.xmin FROM column_metadata c "
      "UNION ALL SELECT k::text || k.xmin FROM calendars k "
      "UNION ALL SELECT m::text || m.xmin FROM metric_definitions m "
      "UNION ALL SELECT p::text || p.xmin FROM projects p "
      "UNION ALL SELECT v::text || v.xmin FROM metric_versions v) AS rows";
  const std::string before = Ask(state);
  const auto second = Import(BaseFiles());
  ASSERT_OK(second);
  EXPECT_THAT(Lines(second), Each(HasSubstr(" unchanged ")));
  EXPECT_EQ(Ask(state), before);
}

TEST_F(ImporterTest, WhatIsStoredIsWhatWasDefined) {
  const MetricDefinition metric = Opening();
  EXPECT_EQ(metric.expression, "first(open)");
  EXPECT_THAT(metric.filters, ElementsAre("volume > 0"));
  EXPECT_THAT(metric.columns, ElementsAre("open", "volume"));
  EXPECT_THAT(metric.tables, ElementsAre("fact_bars"));
  EXPECT_EQ(metric.window.session, "rth");
  EXPECT_EQ(metric.version, 1);
  EXPECT_EQ(metric.active_version, 1);
  EXPECT_THAT(metric.etag, SizeIs(24));
  EXPECT_EQ(metric.etag, Ask("SELECT etag FROM metric_definitions"));
  const auto dataset = datasets_.Get(project_, "fact_bars", {});
  ASSERT_OK(dataset);
  EXPECT_EQ((*dataset)->columns[2], (DatasetColumn{"open", columns::ColumnType::kFloat64, false,
                                                   "USD", ColumnRollup::kFirst, ""}));
  EXPECT_EQ((*dataset)->timeframe, absl::Minutes(1));
  EXPECT_EQ((*dataset)->partitioning, Partitioning::kMonth);
  const auto calendar = calendars_.Get(project_, "XNYS", 0, {});
  ASSERT_OK(calendar);
  EXPECT_THAT((*calendar)->NotesOn(absl::CivilDay(2022, 12, 26)), ElementsAre("Christmas Day"));
}

TEST_F(ImporterTest, OtherSpellingOfTheYamlIsNoChange) {
  const DefinitionFile spelled = {"metrics/price/opening.yaml", R"yaml(
# As before.
- {filters: ['volume > 0'], expression: "first(open)", window: {session: rth}, dataset: fact_bars,
   timeframe: 60s, time_column: ts, grain: day, unit: USD, type: derived, category: price,
   description: Price of
     the first trade., name: opening}
)yaml"};
  const auto outcomes = Import({spelled});
  ASSERT_OK(outcomes);
  EXPECT_THAT(Lines(outcomes), ElementsAre("metric price/opening unchanged 1"));
}

TEST_F(ImporterTest, AChangeOfWordsKeepsTheVersion) {
  const std::string etag = Opening().etag;
  const auto outcomes =
      Import({Edited(OpeningFile(), "Price of the first trade.", "First price.")});
  ASSERT_OK(outcomes);
  EXPECT_THAT(Lines(outcomes), ElementsAre("metric price/opening changed 1"));
  const MetricDefinition metric = Opening();
  EXPECT_EQ(metric.description, "First price.");
  EXPECT_EQ(metric.version, 1);
  EXPECT_NE(metric.etag, etag);
  EXPECT_EQ(Ask("SELECT count(*) FROM metric_versions"), "1");
}

TEST_F(ImporterTest, OtherSpellingOfAnExpressionKeepsTheVersion) {
  const auto outcomes = Import({Edited(OpeningFile(), "first(open)", "FIRST( open )")});
  ASSERT_OK(outcomes);
  EXPECT_THAT(Lines(outcomes), ElementsAre("metric price/opening changed 1"));
}

TEST_F(ImporterTest, AChangeOfMeaningMakesAVersionThatWaits) {
  const auto result = Import({Edited(OpeningFile(), "first(open)", "last(close)")});
  ASSERT_OK(result);
  EXPECT_THAT(Lines(result), ElementsAre("metric price/opening changed 2"));
  EXPECT_EQ(result->outcomes[0].active_version, 1);
  EXPECT_EQ(Opening().expression, "first(open)");
  EXPECT_EQ(Opening().latest_version, 2);
  EXPECT_EQ(Opening(2).expression, "last(close)");
  EXPECT_EQ(Opening(2).active_version, 1);
  EXPECT_EQ(Opening(1).version, 1);
  EXPECT_EQ(Opening(1).etag, Opening(2).etag);
  EXPECT_THAT(metrics_.Get(project_, {"opening", 3}, {}),
              testing::StatusIs(absl::StatusCode::kNotFound, "METRIC_VERSION_NOT_FOUND"));
  // Compared with the newest: what waits is not made twice.
  EXPECT_THAT(Lines(Import({Edited(OpeningFile(), "first(open)", "last(close)")})),
              ElementsAre("metric price/opening unchanged 2"));
  // Going back is a change of meaning too: results of version 1 may be of old rows.
  EXPECT_THAT(Lines(Import({OpeningFile()})), ElementsAre("metric price/opening changed 3"));
}

TEST_F(ImporterTest, WordsOfAWaitingVersionAreItsOwn) {
  const DefinitionFile second = Edited(OpeningFile(), "first(open)", "last(close)");
  ASSERT_OK(Import({second}));
  ASSERT_OK(Import({Edited(second, "Price of the first trade.", "Price of the last trade.")}));
  EXPECT_EQ(Opening().description, "Price of the first trade.");
  EXPECT_EQ(Opening(2).description, "Price of the last trade.");
  EXPECT_EQ(Ask("SELECT definition ->> 'description' FROM metric_versions WHERE version = 2"),
            "Price of the first trade.");
}

TEST_F(ImporterTest, AnImportThatPromotesServesItsVersionsAtOnce) {
  const auto result =
      ImportWith({Edited(OpeningFile(), "first(open)", "last(close)")}, {.promote = true});
  ASSERT_OK(result);
  EXPECT_EQ(result->outcomes[0].active_version, 2);
  EXPECT_EQ(Opening().expression, "last(close)");
  EXPECT_EQ(Opening().version, 2);
  EXPECT_EQ(Opening(1).expression, "first(open)");
}

TEST_F(ImporterTest, OnlyChangesOfMetricsRaiseTheRevision) {
  const auto revision = [&] {
    return Ask("SELECT catalog_revision FROM projects WHERE name = 'default'");
  };
  EXPECT_EQ(revision(), "1");
  ASSERT_OK(Import(BaseFiles()));
  ASSERT_OK(Import({Edited(BarsFile(), "Minute bars.", "Bars of a minute.")}));
  EXPECT_EQ(revision(), "1");
  ASSERT_OK(Import({Edited(OpeningFile(), "Price of", "The price of")}, /*validate_only=*/true));
  EXPECT_EQ(revision(), "1");
  DefinitionFile closing = Edited(OpeningFile(), "name: opening", "name: closing");
  closing.path = "metrics/price/closing.yaml";
  ASSERT_OK(Import({Edited(OpeningFile(), "Price of", "The price of"), closing}));
  EXPECT_EQ(revision(), "2");
  EXPECT_EQ(Ask("SELECT string_agg(revision::text, ',') FROM metric_definitions"), "2,2");
  ASSERT_OK(Import({OpeningFile(), closing}));
  EXPECT_EQ(Ask("SELECT string_agg(id || revision, ',' ORDER BY id) FROM metric_definitions"),
            "price/closing2,price/opening3");
}

TEST_F(ImporterTest, AChangedCalendarIsANewVersion) {
  const auto outcomes = Import({Edited(CalendarFile(), "close: \"16:00\"", "close: \"13:00\"")});
  ASSERT_OK(outcomes);
  EXPECT_THAT(Lines(outcomes), ElementsAre("calendar XNYS changed 2"));
  const auto close = [&](int version) {
    return (*calendars_.Get(project_, "XNYS", version, {}))->spec().sessions[0].close.second_of_day;
  };
  EXPECT_EQ(close(0), 13 * 3600);
  EXPECT_EQ(close(1), 16 * 3600);
  EXPECT_EQ(close(2), 13 * 3600);
  EXPECT_THAT(calendars_.Get(project_, "XNYS", 3, {}),
              testing::StatusIs(absl::StatusCode::kNotFound, "CALENDAR_NOT_FOUND"));
}

TEST_F(ImporterTest, ACalendarMayNotTakeASessionFromStoredMetrics) {
  const auto outcomes = Import({Edited(CalendarFile(), "name: rth", "name: day")});
  EXPECT_THAT(outcomes,
              testing::StatusIs(absl::StatusCode::kInvalidArgument, "DEFINITION_INVALID"));
  EXPECT_THAT(std::string(outcomes.status().message()), HasSubstr("price/opening"));
  EXPECT_EQ(Ask("SELECT max(version) FROM calendars"), "1");
}

TEST_F(CatalogTest, OneBrokenFileStoresNothing) {
  auto files = BaseFiles();
  files.push_back({"metrics/price/broken.yaml", "name: broken\n"});
  EXPECT_THAT(Import(files),
              testing::StatusIs(absl::StatusCode::kInvalidArgument, "DEFINITION_INVALID"));
  EXPECT_EQ(Ask("SELECT (SELECT count(*) FROM calendars) + (SELECT count(*) FROM datasets) + "
                "(SELECT count(*) FROM metric_definitions)"),
            "0");
  EXPECT_EQ(Ask("SELECT to_regclass('fact_bars')"), "");
}

TEST_F(CatalogTest, ValidatingSaysWhatWouldHappenAndChangesNothing) {
  const auto outcomes = Import(BaseFiles(), true);
  ASSERT_OK(outcomes);
  EXPECT_THAT(Lines(outcomes), ElementsAre("calendar XNYS created 1", "dataset fact_bars created 0",
                                           "metric price/opening created 1"));
  EXPECT_EQ(Ask("SELECT count(*) FROM datasets"), "0");
  EXPECT_EQ(Ask("SELECT to_regclass('fact_bars')"), "");
}

TEST_F(CatalogTest, ConcurrentImportsOfTheSameFilesCreateOnce) {
  std::vector<std::vector<std::string>> lines(4);
  {
    std::vector<std::jthread> threads;
    for (auto& outcome : lines) {
      threads.emplace_back([&] {
        const auto imported = Import(BaseFiles());
        if (imported.ok()) outcome = Lines(imported);
      });
    }
  }
  int created = 0;
  for (const auto& outcome : lines) {
    ASSERT_THAT(outcome, SizeIs(3));
    if (outcome[0] == "calendar XNYS created 1") ++created;
  }
  EXPECT_EQ(created, 1);
  EXPECT_EQ(Ask("SELECT count(*) FROM metric_versions"), "1");
}

TEST_F(ImporterTest, ANullableColumnIsAddedToATableWithRows) {
  StoreRow();
  const auto outcomes = Import({Edited(BarsFile(), "  - {name: volume",
                                       "  - {name: vwap, type: float64, nullable: true}\n"
                                       "  - {name: volume")});
  ASSERT_OK(outcomes);
  EXPECT_THAT(Lines(outcomes), ElementsAre("dataset fact_bars changed 0"));
  EXPECT_EQ(Ask("SELECT count(*) FROM fact_bars WHERE vwap IS NULL"), "1");
  EXPECT_EQ((*datasets_.Get(project_, "fact_bars", {}))->columns.size(), 6u);
}

TEST_F(ImporterTest, WordsOfADatasetChangeInPlace) {
  StoreRow();
  DefinitionFile file = Edited(BarsFile(), "Minute bars.", "Bars of a minute.");
  file = Edited(file, "unit: USD, rollup: first", "unit: EUR, rollup: max");
  EXPECT_THAT(Lines(Import({file})), ElementsAre("dataset fact_bars changed 0"));
  EXPECT_EQ((*datasets_.Get(project_, "fact_bars", {}))->columns[2].unit, "EUR");
  EXPECT_EQ(Ask("SELECT count(*) FROM fact_bars"), "1");
}

TEST_F(ImporterTest, OtherChangesAreRefusedWhileThereAreRows) {
  StoreRow();
  const DefinitionFile bars = BarsFile();
  const std::vector<DefinitionFile> refused = {
      Edited(bars, "  - {name: volume", "  - {name: vwap, type: float64}\n  - {name: volume"),
      Edited(bars, "name: close, type: float64", "name: close, type: int64"),
      Edited(bars, "name: close, type: float64", "name: close, type: float64, nullable: true"),
      Edited(bars, "name: close,", "name: closing,"),
      Edited(bars, "grain: [symbol, ts]", "grain: [symbol, ts, close]"),
      Edited(bars, "entity_column: symbol\n", ""),
      Edited(bars, "timeframe: 1m", "timeframe: 1m\npartitioning: year"),
      Edited(bars, "timeframe: 1m", "timeframe: 1m\npartitioning: none"),
  };
  for (const DefinitionFile& file : refused) {
    const auto outcomes = Import({file});
    EXPECT_THAT(outcomes,
                testing::StatusIs(absl::StatusCode::kFailedPrecondition, "DATASET_CHANGE_REFUSED"));
    EXPECT_THAT(outcomes, testing::HasMetadata("dataset", "fact_bars"));
  }
  EXPECT_EQ(Ask("SELECT count(*) FROM fact_bars"), "1");
}

TEST_F(ImporterTest, AnEmptyTableIsMadeAnewWithPartitionsForgotten) {
  StoreRow();
  ASSERT_OK(Execute("DELETE FROM fact_bars"));
  const auto outcomes = Import(
      {Edited(BarsFile(), "  - {name: volume", "  - {name: venue, type: text}\n  - {name: volume"),
       OpeningFile()});
  ASSERT_OK(outcomes);
  EXPECT_EQ(Ask("SELECT to_regclass('fact_bars_p2024_01')"), "");
  const auto dataset = datasets_.Get(project_, "fact_bars", {});
  ASSERT_OK(dataset);
  const int64_t when = ToMicros(absl::FromCivil(absl::CivilDay(2024, 1, 2), absl::UTCTimeZone()));
  ASSERT_OK(partitions_.Ensure(**dataset, std::vector<int64_t>{when}, {}));
  EXPECT_EQ(Ask("SELECT to_regclass('fact_bars_p2024_01')"), "fact_bars_p2024_01");
}

TEST_F(ImporterTest, ProjectsDoNotSeeEachOther) {
  const int32_t other = AddProject("other");
  EXPECT_THAT(metrics_.Get(other, {"price/opening", 0}, {}),
              testing::StatusIs(absl::StatusCode::kNotFound, "METRIC_NOT_FOUND"));
  EXPECT_THAT(datasets_.Get(other, "fact_bars", {}),
              testing::StatusIs(absl::StatusCode::kNotFound, "DATASET_NOT_FOUND"));
  EXPECT_THAT(calendars_.Get(other, "XNYS", 0, {}),
              testing::StatusIs(absl::StatusCode::kNotFound, "CALENDAR_NOT_FOUND"));
  EXPECT_THAT(ImportTo(other, {OpeningFile()}),
              testing::StatusIs(absl::StatusCode::kInvalidArgument, "DEFINITION_INVALID"));
  EXPECT_THAT(Lines(ImportTo(other, BaseFiles())), Each(HasSubstr(" created ")));
  EXPECT_THAT(Lines(ImportTo(other, {Edited(OpeningFile(), "first(open)", "max(open)")})),
              ElementsAre("metric price/opening changed 2"));
  EXPECT_EQ(Opening().version, 1);
}

TEST_F(ImporterTest, ASharedTableKeepsTheShapeThatBothProjectsKnow) {
  const int32_t other = AddProject("other");
  const DefinitionFile changed =
      Edited(BarsFile(), "name: close, type: float64", "name: close, type: int64");
  EXPECT_THAT(ImportTo(other, {CalendarFile(), changed}),
              testing::StatusIs(absl::StatusCode::kFailedPrecondition, "DATASET_CHANGE_REFUSED"));
  ASSERT_OK(ImportTo(other, BaseFiles()));
  // Empty, and yet not ours alone.
  EXPECT_THAT(Import({changed}),
              testing::StatusIs(absl::StatusCode::kFailedPrecondition, "DATASET_CHANGE_REFUSED"));
  const DefinitionFile wider = Edited(BarsFile(), "  - {name: volume",
                                      "  - {name: vwap, type: float64, nullable: true}\n"
                                      "  - {name: volume");
  ASSERT_OK(Import({wider}));
  EXPECT_THAT(Lines(ImportTo(other, {BarsFile()})), ElementsAre("dataset fact_bars unchanged 0"));
  EXPECT_THAT(Lines(ImportTo(other, {wider})), ElementsAre("dataset fact_bars changed 0"));
}

TEST_F(CatalogTest, AThousandMetricsAreImportedInASecond) {
  ASSERT_OK(Import({CalendarFile(), BarsFile()}));
  std::string yaml;
  for (int i = 0; i < 1000; ++i) {
    absl::StrAppend(&yaml, "- {name: m", i, ", description: d, type: derived, grain: day, ",
                    "table: fact_bars, window: first_", i % 300 + 1,
                    "m, expression: 'last(close) - first(open) + ", i, "'}\n");
  }
  absl::Duration in_statements;
  pg::PoolOptions options;
  options.connection_string = conninfo_;
  options.on_statement = [&](std::string_view, absl::Duration elapsed, const absl::Status&) {
    in_statements += elapsed;
  };
  pg::Pool pool(options);
  Importer importer(pool, datasets_, tests_);
  const std::vector<DefinitionFile> files = {{"metrics/many/all.yaml", yaml}};
  const auto timed = [&](const std::string& what) {
    in_statements = absl::ZeroDuration();
    const absl::Time start = absl::Now();
    const auto result = importer.Import(project_, files, {}, {});
    const double seconds = absl::ToDoubleSeconds(absl::Now() - start);
    EXPECT_OK(result);
    RecordProperty(what, absl::StrCat(seconds));
    std::cout << "1000 metrics " << what << " in " << seconds << " s, of which "
              << absl::ToDoubleSeconds(in_statements) << " s in PostgreSQL\n";
    // A second on an idle machine; tests share theirs, and sanitizers slow it down.
    EXPECT_LT(seconds, 10);
    return Lines(result);
  };
  const auto first = timed("imported");
  EXPECT_THAT(first, SizeIs(1000));
  EXPECT_THAT(first, Each(EndsWith(" created 1")));
  EXPECT_THAT(timed("unchanged"), Each(EndsWith(" unchanged 1")));
}

TEST_F(CatalogTest, TheMarketPackImportsCleanAndTwiceWithoutChange) {
  const char* root = std::getenv("METRICSTORE_SOURCE_DIR");
  ASSERT_NE(root, nullptr);
  const std::filesystem::path pack = std::filesystem::path(root) / "packs/market";
  std::vector<DefinitionFile> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(pack)) {
    if (entry.path().extension() != ".yaml") continue;
    std::ifstream file(entry.path());
    files.push_back({std::filesystem::relative(entry.path(), pack).string(),
                     std::string(std::istreambuf_iterator<char>(file), {})});
  }
  ASSERT_THAT(files, SizeIs(::testing::Gt(10)));
  // Its tests are for an engine to run.
  const auto first = ImportWith(files, {.skip_tests = true});
  ASSERT_OK(first);
  EXPECT_THAT(Lines(first), Each(HasSubstr(" created ")));
  EXPECT_THAT(Lines(Import(files)), Each(HasSubstr(" unchanged ")));
}

}  // namespace
}  // namespace metricstore::registry
