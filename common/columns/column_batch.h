// Rows in columns, in memory: typed vectors with validity, the form in which all data travels.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace metricstore::columns {

// Values equal those of the proto enum metricstore.common.v1.ColumnType.
enum class ColumnType { kFloat64 = 1, kInt64 = 2, kBool = 3, kText = 4, kTimestamp = 5, kDate = 6 };

// "float64", "int64", "bool", "text", "timestamp", "date": the names used in YAML and messages.
std::string_view ColumnTypeName(ColumnType type);
std::optional<ColumnType> ParseColumnType(std::string_view name);
// Bytes of one value in the wire layout; of a text, its code.
size_t ValueBytes(ColumnType type);

// What a column takes on the wire beside values, validity and texts, at most: its name (of up to
// 63 bytes) and type, tags and lengths.
inline constexpr size_t kColumnOverheadBytes = 96;
// What a dictionary entry of up to 2 MiB takes on the wire beside its text, at most.
inline constexpr size_t kEntryOverheadBytes = 4;

// One bit a row, least significant first; empty means that every row is valid.
class Validity {
 public:
  bool all_valid() const { return bits_.empty(); }
  bool valid(size_t row) const {
    return bits_.empty() || ((bits_[row >> 3] >> (row & 7)) & 1) != 0;
  }
  // Marks `row` NULL in a column of `rows` rows.
  void SetNull(size_t row, size_t rows);
  std::span<const uint8_t> bits() const { return bits_; }
  static Validity FromBits(std::vector<uint8_t> bits);
  // Appends the validity of `count` rows to one of `rows` rows.
  void Append(const Validity& other, size_t rows, size_t count);

 private:
  std::vector<uint8_t> bits_;
};

// One typed column. Exactly one of the vectors is in use, as `type` says. A NULL row's value is
// zero.
struct Column {
  std::string name;
  ColumnType type = ColumnType::kFloat64;
  std::vector<double> float64;          // kFloat64
  std::vector<int64_t> int64;           // kInt64, kTimestamp (microseconds since the epoch)
  std::vector<int32_t> date;            // kDate (days since the epoch)
  std::vector<uint8_t> boolean;         // kBool (0 or 1)
  std::vector<uint32_t> codes;          // kText: index into dictionary
  std::vector<std::string> dictionary;  // kText: distinct values
  Validity validity;

  size_t size() const;
  std::string_view text(size_t row) const { return dictionary[codes[row]]; }
};

// Columns of equal length with distinct names.
struct ColumnBatch {
  size_t rows = 0;
  std::vector<Column> columns;

  // The column of that name, or nullptr.
  const Column* Find(std::string_view name) const;
};

// Codes strings by order of first appearance. Not thread-safe.
class DictionaryBuilder {
 public:
  DictionaryBuilder();
  ~DictionaryBuilder();
  uint32_t CodeOf(std::string_view value);
  std::vector<std::string> Take();

 private:
  struct Index;
  std::unique_ptr<Index> index_;
};

}  // namespace metricstore::columns
