// Two entities with rows of January 2024, and jobs over them.
#pragma once

#include "tests/integration/data/data_fixture.h"

namespace metricstore::registry {

inline const DateRange kJanuary{absl::CivilDay(2024, 1, 1), absl::CivilDay(2024, 2, 1)};

class BackfillStoreTest : public DataTest {
 protected:
  BackfillStoreTest() {
    StoreMinutes("SPY", Utc(2024, 1, 2), 100);
    StoreMinutes("QQQ", Utc(2024, 1, 3), 100);
  }

  absl::StatusOr<CreatedBackfill> Create(const BackfillRequest& request) {
    return backfills_.Create(project_, request, {});
  }
};

}  // namespace metricstore::registry
