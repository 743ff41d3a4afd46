// One connection: libpqxx with its exceptions turned into values. Internal to this folder.
#pragma once

#include <memory>
#include <string>
#include <variant>

#include "absl/status/statusor.h"
#include "common/pg/params.h"
#include "common/pg/result.h"
#include "common/pg/sqlstate.h"
#include "common/pg/wire.h"

namespace metricstore::pg {

// Never reconnects by itself: what was lost stays lost. Not thread-safe.
class Connection {
 public:
  // `conninfo` must come from CompleteConninfo. UNAVAILABLE (DATABASE_UNAVAILABLE) or
  // RESOURCE_EXHAUSTED (DATABASE_EXHAUSTED); the message never repeats the connection string.
  static absl::StatusOr<std::unique_ptr<Connection>> Open(const std::string& conninfo);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  using Outcome = std::variant<Result, DatabaseError>;
  // Runs SQL text, which may hold several commands; gives the result of the last.
  Outcome Execute(const std::string& sql);
  // Runs one command with parameters, none of which may hold a NUL.
  Outcome Execute(const std::string& sql, const Params& params);

  pg_conn* raw() const;
  const std::shared_ptr<const CancelKey>& cancel_key() const { return cancel_key_; }

 private:
  class Handle;
  explicit Connection(std::unique_ptr<Handle> handle);

  std::unique_ptr<Handle> handle_;
  std::shared_ptr<const CancelKey> cancel_key_;
};

}  // namespace metricstore::pg
