// Every statement that is written down as text is understood by a freshly migrated database.
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "registry_service/backfills/backfill_statements.h"
#include "registry_service/ingest/ingest_statements.h"
#include "registry_service/query/freshness_statements.h"
#include "registry_service/query/trend_statements.h"
#include "registry_service/results/result_statements.h"
#include "registry_service/windows/window_statements.h"
#include "tests/integration/data/data_fixture.h"

namespace metricstore::registry {
namespace {

using ::metricstore::testing::IsOk;

constexpr const pg::Statement* kStatements[] = {
    // ingest
    &kInsertBatch, &kSelectBatch, &kCountBatch, &kLockDataset, &kInsertEntities, &kLockEntities,
    &kSelectStoredTimes, &kCountEntities, &kMoveFromEntities,
    // results
    &kFinishShard, &kSelectFinishedShard, &kInsertSeries, &kLockSeries, &kDeleteChunks,
    // windows
    &kSelectReadWatermark,
    // query
    &kSelectNewestBuckets, &kSelectOldestBuckets, &kSelectMarkedGrains, &kSelectFinishedJobs,
    &kSelectJobMetrics, &kSelectAcceptedRows, &kSelectMarks, &kSelectUnknownEntity,
    // backfills
    &kSelectSnapshot, &kSelectEntityRows, &kSelectLeftPoints, &kCalendarStands, &kLockRequestId,
    &kSelectRequest, &kInsertRequest, &kJobIdentity, &kHoldCatalog, &kReadsStand, &kInsertBackfill,
    &kSelectUnfinished, &kInsertShards, &kSelectBackfills, &kCancelShards, &kCancelBackfill,
    &kFailAbandonedShards, &kLeaseShards, &kFailOutdatedShards, &kRenewLeases, &kReleaseShard,
    &kNoteError, &kLockBackfill, &kConcludeBackfill};

TEST_F(DataTest, EveryStatementCanBePrepared) {
  for (const pg::Statement* statement : kStatements) {
    SCOPED_TRACE(std::string(statement->name));
    const auto prepare = [&](pg::Transaction& transaction) {
      return transaction
          .ExecuteDynamic("prepare",
                          absl::StrCat("PREPARE checked AS ", std::string(statement->sql),
                                       "; DEALLOCATE checked"))
          .status();
    };
    EXPECT_OK(pool_.Run({}, pg::TransactionMode::kReadWrite, prepare));
  }
}

}  // namespace
}  // namespace metricstore::registry
