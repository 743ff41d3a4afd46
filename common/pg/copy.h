// Binary COPY in both directions: the fast path for raw rows, chunks and trends.
//
// The binary format is that of PostgreSQL's COPY documentation: a header, then per row a 16-bit
// field count and per field a 32-bit length (-1: NULL) with big-endian contents.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace metricstore::pg {

// Reads rows of COPY ... TO STDOUT BINARY. Usage: while (*reader.NextRow()) { reader.Float64(0);
// ... }. Not thread-safe.
class CopyReader {
 public:
  virtual ~CopyReader() = default;
  // Moves to the next row; false at the end. Fields of the row are valid until the next call.
  virtual absl::StatusOr<bool> NextRow() = 0;

  // Raw contents of field `column` of the current row.
  bool IsNull(int column) const { return fields_[column].data() == nullptr; }
  std::string_view Text(int column) const { return fields_[column]; }
  double Float64(int column) const;
  int64_t Int64(int column) const;  // int8
  int32_t Int32(int column) const;  // int4
  bool Bool(int column) const;
  int64_t TimeMicros(int column) const;  // timestamptz, as microseconds since the Unix epoch
  int32_t DateDays(int column) const;    // date, as days since the Unix epoch
  // One-dimensional arrays without NULLs appended to `out`; timestamptz[] as Unix microseconds.
  absl::Status Float64Array(int column, std::vector<double>& out) const;
  absl::Status TimeMicrosArray(int column, std::vector<int64_t>& out) const;
  absl::Status Int16Array(int column, std::vector<int16_t>& out) const;
  absl::Status TextArray(int column, std::vector<std::string>& out) const;

 protected:
  std::vector<std::string_view> fields_;
};

// Encodes rows for COPY ... FROM STDIN BINARY. Per row: StartRow, then one Put for each column.
// Nothing is stored until Finish returned OK and the transaction commits. Not thread-safe.
class CopyWriter {
 public:
  virtual ~CopyWriter() = default;

  void StartRow(int16_t field_count);
  void PutNull();
  void PutText(std::string_view value);  // text, jsonb goes by PutJsonb
  void PutJsonb(std::string_view json);
  void PutFloat64(double value);
  void PutInt64(int64_t value);
  void PutInt32(int32_t value);
  void PutBool(bool value);
  void PutTimeMicros(int64_t unix_micros);  // timestamptz
  void PutDateDays(int32_t unix_days);      // date
  void PutFloat64Array(std::span<const double> values);
  void PutTimeMicrosArray(std::span<const int64_t> unix_micros);
  void PutInt16Array(std::span<const int16_t> values);
  void PutTextArray(std::span<const std::string> values);

  // Sends what is buffered if it is large; call once a row or so.
  virtual absl::Status FlushIfLarge() = 0;
  // Ends the COPY and returns the number of rows stored.
  virtual absl::StatusOr<int64_t> Finish() = 0;

 protected:
  std::string buffer_;
};

}  // namespace metricstore::pg
