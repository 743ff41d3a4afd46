// A connection of one's own, outside any pool: for migrations and the set-up of tests, which need
// session locks, scripts and commands that no transaction allows.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/pg/params.h"
#include "common/pg/result.h"

namespace metricstore::pg {

class Connection;

// Connected from Open to destruction; must reach PostgreSQL directly, not through PgBouncer. Not
// thread-safe. Errors are those of sqlstate.h; after UNAVAILABLE it is of no more use.
class DirectConnection {
 public:
  static absl::StatusOr<std::unique_ptr<DirectConnection>> Open(
      const std::string& connection_string, std::string_view application_name,
      absl::Duration connect_timeout = absl::Seconds(5));
  ~DirectConnection();

  // Runs text of any number of commands, outside a transaction unless it says BEGIN.
  absl::Status Execute(std::string_view name, const std::string& script);
  // Runs one command.
  absl::StatusOr<Result> Query(std::string_view name, const std::string& sql,
                               const Params& params = {});

 private:
  explicit DirectConnection(std::unique_ptr<Connection> connection);
  std::unique_ptr<Connection> connection_;
};

}  // namespace metricstore::pg
