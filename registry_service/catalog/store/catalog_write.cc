#include "registry_service/catalog/store/catalog_write.h"

#include <optional>

#include "common/status/error.h"
#include "common/status/macros.h"
#include "registry_service/catalog/store/stored_loader.h"
#include "registry_service/catalog/store/write_statements.h"

namespace metricstore::registry {
namespace {

// The answer to the same request, if it was done.
absl::StatusOr<std::optional<std::string>> FindAnswer(pg::Transaction& transaction,
                                                      const CatalogWrite& what) {
  const pg::Params params = pg::Params().Add(what.project_id).Add(what.options.request_id);
  ASSIGN_OR_RETURN(const pg::Result rows, transaction.Execute(kSelectCatalogRequest, params));
  if (rows.empty()) return std::optional<std::string>();
  const pg::Row row = rows.Single();
  if (row.Text(0) == what.method && row.Bytes(1) == what.options.request_sha256) {
    return std::optional<std::string>(row.Text(2));
  }
  return status::ErrorBuilder(absl::StatusCode::kAlreadyExists, "REQUEST_ID_REUSED",
                              "the request id was used for another request")
      .Metadata("request_id", what.options.request_id)
      .Build();
}

absl::Status KeepAnswer(pg::Transaction& transaction, const CatalogWrite& what,
                        const std::string& answer) {
  pg::Params params;
  params.Add(what.project_id).Add(what.options.request_id).Add(what.method);
  params.AddBytes(what.options.request_sha256).Add(answer);
  return transaction.Execute(kInsertCatalogRequest, params).status();
}

bool IsOnce(const CatalogWrite& what) {
  return !what.options.request_id.empty() && !what.options.validate_only;
}

// So often tests are run for one write; whoever changes their ground more often is no accident.
constexpr int kMaxTestRuns = 5;

using TestedWrite = absl::FunctionRef<absl::StatusOr<std::string>(pg::Transaction&, TestLedger&)>;
using Repeat = absl::FunctionRef<absl::Status(pg::Transaction&, std::string_view answer)>;

// Finds out which tests the write wants, or that it was done before.
absl::Status Look(pg::Pool& pool, const CatalogWrite& what, const CallBounds& bounds,
                  TestLedger& ledger, TestedWrite write, Repeat repeat) {
  const auto look = [&](pg::Transaction& transaction) -> absl::Status {
    ledger.Begin(/*looking=*/true);
    if (IsOnce(what)) {
      ASSIGN_OR_RETURN(const auto answer, FindAnswer(transaction, what));
      if (answer.has_value()) return repeat(transaction, *answer);
    }
    return write(transaction, ledger).status();
  };
  return pool.Run(bounds, pg::TransactionMode::kReadOnlySnapshot, look);
}

}  // namespace

absl::Status RunCatalogWrite(
    pg::Pool& pool, const CatalogWrite& what, const CallBounds& bounds,
    absl::FunctionRef<absl::StatusOr<std::string>(pg::Transaction&)> write,
    absl::FunctionRef<absl::Status(pg::Transaction&, std::string_view answer)> repeat) {
  const bool validate_only = what.options.validate_only;
  const bool once = IsOnce(what);
  bool validated = false;
  const auto run = [&](pg::Transaction& transaction) -> absl::Status {
    validated = false;
    RETURN_IF_ERROR(LockCatalog(transaction, what.project_id));
    if (!validate_only) {
      const pg::Params project = pg::Params().Add(what.project_id);
      RETURN_IF_ERROR(transaction.Execute(kDeleteOldCatalogRequests, project).status());
    }
    if (once) {
      ASSIGN_OR_RETURN(const auto answer, FindAnswer(transaction, what));
      if (answer.has_value()) return repeat(transaction, *answer);
    }
    ASSIGN_OR_RETURN(const std::string answer, write(transaction));
    if (once) return KeepAnswer(transaction, what, answer);
    validated = validate_only;
    return validate_only ? absl::CancelledError("validated; nothing is to be stored")
                         : absl::OkStatus();
  };
  const absl::Status status = pool.Run(bounds, pg::TransactionMode::kReadWrite, run);
  return validated ? absl::OkStatus() : status;
}

absl::Status RunTestedWrite(pg::Pool& pool, const CatalogWrite& what, MetricTestRunner& tests,
                            bool look_first, const CallBounds& bounds, TestedWrite write,
                            Repeat repeat) {
  TestLedger ledger;
  const auto attempt = [&](pg::Transaction& transaction) {
    ledger.Begin(/*looking=*/false);
    return write(transaction, ledger);
  };
  for (int runs = 0;; ++runs) {
    ledger.Begin(look_first && runs == 0);
    const absl::Status status = ledger.looking()
                                    ? Look(pool, what, bounds, ledger, write, repeat)
                                    : RunCatalogWrite(pool, what, bounds, attempt, repeat);
    if (!ledger.stopped()) return status;
    if (runs == kMaxTestRuns) break;
    RETURN_IF_ERROR(ledger.Run(tests, bounds));
  }
  return status::ErrorBuilder(absl::StatusCode::kAborted, "TRANSACTION_CONFLICT",
                              "definitions changed again and again while metric tests ran")
      .Build();
}

}  // namespace metricstore::registry
