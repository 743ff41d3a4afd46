#include "common/pg/copy.h"

#include <bit>
#include <cassert>
#include <limits>

#include "absl/strings/str_cat.h"
#include "common/pg/big_endian.h"
#include "common/status/error.h"
#include "common/status/macros.h"

namespace metricstore::pg {
namespace {

// PostgreSQL counts time from 2000-01-01.
constexpr int64_t kEpochMicros = 946'684'800'000'000;
constexpr int32_t kEpochDays = 10'957;

constexpr uint32_t kOidInt16 = 21;
constexpr uint32_t kOidText = 25;
constexpr uint32_t kOidFloat64 = 701;
constexpr uint32_t kOidTimestamp = 1184;

// The extreme values are infinity on both sides and stay what they are.
template <typename Integer>
Integer ShiftEpoch(Integer value, Integer shift) {
  using Limits = std::numeric_limits<Integer>;
  if (value == Limits::max() || value == Limits::min()) return value;
  Integer shifted = 0;
  if (__builtin_add_overflow(value, shift, &shifted)) {
    return shift > 0 ? Limits::max() : Limits::min();
  }
  return shifted;
}

template <typename Integer>
Integer Load(std::string_view field) {
  assert(field.size() == sizeof(Integer) && "column is not of the size that the code reads");
  return field.size() == sizeof(Integer) ? LoadBigEndian<Integer>(field.data()) : 0;
}

absl::Status MalformedArray(int column) {
  return status::InternalError(
      absl::StrCat("COPY column ", column,
                   " is not a one-dimensional array of the expected type without NULLs"));
}

constexpr size_t kArrayHeaderBytes = 12;    // dimensions, NULL flag, element type
constexpr size_t kArrayDimensionBytes = 8;  // size, lower bound

// Takes the header off the array, whose elements are left, and returns how many there are.
absl::StatusOr<int32_t> TakeArrayHeader(std::string_view& field, int column, uint32_t oid) {
  if (field.size() < kArrayHeaderBytes) return MalformedArray(column);
  const auto dimensions = LoadBigEndian<int32_t>(field.data());
  if (LoadBigEndian<uint32_t>(field.data() + 8) != oid) return MalformedArray(column);
  field.remove_prefix(kArrayHeaderBytes);
  if (dimensions == 0) return 0;
  if (dimensions != 1 || field.size() < kArrayDimensionBytes) return MalformedArray(column);
  const auto count = LoadBigEndian<int32_t>(field.data());
  field.remove_prefix(kArrayDimensionBytes);
  return count;
}

// Calls `append` with the bytes of every element, each `element_size` long.
template <typename Append>
absl::Status ForEachElement(std::string_view field, int column, uint32_t oid, size_t element_size,
                            Append append) {
  ASSIGN_OR_RETURN(const int32_t count, TakeArrayHeader(field, column, oid));
  const size_t stride = 4 + element_size;
  if (count < 0 || field.size() != static_cast<size_t>(count) * stride) {
    return MalformedArray(column);
  }
  for (; !field.empty(); field.remove_prefix(stride)) {
    if (LoadBigEndian<int32_t>(field.data()) != static_cast<int32_t>(element_size)) {
      return MalformedArray(column);
    }
    append(field.data() + 4);
  }
  return absl::OkStatus();
}

// The sizes, the flag for NULLs and the type in front of the elements, which take so many bytes.
void AppendArrayHeader(std::string& buffer, uint32_t oid, size_t count, size_t element_bytes) {
  const size_t dimension_bytes = count == 0 ? 0 : kArrayDimensionBytes;
  AppendBigEndian(buffer,
                  static_cast<int32_t>(kArrayHeaderBytes + dimension_bytes + element_bytes));
  AppendBigEndian<int32_t>(buffer, count == 0 ? 0 : 1);
  AppendBigEndian<int32_t>(buffer, 0);  // no NULLs
  AppendBigEndian<uint32_t>(buffer, oid);
  if (count == 0) return;
  AppendBigEndian(buffer, static_cast<int32_t>(count));
  AppendBigEndian<int32_t>(buffer, 1);  // lower bound
}

// Appends a one-dimensional array; `encode` gives the integer that stands for an element.
template <typename T, typename Encode>
void AppendArray(std::string& buffer, uint32_t oid, std::span<const T> values, Encode encode) {
  using Encoded = decltype(encode(values[0]));
  AppendArrayHeader(buffer, oid, values.size(), values.size() * (4 + sizeof(Encoded)));
  for (const T value : values) {
    AppendBigEndian(buffer, static_cast<int32_t>(sizeof(Encoded)));
    AppendBigEndian(buffer, encode(value));
  }
}

template <typename Integer>
void AppendField(std::string& buffer, Integer value) {
  AppendBigEndian(buffer, static_cast<int32_t>(sizeof value));
  AppendBigEndian(buffer, value);
}

}  // namespace

double CopyReader::Float64(int column) const {
  return std::bit_cast<double>(Load<int64_t>(fields_[column]));
}
int64_t CopyReader::Int64(int column) const { return Load<int64_t>(fields_[column]); }
int32_t CopyReader::Int32(int column) const { return Load<int32_t>(fields_[column]); }
bool CopyReader::Bool(int column) const { return Load<int8_t>(fields_[column]) != 0; }

int64_t CopyReader::TimeMicros(int column) const {
  return ShiftEpoch(Load<int64_t>(fields_[column]), kEpochMicros);
}

int32_t CopyReader::DateDays(int column) const {
  return ShiftEpoch(Load<int32_t>(fields_[column]), kEpochDays);
}

absl::Status CopyReader::Float64Array(int column, std::vector<double>& out) const {
  return ForEachElement(fields_[column], column, kOidFloat64, 8, [&](const char* bytes) {
    out.push_back(std::bit_cast<double>(LoadBigEndian<int64_t>(bytes)));
  });
}

absl::Status CopyReader::TimeMicrosArray(int column, std::vector<int64_t>& out) const {
  return ForEachElement(fields_[column], column, kOidTimestamp, 8, [&](const char* bytes) {
    out.push_back(ShiftEpoch(LoadBigEndian<int64_t>(bytes), kEpochMicros));
  });
}

absl::Status CopyReader::Int16Array(int column, std::vector<int16_t>& out) const {
  return ForEachElement(fields_[column], column, kOidInt16, 2,
                        [&](const char* bytes) { out.push_back(LoadBigEndian<int16_t>(bytes)); });
}

absl::Status CopyReader::TextArray(int column, std::vector<std::string>& out) const {
  std::string_view field = fields_[column];
  ASSIGN_OR_RETURN(int32_t count, TakeArrayHeader(field, column, kOidText));
  for (; count > 0; --count) {
    if (field.size() < 4) return MalformedArray(column);
    const auto bytes = LoadBigEndian<int32_t>(field.data());
    field.remove_prefix(4);
    if (bytes < 0 || static_cast<size_t>(bytes) > field.size()) return MalformedArray(column);
    out.emplace_back(field.substr(0, static_cast<size_t>(bytes)));
    field.remove_prefix(static_cast<size_t>(bytes));
  }
  return field.empty() ? absl::OkStatus() : MalformedArray(column);
}

void CopyWriter::StartRow(int16_t field_count) { AppendBigEndian(buffer_, field_count); }
void CopyWriter::PutNull() { AppendBigEndian<int32_t>(buffer_, -1); }

void CopyWriter::PutText(std::string_view value) {
  AppendBigEndian(buffer_, static_cast<int32_t>(value.size()));
  buffer_.append(value);
}

void CopyWriter::PutJsonb(std::string_view json) {
  constexpr char kJsonbVersion = 1;
  AppendBigEndian(buffer_, static_cast<int32_t>(json.size() + 1));
  buffer_.push_back(kJsonbVersion);
  buffer_.append(json);
}

void CopyWriter::PutFloat64(double value) { AppendField(buffer_, std::bit_cast<int64_t>(value)); }
void CopyWriter::PutInt64(int64_t value) { AppendField(buffer_, value); }
void CopyWriter::PutInt32(int32_t value) { AppendField(buffer_, value); }
void CopyWriter::PutBool(bool value) { AppendField<int8_t>(buffer_, value ? 1 : 0); }

void CopyWriter::PutTimeMicros(int64_t unix_micros) {
  AppendField(buffer_, ShiftEpoch(unix_micros, -kEpochMicros));
}

void CopyWriter::PutDateDays(int32_t unix_days) {
  AppendField(buffer_, ShiftEpoch(unix_days, -kEpochDays));
}

void CopyWriter::PutFloat64Array(std::span<const double> values) {
  AppendArray(buffer_, kOidFloat64, values,
              [](double value) { return std::bit_cast<int64_t>(value); });
}

void CopyWriter::PutTimeMicrosArray(std::span<const int64_t> unix_micros) {
  AppendArray(buffer_, kOidTimestamp, unix_micros,
              [](int64_t value) { return ShiftEpoch(value, -kEpochMicros); });
}

void CopyWriter::PutInt16Array(std::span<const int16_t> values) {
  AppendArray(buffer_, kOidInt16, values, [](int16_t value) { return value; });
}

void CopyWriter::PutTextArray(std::span<const std::string> values) {
  size_t bytes = 0;
  for (const std::string& value : values) bytes += 4 + value.size();
  AppendArrayHeader(buffer_, kOidText, values.size(), bytes);
  for (const std::string& value : values) PutText(value);
}

}  // namespace metricstore::pg
