#include "common/columns/proto_conversion.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "common/columns/utf8.h"
#include "common/status/error.h"
#include "common/status/macros.h"

namespace metricstore::columns {
namespace {

static_assert(std::endian::native == std::endian::little,
              "values travel little-endian and are copied as they are");

constexpr size_t kMaxRows = 1 << 20;

absl::Status BatchInvalid(const std::string& column, const std::string& problem) {
  return status::ErrorBuilder(
             absl::StatusCode::kInvalidArgument, "BATCH_INVALID",
             column.empty() ? problem : absl::StrCat("column \"", column, "\": ", problem))
      .Metadata("column", column)
      .Build();
}

template <typename T>
absl::Status CopyValues(const common::v1::Column& proto, size_t rows, std::vector<T>* values) {
  if (proto.values().size() != rows * sizeof(T)) {
    return BatchInvalid(proto.name(),
                        absl::StrCat("has ", proto.values().size(), " bytes of values where ", rows,
                                     " rows need ", rows * sizeof(T)));
  }
  values->resize(rows);
  if (rows > 0) std::memcpy(values->data(), proto.values().data(), rows * sizeof(T));
  return absl::OkStatus();
}

absl::Status CopyValidity(const common::v1::Column& proto, size_t rows, Validity* validity) {
  const std::string& bits = proto.validity();
  if (bits.empty()) return absl::OkStatus();
  if (bits.size() != (rows + 7) / 8) {
    return BatchInvalid(proto.name(), absl::StrCat("has ", bits.size(), " bytes of validity where ",
                                                   rows, " rows need ", (rows + 7) / 8));
  }
  // A bitmap without a NULL is dropped, so that readers take their faster path.
  std::vector<uint8_t> copy(bits.begin(), bits.end());
  if ((rows & 7) != 0) copy.back() |= static_cast<uint8_t>(0xFFU << (rows & 7));
  for (const uint8_t byte : copy) {
    if (byte == 0xFF) continue;
    *validity = Validity::FromBits(std::move(copy));
    return absl::OkStatus();
  }
  return absl::OkStatus();
}

template <typename T>
void ZeroNulls(const Validity& validity, std::vector<T>* values) {
  if (validity.all_valid()) return;
  for (size_t row = 0; row < values->size(); ++row) {
    if (!validity.valid(row)) (*values)[row] = T{};
  }
}

absl::Status CopyDictionary(const common::v1::Column& proto, Column* column) {
  absl::flat_hash_set<std::string_view> seen;
  column->dictionary.reserve(static_cast<size_t>(proto.dictionary_size()));
  for (const std::string& entry : proto.dictionary()) {
    if (!IsStorableText(entry)) {
      return BatchInvalid(proto.name(), "has a dictionary entry that is not UTF-8 or holds NUL");
    }
    if (!seen.insert(entry).second) {
      return BatchInvalid(proto.name(), "has a dictionary entry twice");
    }
    column->dictionary.push_back(entry);
  }
  return absl::OkStatus();
}

absl::Status CheckCodes(const Column& column) {
  const size_t entries = column.dictionary.size();
  for (size_t row = 0; row < column.codes.size(); ++row) {
    if (column.codes[row] >= entries && column.validity.valid(row)) {
      return BatchInvalid(column.name, absl::StrCat("row ", row, " has code ", column.codes[row],
                                                    " in a dictionary of ", entries));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckBooleans(const Column& column) {
  for (size_t row = 0; row < column.boolean.size(); ++row) {
    if (column.boolean[row] > 1) {
      return BatchInvalid(column.name, absl::StrCat("row ", row, " is neither 0 nor 1"));
    }
  }
  return absl::OkStatus();
}

template <typename T>
absl::Status FillPlain(const common::v1::Column& proto, size_t rows, Validity* validity,
                       std::vector<T>* values) {
  RETURN_IF_ERROR(CopyValues(proto, rows, values));
  RETURN_IF_ERROR(CopyValidity(proto, rows, validity));
  ZeroNulls(*validity, values);
  return absl::OkStatus();
}

absl::Status FillColumn(const common::v1::Column& proto, size_t rows, Column* column) {
  Validity* validity = &column->validity;
  switch (column->type) {
    case ColumnType::kFloat64:
      return FillPlain(proto, rows, validity, &column->float64);
    case ColumnType::kInt64:
    case ColumnType::kTimestamp:
      return FillPlain(proto, rows, validity, &column->int64);
    case ColumnType::kDate:
      return FillPlain(proto, rows, validity, &column->date);
    case ColumnType::kBool:
      RETURN_IF_ERROR(FillPlain(proto, rows, validity, &column->boolean));
      return CheckBooleans(*column);
    case ColumnType::kText:
      RETURN_IF_ERROR(FillPlain(proto, rows, validity, &column->codes));
      RETURN_IF_ERROR(CopyDictionary(proto, column));
      return CheckCodes(*column);
  }
  return BatchInvalid(proto.name(), "has an unknown type");
}

absl::StatusOr<Column> ColumnFromProto(const common::v1::Column& proto, size_t rows) {
  if (proto.type() < common::v1::COLUMN_TYPE_FLOAT64 ||
      proto.type() > common::v1::COLUMN_TYPE_DATE) {
    return BatchInvalid(proto.name(), absl::StrCat("has the unknown type ", proto.type()));
  }
  if (proto.type() != common::v1::COLUMN_TYPE_TEXT && proto.dictionary_size() > 0) {
    return BatchInvalid(proto.name(), "has a dictionary but is not text");
  }
  Column column;
  column.name = proto.name();
  column.type = static_cast<ColumnType>(proto.type());
  RETURN_IF_ERROR(FillColumn(proto, rows, &column));
  return column;
}

template <typename T>
void SetValues(const std::vector<T>& values, common::v1::Column* proto) {
  proto->set_values(values.data(), values.size() * sizeof(T));
}

void ColumnToProto(const Column& column, common::v1::Column* proto) {
  proto->set_name(column.name);
  proto->set_type(static_cast<common::v1::ColumnType>(column.type));
  switch (column.type) {
    case ColumnType::kFloat64:
      SetValues(column.float64, proto);
      break;
    case ColumnType::kInt64:
    case ColumnType::kTimestamp:
      SetValues(column.int64, proto);
      break;
    case ColumnType::kDate:
      SetValues(column.date, proto);
      break;
    case ColumnType::kBool:
      SetValues(column.boolean, proto);
      break;
    case ColumnType::kText:
      SetValues(column.codes, proto);
      for (const std::string& entry : column.dictionary) proto->add_dictionary(entry);
      break;
  }
  const std::span<const uint8_t> bits = column.validity.bits();
  if (!bits.empty()) {
    // A bitmap that grew by SetNull may be longer than the rows need.
    proto->set_validity(bits.data(), std::min(bits.size(), (column.size() + 7) / 8));
  }
}

}  // namespace

absl::StatusOr<ColumnBatch> FromProto(const common::v1::ColumnBatch& proto) {
  if (proto.row_count() > kMaxRows) {
    return BatchInvalid("", absl::StrCat("a batch has ", proto.row_count(), " rows; at most ",
                                         kMaxRows, " are allowed"));
  }
  ColumnBatch batch;
  batch.rows = proto.row_count();
  batch.columns.reserve(static_cast<size_t>(proto.columns_size()));
  absl::flat_hash_set<std::string_view> names;
  for (const common::v1::Column& column : proto.columns()) {
    if (column.name().empty()) return BatchInvalid("", "a column has no name");
    if (!names.insert(column.name()).second) {
      return BatchInvalid(column.name(), "is in the batch twice");
    }
    ASSIGN_OR_RETURN(Column converted, ColumnFromProto(column, batch.rows));
    batch.columns.push_back(std::move(converted));
  }
  return batch;
}

void ToProto(const ColumnBatch& batch, common::v1::ColumnBatch* proto) {
  proto->Clear();
  proto->set_row_count(static_cast<uint32_t>(batch.rows));
  for (const Column& column : batch.columns) ColumnToProto(column, proto->add_columns());
}

}  // namespace metricstore::columns
