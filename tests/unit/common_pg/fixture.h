// A pool on a fresh database of the process's cluster, for the tests of common/pg.
#pragma once

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/pg/direct_connection.h"
#include "common/pg/pool.h"
#include "gtest/gtest.h"
#include "tests/testing/matchers.h"
#include "tests/testing/temp_postgres.h"

namespace metricstore::pg {

// Bounds of a call that may take `limit` from now on.
inline CallBounds Within(absl::Duration limit) {
  return {.deadline = absl::Now() + limit, .cancel = {}};
}

class PgTest : public ::testing::Test {
 protected:
  static PoolOptions Options(const std::string& conninfo) {
    PoolOptions options;
    options.connection_string = conninfo;
    return options;
  }

  // Runs one statement in a transaction of its own.
  static absl::StatusOr<Result> Run(Pool& pool, const std::string& sql, const Params& params = {},
                                    TransactionMode mode = TransactionMode::kReadWrite) {
    absl::StatusOr<Result> result;
    const absl::Status status = pool.Run({}, mode, [&](Transaction& transaction) {
      result = transaction.ExecuteDynamic("test", sql, params);
      return result.status();
    });
    if (!status.ok()) return status;
    return result;
  }
  absl::StatusOr<Result> Run(const std::string& sql, const Params& params = {}) {
    return Run(pool_, sql, params);
  }
  int64_t Number(const std::string& sql) {
    const auto result = Run(sql);
    EXPECT_OK(result);
    return result.ok() ? result->Single().Int64(0) : -1;
  }

  const std::string conninfo_ = testing::TempPostgres::Shared().CreateEmptyDatabase();
  Pool pool_{Options(conninfo_)};
};

}  // namespace metricstore::pg
