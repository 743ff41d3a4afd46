// Metrics as release 0001 wrote them, brought to the schema of the catalogue.

#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/pg/direct_connection.h"
#include "common/pg/pool.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "registry_service/calendars/calendar_json.h"
#include "registry_service/calendars/calendar_store.h"
#include "registry_service/catalog/store/importer.h"
#include "registry_service/catalog/store/metric_store.h"
#include "registry_service/datasets/dataset_store.h"
#include "registry_service/migrator/migrations.h"
#include "registry_service/migrator/migrator.h"
#include "tests/integration/catalog/catalog_fixture.h"
#include "tests/testing/matchers.h"
#include "tests/testing/temp_postgres.h"

namespace metricstore::registry {
namespace {

using ::metricstore::testing::TempPostgres;
using ::testing::ElementsAre;
using ::testing::SizeIs;

// price/opening with one version, price/closing with two, the newer of which is active.
constexpr char kStored[] = R"sql(
INSERT INTO metric_definitions (project_id, id, name, category, active_version, latest_version,
                                definition, etag)
VALUES (1, 'price/opening', 'opening', 'price', 1, 1, '{
  "name": "opening", "category": "price", "display_name": "Opening",
  "description": "Price of the first trade.", "type": "derived", "unit": "USD", "grain": "day",
  "dataset": "fact_bars", "expression": "first(open)", "filters": ["volume > 0"],
  "window": {"kind": 2, "session": "rth"}, "tables": ["fact_bars"],
  "columns": ["open", "volume"]}', '0123456789abcdef01234567'),
       (1, 'price/closing', 'closing', 'price', 2, 2, '{
  "name": "closing", "category": "price", "display_name": "Closing", "description": "New words.",
  "type": "derived", "grain": "day", "dataset": "fact_bars", "expression": "last(close)",
  "window": {"kind": 1}, "synonyms": ["close"], "tags": ["core"], "tables": ["fact_bars"],
  "columns": ["close"]}', '76543210fedcba9876543210');
INSERT INTO metric_versions (project_id, metric_id, version, definition)
SELECT 1, id, latest_version, definition FROM metric_definitions;
INSERT INTO metric_versions (project_id, metric_id, version, definition)
SELECT 1, id, 1, definition || '{"expression": "max(close)"}'
  FROM metric_definitions WHERE name = 'closing';
INSERT INTO calendars (project_id, name, version, definition)
VALUES (1, 'evening', 1, '{
  "name": "evening", "description": "Opens on the evening before.", "time_zone": "America/Chicago",
  "open_days": [1, 2, 3, 4, 5], "sessions": [
    {"name": "rth", "open": {"second": 30600, "day_offset": 0}, "close": {"second": 54000, "day_offset": 0}},
    {"name": "globex", "open": {"second": 61200, "day_offset": -1}, "close": {"second": 57600, "day_offset": 0}}],
  "holidays": [], "special_hours": [], "first_date": "2024-01-01", "last_date": "2024-12-31"}'),
       (1, 'night', 1, '{
  "name": "night", "description": "Closes on the day after.", "time_zone": "UTC",
  "open_days": [1, 2, 3, 4, 5], "sessions": [
    {"name": "all", "open": {"second": 21600, "day_offset": 0}, "close": {"second": 7200, "day_offset": 1}}],
  "holidays": [], "special_hours": [], "first_date": "2024-01-01", "last_date": "2024-12-31"}'),
       (1, 'day', 1, '{
  "name": "day", "description": "Midnight to midnight.", "time_zone": "UTC",
  "open_days": [1, 2, 3, 4, 5], "sessions": [
    {"name": "all", "open": {"second": 0, "day_offset": 0}, "close": {"second": 86400, "day_offset": 0}}],
  "holidays": [], "special_hours": [], "first_date": "2024-01-01", "last_date": "2024-12-31"}'))sql";

class CatalogMigrationTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* root = std::getenv("METRICSTORE_SOURCE_DIR");
    ASSERT_NE(root, nullptr);
    auto files = ReadMigrations(std::filesystem::path(root) / "migrations");
    ASSERT_OK(files);
    ASSERT_OK(Apply({files->front()}));
    auto connection = pg::DirectConnection::Open(conninfo_, "test");
    ASSERT_OK(connection);
    ASSERT_OK((*connection)->Execute("earlier release", kStored));
    ASSERT_OK(Apply(*files));
  }

  absl::Status Apply(const std::vector<Migration>& files) {
    auto migrator = Migrator::Connect({.connection_string = conninfo_});
    if (!migrator.ok()) return migrator.status();
    return (*migrator)->Apply(files).status();
  }

