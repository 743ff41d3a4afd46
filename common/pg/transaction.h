// The transaction that Pool::Run hands to its body. Internal to this folder.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "common/pg/connection.h"
#include "common/pg/interrupter.h"
#include "common/pg/pool.h"

namespace metricstore::pg {

class PgTransaction final : public Transaction {
 public:
  PgTransaction(Connection& connection, Interrupter& interrupter, const PoolOptions& options,
                const CallBounds& bounds, TransactionMode mode);

  absl::StatusOr<Result> Execute(const Statement& statement, const Params& params) override;
  absl::StatusOr<Result> ExecuteDynamic(std::string_view name, const std::string& sql,
                                        const Params& params) override;
  absl::StatusOr<std::unique_ptr<CopyReader>> CopyOut(std::string_view name,
                                                      const std::string& query) override;
  absl::StatusOr<std::unique_ptr<CopyWriter>> CopyIn(std::string_view name,
                                                     const std::string& target) override;

  // BEGIN with the settings of the transaction, in one round trip.
  absl::Status Begin();
  // Commits if `body` is OK and no statement failed, else rolls back. Returns the outcome.
  absl::Status Finish(const absl::Status& body);

  // Whether the server asks to run the whole transaction again.
  bool conflict() const { return conflict_; }
  bool connection_lost() const { return connection_lost_; }
  // Whether the connection is fit for another transaction; asked after Finish.
  bool connection_reusable() const;

  // For the streams of CopyOut and CopyIn, which run on this transaction's connection.
  pg_conn* raw() const { return connection_.raw(); }
  absl::Status CheckBounds() const { return bounds_.Check(); }
  // Notes that `what` failed; everything after it in this transaction fails likewise.
  absl::Status Fail(const DatabaseError& error, std::string_view what);
  absl::Status Fail(absl::Status status);
  void EndStream() { streaming_ = false; }
  // Stops an unfinished COPY OUT; the transaction goes on as if it had never started.
  void AbandonCopyOut();

 private:
  std::string BeginText() const;
  absl::Status Admit(std::string_view name) const;
  absl::Status LimitStatement(absl::Duration timeout);
  absl::StatusOr<Result> Run(std::string_view name, const std::string& sql, const Params& params);
  absl::Status StatusForFailure(const DatabaseError& error, std::string_view what) const;
  absl::Status Commit();
  void RollBack();

  Connection& connection_;
  const PoolOptions& options_;
  const CallBounds& bounds_;
  const TransactionMode mode_;
  const absl::Duration statement_timeout_;  // of every statement that names no tighter one
  absl::Duration applied_timeout_;
  std::unique_ptr<Interrupter::Watch> watch_;
  absl::Status failure_;  // the first one
  bool conflict_ = false;
  bool connection_lost_ = false;
  bool ended_ = false;      // COMMIT or ROLLBACK succeeded
  bool streaming_ = false;  // a CopyReader or CopyWriter has the connection
  bool copy_savepoint_ = false;
  bool cancelled_by_us_ = false;  // the request may still be on its way
};

}  // namespace metricstore::pg
