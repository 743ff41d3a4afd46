#include "registry_service/api/struct_rows.h"

#include <cmath>
#include <map>
#include <optional>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "common/time/iso8601.h"

namespace metricstore::registry::api {
namespace {

using columns::Column;
using columns::ColumnType;
using google::protobuf::Struct;
using google::protobuf::Value;

// Above, a double no longer holds every integer.
constexpr double kMaxExactInteger = 9'007'199'254'740'992.0;

std::optional<int64_t> IntegerOf(const Value& value) {
  if (value.kind_case() == Value::kNumberValue) {
    const double number = value.number_value();
    if (std::trunc(number) != number || std::abs(number) > kMaxExactInteger) return std::nullopt;
    return static_cast<int64_t>(number);
  }
  int64_t parsed = 0;
  if (value.kind_case() == Value::kStringValue && absl::SimpleAtoi(value.string_value(), &parsed)) {
    return parsed;
  }
  return std::nullopt;
}

std::optional<int64_t> MicrosOf(const Value& value) {
  absl::Time time;
  std::string error;
  if (value.kind_case() != Value::kStringValue ||
      !absl::ParseTime(absl::RFC3339_full, value.string_value(), &time, &error) ||
      time == absl::InfiniteFuture() || time == absl::InfinitePast()) {
    return std::nullopt;
  }
  return ToMicros(time);
}

std::optional<int32_t> DaysOf(const Value& value) {
  if (value.kind_case() != Value::kStringValue) return std::nullopt;
  const auto day = ParseDate("", value.string_value());
  return day.ok() ? std::optional(ToEpochDays(*day)) : std::nullopt;
}

std::string_view Wanted(ColumnType type) {
  switch (type) {
    case ColumnType::kFloat64:
      return "must be a number";
    case ColumnType::kInt64:
      return "must be a whole number, or a string of one beyond 2^53";
    case ColumnType::kBool:
      return "must be true or false";
    case ColumnType::kText:
      return "must be a string without NUL";
    case ColumnType::kTimestamp:
      return "must be an ISO 8601 time with an offset: \"2024-01-02T14:30:00Z\"";
    case ColumnType::kDate:
      break;
  }
  return "must be an ISO 8601 date: \"2024-01-02\"";
}

template <typename T, typename U>
bool Store(std::vector<T>& values, size_t row, const std::optional<U>& value) {
  if (value.has_value()) values[row] = *value;
  return value.has_value();
}

// A column under construction: all rows NULL at first.
class ColumnFiller {
 public:
  ColumnFiller(const DatasetColumn& declared, size_t rows) : rows_(rows) {
    column_.name = declared.name;
    column_.type = declared.type;
    Resize();
    bits_.assign((rows + 7) / 8, 0);
  }

  // False if the value is not of the column's type; null leaves the row NULL.
  bool Put(size_t row, const Value& value) {
    if (value.kind_case() == Value::kNullValue) return true;
    if (!PutValue(row, value)) return false;
    bits_[row / 8] |= static_cast<uint8_t>(1U << (row % 8));
    return true;
  }

  Column Take() {
    column_.dictionary = dictionary_.Take();
    bool all = true;
    for (size_t row = 0; row < rows_; ++row) all = all && ((bits_[row / 8] >> (row % 8)) & 1) != 0;
    column_.validity = all ? columns::Validity() : columns::Validity::FromBits(std::move(bits_));
    return std::move(column_);
  }

 private:
  void Resize() {
    switch (column_.type) {
      case ColumnType::kFloat64:
        return column_.float64.resize(rows_);
      case ColumnType::kInt64:
      case ColumnType::kTimestamp:
        return column_.int64.resize(rows_);
      case ColumnType::kBool:
        return column_.boolean.resize(rows_);
      case ColumnType::kText:
        return column_.codes.resize(rows_);
      case ColumnType::kDate:
        return column_.date.resize(rows_);
    }
  }

  bool PutValue(size_t row, const Value& value) {
    switch (column_.type) {
      case ColumnType::kFloat64:
        if (value.kind_case() != Value::kNumberValue) return false;
        column_.float64[row] = value.number_value();
        return true;
      case ColumnType::kInt64:
        return Store(column_.int64, row, IntegerOf(value));
      case ColumnType::kTimestamp:
        return Store(column_.int64, row, MicrosOf(value));
      case ColumnType::kDate:
        return Store(column_.date, row, DaysOf(value));
      case ColumnType::kBool:
        if (value.kind_case() != Value::kBoolValue) return false;
        column_.boolean[row] = value.bool_value() ? 1 : 0;
        return true;
      case ColumnType::kText:
        break;
    }
    if (value.kind_case() != Value::kStringValue ||
        value.string_value().find('\0') != std::string::npos) {
      return false;
    }
    column_.codes[row] = dictionary_.CodeOf(value.string_value());
    return true;
  }

  const size_t rows_;
  Column column_;
  std::vector<uint8_t> bits_;
  columns::DictionaryBuilder dictionary_;
};

absl::Status UnknownKey(const Dataset& dataset, const std::string& key) {
  std::vector<std::string> names;
  for (const DatasetColumn& column : dataset.columns) names.push_back(column.name);
  const std::string closest = status::ClosestMatch(key, names);
  return status::ErrorBuilder(
             absl::StatusCode::kInvalidArgument, "BATCH_INVALID",
             absl::StrCat("dataset ", dataset.name, " has no column \"", key, "\"",
                          closest.empty() ? "" : "; did you mean \"" + closest + "\"?"))
      .Metadata("column", key)
      .Build();
}

}  // namespace

absl::StatusOr<StructRows> ToColumns(const Dataset& dataset,
                                     const google::protobuf::RepeatedPtrField<Struct>& rows) {
  const auto row_count = static_cast<size_t>(rows.size());
  std::map<std::string, ColumnFiller> fillers;
  for (const Struct& row : rows) {
    for (const auto& [key, value] : row.fields()) {
      const DatasetColumn* column = dataset.Find(key);
      if (column == nullptr) return UnknownKey(dataset, key);
      fillers.try_emplace(key, *column, row_count);
    }
  }
  StructRows result;
  for (size_t i = 0; i < row_count; ++i) {
    const auto& fields = rows.Get(static_cast<int>(i)).fields();
    for (auto& [name, filler] : fillers) {  // by name: the reason given does not depend on hashing
      const auto field = fields.find(name);
      if (field == fields.end() || filler.Put(i, field->second)) continue;
      result.rejected.Add(static_cast<uint32_t>(i), name,
                          std::string(Wanted(dataset.Find(name)->type)));
    }
  }
  result.rows.rows = row_count;
  for (auto& [name, filler] : fillers) result.rows.columns.push_back(filler.Take());
  return result;
}

}  // namespace metricstore::registry::api