  const std::string conninfo_ = TempPostgres::Shared().CreateEmptyDatabase();
  pg::Pool pool_{{.connection_string = conninfo_}};
};

TEST_F(CatalogMigrationTest, StoredMetricsReadAsBefore) {
  MetricStore metrics(pool_);
  const auto closing = metrics.Get(1, {"closing", 0}, {});
  ASSERT_OK(closing);
  EXPECT_EQ(closing->expression, "last(close)");
  EXPECT_EQ(closing->description, "New words.");
  EXPECT_EQ(closing->version, 2);
  EXPECT_EQ(closing->latest_version, 2);
  EXPECT_EQ(closing->etag, "76543210fedcba9876543210");
  EXPECT_EQ(closing->delete_time, std::nullopt);
  const auto first = metrics.Get(1, {"price/closing", 1}, {});
  ASSERT_OK(first);
  EXPECT_EQ(first->expression, "max(close)");
  const auto versions = metrics.ListVersions(1, "price/closing", 0, 10, {});
  ASSERT_OK(versions);
  EXPECT_THAT(*versions, SizeIs(2));
  EXPECT_OK(metrics.MatchGlobs(1, {"price/*"}, true, {}));
}

TEST_F(CatalogMigrationTest, ColumnsAreFilledFromStoredDefinitions) {
  auto connection = pg::DirectConnection::Open(conninfo_, "test");
  ASSERT_OK(connection);
  const auto rows = (*connection)->Query("columns", R"sql(
SELECT name, display_name, table_name, tables, filters, synonyms, tags, sql_variants::text
  FROM metric_definitions ORDER BY name)sql");
  ASSERT_OK(rows);
  ASSERT_EQ(rows->size(), 2);
  const pg::Row closing = (*rows)[0];
  EXPECT_EQ(closing.Text(1), "Closing");
  EXPECT_EQ(closing.Text(2), "fact_bars");
  EXPECT_THAT(closing.TextArray(3), ElementsAre("fact_bars"));
  EXPECT_THAT(closing.TextArray(4), ElementsAre());
  EXPECT_THAT(closing.TextArray(5), ElementsAre("close"));
  EXPECT_THAT(closing.TextArray(6), ElementsAre("core"));
  EXPECT_EQ(closing.Text(7), "{}");
  EXPECT_THAT((*rows)[1].TextArray(4), ElementsAre("volume > 0"));
}

TEST_F(CatalogMigrationTest, StoredCalendarsSayWhereTheyCutTheirDays) {
  CalendarStore calendars(pool_);
  auto connection = pg::DirectConnection::Open(conninfo_, "test");
  ASSERT_OK(connection);
  for (const auto& [name, start] :
       std::map<std::string, std::string>{{"evening", "-25200"}, {"night", "7200"}, {"day", "-"}}) {
    const auto calendar = calendars.Get(1, name, 0, {});
    ASSERT_OK(calendar);
    const std::string computed = absl::StrCat((*calendar)->extent_start_seconds());
    EXPECT_EQ(computed, start == "-" ? "0" : start) << name;
    const auto rows =
        (*connection)
            ->Query(
                "calendars",
                absl::StrCat(
                    "SELECT coalesce(definition ->> 'extent_start_seconds', '-'), definition = '",
                    CalendarToJson((*calendar)->spec()), "'::jsonb FROM calendars WHERE name = '",
                    name, "'"));
    ASSERT_OK(rows);
    EXPECT_EQ((*rows)[0].Text(0), start) << name;
    EXPECT_EQ((*rows)[0].Text(1), "t") << name;  // the same calendar is no new version
  }
}

TEST_F(CatalogMigrationTest, TheSameDefinitionIsNoChangeAndIsDerivedAnewOnce) {
  DatasetStore datasets(pool_);
  FakeEvaluator evaluator;
  MetricTestRunner tests(evaluator);
  Importer importer(pool_, datasets, tests);
  EXPECT_THAT(Lines(importer.Import(1, BaseFiles(), {}, {})),
              ElementsAre("calendar XNYS created 1", "dataset fact_bars created 0",
                          "metric price/opening unchanged 1"));
  MetricStore metrics(pool_);
  const auto opening = metrics.Get(1, {"opening", 0}, {});
  ASSERT_OK(opening);
  EXPECT_NE(opening->meaning, "");
  EXPECT_THAT(opening->reads, ElementsAre("fact_bars.open", "fact_bars.volume"));
  ASSERT_OK(importer.Import(1, BaseFiles(), {}, {}));
  const auto again = metrics.Get(1, {"opening", 0}, {});
  ASSERT_OK(again);
  EXPECT_EQ(again->update_time, opening->update_time);
}

}  // namespace
}  // namespace metricstore::registry
