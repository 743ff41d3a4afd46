#include "common/pg/wire.h"

#include <libpq-fe.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "absl/strings/str_cat.h"

namespace metricstore::pg {
namespace {

struct Clear {
  void operator()(PGresult* result) const { PQclear(result); }
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};
using ResultHandle = std::unique_ptr<PGresult, Clear>;

std::string Field(const PGresult* result, int code) {
  const char* text = PQresultErrorField(result, code);
  return text == nullptr ? "" : text;
}

DatabaseError ErrorOf(const pg_conn* connection, const PGresult* result) {
  if (result == nullptr || Field(result, PG_DIAG_SQLSTATE).empty()) return LastError(connection);
  DatabaseError error;
  error.sqlstate = Field(result, PG_DIAG_SQLSTATE);
  error.message = Field(result, PG_DIAG_MESSAGE_PRIMARY);
  error.constraint = Field(result, PG_DIAG_CONSTRAINT_NAME);
  error.connection_lost = !IsOpen(connection);
  return error;
}

std::string QuoteConninfoValue(std::string_view value) {
  std::string quoted = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') quoted.push_back('\\');
    quoted.push_back(c);
  }
  quoted.push_back('\'');
  return quoted;
}

}  // namespace

absl::StatusOr<std::string> CompleteConninfo(const std::string& given,
                                             const ConninfoDefaults& defaults) {
  char* complaint = nullptr;
  const std::unique_ptr<PQconninfoOption, Clear> options(
      PQconninfoParse(given.c_str(), &complaint));
  PQfreemem(complaint);  // it may quote parts of the text, so nobody gets to see it
  if (options == nullptr) {
    return DatabaseUnavailable(
        "the database connection string is neither a conninfo nor a postgresql:// URI");
  }
  // libpq takes one second for two; whole seconds are all it knows.
  const int64_t connect_seconds = std::max<int64_t>(
      2, absl::ToInt64Seconds(absl::Ceil(defaults.connect_timeout, absl::Seconds(1))));
  std::map<std::string, std::string> values = {
      {"connect_timeout", absl::StrCat(connect_seconds)},
      {"application_name", defaults.application_name},
      {"keepalives_idle", "10"},
      {"tcp_user_timeout", "15000"},
  };
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->val != nullptr) values[option->keyword] = option->val;
  }
  values["client_encoding"] = "UTF8";
  std::string conninfo;
  for (const auto& [keyword, value] : values) {
    absl::StrAppend(&conninfo, conninfo.empty() ? "" : " ", keyword, "=",
                    QuoteConninfoValue(value));
  }
  return conninfo;
}

CancelKey::CancelKey(pg_conn* connection) : key_(PQgetCancel(connection)) {}
CancelKey::~CancelKey() { PQfreeCancel(key_); }

void CancelKey::Send() const {
  char complaint[256];
  // A cancel that does not arrive is no error: the server may have ended the statement meanwhile.
  if (key_ != nullptr) PQcancel(key_, complaint, sizeof complaint);
}

bool IsOpen(const pg_conn* connection) { return PQstatus(connection) == CONNECTION_OK; }
int SocketOf(const pg_conn* connection) { return PQsocket(connection); }

DatabaseError LastError(const pg_conn* connection) {
  DatabaseError error = ParseErrorText(PQerrorMessage(connection));
  // Without a code, no answer came from the server, whatever libpq believes about the connection.
  error.connection_lost = error.sqlstate.empty() || !IsOpen(connection);
  if (error.message.empty() && error.connection_lost) error.message = "the connection was lost";
  return error;
}

std::optional<DatabaseError> StartCopy(pg_conn* connection, CopyDirection direction,
                                       const std::string& sql) {
  const ResultHandle result(PQexec(connection, sql.c_str()));
  const ExecStatusType wanted = direction == CopyDirection::kOut ? PGRES_COPY_OUT : PGRES_COPY_IN;
  if (PQresultStatus(result.get()) == wanted) return std::nullopt;
  return ErrorOf(connection, result.get());
}

void CopyMessage::Free::operator()(char* memory) const { PQfreemem(memory); }

bool CopyMessage::Receive(pg_conn* connection) {
  char* memory = nullptr;
  const int size = PQgetCopyData(connection, &memory, /*async=*/0);
  memory_.reset(memory);
  bytes_ = size > 0 ? std::string_view(memory, size) : std::string_view();
  return size > 0;
}

std::optional<DatabaseError> SendCopyData(pg_conn* connection, std::string_view bytes) {
  if (PQputCopyData(connection, bytes.data(), static_cast<int>(bytes.size())) == 1) {
    return std::nullopt;
  }
  return LastError(connection);
}

std::optional<DatabaseError> EndCopyIn(pg_conn* connection, const char* refusal) {
  if (PQputCopyEnd(connection, refusal) == 1) return std::nullopt;
  return LastError(connection);
}

CopyEnd FinishCopy(pg_conn* connection) {
  CopyEnd end;
  while (true) {
    const ResultHandle result(PQgetResult(connection));
    if (result == nullptr) break;
    if (PQresultStatus(result.get()) == PGRES_COMMAND_OK) {
      const std::string_view rows = PQcmdTuples(result.get());
      std::from_chars(rows.data(), rows.data() + rows.size(), end.rows);
    } else if (!end.error.has_value()) {
      end.error = ErrorOf(connection, result.get());
    }
    // Still copying: the caller did not end it, and this loop would never do so either.
    if (PQresultStatus(result.get()) == PGRES_COPY_IN ||
        PQresultStatus(result.get()) == PGRES_COPY_OUT) {
      break;
    }
  }
  if (!end.error.has_value() && !IsOpen(connection)) {
    end.error = LastError(connection);
  }
  return end;
}

}  // namespace metricstore::pg
