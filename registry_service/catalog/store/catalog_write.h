// The frame of every write to a project's catalogue: in turn, once for each request id, undone if
// it only validates.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/pg/pool.h"
#include "common/time/cancellation.h"
#include "registry_service/catalog/store/metric_editor.h"
#include "registry_service/catalog/store/test_ledger.h"

namespace metricstore::registry {

// What is written, for whom.
struct CatalogWrite {
  int32_t project_id = 0;
  std::string_view method;  // "import", "create_metric": one request id stands for one of them
  const WriteOptions& options;
};

// Runs `write` under LockCatalog in one transaction and keeps the answer that it gives, JSON, with
// the request id for a week. If the same request was done before, runs `repeat` with the answer
// that was kept, and writes nothing. A write that only validates is rolled back and its id not
// looked at. Both may be run again after a conflict. ALREADY_EXISTS (REQUEST_ID_REUSED, metadata
// request_id), errors of either function and of pg::Pool::Run.
absl::Status RunCatalogWrite(
    pg::Pool& pool, const CatalogWrite& what, const CallBounds& bounds,
    absl::FunctionRef<absl::StatusOr<std::string>(pg::Transaction&)> write,
    absl::FunctionRef<absl::Status(pg::Transaction&, std::string_view answer)> repeat);

// The same for a write that wants metric tests to have passed. `write` looks for their reports in
// the ledger; where it misses any, it returns TestLedger::Stop: the transaction is undone, the
// tests are run while nothing is locked, and it is called again. It decides anew each time, so what
// is written was tested as it is. With `look_first` the first attempt sees a snapshot and locks
// nothing. ABORTED (TRANSACTION_CONFLICT) if the tests' ground changes 5 times meanwhile; errors of
// MetricTestRunner::Run.
absl::Status RunTestedWrite(
    pg::Pool& pool, const CatalogWrite& what, MetricTestRunner& tests, bool look_first,
    const CallBounds& bounds,
    absl::FunctionRef<absl::StatusOr<std::string>(pg::Transaction&, TestLedger&)> write,
    absl::FunctionRef<absl::Status(pg::Transaction&, std::string_view answer)> repeat);

}  // namespace metricstore::registry
