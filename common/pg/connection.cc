#include "common/pg/connection.h"

#include <optional>
#include <pqxx/pqxx>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/pg/result_access.h"

namespace metricstore::pg {
namespace {

// Connects as libpqxx does, and remembers libpq's handle, which libpqxx keeps to itself.
class CapturingPolicy : public pqxx::connect_direct {
 public:
  using connect_direct::connect_direct;
  handle do_startconnect(handle original) override {
    return raw_ = connect_direct::do_startconnect(original);
  }
  handle do_disconnect(handle original) noexcept override {
    raw_ = nullptr;
    return connect_direct::do_disconnect(original);
  }
  handle raw() const { return raw_; }

 private:
  handle raw_ = nullptr;
};

// What a failed connection attempt may tell: texts known to be free of secrets.
std::string_view ConnectFailureCause(std::string_view text) {
  static constexpr std::string_view kCauses[] = {
      "Connection refused",
      "No such file or directory",
      "timeout expired",
      "Connection timed out",
      "Network is unreachable",
      "No route to host",
      "could not translate host name",
      "session is read-only",
      "server closed the connection unexpectedly",
      "the database system is starting up",
      "the database system is shutting down",
      "password authentication failed",
      "no password supplied",
      "no pg_hba.conf entry",
      "certificate verify failed",
      "too many clients",
      "too many connections",
      "remaining connection slots are reserved",
  };
  for (const std::string_view cause : kCauses) {
    if (text.find(cause) != std::string_view::npos) return cause;
  }
  if (text.find("database \"") != std::string_view::npos &&
      text.find("\" does not exist") != std::string_view::npos) {
    return "the database does not exist";
  }
  return "";
}

// While connecting, libpq gives no SQLSTATE, only text.
absl::Status ConnectFailure(std::string_view text) {
  const std::string_view cause = ConnectFailureCause(text);
  DatabaseError error;
  error.connection_lost = true;
  if (cause.find("too many") == 0 || cause.find("remaining connection slots") == 0) {
    error.sqlstate = "53300";
  }
  error.message = cause.empty() ? "no connection" : std::string(cause);
  return StatusFor(error, "cannot connect to PostgreSQL");
}

Result ToResult(pqxx::result rows) {
  auto owner = std::make_shared<const pqxx::result>(std::move(rows));
  const int row_count = static_cast<int>(owner->size());
  const int column_count = static_cast<int>(owner->columns());
  std::vector<std::string_view> cells;
  cells.reserve(static_cast<size_t>(row_count) * column_count);
  for (int row = 0; row < row_count; ++row) {
    const pqxx::row values = (*owner)[row];
    for (int column = 0; column < column_count; ++column) {
      const pqxx::field value = values[column];
      cells.push_back(value.is_null() ? std::string_view()
                                      : std::string_view(value.c_str(), value.size()));
    }
  }
  const auto affected_rows = static_cast<int64_t>(owner->affected_rows());
  return ResultAccess::Make(std::move(owner), std::move(cells), column_count, row_count,
                            affected_rows);
}

}  // namespace

// libpqxx wants its policy object for as long as the connection lives, and a transaction object to
// run anything: here one that does nothing by itself, since BEGIN and COMMIT are ours.
class Connection::Handle final : private CapturingPolicy, public pqxx::connection_base {
 public:
  explicit Handle(const std::string& conninfo)
      : CapturingPolicy(conninfo), connection_base(static_cast<pqxx::connectionpolicy&>(*this)) {
    init();
    set_verbosity(verbose);  // so that error texts carry SQLSTATE and constraint
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    inhibit_reactivation(true);
#pragma GCC diagnostic pop
    commands_.emplace(*this);
  }
  ~Handle() {
    commands_.reset();
    close();
  }

  pqxx::nontransaction& commands() { return *commands_; }
  using CapturingPolicy::raw;

 private:
  std::optional<pqxx::nontransaction> commands_;
};

namespace {

// Runs `command` and turns what libpqxx throws into a value.
template <typename Command>
Connection::Outcome Catching(const Connection& connection, Command command) {
  DatabaseError error;
  try {
    return ToResult(command());
  } catch (const pqxx::sql_error& thrown) {
    error = ParseErrorText(thrown.what());
    if (error.sqlstate.empty()) error.sqlstate = thrown.sqlstate();
  } catch (const pqxx::transaction_rollback& thrown) {
    error = ParseErrorText(thrown.what());
  } catch (const std::exception&) {
    // A broken connection, or a libpqxx state that nothing is known about.
    if (connection.raw() != nullptr) error = LastError(connection.raw());
    error.connection_lost = true;
  }
  // Without a code, no answer came from the server, whatever libpq believes about the connection.
  if (error.sqlstate.empty() || connection.raw() == nullptr || !IsOpen(connection.raw())) {
    error.connection_lost = true;
  }
  return error;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(const std::string& conninfo) {
  try {
    return std::unique_ptr<Connection>(new Connection(std::make_unique<Handle>(conninfo)));
  } catch (const std::exception& thrown) {
    return ConnectFailure(thrown.what());
  }
}

Connection::Connection(std::unique_ptr<Handle> handle)
    : handle_(std::move(handle)), cancel_key_(std::make_shared<const CancelKey>(raw())) {}

Connection::~Connection() = default;

pg_conn* Connection::raw() const { return handle_->raw(); }

Connection::Outcome Connection::Execute(const std::string& sql) {
  return Catching(*this, [&] { return handle_->commands().exec(sql); });
}

Connection::Outcome Connection::Execute(const std::string& sql, const Params& params) {
  std::vector<const char*> values;
  values.reserve(params.values().size());
  for (const auto& value : params.values()) {
    values.push_back(value.has_value() ? value->c_str() : nullptr);
  }
  return Catching(*this, [&] {
    return handle_->commands().exec_params(sql, pqxx::prepare::make_dynamic_params(values));
  });
}

}  // namespace metricstore::pg
