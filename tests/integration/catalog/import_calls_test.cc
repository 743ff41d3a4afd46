// Imports and plans over gRPC: what their flags do, and what they tell of stored results.

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "tests/integration/catalog/handlers_fixture.h"
#include "tests/testing/matchers.h"

namespace metricstore::registry {
namespace {

using ::testing::SizeIs;

class ImportCallsTest : public HandlersTest {
 protected:
  absl::StatusOr<v1::PlanImportResponse> Plan(const std::vector<DefinitionFile>& files,
                                              bool promote) {
    v1::PlanImportRequest request;
    for (const DefinitionFile& file : files) {
      v1::DefinitionFile* sent = request.add_files();
      sent->set_path(file.path);
      sent->set_content(file.content);
    }
    request.set_promote(promote);
    return Call<v1::PlanImportResponse>(*catalog_, &v1::CatalogService::Stub::PlanImport, request);
  }
};

TEST_F(ImportCallsTest, APlanKnowsOfPromotion) {
  ASSERT_OK(Import(BaseFiles()));
  const DefinitionFile second = Edited(OpeningFile(), "first(open)", "last(close)");
  ASSERT_OK(Import({second}));
  const auto waits = Plan({second}, false);
  ASSERT_OK(waits);
  EXPECT_EQ(waits->changes(0).outcome().action(), v1::ImportOutcome::ACTION_UNCHANGED);
  EXPECT_EQ(waits->changes(0).outcome().version(), 2);
  EXPECT_EQ(waits->changes(0).outcome().active_version(), 1);
  const auto promoted = Plan({second}, true);
  ASSERT_OK(promoted);
  EXPECT_EQ(promoted->changes(0).outcome().active_version(), 2);
  EXPECT_EQ(promoted->changes(0).changes(0).field(), "active_version");
}

TEST_F(ImportCallsTest, APlanWarnsAsItsImportDoes) {
  ASSERT_OK(Import(BaseFiles()));
  const std::vector<DefinitionFile> files = {
      Edited(OpeningFile(), "first(open)", "array_agg(open)"),
      {"doubled.yaml",
       "name: doubled\ncategory: price\ndescription: d\ntype: derived\ngrain: day\nowner: o\n"
       "expression: 2 * metric('price/opening')\n"}};
  const auto plan = Plan(files, false);
  ASSERT_OK(plan);
  const auto done = ImportOver(ImportRequest(files));
  ASSERT_OK(done);
  ASSERT_THAT(plan->warnings(), SizeIs(done->warnings_size()));
  for (int i = 0; i < done->warnings_size(); ++i) {
    EXPECT_EQ(plan->warnings(i).DebugString(), done->warnings(i).DebugString());
  }
  EXPECT_EQ(plan->warnings(0).name(), "price/doubled");
  EXPECT_EQ(plan->warnings(0).findings(0).reason(), "NOT_COMPUTED");
}

TEST_F(ImportCallsTest, AChangedCalendarTellsWhichDatesAreStale) {
  ASSERT_OK(Import(BaseFiles()));
  ASSERT_OK(Execute(
      "WITH s AS (INSERT INTO metric_series (project_id, metric_id, version, grain, entity) "
      "VALUES (1, 'price/opening', 1, 2, 'ACME') RETURNING series_id) "
      "INSERT INTO metric_chunk (project_id, series_id, span_start, bucket_starts, \"values\") "
      "SELECT 1, series_id, '2024-01-01', "
      "ARRAY['2024-01-16T05:00:00Z', '2024-01-17T05:00:00Z']::timestamptz[], ARRAY[1, 2] FROM s"));
  const DefinitionFile closed = Edited(CalendarFile(), "holidays:\n",
                                       "holidays:\n  - {name: Closed, on: {date: 2024-01-16}}\n");
  const auto plan = Plan({closed}, false);
  ASSERT_OK(plan);
  ASSERT_THAT(plan->stale(), SizeIs(1));
  const auto done = ImportOver(ImportRequest({closed}));
  ASSERT_OK(done);
  ASSERT_THAT(done->outcomes(0).stale(), SizeIs(1));
  for (const v1::StaleResults& stale : {plan->stale(0), done->outcomes(0).stale(0)}) {
    EXPECT_EQ(stale.metric(), "price/opening");
    EXPECT_EQ(stale.version(), 1);
    EXPECT_EQ(stale.grain(), v1::GRAIN_DAY);
    EXPECT_EQ(stale.series(), 1);
    EXPECT_EQ(stale.points(), 1);
    ASSERT_THAT(stale.dates(), SizeIs(1));
    EXPECT_EQ(stale.dates(0).start_date(), "2024-01-16");
    EXPECT_EQ(stale.dates(0).end_date(), "2024-01-17");
    EXPECT_EQ(stale.first_bucket_time().seconds(), stale.last_bucket_time().seconds());
  }
}

}  // namespace
}  // namespace metricstore::registry
