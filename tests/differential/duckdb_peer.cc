#include "tests/differential/duckdb_peer.h"

#include <duckdb.h>

#include <cinttypes>
#include <cstdio>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/error.h"
#include "common/status/macros.h"

namespace metricstore::differential {
namespace {

using columns::Column;
using columns::ColumnType;

const char* TypeName(ColumnType type) {
  switch (type) {
    case ColumnType::kFloat64:
      return "DOUBLE";
    case ColumnType::kInt64:
      return "BIGINT";
    case ColumnType::kBool:
      return "BOOLEAN";
    case ColumnType::kText:
      return "VARCHAR";
    case ColumnType::kTimestamp:
      return "TIMESTAMP";
    case ColumnType::kDate:
      break;
  }
  return "DATE";
}

void AppendValue(duckdb_appender appender, const Column& column, size_t row) {
  if (!column.validity.valid(row)) {
    duckdb_append_null(appender);
    return;
  }
  switch (column.type) {
    case ColumnType::kFloat64:
      duckdb_append_double(appender, column.float64[row]);
      break;
    case ColumnType::kInt64:
      duckdb_append_int64(appender, column.int64[row]);
      break;
    case ColumnType::kBool:
      duckdb_append_bool(appender, column.boolean[row] != 0);
      break;
    case ColumnType::kText: {
      const std::string_view text = column.text(row);
      duckdb_append_varchar_length(appender, text.data(), text.size());
      break;
    }
    case ColumnType::kTimestamp:
      duckdb_append_timestamp(appender, {column.int64[row]});
      break;
    case ColumnType::kDate:
      duckdb_append_date(appender, {column.date[row]});
      break;
  }
}

std::string HugeDigits(duckdb_hugeint value) {
  __int128 number = (static_cast<__int128>(value.upper) << 64) | value.lower;
  if (number == 0) return "0";
  const bool negative = number < 0;
  std::string digits;
  while (number != 0) {
    const int digit = static_cast<int>(number % 10);
    digits.insert(digits.begin(), static_cast<char>('0' + (digit < 0 ? -digit : digit)));
    number /= 10;
  }
  return negative ? "-" + digits : digits;
}

PeerValue Integer(int64_t value) {
  return {.kind = PeerValue::Kind::kInteger,
          .real = static_cast<double>(value),
          .text = std::to_string(value)};
}

// One value of a vector.
PeerValue ReadValue(duckdb_vector vector, size_t row) {
  uint64_t* const validity = duckdb_vector_get_validity(vector);
  if (validity != nullptr && !duckdb_validity_row_is_valid(validity, row)) return {};
  void* const data = duckdb_vector_get_data(vector);
  duckdb_logical_type logical = duckdb_vector_get_column_type(vector);
  const duckdb_type type = duckdb_get_type_id(logical);
  duckdb_destroy_logical_type(&logical);
  switch (type) {
    case DUCKDB_TYPE_DOUBLE:
      return {.kind = PeerValue::Kind::kReal, .real = static_cast<double*>(data)[row]};
    case DUCKDB_TYPE_BIGINT:
      return Integer(static_cast<int64_t*>(data)[row]);
    case DUCKDB_TYPE_UBIGINT:
      return Integer(static_cast<int64_t>(static_cast<uint64_t*>(data)[row]));
    case DUCKDB_TYPE_INTEGER:
      return Integer(static_cast<int32_t*>(data)[row]);
    case DUCKDB_TYPE_TINYINT:
      return Integer(static_cast<int8_t*>(data)[row]);
    case DUCKDB_TYPE_HUGEINT: {
      const duckdb_hugeint huge = static_cast<duckdb_hugeint*>(data)[row];
      return {.kind = PeerValue::Kind::kInteger,
              .real = duckdb_hugeint_to_double(huge),
              .text = HugeDigits(huge)};
    }
    case DUCKDB_TYPE_BOOLEAN: {
      const bool flag = static_cast<bool*>(data)[row];
      return {.kind = PeerValue::Kind::kBoolean, .real = flag ? 1.0 : 0.0};
    }
    case DUCKDB_TYPE_VARCHAR: {
      duckdb_string_t* const text = static_cast<duckdb_string_t*>(data) + row;
      return {.kind = PeerValue::Kind::kText,
              .text = {duckdb_string_t_data(text), duckdb_string_t_length(*text)}};
    }
    case DUCKDB_TYPE_LIST: {
      const duckdb_list_entry entry = static_cast<duckdb_list_entry*>(data)[row];
      const duckdb_vector child = duckdb_list_vector_get_child(vector);
      PeerValue list{.kind = PeerValue::Kind::kList};
      for (uint64_t i = 0; i < entry.length; ++i) {
        list.elements.push_back(ReadValue(child, entry.offset + i));
      }
      return list;
    }
    default:
      return {.kind = PeerValue::Kind::kText, .text = absl::StrCat("<type ", type, ">")};
  }
}

}  // namespace

std::string ToString(const PeerValue& value) {
  switch (value.kind) {
    case PeerValue::Kind::kNull:
      return "NULL";
    case PeerValue::Kind::kReal: {
      char text[40];
      std::snprintf(text, sizeof(text), "%.17g", value.real);
      return text;
    }
    case PeerValue::Kind::kInteger:
      return value.text;
    case PeerValue::Kind::kBoolean:
      return value.real != 0 ? "true" : "false";
    case PeerValue::Kind::kText:
      return absl::StrCat("'", value.text, "'");
    case PeerValue::Kind::kList:
      break;
  }
  return absl::StrCat("[",
                      absl::StrJoin(value.elements, ",",
                                    [](std::string* out, const PeerValue& element) {
                                      absl::StrAppend(out, ToString(element));
                                    }),
                      "]");
}

struct DuckDbPeer::Handles {
  duckdb_database database = nullptr;
  duckdb_connection connection = nullptr;
  ~Handles() {
    duckdb_disconnect(&connection);
    duckdb_close(&database);
  }
};

DuckDbPeer::DuckDbPeer(std::unique_ptr<Handles> handles) : handles_(std::move(handles)) {}
DuckDbPeer::~DuckDbPeer() = default;

absl::StatusOr<std::unique_ptr<DuckDbPeer>> DuckDbPeer::Open() {
  auto handles = std::make_unique<Handles>();
  if (duckdb_open(nullptr, &handles->database) == DuckDBError ||
      duckdb_connect(handles->database, &handles->connection) == DuckDBError) {
    return status::InternalError("DuckDB does not open");
  }
  auto peer = std::unique_ptr<DuckDbPeer>(new DuckDbPeer(std::move(handles)));
  RETURN_IF_ERROR(peer->Execute("SET threads = 1; SET TimeZone = 'UTC'"));
  return peer;
}

absl::Status DuckDbPeer::Execute(const std::string& sql) {
  duckdb_result result;
  const duckdb_state state = duckdb_query(handles_->connection, sql.c_str(), &result);
  const std::string error = state == DuckDBError ? duckdb_result_error(&result) : "";
  duckdb_destroy_result(&result);
  return state == DuckDBError ? absl::InvalidArgumentError(error) : absl::OkStatus();
}

absl::Status DuckDbPeer::Load(const std::string& name, const columns::ColumnBatch& rows,
                              const std::vector<size_t>& places) {
  std::vector<std::string> columns = {"ord BIGINT"};
  for (const Column& column : rows.columns) {
    columns.push_back(absl::StrCat("\"", column.name, "\" ", TypeName(column.type)));
  }
  RETURN_IF_ERROR(Execute(
      absl::StrCat("CREATE OR REPLACE TABLE ", name, " (", absl::StrJoin(columns, ", "), ")")));
  duckdb_appender appender;
  if (duckdb_appender_create(handles_->connection, nullptr, name.c_str(), &appender) ==
      DuckDBError) {
    return status::InternalError("DuckDB gives no appender");
  }
  for (const size_t row : places) {
    duckdb_append_int64(appender, static_cast<int64_t>(row));
    for (const Column& column : rows.columns) AppendValue(appender, column, row);
    duckdb_appender_end_row(appender);
  }
  const duckdb_state state = duckdb_appender_destroy(&appender);
  return state == DuckDBError ? status::InternalError("DuckDB takes no rows") : absl::OkStatus();
}

absl::StatusOr<std::vector<PeerValue>> DuckDbPeer::AskRow(const std::string& sql) {
  duckdb_result result;
  if (duckdb_query(handles_->connection, sql.c_str(), &result) == DuckDBError) {
    const std::string error = duckdb_result_error(&result);
    duckdb_destroy_result(&result);
    return absl::InvalidArgumentError(error);
  }
  std::vector<PeerValue> values;
  size_t rows = 0;
  while (duckdb_data_chunk chunk = duckdb_fetch_chunk(result)) {
    rows += duckdb_data_chunk_get_size(chunk);
    if (rows == 1) {
      for (size_t i = 0; i < duckdb_data_chunk_get_column_count(chunk); ++i) {
        values.push_back(ReadValue(duckdb_data_chunk_get_vector(chunk, i), 0));
      }
    }
    duckdb_destroy_data_chunk(&chunk);
  }
  duckdb_destroy_result(&result);
  if (rows != 1) return absl::InvalidArgumentError(absl::StrCat("the query gave ", rows, " rows"));
  return values;
}

absl::StatusOr<PeerValue> DuckDbPeer::Ask(const std::string& sql) {
  ASSIGN_OR_RETURN(std::vector<PeerValue> values, AskRow(sql));
  if (values.size() != 1) return absl::InvalidArgumentError("the query gave several columns");
  return std::move(values.front());
}

}  // namespace metricstore::differential
