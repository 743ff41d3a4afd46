// CSV text to records with exact line numbers, through libcsv.
#pragma once

#include <csv.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace metricstore::cli {

// One record. The fields point into the reader and are valid until its next Next.
struct CsvRecord {
  int64_t line = 0;  // where it starts, from 1
  std::vector<std::string_view> fields;
  std::string fault;  // why it cannot be used, or empty
};

// Reads RFC 4180 text: a byte order mark, any of the three line ends, quoted fields with line ends
// in them; blank lines are skipped, blanks around unquoted fields are dropped. The text must
// outlive it. Not thread-safe.
class CsvReader {
 public:
  explicit CsvReader(std::string_view text);
  ~CsvReader();
  CsvReader(const CsvReader&) = delete;
  CsvReader& operator=(const CsvReader&) = delete;

  // The next record; false at the end. A line with misplaced quotes or text that is not UTF-8 gives
  // a record with a fault. FAILED_PRECONDITION where no later line can be trusted: a quoted field
  // that never ends, UTF-16.
  absl::StatusOr<bool> Next(CsvRecord* record);

  // Bytes read so far.
  size_t offset() const { return offset_; }

 private:
  static void OnField(void* data, size_t size, void* self);
  static void OnRecord(int end, void* self);
  std::string_view TakeLine();
  void Feed(std::string_view line);
  void ResetParser();
  void Fill(CsvRecord* record);
  absl::Status Unclosed() const;

  std::string_view text_;
  size_t offset_ = 0;
  int64_t line_ = 0;         // of the line fed last
  int64_t record_line_ = 0;  // where the record being read starts
  size_t record_bytes_ = 0;
  csv_parser parser_;
  std::string values_;              // the record's fields, one after another
  std::vector<size_t> field_ends_;  // in values_
  bool complete_ = false;
  std::string fault_;
};

}  // namespace metricstore::cli
