// Connections to PostgreSQL and transactions on them: the only way in for registry code.
//
// Nothing here keeps state in a session (no PREPARE, no LISTEN, no session SET), so that PgBouncer
// in transaction mode may stand between.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/pg/params.h"
#include "common/pg/result.h"
#include "common/pg/statement.h"
#include "common/time/cancellation.h"

namespace metricstore::pg {

class CopyReader;
class CopyWriter;

enum class TransactionMode {
  kReadWrite,         // READ COMMITTED
  kReadOnly,          // READ COMMITTED, READ ONLY
  kReadOnlySnapshot,  // REPEATABLE READ, READ ONLY: every statement sees the same rows
};

// An open transaction, valid inside Pool::Run's body only. Not thread-safe. Statement time-outs are
// bounded by the call's deadline, and its cancellation cancels the running statement.
class Transaction {
 public:
  virtual ~Transaction() = default;

  // Runs a statement. Errors are mapped by SQLSTATE (see sqlstate.h); constraint violations keep
  // the constraint's name in metadata "constraint" with code ALREADY_EXISTS (unique) or
  // FAILED_PRECONDITION.
  virtual absl::StatusOr<Result> Execute(const Statement& statement, const Params& params = {}) = 0;

  // Runs SQL text that was composed at run time (DDL of datasets, lists of columns); every
  // identifier in it must have passed QuoteIdentifier. `name` labels it in instruments.
  virtual absl::StatusOr<Result> ExecuteDynamic(std::string_view name, const std::string& sql,
                                                const Params& params = {}) = 0;

  // COPY (query) TO STDOUT BINARY. The query takes no parameters: compose it with QuoteLiteral. The
  // reader must be drained or destroyed before the next statement.
  virtual absl::StatusOr<std::unique_ptr<CopyReader>> CopyOut(std::string_view name,
                                                              const std::string& query) = 0;

  // COPY target (columns) FROM STDIN BINARY; `target` is a quoted table with its column list.
  virtual absl::StatusOr<std::unique_ptr<CopyWriter>> CopyIn(std::string_view name,
                                                             const std::string& target) = 0;
};

struct PoolOptions {
  std::string connection_string;  // libpq conninfo or URI; may hold a password: never logged
  int max_connections = 8;
  absl::Duration connect_timeout = absl::Seconds(5);
  absl::Duration statement_timeout =
      absl::Seconds(30);  // unless the statement or deadline says less
  absl::Duration lock_timeout = absl::Seconds(5);
  absl::Duration acquire_timeout = absl::Seconds(5);  // wait for a free connection
  std::string application_name = "metricstore";
  // For instruments: told of every named statement that ran, and of every wait for a connection.
  // Called on the calling thread; must be quick and thread-safe.
  std::function<void(std::string_view name, absl::Duration elapsed, const absl::Status& status)>
      on_statement;
  std::function<void(absl::Duration waited)> on_acquire;
};

// A bounded set of connections, opened when first needed. Thread-safe. A connection that saw
// anything but a statement-level error is closed, never reused.
class Pool {
 public:
  explicit Pool(PoolOptions options);
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  // Runs `body` in a transaction and commits if it returns OK, else rolls back. The whole body is
  // run again, at most 5 times with jittered backoff, after a serialization failure or deadlock; it
  // must have no effect outside the transaction. A commit whose outcome is unknown is not retried:
  // UNAVAILABLE (DATABASE_UNAVAILABLE, metadata in_doubt=true). Errors: those of `body`;
  // UNAVAILABLE (DATABASE_UNAVAILABLE), RESOURCE_EXHAUSTED (DATABASE_EXHAUSTED, or OVERLOADED if no
  // connection is free in time), ABORTED (TRANSACTION_CONFLICT), DEADLINE_EXCEEDED, CANCELLED.
  absl::Status Run(const CallBounds& bounds, TransactionMode mode,
                   absl::FunctionRef<absl::Status(Transaction&)> body);

  // Opens or checks one connection: SELECT 1. UNAVAILABLE (DATABASE_UNAVAILABLE) if that fails.
  absl::Status Ping(const CallBounds& bounds);

  int connections_in_use() const;

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace metricstore::pg
