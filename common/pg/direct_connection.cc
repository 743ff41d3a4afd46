#include "common/pg/direct_connection.h"

#include <utility>
#include <variant>

#include "common/pg/connection.h"
#include "common/pg/sqlstate.h"
#include "common/pg/wire.h"
#include "common/status/macros.h"

namespace metricstore::pg {

absl::StatusOr<std::unique_ptr<DirectConnection>> DirectConnection::Open(
    const std::string& connection_string, std::string_view application_name,
    absl::Duration connect_timeout) {
  ASSIGN_OR_RETURN(
      const std::string conninfo,
      CompleteConninfo(connection_string, {connect_timeout, std::string(application_name)}));
  ASSIGN_OR_RETURN(auto connection, Connection::Open(conninfo));
  return std::unique_ptr<DirectConnection>(new DirectConnection(std::move(connection)));
}

DirectConnection::DirectConnection(std::unique_ptr<Connection> connection)
    : connection_(std::move(connection)) {}
DirectConnection::~DirectConnection() = default;

absl::Status DirectConnection::Execute(std::string_view name, const std::string& script) {
  const auto outcome = connection_->Execute(script);
  if (const auto* error = std::get_if<DatabaseError>(&outcome)) return StatusFor(*error, name);
  return absl::OkStatus();
}

absl::StatusOr<Result> DirectConnection::Query(std::string_view name, const std::string& sql,
                                               const Params& params) {
  auto outcome = connection_->Execute(sql, params);
  if (const auto* error = std::get_if<DatabaseError>(&outcome)) return StatusFor(*error, name);
  return std::get<Result>(std::move(outcome));
}

}  // namespace metricstore::pg
