// What PostgreSQL reported, and the one table that turns SQLSTATE codes into our errors.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace metricstore::pg {

// A failure of the database or of the way to it.
struct DatabaseError {
  std::string sqlstate;  // five characters; empty if no answer came from the server
  std::string message;   // the primary message: no detail, no query text, no connection string
  std::string constraint;
  bool connection_lost = false;  // nothing more can be sent on this connection
};

// Reads what libpq composes at verbosity "verbose": SEVERITY:  SQLSTATE: message, then further
// lines.
DatabaseError ParseErrorText(std::string_view text);

// The status of `error`, which `what` (a statement's name) ran into.
//
// clang-format off
//   40001 40P01                    ABORTED              TRANSACTION_CONFLICT (after retries)
//   55P03 (lock timeout)           ABORTED              TRANSACTION_CONFLICT
//   57014 (cancelled)              DEADLINE_EXCEEDED    DEADLINE_EXCEEDED; callers check their own bounds
//   first 08*** 57P** 25006 25P03  UNAVAILABLE          DATABASE_UNAVAILABLE + RetryInfo
//   53***                          RESOURCE_EXHAUSTED   DATABASE_EXHAUSTED + RetryInfo
//   23505 23P01                    ALREADY_EXISTS       CONSTRAINT_VIOLATED, metadata constraint
//   23***                          FAILED_PRECONDITION  CONSTRAINT_VIOLATED, metadata constraint
//   22021 22P05                    INVALID_ARGUMENT     FIELD_INVALID (text that is not UTF-8)
//   others                         INTERNAL             INTERNAL, metadata sqlstate
// clang-format on
absl::Status StatusFor(const DatabaseError& error, std::string_view what);

// Whether running the whole transaction again may succeed at once.
bool IsTransactionConflict(const DatabaseError& error);

// Whether the connection must not be used again: the server ends it, or it leads to a standby.
bool EndsConnection(const DatabaseError& error);

// UNAVAILABLE (DATABASE_UNAVAILABLE) with RetryInfo.
absl::Status DatabaseUnavailable(std::string_view message);

}  // namespace metricstore::pg
