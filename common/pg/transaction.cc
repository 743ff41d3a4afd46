#include "common/pg/transaction.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/pg/copy_stream.h"
#include "common/status/error.h"
#include "common/status/macros.h"

namespace metricstore::pg {
namespace {

// A duration for PostgreSQL's time-outs: whole milliseconds, rounded up so that the limit never
// fires before its deadline; 0 means none.
int64_t TimeoutMillis(absl::Duration timeout) {
  if (timeout == absl::InfiniteDuration()) return 0;
  const int64_t millis = absl::ToInt64Milliseconds(absl::Ceil(timeout, absl::Milliseconds(1)));
  return std::clamp<int64_t>(millis, 1, std::numeric_limits<int32_t>::max());
}

std::string_view ModeText(TransactionMode mode) {
  switch (mode) {
    case TransactionMode::kReadWrite:
      return "ISOLATION LEVEL READ COMMITTED READ WRITE";
    case TransactionMode::kReadOnly:
      return "ISOLATION LEVEL READ COMMITTED READ ONLY";
    case TransactionMode::kReadOnlySnapshot:
      return "ISOLATION LEVEL REPEATABLE READ READ ONLY";
  }
  return "";
}

bool HasNul(const Params& params) {
  return std::any_of(params.values().begin(), params.values().end(), [](const auto& value) {
    return value.has_value() && value->find('\0') != std::string::npos;
  });
}

}  // namespace

PgTransaction::PgTransaction(Connection& connection, Interrupter& interrupter,
                             const PoolOptions& options, const CallBounds& bounds,
                             TransactionMode mode)
    : connection_(connection),
      options_(options),
      bounds_(bounds),
      mode_(mode),
      statement_timeout_(std::min(options.statement_timeout, bounds.remaining())),
      applied_timeout_(statement_timeout_),
      watch_(interrupter.Start(connection, bounds)) {}

std::string PgTransaction::BeginText() const {
  const absl::Duration remaining = bounds_.remaining();
  // Text results depend on these settings, and roles or databases may have their own.
  return absl::StrCat(
      "BEGIN ", std::string(ModeText(mode_)),
      "; SET LOCAL statement_timeout = ", TimeoutMillis(statement_timeout_),
      "; SET LOCAL lock_timeout = ", TimeoutMillis(std::min(options_.lock_timeout, remaining)),
      "; SET LOCAL idle_in_transaction_session_timeout = ",
      TimeoutMillis(std::min(options_.statement_timeout, remaining + absl::Seconds(1))),
      "; SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO, YMD'"
      "; SET LOCAL IntervalStyle = 'postgres'; SET LOCAL extra_float_digits = 1"
      "; SET LOCAL bytea_output = 'hex'; SET LOCAL standard_conforming_strings = on");
}

absl::Status PgTransaction::Begin() {
  RETURN_IF_ERROR(bounds_.Check());
  const auto outcome = connection_.Execute(BeginText());
  if (const auto* error = std::get_if<DatabaseError>(&outcome)) return Fail(*error, "begin");
  return absl::OkStatus();
}

absl::Status PgTransaction::Admit(std::string_view name) const {
  if (!failure_.ok()) return failure_;
  if (streaming_) {
    return status::InternalError(
        absl::StrCat("statement ", std::string(name), " runs while a COPY is not finished"));
  }
  return bounds_.Check();
}

absl::Status PgTransaction::LimitStatement(absl::Duration timeout) {
  const absl::Duration wanted = std::min(timeout, statement_timeout_);
  if (wanted == applied_timeout_) return absl::OkStatus();
  const auto outcome =
      connection_.Execute(absl::StrCat("SET LOCAL statement_timeout = ", TimeoutMillis(wanted)));
  if (const auto* error = std::get_if<DatabaseError>(&outcome)) {
    return Fail(*error, "set statement_timeout");
  }
  applied_timeout_ = wanted;
  return absl::OkStatus();
}

absl::StatusOr<Result> PgTransaction::Execute(const Statement& statement, const Params& params) {
  RETURN_IF_ERROR(Admit(statement.name));
  RETURN_IF_ERROR(LimitStatement(statement.timeout));
  return Run(statement.name, std::string(statement.sql), params);
}

absl::StatusOr<Result> PgTransaction::ExecuteDynamic(std::string_view name, const std::string& sql,
                                                     const Params& params) {
  RETURN_IF_ERROR(Admit(name));
  RETURN_IF_ERROR(LimitStatement(absl::InfiniteDuration()));
  return Run(name, sql, params);
}

absl::StatusOr<Result> PgTransaction::Run(std::string_view name, const std::string& sql,
                                          const Params& params) {
  if (HasNul(params)) {
    return status::ErrorBuilder(absl::StatusCode::kInvalidArgument, "FIELD_INVALID",
                                absl::StrCat(std::string(name), ": text must not contain NUL"))
        .Build();
  }
  const absl::Time start = absl::Now();
  auto outcome =
      params.values().empty() ? connection_.Execute(sql) : connection_.Execute(sql, params);
  const auto* error = std::get_if<DatabaseError>(&outcome);
  const absl::Status status = error == nullptr ? absl::OkStatus() : Fail(*error, name);
  if (options_.on_statement) options_.on_statement(name, absl::Now() - start, status);
  if (!status.ok()) return status;
  return std::get<Result>(std::move(outcome));
}

absl::StatusOr<std::unique_ptr<CopyReader>> PgTransaction::CopyOut(std::string_view name,
                                                                   const std::string& query) {
  RETURN_IF_ERROR(Admit(name));
  RETURN_IF_ERROR(LimitStatement(absl::InfiniteDuration()));
  // The savepoint lets an abandoned reader be cancelled without losing the transaction.
  const std::string sql =
      absl::StrCat(copy_savepoint_ ? "RELEASE SAVEPOINT metricstore_copy; " : "",
                   "SAVEPOINT metricstore_copy; COPY (", query, ") TO STDOUT (FORMAT binary)");
  if (const auto error = StartCopy(raw(), CopyDirection::kOut, sql)) return Fail(*error, name);
  copy_savepoint_ = true;
  streaming_ = true;
  return std::make_unique<CopyOutStream>(this, std::string(name));
}

absl::StatusOr<std::unique_ptr<CopyWriter>> PgTransaction::CopyIn(std::string_view name,
                                                                  const std::string& target) {
  RETURN_IF_ERROR(Admit(name));
  RETURN_IF_ERROR(LimitStatement(absl::InfiniteDuration()));
  const std::string sql = absl::StrCat("COPY ", target, " FROM STDIN (FORMAT binary)");
  if (const auto error = StartCopy(raw(), CopyDirection::kIn, sql)) return Fail(*error, name);
  streaming_ = true;
  return std::make_unique<CopyInStream>(this, std::string(name));
}

void PgTransaction::AbandonCopyOut() {
  streaming_ = false;
  connection_.cancel_key()->Send();
  CopyMessage message;
  while (message.Receive(raw())) {
  }
  (void)FinishCopy(raw());  // an error here is the cancel, or rows that nobody wants
  cancelled_by_us_ = true;
  // The request may arrive late and hit this statement instead; it is sent once, so try twice.
  Connection::Outcome outcome;
  for (int attempt = 0; attempt < 2; ++attempt) {
    outcome = connection_.Execute("ROLLBACK TO SAVEPOINT metricstore_copy");
    const auto* error = std::get_if<DatabaseError>(&outcome);
    if (error == nullptr) return;
    if (error->sqlstate != "57014") break;
  }
  (void)Fail(std::get<DatabaseError>(outcome), "abandon copy");
}

absl::Status PgTransaction::Fail(const DatabaseError& error, std::string_view what) {
  connection_lost_ = connection_lost_ || EndsConnection(error);
  conflict_ = conflict_ || IsTransactionConflict(error);
  return Fail(StatusForFailure(error, what));
}

absl::Status PgTransaction::Fail(absl::Status status) {
  if (failure_.ok()) failure_ = status;
  return status;
}

absl::Status PgTransaction::StatusForFailure(const DatabaseError& error,
                                             std::string_view what) const {
  // Our own deadline or cancel looks like a time-out, a lock time-out or a lost connection.
  const bool may_be_ours =
      error.sqlstate == "57014" || error.sqlstate == "55P03" || EndsConnection(error);
  if (may_be_ours) RETURN_IF_ERROR(bounds_.Check());
  if (error.sqlstate == "25006" && mode_ != TransactionMode::kReadWrite) {
    return status::InternalError(
        absl::StrCat(std::string(what), ": writes in a read-only transaction"));
  }
  return StatusFor(error, what);
}

absl::Status PgTransaction::Finish(const absl::Status& body) {
  absl::Status status = body.ok() ? failure_ : body;
  if (status.ok() && streaming_) {
    status = status::InternalError("the transaction ended while a COPY was not finished");
  }
  if (status.ok()) status = bounds_.Check();
  if (status.ok()) {
    status = Commit();
  } else {
    RollBack();
  }
  watch_->Stop();  // before anyone asks whether the connection was interrupted
  return status;
}

absl::Status PgTransaction::Commit() {
  watch_->SpareCommit();
  const auto outcome = connection_.Execute("COMMIT");
  const auto* error = std::get_if<DatabaseError>(&outcome);
  if (error == nullptr) {
    ended_ = true;
    return absl::OkStatus();
  }
  if (!EndsConnection(*error)) return Fail(*error, "commit");  // the server has rolled back
  connection_lost_ = true;
  if (mode_ != TransactionMode::kReadWrite) return absl::OkStatus();  // there was nothing to lose
  return status::ErrorBuilder(absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE",
                              "the connection was lost during commit: the outcome is not known")
      .Metadata("in_doubt", "true")
      .RetryAfter(absl::Seconds(1))
      .Build();
}

void PgTransaction::RollBack() {
  // A connection that will be closed anyway rolls back by being closed.
  if (connection_lost_ || streaming_ || cancelled_by_us_ || watch_->interrupted()) return;
  const auto outcome = connection_.Execute("ROLLBACK");
  ended_ = std::holds_alternative<Result>(outcome);
}

bool PgTransaction::connection_reusable() const {
  return ended_ && !connection_lost_ && !cancelled_by_us_ && !watch_->interrupted();
}

}  // namespace metricstore::pg
