// The libpq calls that libpqxx does not offer: binary COPY, cancel keys, conninfo. Internal to this
// folder; wire.cc is the only file of the project that includes libpq.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/pg/sqlstate.h"

struct pg_conn;
struct pg_cancel;

namespace metricstore::pg {

// Settings that a connection string gets where it does not name them.
struct ConninfoDefaults {
  absl::Duration connect_timeout = absl::Seconds(5);
  std::string application_name = "metricstore";
};

// `given` (conninfo or URI) with defaults filled in and client_encoding UTF8 forced. UNAVAILABLE
// (DATABASE_UNAVAILABLE), without a word of its contents, if it is not well formed.
absl::StatusOr<std::string> CompleteConninfo(const std::string& given,
                                             const ConninfoDefaults& defaults);

// What is needed to ask the server to cancel the statement that a connection runs; outlives the
// connection. Thread-safe.
class CancelKey {
 public:
  explicit CancelKey(pg_conn* connection);
  ~CancelKey();
  CancelKey(const CancelKey&) = delete;
  CancelKey& operator=(const CancelKey&) = delete;
  // Opens a connection of its own, so it may block as long as connecting may.
  void Send() const;

 private:
  pg_cancel* key_;
};

// Whether the connection is believed to be up.
bool IsOpen(const pg_conn* connection);
// The connection's socket, or -1.
int SocketOf(const pg_conn* connection);
// What libpq last said went wrong on `connection`.
DatabaseError LastError(const pg_conn* connection);

enum class CopyDirection { kOut, kIn };

// Runs `sql`, whose last command is a COPY; leaves the connection in the state of copying.
std::optional<DatabaseError> StartCopy(pg_conn* connection, CopyDirection direction,
                                       const std::string& sql);

// A message of COPY OUT. Owns its memory.
class CopyMessage {
 public:
  // Waits for the next message. False at the end or on failure, then FinishCopy tells which.
  bool Receive(pg_conn* connection);
  std::string_view bytes() const { return bytes_; }

 private:
  struct Free {
    void operator()(char* memory) const;
  };
  std::unique_ptr<char, Free> memory_;
  std::string_view bytes_;
};

std::optional<DatabaseError> SendCopyData(pg_conn* connection, std::string_view bytes);
// Ends COPY IN; with a reason, so that the server drops what it got and fails the statement.
std::optional<DatabaseError> EndCopyIn(pg_conn* connection, const char* refusal);

struct CopyEnd {
  std::optional<DatabaseError> error;
  int64_t rows = 0;
};
// Reads the results up to the end of the command.
CopyEnd FinishCopy(pg_conn* connection);

}  // namespace metricstore::pg
