// The fields of a CSV line to the typed cells of a dataset row.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "cli/csv/column_mapping.h"
#include "cli/csv/csv_reader.h"

namespace metricstore::cli {

// One value; `type` of its column says which member holds it.
struct Cell {
  bool null = false;
  double float64 = 0;
  int64_t int64 = 0;  // timestamps too: microseconds
  int32_t date = 0;   // days since 1970-01-01
  uint8_t boolean = 0;
  std::string_view text;  // into the record or the parser's constants
};

struct ParseOptions {
  absl::TimeZone zone = absl::UTCTimeZone();  // of timestamps without an offset
  std::string null_text;                      // reads as NULL, beside the empty field
};

// Why a line is not stored.
struct Reject {
  int64_t line = 0;
  std::string column;  // empty if the line as a whole is at fault
  std::string description;
};

// `line 7: column open: "abc" is not a number`.
std::string RejectText(const Reject& reject);

// Immutable once created; thread-safe.
class RowParser {
 public:
  // INVALID_ARGUMENT (UsageError) if a constant does not fit its column.
  static absl::StatusOr<RowParser> Create(ColumnMapping mapping, ParseOptions options);

  const ColumnMapping& mapping() const { return mapping_; }

  // Fills one cell for each source of the mapping. False: `reject` says why not. The cells are
  // valid while the record and the parser are.
  bool Parse(const CsvRecord& record, std::vector<Cell>* cells, Reject* reject) const;

 private:
  RowParser(ColumnMapping mapping, ParseOptions options);
  bool ParseCell(const DatasetShape::ColumnShape& column, std::string_view text, Cell* cell,
                 std::string* fault) const;

  ColumnMapping mapping_;
  ParseOptions options_;
};

}  // namespace metricstore::cli
